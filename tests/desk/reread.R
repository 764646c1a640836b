# What R reads of exact rows: by the script beside the CSV, and by haven from .sav and .dta. Writes read.json.
# Usage: Rscript reread.R NAME, in the folder with the files.
suppressPackageStartupMessages({
  library(haven)
  library(jsonlite)
})
name <- commandArgs(trailingOnly = TRUE)[1]
source(paste0(name, ".R"), encoding = "UTF-8")

plain <- function(column) {
  cells <- if (is.factor(column)) as.character(column) else as.vector(unclass(column))
  attributes(cells) <- NULL
  cells
}

scripted <- function(table) {
  lapply(names(table), function(each) {
    list(name = each, label = attr(table[[each]], "label", exact = TRUE), cells = plain(table[[each]]))
  })
}

read_by_haven <- function(table) {
  lapply(names(table), function(each) {
    column <- table[[each]]
    labels <- attr(column, "labels", exact = TRUE)
    tags <- function(values) if (is.double(values)) na_tag(values) else rep(NA_character_, length(values))
    list(
      name = each, label = attr(column, "label", exact = TRUE), cells = plain(column), tags = tags(column),
      missing = as.vector(is.na(column)), labels = as.list(names(labels)), label_values = as.list(unname(labels)),
      label_tags = as.list(tags(unname(labels)))
    )
  })
}

found <- list(
  comment = comment(rows), csv = scripted(rows), missings = scripted(missings),
  sav = read_by_haven(read_sav(paste0(name, ".sav"), user_na = TRUE)),
  dta = read_by_haven(read_dta(paste0(name, ".dta")))
)
write_json(found, "read.json", auto_unbox = TRUE, na = "null", null = "null", digits = NA)
