"""A process that is killed while it writes a journal: what it acknowledged is there, and nothing is damaged.

It adds, changes and removes entries as fast as it can and says what it did after each; it is killed at some moment.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from offramp.programme import open_journal
from offramp.sealing import Locker, locker_from_code
from offramp.store import Store

WRITER = """
import os, sys
from pathlib import Path
from offramp.programme import *
from offramp.sealing import Locker
from offramp.store import Store
from offramp.survey import QuestionId
store = Store.open(Path(sys.argv[1], "a"), Path(sys.argv[1], "b"))
locker, step, mine = Locker(bytes.fromhex(sys.argv[2])), StepId("urges"), []
def change(act):
    return change_journal(store.journals, locker, act, "2028-01-31", os.urandom, Facts("en", kept=True))
for n in range(100000):
    what = n % 4
    if what < 2:
        one = Sent(new_id(os.urandom), 0, step, {}, {QuestionId("note"): f"words {n}"})
        change(lambda now: now.record(one))
        mine.append(one.id)
    elif what == 2:
        one = Sent(mine[-1], 1, step, {}, {QuestionId("note"): f"words {n}"})
        change(lambda now: now.record(one))
    else:
        gone = mine.pop(0)
        print("going", gone, flush=True)
        change(lambda now: now.remove(gone))
        print("gone", gone, flush=True)
        continue
    print("there", one.id, f"words {n}", flush=True)
"""


def killed_after(folder: Path, locker: Locker, seconds: float) -> list[str]:
    command = [sys.executable, "-c", WRITER, folder, locker.secret.hex()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(seconds)
        writer.kill()
        return [line.strip() for line in (first, *writer.stdout) if line.endswith("\n")]


@pytest.mark.full
@pytest.mark.parametrize("round_", range(12))
def test_what_was_acknowledged_is_there_and_nothing_is_damaged(tmp_path: Path, round_: int) -> None:
    locker = locker_from_code(os.urandom(16), bytes(32))
    said = killed_after(tmp_path, locker, 0.05 + 0.037 * round_)
    there: dict[str, str] = {}
    going: set[str] = set()
    for line in said:
        what, identity, *words = line.split(" ", 2)
        if what == "there":
            there[identity] = words[0]
        elif what == "going":
            going.add(identity)
        else:
            there.pop(identity, None)
    store = Store.open(tmp_path / "a", tmp_path / "b")
    opened = open_journal(store.journals, locker)
    assert opened is not None
    found = {entry.id: "".join(entry.words.values()) for entry in opened.journal.entries}
    assert (opened.journal.damaged, opened.journal.lost) == (False, ())
    # One change more may have been done than was said: a new entry, newer words, or a removal that had begun.
    differs = {i for i in there.keys() | found.keys() if there.get(i) != found.get(i)}
    assert len(differs) <= 1
    assert all(identity in found or identity in going for identity in there)
    assert len(said) > 3, "nothing was tried"
    store.close()
