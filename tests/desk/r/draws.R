# Shares of random sub-samples, weighted by 1 / share of the draw.

data(api)
shares <- with(apistrat, ifelse(stype == "E", 0.2, ifelse(stype == "M", 0.5, 0.8)))
one_share <- function(hit, shares) {
  frame <- data.frame(hit = as.numeric(hit), w = 1 / shares)
  design <- svydesign(ids = ~1, weights = ~w, data = frame)
  mean <- svymean(~hit, design)
  bounds <- confint(svyciprop(~hit, design, method = "logit"))
  list(hit = hit, shares = shares, value = unname(coef(mean)), se = unname(sqrt(diag(vcov(mean)))),
       low = unname(bounds[1]), high = unname(bounds[2]))
}
record$shares <- list(
  awards = one_share(apistrat$awards == "Yes", shares),
  rare = one_share(apistrat$meals > 95, shares),
  whole = one_share(apistrat$sch.wide == "Yes", rep(1, nrow(apistrat)))
)
