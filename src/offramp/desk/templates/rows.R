# {notice}
#
# Makes of {name}.csv and its codebook two tables with the same columns, in R without any package:
#   rows      answers as factors and numbers, NA where there is none
#   missings  why there is none, as factors, NA where there is an answer
# Run it in the folder that holds the files: source("{name}.R", encoding = "UTF-8")

.codebook <- read.csv("{name}-codebook.csv", colClasses = "character", na.strings = character(),
                      encoding = "UTF-8", check.names = FALSE)
rows <- read.csv("{name}.csv", colClasses = "character", na.strings = character(), encoding = "UTF-8",
                 check.names = FALSE)
missings <- rows

for (.name in names(rows)) {
  .own <- .codebook[.codebook$column == .name, ]
  .kind <- .own$kind[1]
  .answers <- .own[.own$missing == "0", ]
  .reasons <- .own[.own$missing == "1", ]
  .cells <- rows[[.name]]
  missings[[.name]] <- factor(.cells, levels = .reasons$value, labels = .reasons$means)
  .gone <- .cells %in% .reasons$value
  if (.kind == "text") {
    .cells[.cells == ""] <- NA
  } else if (.kind == "choice") {
    .cells <- factor(.cells, levels = .answers$value, labels = .answers$means)
  } else {
    .cells <- as.integer(.cells)
    .cells[.gone] <- NA
    if (nrow(.answers) > 0) attr(.cells, "labels") <- setNames(as.integer(.answers$value), .answers$means)
  }
  attr(.cells, "label") <- .own$label[1]
  attr(.cells, "question") <- .own$asked[1]
  rows[[.name]] <- .cells
}

comment(rows) <- "{notice}"
comment(missings) <- "{notice}"
rm(.codebook, .name, .own, .kind, .answers, .reasons, .cells, .gone)
