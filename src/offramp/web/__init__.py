"""The pages that people meet, and the door for the desk."""

from offramp.web.app import create_app
from offramp.web.guard import log_fault
from offramp.web.help import read_directory
from offramp.web.house import Shared, read_content, share
from offramp.web.pages import read_interface
from offramp.web.roll import demand_versions, without_version

__all__ = [
    "Shared",
    "create_app",
    "demand_versions",
    "log_fault",
    "read_content",
    "read_directory",
    "read_interface",
    "share",
    "without_version",
]
