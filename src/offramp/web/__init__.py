"""The pages that people meet, and the door for the desk."""

from offramp.web.app import create_app
from offramp.web.house import Shared, read_content, share

__all__ = ["Shared", "create_app", "read_content", "share"]
