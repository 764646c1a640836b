"""Questionnaires in the forms that other programs and people use: XLSForm both ways, DDI, JSON Schema, paper."""

from offramp.exchange.answerschema import answer_schema
from offramp.exchange.ddi import ddi
from offramp.exchange.incoming import Incoming, incoming
from offramp.exchange.outgoing import Labels, outgoing
from offramp.exchange.paper import paper
from offramp.exchange.workbook import read_workbook, write_workbook

__all__ = [
    "Incoming", "Labels", "answer_schema", "ddi", "incoming", "outgoing", "paper", "read_workbook", "write_workbook",
]  # fmt: skip
