# shellcheck shell=sh
# Read by the scripts beside it and by .ci/run: what root on Debian may have installed without being asked.
# Nobody else's machine is touched; there a script prints the one line to type.

root_on_debian() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && grep -q '^ID=debian$' /etc/os-release 2>/dev/null
}

# install_packages NAME...: nothing to see when it works, apt-get's own words when it does not.
install_packages() {
    echo "Installing with apt-get, as root on Debian: $*" >&2
    _log=$(mktemp)
    if DEBIAN_FRONTEND=noninteractive sh -euc '
        apt-get -q -o DPkg::Lock::Timeout=120 update
        apt-get -q -y -o DPkg::Lock::Timeout=120 --no-install-recommends install "$@"
    ' sh "$@" >"$_log" 2>&1 </dev/null; then
        rm -f "$_log"
    else
        tail -n 15 "$_log" >&2
        rm -f "$_log"
        return 1
    fi
}
