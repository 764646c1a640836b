#!/bin/sh
# Makes an environment of its own for one attacking program. Usage: ops/attack/environment.sh schemathesis|wapiti|sqlmap
#
# They pin old versions of what we use ourselves, so none of them shares .venv or another's environment. Everything is
# named by its hash in the lock beside this file, and no index is named. Prints the directory of its programs.
set -eu
cd "$(dirname "$0")/../.."

tool=${1:-}
lock=ops/attack/$tool.lock
if [ -z "$tool" ] || [ ! -f "$lock" ]; then
    echo "[ops/attack/environment.sh] Please write schemathesis, wapiti or sqlmap." >&2
    exit 2
fi
home=.venv/attack/$tool
stamp=$(cat "$lock" ops/attack/build.lock | cksum)
if [ "$(cat "$home/stamp" 2>/dev/null)" != "$stamp" ]; then
    rm -rf "$home"
    echo "Installing what $lock names" >&2
    .venv/bin/python -m venv "$home"
    pip="$home/bin/python -m pip --disable-pip-version-check --no-input install -qq --require-hashes"
    # Two packages that wapiti wants are published as sources only; what builds them is named by its hash too.
    $pip --only-binary :all: --requirement ops/attack/build.lock >&2
    $pip --no-deps --no-build-isolation --requirement "$lock" >&2 || {
        echo "[ops/attack/environment.sh] pip says above what is missing. Please run this again when the network is" \
            "back, or, where hashes differ, tell us and install nothing." >&2
        exit 1
    }
    echo "$stamp" >"$home/stamp"
fi
echo "$home/bin"
