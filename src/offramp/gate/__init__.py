"""The gate's one door: build and load term lists, decide about a query, choose what to say."""

from offramp.gate.match import Gate, load
from offramp.gate.messages import Messages, load_messages
from offramp.gate.verdict import Decision

__all__ = ["Decision", "Gate", "Messages", "load", "load_messages"]
