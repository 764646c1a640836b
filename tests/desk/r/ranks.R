# Rank correlations with ties.

one_pair <- function(x, y) {
  rho <- suppressWarnings(cor.test(x, y, method = "spearman", exact = FALSE))
  tau <- suppressWarnings(cor.test(x, y, method = "kendall", exact = FALSE))
  list(x = x, y = y, rho = unname(rho$estimate), rho_p = rho$p.value, tau = unname(tau$estimate), tau_p = tau$p.value)
}
record$pairs <- list(
  cars = one_pair(mtcars$mpg, mtcars$cyl),
  few = one_pair(c(44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1), c(2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8)),
  ozone = with(na.omit(airquality), one_pair(Ozone, Month)),
  housing = with(housing[rep(seq_len(nrow(housing)), housing$Freq), ], one_pair(as.integer(Sat), as.integer(Infl)))
)
