"""The gate's one door: build and load lists, decide about a query, choose what to say, answer in place of results."""

from offramp.gate.build import Draft, draft
from offramp.gate.counting import TARGETS, Count, CountSink, Day
from offramp.gate.keeper import Asked, Keeper
from offramp.gate.live import Failed, Failing, LiveGate
from offramp.gate.match import Gate, load
from offramp.gate.messages import Messages, load_messages
from offramp.gate.notice import Notice, Shown, Ways, load_notice, notice_english
from offramp.gate.noticepage import ALWAYS, FORMS, Answer, Form, as_json, dressed
from offramp.gate.rows import Reading
from offramp.gate.verdict import Decision

__all__ = [
    "ALWAYS", "FORMS", "TARGETS", "Answer", "Asked", "Count", "CountSink", "Day", "Decision", "Draft", "Failed",
    "Failing", "Form", "Gate", "Keeper", "LiveGate", "Messages", "Notice", "Reading", "Shown", "Ways", "as_json",
    "draft", "dressed", "load", "load_messages", "load_notice", "notice_english",
]  # fmt: skip
