"""The gate's one door: compile and load term lists, decide about a query, choose what to say."""

from offramp.gate.compiled import compile_lists
from offramp.gate.match import Decision, Gate, load
from offramp.gate.messages import Messages, load_messages

__all__ = ["Decision", "Gate", "Messages", "compile_lists", "load", "load_messages"]
