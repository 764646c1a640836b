"""The gate's one door: build and load term lists, decide about a query, choose what to say."""

from offramp.gate.build import Draft, draft
from offramp.gate.match import Gate, load
from offramp.gate.messages import Messages, load_messages
from offramp.gate.rows import Reading
from offramp.gate.verdict import Decision

__all__ = ["Decision", "Draft", "Gate", "Messages", "Reading", "draft", "load", "load_messages"]
