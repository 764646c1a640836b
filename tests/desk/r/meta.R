# Meta-analysis: metafor, with its own tolerances tightened.

tight <- list(threshold = 1e-13, maxiter = 10000, tol = 1e-13)
as_list <- function(fit, level = TRUE) {
  p <- predict(fit)
  list(
    estimate = unname(coef(fit)[1]), se = fit$se[1], ci_low = fit$ci.lb[1], ci_high = fit$ci.ub[1], p = fit$pval[1],
    tau2 = fit$tau2, i2 = fit$I2, h2 = fit$H2, q = fit$QE, q_df = fit$k - fit$p, q_p = fit$QEp,
    pi_low = p$pi.lb[1], pi_high = p$pi.ub[1]
  )
}
one_set <- function(yi, vi) {
  fits <- list()
  for (method in c("REML", "DL", "PM")) for (test in c("z", "knha")) {
    fit <- rma(yi, vi, method = method, test = test, control = tight)
    found <- as_list(fit)
    one <- leave1out(fit)
    found$leave_one_out <- list(estimate = one$estimate, ci_low = one$ci.lb, ci_high = one$ci.ub, tau2 = one$tau2)
    fits[[paste(method, test)]] <- found
  }
  fit <- rma(yi, vi, method = "REML", control = tight)
  bounds <- confint(fit, control = list(tol = 1e-13))$random
  egger <- regtest(fit, model = "lm")
  list(
    yi = as.vector(yi), vi = as.vector(vi), fits = fits,
    tau2 = bounds["tau^2", c("ci.lb", "ci.ub")], i2 = bounds["I^2(%)", c("ci.lb", "ci.ub")],
    h2 = bounds["H^2", c("ci.lb", "ci.ub")],
    egger = list(t = egger$zval, p = egger$pval, df = egger$dfs, slope = unname(coef(lm(yi ~ sqrt(vi), weights = 1 / vi))[2]))
  )
}

bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
record$bcg_counts <- with(dat.bcg, list(ai = tpos, bi = tneg, ci = cpos, di = cneg, year = year, ablat = ablat))
record$sets <- list(
  bcg = one_set(bcg$yi, bcg$vi),
  writing = with(dat.bangertdrowns2004, one_set(yi, vi)),
  # Little between the studies: the variance between them comes out as 0 by some methods.
  alike = one_set(c(0.1, 0.2, 0.15, 0.12, 0.31), c(0.04, 0.05, 0.06, 0.03, 0.08)),
  two = one_set(c(0.1, 0.9, 0.4), c(0.02, 0.05, 0.04))
)
names(record$sets)[4] <- "three"

zero <- data.frame(ai = c(0, 3, 5, 0, 7), bi = c(20, 37, 45, 30, 0), ci = c(2, 6, 9, 0, 5), di = c(18, 34, 41, 30, 2))
effects <- escalc(measure = "RR", ai = ai, bi = bi, ci = ci, di = di, data = zero, add = 1/2, to = "only0")
record$zero <- list(counts = zero, yi = as.vector(effects$yi), vi = as.vector(effects$vi))

regression <- lapply(list(`FALSE` = "z", `TRUE` = "knha"), function(test) {
  fit <- rma(yi, vi, mods = ~ablat, data = bcg, method = "REML", test = test, control = tight)
  list(estimate = as.vector(coef(fit)), se = fit$se, p = fit$pval, low = fit$ci.lb, high = fit$ci.ub, tau2 = fit$tau2,
       i2 = fit$I2, q = fit$QE, qm = fit$QM, qm_p = fit$QMp)
})
record$regression <- regression
