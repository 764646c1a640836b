#!/bin/sh
# R, beside which the statistics of the desk are tested (tests/desk/r), and PSPP, which reads what the desk exports for
# SPSS. Usage: ops/install/r.sh
#
# As root on Debian installs what is missing; elsewhere says what to type. Nobody needs it to use the desk.
set -eu
cd "$(dirname "$0")/../.."
. ops/install/debian.sh

missing=
for package in pspp r-base-core r-cran-car r-cran-haven r-cran-jsonlite r-cran-mass r-cran-metafor \
    r-cran-nnet r-cran-numderiv r-cran-survey r-cran-vcd; do
    state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) || state=unknown
    if [ "$state" != installed ]; then missing="$missing $package"; fi
done
if [ -z "$missing" ]; then exit 0; fi
# shellcheck disable=SC2086 # the list is meant to fall apart into its names
if root_on_debian && install_packages $missing; then exit 0; fi
echo "[ops/install/r.sh] Without R its results are not made anew, only compared. Please type, as root:" \
    "apt-get install$missing" >&2
[ "${CI:-}" != true ]
