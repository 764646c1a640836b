"""The pages that people meet, and the door for the desk."""

from offramp.web.app import create_app
from offramp.web.house import read_content

__all__ = ["create_app", "read_content"]
