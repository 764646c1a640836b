"""The way to what needs numpy and scipy, which only the desk's analyses do.

Nothing else of the desk needs them, so that pulling and reporting work without; planes are put together with numpy
where it is. The invariant: where they are missing a person is told what to install, and no traceback is shown.
"""

from __future__ import annotations

import importlib
from types import ModuleType

from offramp.errors import refuse


def analysis(part: str) -> ModuleType:
    """Return a package of the desk that reckons with numpy. Refusal desk.no_analysis."""
    try:
        importlib.import_module("scipy")
    except ImportError:
        raise refuse("desk.no_analysis", part, "This needs numpy and scipy, which are not installed.",
                     "Please install offramp[analysis] (“make install-analysis”).") from None  # fmt: skip
    return importlib.import_module(f"offramp.desk.{part}")
