"""What the rows of a journal say, as bytes: the head with its index, and an entry. JSON, readable for decades.

Not here: sealing them, and where they lie (shelf). The invariant: what was written is read again as the same values,
and what is none of version 1 is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from offramp.errors import Fault
from offramp.programme.definition import StepId
from offramp.programme.journal import Entry, Facts, Journal, Noted
from offramp.sealing import SECRET_BYTES, Secret
from offramp.survey import QuestionId, from_plain, to_plain

VERSION = 1


def head_row(version: int) -> str:
    """Return the name of the row in which a version of the index lies: it and the one before it are kept."""
    return f"head/{version % 2}"


def entry_row(identity: str, revision: int) -> str:
    """Return the name of an entry's row; each revision has one of its own."""
    return f"entry/{identity}/{revision}"


def head_body(journal: Journal) -> bytes:
    """Return the index and the facts of a journal as bytes."""
    facts, link = journal.facts, journal.facts.link
    index = [[n.id, n.revision, n.step, n.number, n.stamp] for n in journal.index.values()]
    return _bytes({"v": VERSION, "version": journal.version, "language": facts.language, "kept": facts.kept,
                   "link": link.hex() if link is not None else None, "index": index})  # fmt: skip


def read_head(body: bytes) -> Journal:
    """Return a journal without its entries. Fault: the bytes are no head of version 1."""
    try:
        plain = _plain(body)
        link = Secret(bytes.fromhex(plain["link"])) if plain["link"] is not None else None
        if link is not None and len(link) != SECRET_BYTES:
            raise ValueError
        noted = [Noted(str(i), int(r), StepId(s), int(n), int(stamp)) for i, r, s, n, stamp in plain["index"]]
        facts = Facts(str(plain["language"]), bool(plain["kept"]), link)
        return Journal(facts, int(plain["version"]), {each.id: each for each in noted})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Fault(f"no head of a journal ({type(error).__name__})") from None


def entry_body(entry: Entry) -> bytes:
    """Return what was entered as bytes; the index says the rest."""
    answers = {question: to_plain(answer) for question, answer in entry.answers.items()}
    return _bytes({"v": VERSION, "answers": answers, "words": dict(entry.words)})


def read_entry(body: bytes, noted: Noted) -> Entry:
    """Return the entry that the index notes. Fault: the bytes are none of version 1."""
    try:
        plain = _plain(body)
        answers = {QuestionId(q): from_plain(answer) for q, answer in plain["answers"].items()}
        words = {QuestionId(q): text for q, text in plain["words"].items()}
        if not all(isinstance(text, str) for text in words.values()):
            raise ValueError
        return Entry(noted.id, noted.step, noted.number, answers, words, noted.stamp)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Fault(f"no entry of a journal ({type(error).__name__})") from None


def with_entries(journal: Journal, entries: Mapping[str, Entry]) -> Journal:
    """Return a journal with those of its entries that could be read, the latest change last."""
    there = sorted(entries.values(), key=lambda entry: (entry.stamp, entry.number, entry.id))
    return replace(journal, entries=tuple(there))


def _bytes(plain: dict[str, object]) -> bytes:
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()


def _plain(body: bytes) -> dict[str, Any]:
    plain = json.loads(body)
    if plain["v"] != VERSION:
        raise ValueError
    return dict(plain)
