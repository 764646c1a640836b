#!/bin/sh
# Pango, with which WeasyPrint lays text out. Usage: ops/install/pango.sh
#
# As root on Debian installs what is missing; elsewhere says what to type.
set -eu
cd "$(dirname "$0")/../.."
. ops/install/debian.sh

missing=
for package in libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-core fonts-noto-cjk poppler-utils; do
    state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) || state=unknown
    if [ "$state" != installed ]; then missing="$missing $package"; fi
done
if [ -z "$missing" ]; then exit 0; fi
# shellcheck disable=SC2086 # the list is meant to fall apart into its names
if root_on_debian && install_packages $missing; then exit 0; fi
echo "[ops/install/pango.sh] Without Pango and fonts no PDF can be made. Please type, as root: apt-get install$missing" >&2
[ "${CI:-}" != true ]
