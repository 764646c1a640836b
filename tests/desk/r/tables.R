# Chi-square, Fisher's exact test, Cramer's V, Wilson's interval, Benjamini and Hochberg, trends of shares.

noncentral <- function(statistic, df, tail) {
  if (pchisq(statistic, df) <= tail) return(0)
  uniroot(function(ncp) pchisq(statistic, df, ncp) - tail, c(0, statistic * 3 + 200), tol = 1e-13)$root
}
# The standard error of phi squared in a multinomial table, by a slope that is found numerically, not by formula.
stretched <- function(table) {
  shares <- as.vector(table) / sum(table)
  phi2 <- function(p) {
    p <- matrix(p, nrow(table))
    sum(p^2 / outer(rowSums(p), colSums(p))) - sum(p)
  }
  slope <- numDeriv::grad(phi2, shares)
  sqrt((sum(shares * slope^2) - sum(shares * slope)^2) / (4 * phi2(shares)))
}
one_table <- function(table) {
  test <- suppressWarnings(chisq.test(table, correct = FALSE))
  statistic <- unname(test$statistic)
  scale <- sum(table) * (min(dim(table)) - 1)
  low <- sqrt(noncentral(statistic, test$parameter, 0.975) / scale)
  high <- sqrt(noncentral(statistic, test$parameter, 0.025) / scale)
  middle <- sqrt(max(0, statistic - test$parameter) / scale)
  stretch <- stretched(table)
  list(
    table = as_rows(table), chi_square = statistic, df = unname(test$parameter), p = test$p.value,
    v = assocstats(table)$cramer,
    v_low = if (low > 0) max(0, middle - stretch * (middle - low)) else 0,
    v_high = min(1, middle + stretch * (high - middle))
  )
}
record$large <- list(
  titanic_class = one_table(margin.table(Titanic, c(1, 4))),
  titanic_sex = one_table(margin.table(Titanic, c(2, 4))),
  hair_eye = one_table(margin.table(HairEyeColor, c(1, 2))),
  admissions = one_table(margin.table(UCBAdmissions, c(1, 3)))
)

small <- list(
  tea = matrix(c(3, 1, 1, 3), 2),
  convictions = matrix(c(2, 10, 15, 3), 2),
  arthritis_women = as.matrix(table(Arthritis$Treatment, Arthritis$Improved)[, ]),
  arthritis_men = with(subset(Arthritis, Sex == "Male"), table(Treatment, Improved)),
  warp = with(warpbreaks, table(wool, tension)),
  wide = matrix(c(3, 0, 1, 2, 0, 4, 1, 0, 2, 1, 0, 5, 1, 1, 0), 3)
)
record$fisher <- lapply(small, function(table) list(
  table = as_rows(table), p = fisher.test(table, workspace = 2e7)$p.value
))
job <- matrix(c(1, 2, 1, 0, 3, 3, 6, 1, 10, 10, 14, 9, 6, 7, 12, 11), 4)
record$fisher_large <- list(table = as_rows(job), p = fisher.test(job, workspace = 2e7)$p.value)

record$wilson <- lapply(list(c(0, 10), c(1, 12), c(10, 10), c(710, 2201), c(48, 100), c(3, 4000)), function(pair) {
  bounds <- lapply(c(0.95, 0.99), function(level) {
    as.vector(suppressWarnings(prop.test(pair[1], pair[2], conf.level = level, correct = FALSE))$conf.int)
  })
  list(hits = pair[1], base = pair[2], at_95 = bounds[[1]], at_99 = bounds[[2]])
})

ps <- c(0.01, 0.02, 0.03, 0.04, 0.05, 0.0001, 0.8, 0.8, 0.5, 1)
record$discovery <- list(p = ps, adjusted = p.adjust(ps, "BH"))

smokers <- list(hits = c(83, 90, 129, 70), bases = c(86, 93, 136, 82))
one_trend <- function(hits, bases, scores) {
  test <- prop.trend.test(hits, bases, scores)
  share <- sum(hits) / sum(bases)
  slope <- unname(coef(lm(hits / bases ~ scores, weights = bases / (share * (1 - share))))[2])
  list(hits = hits, bases = bases, scores = scores, statistic = unname(test$statistic), p = test$p.value, slope = slope)
}
record$trend <- list(
  smokers = one_trend(smokers$hits, smokers$bases, 1:4),
  smokers_scored = one_trend(smokers$hits, smokers$bases, c(0, 0, 1, 2)),
  esophagus = with(aggregate(cbind(ncases, all = ncases + ncontrols) ~ agegp, esoph, sum),
                   one_trend(ncases, all, 1:6))
)

# A question with several answers. Nothing ticked is no answer.
wool <- data.frame(a = warpbreaks$breaks > 20, b = warpbreaks$wool == "A" & warpbreaks$breaks > 15,
                   c = warpbreaks$tension == "H" & warpbreaks$breaks < 26)
answered <- rowSums(wool) > 0
record$choices <- list(
  answers = unname(lapply(seq_len(nrow(wool)), function(i) as.list(names(wool)[unlist(wool[i, ])]))),
  base = sum(answered), n = as.list(colSums(wool)),
  low = lapply(wool, function(x) suppressWarnings(prop.test(sum(x), sum(answered), correct = FALSE))$conf.int[1]),
  of_ticks = as.list(colSums(wool) / sum(wool))
)
