#!/bin/sh
# The word lists that the gate's slow tests and its benchmark are made from. Usage: ops/install/dictionaries.sh
#
# As root on Debian installs what is missing; elsewhere says what to type. Nothing of them is shipped.
set -eu
cd "$(dirname "$0")/../.."
. ops/install/debian.sh

missing=
for pair in american-english:wamerican ngerman:wngerman french:wfrench spanish:wspanish italian:witalian dutch:wdutch \
    portuguese:wportuguese swedish:wswedish danish:wdanish polish:wpolish ukrainian:wukrainian bulgarian:wbulgarian; do
    if [ ! -e "/usr/share/dict/${pair%%:*}" ]; then missing="$missing ${pair##*:}"; fi
done
if [ -z "$missing" ]; then exit 0; fi
# shellcheck disable=SC2086 # the list is meant to fall apart into its names
if root_on_debian && install_packages $missing; then exit 0; fi
echo "[make test-full] Without Debian's word lists the gate's recall and false hits are not tested." \
    "Please type, as root: apt-get install$missing" >&2
[ "${CI:-}" != true ]
