"""A parcel: what a pull brought, as one file to be carried to a desk that is never online.

Sealed envelopes stay sealed; what else is in it (tombstones, totals, the service's name) is no secret of anybody. Not
here: opening. The invariant: a parcel that is not whole is refused before anything of it is taken in.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from offramp.desk.folder import Server
from offramp.desk.intake import Pulled, read_batch
from offramp.desk.wholefile import writing_whole
from offramp.errors import Refusal, refuse
from offramp.store import Envelope, Store

VERSION = 1
_BATCH = 400
_REMEDY = "Please copy the file again from the machine that pulled, or pull there once more with --to."


def write_parcel(path: Path, server: Server, inbox: Store) -> int:
    """Write all of an inbox as a parcel; return how many envelopes are in it."""
    digest, envelopes = hashlib.sha256(), 0
    with writing_whole(path) as file:
        for line in _lines(server, inbox):
            envelopes += len(line.get("envelopes", ()))
            text = json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            digest.update(text)
            file.write(text)
        file.write(json.dumps({"end": digest.hexdigest()}).encode() + b"\n")
    return envelopes


def _lines(server: Server, inbox: Store) -> Iterator[dict[str, Any]]:
    yield {"parcel": VERSION, **asdict(server)}
    totals = [{**tally._asdict(), "n": n} for tally, n in inbox.totals().items()]
    yield _batch([], [key.hex() for key in inbox.forgotten()], totals)
    after = b""
    while batch := inbox.envelopes(after=after, limit=_BATCH):
        yield _batch(batch, [], [])
        after = batch[-1].key


def _batch(envelopes: list[Envelope], tombstones: list[str], totals: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a batch as a server would hand it out."""
    plain = [
        {"key": e.key.hex(), "survey": e.survey, "week": e.week, "body": base64.b64encode(e.body).decode()}
        for e in envelopes
    ]
    return {"envelopes": plain, "tombstones": tombstones, "totals": totals, "next": None}


def take_parcel(path: Path, inbox: Store, known: Server | None) -> Pulled:
    """Take a parcel into the inbox. Refusals: parcel.unreadable, parcel.damaged, parcel.version, pull.other_server."""
    server = _checked(path)
    if known is not None and known != server:
        raise refuse("pull.other_server", str(path), f"This desk belongs to “{known.service}”, not “{server.service}”.",
                     "Please name another file, or use another desk folder.")  # fmt: skip
    envelopes = tombstones = 0
    forgotten = set(inbox.forgotten())
    with path.open("rb") as file:
        next(file)
        for number, line in enumerate(file):
            plain = json.loads(line)
            if "end" in plain:
                break
            batch = read_batch(plain)
            if number == 0:
                if batch.tombstones:
                    inbox.forget(batch.tombstones)
                forgotten |= set(batch.tombstones)
                tombstones = len(batch.tombstones)
                inbox.replace_totals(batch.totals)
            living = [envelope for envelope in batch.envelopes if envelope.key not in forgotten]
            if living:
                inbox.keep(living)
            envelopes += len(living)
    return Pulled(server, envelopes, tombstones)


def _checked(path: Path) -> Server:
    """Read a parcel through once, and return whose it is."""
    digest, first, last = hashlib.sha256(), b"", b""
    try:
        with path.open("rb") as file:
            for line in file:
                digest.update(last)
                first, last = first or line, line
    except OSError as error:
        raise refuse("parcel.unreadable", str(path), f"The file cannot be read ({error.strerror}).",
                     "Please correct its name, or look at the disk.") from None  # fmt: skip
    try:
        head, end = json.loads(first), json.loads(last)
        if "parcel" not in head or end != {"end": digest.hexdigest()}:
            raise ValueError("no parcel, or half of one")
        if head["parcel"] != VERSION:
            raise refuse("parcel.version", str(path), f"This parcel has version {head['parcel']}, not {VERSION}.",
                         "Please use the same version of Offramp on both machines.")  # fmt: skip
        return Server(str(head["service"]), head["demonstration"] is True)
    except Refusal:
        raise
    except (ValueError, KeyError, TypeError):
        raise refuse("parcel.damaged", str(path), "This is no whole parcel of a pull.", _REMEDY) from None
