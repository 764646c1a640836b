"""Doors for operators' search engines: open a gate once, then put it in front with the file of a framework.

`wsgi`, `asgi`, `django` and `searxng` are imported by their own names, since some need their framework.
"""

from offramp.adapters.daycounts import DayCounts
from offramp.adapters.doorway import Doorway, Received
from offramp.adapters.endpoint import Endpoint
from offramp.adapters.opening import open_gate

__all__ = ["DayCounts", "Doorway", "Endpoint", "Received", "open_gate"]
