"""Questionnaires in the forms that other programs and people use: XLSForm both ways, DDI, JSON Schema, paper."""

from offramp.exchange.answerschema import answer_schema
from offramp.exchange.columns import (
    ABOUT_NUMBERS,
    ABOUT_TEXTS,
    FLAG,
    LONGEST_NAME,
    MISSING,
    TICKS,
    WROTE,
    Column,
    columns,
)
from offramp.exchange.ddi import DataFile, ddi
from offramp.exchange.incoming import Incoming, incoming
from offramp.exchange.outgoing import Labels, outgoing
from offramp.exchange.paper import paper
from offramp.exchange.workbook import read_workbook, write_workbook

__all__ = [
    "ABOUT_NUMBERS", "ABOUT_TEXTS", "FLAG", "LONGEST_NAME", "MISSING", "TICKS", "WROTE", "Column", "DataFile",
    "Incoming", "Labels", "answer_schema", "columns", "ddi", "incoming", "outgoing", "paper",
    "read_workbook", "write_workbook",
]  # fmt: skip
