#!/bin/sh
# The Firefox that the slow browser tests drive, as Tor Browser is one. Usage: ops/install/firefox.sh find|ensure
#
#   find     prints the first Firefox that runs: $OFFRAMP_FIREFOX, or else one on the PATH; exit 1 and silence if none
#   ensure   the same without printing it; as root on Debian installs what is missing, elsewhere says what to type
#
# Nothing else is needed to drive it: it listens by itself. Without it the other tests still run, except where CI=true.
set -eu
cd "$(dirname "$0")/../.."
. ops/install/debian.sh

find_firefox() {
    set -- firefox-esr firefox
    if [ -n "${OFFRAMP_FIREFOX:-}" ]; then set -- "$OFFRAMP_FIREFOX"; fi
    for name in "$@"; do
        if "$name" --version >/dev/null 2>&1; then
            command -v "$name"
            return
        fi
    done
    if [ -n "${OFFRAMP_FIREFOX:-}" ]; then
        echo "[OFFRAMP_FIREFOX] $OFFRAMP_FIREFOX does not run." \
            "Please either name a Firefox that does, or unset it." >&2
        exit 2
    fi
    return 1
}

case ${1:-} in
    find) find_firefox ;;
    ensure)
        status=0
        find_firefox >/dev/null || status=$?
        if [ "$status" != 1 ]; then exit "$status"; fi
        if root_on_debian && install_packages firefox-esr && find_firefox >/dev/null; then exit 0; fi
        echo "[make test-full] No Firefox runs here, so no page is walked in it." \
            "To have it, please type, as root: apt-get install firefox-esr" >&2
        [ "${CI:-}" != true ]
        ;;
    *) echo "[ops/install/firefox.sh] Please write find or ensure." >&2; exit 2 ;;
esac
