"""Doors for operators' search engines: open a gate once, then put it in front with the file of a framework.

`wsgi`, `asgi`, `django`, `searxng` and `endpoint` are imported by their own names, since each needs its framework.
"""

from offramp.adapters.daycounts import DayCounts
from offramp.adapters.doorway import Doorway, Received
from offramp.adapters.opening import open_gate

__all__ = ["DayCounts", "Doorway", "Received", "open_gate"]
