#!/bin/sh
# Makes .venv hold what a lock names. Usage: ops/install/environment.sh run|dev
#
#   run   what the platform needs           (requirements.lock)
#   dev   the same, and what tests it       (requirements-dev.lock, a superset with the same versions)
#
# Every package is a ready-built wheel whose hash the lock names; nothing is compiled here and no index is named.
# PYTHON=... chooses the interpreter.
#
# The invariant: .venv/stamp exists only while .venv is whole. It goes before the first change and comes back
# after the last, so a run that was interrupted leaves none, and the next run begins afresh.
set -eu
cd "$(dirname "$0")/../.."
. ops/install/debian.sh
unset PYTHONHOME PYTHONPATH

wanted=$1
case $wanted in
    run) lock=requirements.lock ;;
    dev) lock=requirements-dev.lock ;;
    *) echo "[ops/install/environment.sh] $wanted is no list. Please write run or dev." >&2; exit 2 ;;
esac
stamp=.venv/stamp
# The place counts too: the programs in .venv/bin name the directory that they were made in.
base=$( { pwd -P; cat requirements.lock requirements-dev.lock; } | cksum)
own=$(cksum <pyproject.toml)

refuse() {
    echo "[make install] $*" >&2
    exit 1
}

runs_and_is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

# The names found, newest first. A name may be a shim that does not run, so each is tried.
usable_pythons() {
    set -- python3.14 python3.13 python3.12 python3.11 python3
    if [ -n "${PYTHON:-}" ]; then set -- "$PYTHON"; fi
    for name in "$@"; do
        if runs_and_is_new_enough "$name"; then echo "$name"; fi
    done
}

first_with_venv() {
    usable_pythons | while IFS= read -r name; do
        if "$name" -c 'import ensurepip, venv' >/dev/null 2>&1 </dev/null; then
            echo "$name"
            break
        fi
    done
}

# Debian ships Python without the part that makes environments (python3-venv).
choose_python() {
    python=$(first_with_venv)
    if [ -n "$python" ]; then return; fi
    bare=$(usable_pythons | head -n 1)
    if [ -z "$bare" ] && [ -n "${PYTHON:-}" ]; then
        refuse "PYTHON=$PYTHON is no Python of version 3.11 or newer that runs." \
            "Please either name another, or leave PYTHON out."
    elif [ -z "$bare" ]; then
        refuse "No Python of version 3.11 or newer runs here. Please either install one (on Debian, as root:" \
            "apt-get install python3 python3-venv), or name one: make install PYTHON=/path/to/python3"
    fi
    package=$("$bare" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if root_on_debian && install_packages "$package"; then
        python=$(first_with_venv)
    fi
    if [ -z "$python" ]; then
        refuse "$bare cannot make an environment: its venv part is missing." \
            "Please type, as root: apt-get install $package"
    fi
}

environment_is_whole() {
    [ -f "$stamp" ] && [ -x .venv/bin/offramp ] && .venv/bin/python -c '' 2>/dev/null || return 1
    { read -r has_base && read -r has_list && read -r has_own; } <"$stamp" || return 1
    [ "$has_base" = "$base" ] || return 1
    [ -z "${PYTHON:-}" ] || [ "$(.venv/bin/python -V)" = "$("$PYTHON" -V 2>&1)" ]
}

# One at a time: whoever holds this open (a second make, or what an interrupted one left running) is waited for.
if command -v flock >/dev/null; then
    exec 9<requirements.lock
    flock --nonblock 9 || { echo "Waiting for another run to end" >&2; flock 9; }
fi

machine() {
    .venv/bin/python -c 'import platform as p; print(p.system(), p.machine(), "Python", p.python_version())'
}

pip() {
    .venv/bin/python -m pip --disable-pip-version-check --no-input "$@"
}

if environment_is_whole; then
    if [ "$has_list" = dev ]; then wanted=dev; fi
    if [ "$has_list" = "$wanted" ] && [ "$has_own" = "$own" ]; then exit 0; fi
    rm -f "$stamp"
else
    choose_python
    rm -rf .venv
    echo "Making .venv with $("$python" -V)" >&2
    "$python" -m venv --prompt offramp .venv
    has_list=nothing
fi

if [ "$has_list" != "$wanted" ]; then
    echo "Installing what $lock names" >&2
    pip install -qq --require-hashes --only-binary :all: --requirement "$lock" || refuse \
        "Not every package of $lock could be installed; pip says why above. Please either run this again when the" \
        "network is back, or, where pip found no matching distribution, use a machine and a Python for which that" \
        "package is published ready-built (here: $(machine)), or, where hashes differ, tell us and install nothing."
fi
pip install -qq --no-deps --no-build-isolation --editable . || refuse \
    "Offramp itself could not be installed (pip says why above). Please mend what it names and run this again."
pip check >/dev/null || { pip check >&2 || refuse \
    "The lock does not hold what pyproject.toml asks for. Please run: make lock"; }

printf '%s\n' "$base" "$wanted" "$own" >"$stamp.new"
mv "$stamp.new" "$stamp"
echo "Ready: .venv/bin/offramp" >&2
