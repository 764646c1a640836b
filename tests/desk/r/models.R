# Logistic, ordinal and multinomial regression, weighted or not, and what speaks against them.
# R's own tolerances are tightened; what remains iterative is compared to 1e-5.

coefficients <- function(estimate, se) list(names = names(estimate), estimate = unname(estimate), se = unname(se))

titanic <- as.data.frame(Titanic)
titanic <- titanic[titanic$Freq > 0, ]
fit <- glm(Survived ~ Class + Sex + Age, binomial, titanic, weights = Freq,
           control = glm.control(epsilon = 1e-14, maxit = 100))
null <- glm(Survived ~ 1, binomial, titanic, weights = Freq, control = glm.control(epsilon = 1e-14))
record$titanic <- c(
  as.list(lapply(titanic[c("Class", "Sex", "Age", "Survived")], as.character)), list(Freq = titanic$Freq),
  list(fit = c(coefficients(coef(fit), sqrt(diag(vcov(fit)))),
               list(p = unname(summary(fit)$coefficients[, 4]), bounds = unname(as.matrix(exp(confint.default(fit)))),
                    deviance = fit$deviance, null = null$deviance)))
)
births <- birthwt
births$race <- factor(births$race, labels = c("white", "black", "other"))
fit <- glm(low ~ age + lwt + race + smoke, binomial, births, control = glm.control(epsilon = 1e-14, maxit = 100))
record$births <- list(
  low = births$low, age = births$age, lwt = births$lwt, race = as.character(births$race), smoke = births$smoke,
  fit = coefficients(coef(fit), sqrt(diag(vcov(fit)))),
  gvif = unname(car::vif(lm(low ~ age + lwt + race + smoke, births))[, "GVIF"])
)

# polr and multinom stop early unless told otherwise; the Hessian is asked for at the end.
rows <- housing[rep(seq_len(nrow(housing)), housing$Freq), ]
ordered <- polr(Sat ~ Infl + Type + Cont, rows, Hess = TRUE, control = list(reltol = 1e-16, maxit = 2000))
nominal <- multinom(Sat ~ Infl + Type + Cont, rows, Hess = TRUE, reltol = 1e-16, abstol = 1e-16, maxit = 2000, trace = FALSE)
# Brant's test of car fits its logistic regressions with the usual tolerance; here with the tight one.
tight_test <- car:::poTest.polr
environment(tight_test) <- list2env(list(
  glm = function(...) stats::glm(..., control = glm.control(epsilon = 1e-14, maxit = 100))
), parent = asNamespace("car"))
brant <- tight_test(ordered)
# car 3.1 writes the covariance of two thresholds into both places as it is; the lower one has to be turned.
size <- length(coef(ordered))
spread <- brant$vcov
spread[size + 1:size, 1:size] <- t(spread[1:size, size + 1:size])
apart <- brant$b[, 2] - brant$b[, 3]
contrast <- cbind(diag(size), -diag(size))
brant$chisq <- as.vector(apart %*% solve(contrast %*% spread %*% t(contrast)) %*% apart)
record$housing <- c(
  as.list(lapply(housing[c("Sat", "Infl", "Type", "Cont")], as.character)), list(Freq = housing$Freq),
  list(
    ordinal = c(coefficients(coef(ordered), sqrt(diag(vcov(ordered)))[seq_along(coef(ordered))]),
                list(thresholds = unname(ordered$zeta), threshold_se = unname(sqrt(diag(vcov(ordered)))[-seq_along(coef(ordered))]),
                     log_likelihood = as.numeric(logLik(ordered)))),
    multinomial = list(names = colnames(coef(nominal)), estimate = as_rows(coef(nominal)),
                       se = as_rows(summary(nominal)$standard.errors), log_likelihood = as.numeric(logLik(nominal))),
    brant = list(chi_square = brant$chisq, df = brant$df, columns = unname(brant$chisq.p))
  )
)

data(api)
shares <- with(apistrat, ifelse(stype == "E", 0.2, ifelse(stype == "M", 0.5, 0.8)))
schools <- data.frame(
  met = as.numeric(apistrat$awards == "Yes"), meals = apistrat$meals / 100, ell = apistrat$ell / 100, w = 1 / shares,
  band = cut(apistrat$api00, c(0, 600, 750, 1000), labels = c("low", "middle", "high"), ordered_result = TRUE)
)
design <- svydesign(ids = ~1, weights = ~w, data = schools)
logit <- svyglm(met ~ meals + ell, design, family = quasibinomial, control = glm.control(epsilon = 1e-14, maxit = 100))
bands <- svyolr(band ~ meals + ell, design, method = "logistic", control = list(reltol = 1e-16, maxit = 2000))
record$schools <- list(
  met = schools$met, meals = schools$meals, ell = schools$ell, band = as.character(schools$band), shares = shares,
  logit = c(coefficients(coef(logit), sqrt(diag(vcov(logit)))), list(p = unname(summary(logit)$coefficients[, 4]))),
  ordinal = coefficients(bands$coefficients, sqrt(diag(vcov(bands)))[seq_along(bands$coefficients)])
)

# Before and after, with a random half asked before: paired, and between halves.
before <- sleep$extra[sleep$group == 1]
after <- sleep$extra[sleep$group == 2]
others <- c(1.2, 0.4, 2.8, 3.1, 0.2, 1.9, 2.2, 0.9)
one_test <- function(test, value, se) {
  list(value = value, se = se, low = test$conf.int[1], high = test$conf.int[2], p = test$p.value)
}
paired <- t.test(after, before, paired = TRUE)
fresh <- t.test(others, before)
asked <- t.test(after, others)
record$change <- list(
  before = before, after = after, others = others,
  paired = one_test(paired, mean(after - before), paired$stderr),
  between = one_test(fresh, mean(others) - mean(before), fresh$stderr),
  asking = one_test(asked, mean(after) - mean(others), asked$stderr)
)
