#!/bin/sh
# The compiler that the disk of tests/faults is built with. Usage: ops/install/compiler.sh
#
# As root on Debian installs it where there is none; elsewhere says what to type.
set -eu
cd "$(dirname "$0")/../.."
. ops/install/debian.sh

if command -v cc >/dev/null; then exit 0; fi
if root_on_debian && install_packages gcc libc6-dev; then exit 0; fi
echo "[make test-full] Without a C compiler no power is cut and no disk fails in the tests." \
    "Please type, as root: apt-get install gcc libc6-dev" >&2
[ "${CI:-}" != true ]
