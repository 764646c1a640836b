# What the recorded results have in common. Run from the root of the tree, for all of them:
#
#     Rscript tests/desk/r/record.R tests/desk/r/recorded
#
# Each script beside this one fills `record` with data that R's packages carry and with what R makes of them.
# All numbers are written with all the digits that R has.
folder <- commandArgs(trailingOnly = TRUE)[1]
suppressPackageStartupMessages({
  library(jsonlite)
  library(vcd)
  library(MASS)
  library(nnet)
  library(survey)
  library(car)
  library(metafor)
})
options(warn = 1, digits = 17, metafor = list(silent = TRUE))

# 2 x 2 and larger tables as lists of rows, whatever their names.
as_rows <- function(table) unname(lapply(seq_len(nrow(table)), function(i) unname(as.vector(table[i, ]))))

for (topic in c("tables", "ranks", "draws", "models", "meta")) {
  script <- file.path("tests/desk/r", paste0(topic, ".R"))
  if (!file.exists(script)) next
  record <- list()
  source(script)
  record$made_by <- list(
    script = script, R = paste(R.version$major, R.version$minor, sep = "."),
    packages = sapply(c("vcd", "MASS", "nnet", "survey", "car", "metafor"), function(p) as.character(packageVersion(p)))
  )
  write(toJSON(record, auto_unbox = TRUE, digits = NA, null = "null", na = "null"),
        file.path(folder, paste0(topic, ".json")))
}
