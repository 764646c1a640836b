#!/bin/sh
# The Chromium that the browser tests drive. Usage: ops/install/browser.sh find|ensure PYTHON
#
#   find     prints the first Chromium that runs: $OFFRAMP_CHROMIUM, or else one on the PATH;
#            exit 1 and silence if there is none, or if the Playwright of PYTHON cannot drive it
#   ensure   the same without printing it; as root on Debian installs what is missing, elsewhere says what to type
#
# Without a browser the other tests still run, except where CI=true: there a missing part is a failure.
set -eu
cd "$(dirname "$0")/../.."
. ops/install/debian.sh

packages='chromium libatomic1' # libatomic1: Playwright's driver wants it, and a bare Debian has it not

# A name may be a stub that only says where to get a browser, so each is asked for its version.
find_chromium() {
    set -- chromium chromium-browser google-chrome
    if [ -n "${OFFRAMP_CHROMIUM:-}" ]; then set -- "$OFFRAMP_CHROMIUM"; fi
    for name in "$@"; do
        if "$name" --version >/dev/null 2>&1; then
            command -v "$name"
            return
        fi
    done
    if [ -n "${OFFRAMP_CHROMIUM:-}" ]; then
        echo "[OFFRAMP_CHROMIUM] $OFFRAMP_CHROMIUM does not run." \
            "Please either name a Chromium that does, or unset it." >&2
        exit 2
    fi
    return 1
}

find_driven() {
    chromium=$(find_chromium) || return
    "$1" -m playwright --version >/dev/null 2>&1 || return 1
    echo "$chromium"
}

case ${1:-} in
    find) find_driven "$2" ;;
    ensure)
        status=0
        find_driven "$2" >/dev/null || status=$?
        if [ "$status" != 1 ]; then exit "$status"; fi
        # shellcheck disable=SC2086 # the list is meant to fall apart into its names
        if root_on_debian && install_packages $packages && find_driven "$2" >/dev/null; then exit 0; fi
        echo "[make test] No Chromium can be driven here, so the browser tests are not run." \
            "To run them, please type, as root: apt-get install $packages" >&2
        [ "${CI:-}" != true ]
        ;;
    *) echo "[ops/install/browser.sh] Please write find or ensure, and a Python." >&2; exit 2 ;;
esac
