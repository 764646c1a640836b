"""The doctor: looks at an installation, and says what is well, what is doubtful and what is wrong."""

from offramp.doctor.examination import Seen, examine
from offramp.doctor.findings import Finding, Level
from offramp.doctor.reading import look

__all__ = ["Finding", "Level", "Seen", "examine", "look"]
