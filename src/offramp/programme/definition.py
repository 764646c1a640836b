"""What a programme is made of: frozen typed values. Nothing here reads files or asks anything of a person."""

from __future__ import annotations

from enum import StrEnum
from typing import NewType

StepId = NewType("StepId", str)


class StepKind(StrEnum):
    READING = "reading"
    EXERCISE = "exercise"
    CHECK_IN = "check_in"
    WORKSHEET = "worksheet"
