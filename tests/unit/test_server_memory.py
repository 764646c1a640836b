"""What a server has in memory only because its command line has other commands too."""

from __future__ import annotations

import subprocess
import sys

# Programs of the desk and of translators: each takes between 7 and 60 MB once it is imported.
NOT_FOR_A_SERVER = (
    "alembic",
    "altair",
    "numpy",
    "openpyxl",
    "pandas",
    "pyarrow",
    "pyreadstat",
    "scipy",
    "statsmodels",
)


def test_the_command_line_loads_nothing_heavy_that_a_server_does_not_need() -> None:
    asked = "import sys, offramp.cli; print(*sorted(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "sqlalchemy" in loaded
    assert not set(loaded) & set(NOT_FOR_A_SERVER)
