#!/bin/sh
# Apache Spark for scans that outgrow one machine, and Java for it. Usage: ops/install/spark.sh PYTHON
#
# As root on Debian installs Java where it is missing; elsewhere says what to type. pyspark (450 MB) is published as
# source only: it is made into a package here, with the setuptools of the lock and nothing fetched beside it.
set -eu
cd "$(dirname "$0")/../.."
. ops/install/debian.sh
python=$1
lock=requirements-spark.lock

runs_java() {
    "${JAVA_HOME:+$JAVA_HOME/bin/}java" --version >/dev/null 2>&1
}

missing() {
    echo "[ops/install/spark.sh] $*" >&2
    [ "${CI:-}" != true ]
    exit
}

if ! runs_java && ! { root_on_debian && install_packages openjdk-17-jre-headless && runs_java; }; then
    missing "Spark needs Java 17 or newer, so its tests are not run." \
        "Please type, as root: apt-get install openjdk-17-jre-headless"
fi
wanted=$(sed -n 's/^pyspark==\([^ ]*\).*/\1/p' $lock)
if [ "$("$python" -c 'import pandas, pyarrow, pyspark; print(pyspark.__version__)' 2>/dev/null)" != "$wanted" ]; then
    echo "Installing what $lock names (Spark has 450 MB)" >&2
    "$python" -m pip --disable-pip-version-check --no-input install -qq --require-hashes --no-build-isolation \
        --only-binary :all: --no-binary pyspark --requirement $lock ||
        missing "Spark could not be installed (pip says why above). Please run this again when the network is back."
fi
