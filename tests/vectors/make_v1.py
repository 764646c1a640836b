"""The program that made v1.json: one of everything that format version 1 can contain, and one of each failure.

    python tests/vectors/make_v1.py NEW_FILE

It refuses to write over a file: vectors that are out in the world are never edited, a new format gets new ones.
All keys, secrets and passphrases here are for tests alone. HPKE draws fresh randomness for every envelope, so a
second run gives other envelopes; everything else comes out the same, byte for byte.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from offramp.sealing import (
    Binding,
    DeskKeys,
    DraftKeys,
    Secret,
    lock_private,
    page_key,
    response_id,
    seal,
    seal_file,
)
from offramp.survey.answers import WRITTEN, Answer, Chosen, ChosenMany, Missing, Number
from offramp.survey.body import Context, answers_body, words_body
from offramp.survey.definition import PageId, QuestionId
from offramp.survey.receipt import write_receipt

Plain = Mapping[str, object]
SERVICE, PURPOSE, SIZE = "vectors.example", "survey/pets", 1024
PASSPHRASE = "seven invented words for tests alone"
NOW, LIFETIME = 1_795_305_600, 43_200
HEAD, ENTRY = 6, 16 + 1168


def counted(label: str) -> Callable[[int], bytes]:
    """Return a source of bytes that gives the same ones at each run."""
    state = hashlib.shake_256(b"offramp vectors v1, " + label.encode()).digest(4096)
    place = 0

    def draw(length: int) -> bytes:
        nonlocal place
        place += length
        return state[place - length : place]

    return draw


def desk(name: str) -> DeskKeys:
    return DeskKeys(hashlib.sha256(b"offramp vectors v1, desk " + name.encode()).digest())


def desks() -> Plain:
    """Return two desks with all that follows from their seeds."""
    return {
        name: {
            "seed": keys.seed.hex(),
            "fingerprint": keys.recipient.fingerprint.hex(),
            "recipient_file": keys.recipient.to_text(),
            "verifier_file": keys.verifier_text(),
            "archive_key": keys.archive_key().hex(),
        }
        for name, keys in (("first", desk("first")), ("second", desk("second")))
    }


def bodies() -> Plain:
    """Return one body of answers with every shape that an answer can have, and one of words."""
    context = Context(
        "0123456789abcdef0123456789abcdef", "pets", "aa" * 32, "bb" * 32, "en", "2026-W47", "00112233445566ff",
        "neutral", False, True,
    )  # fmt: skip
    answers: dict[str, Answer] = {
        "one": Chosen("cat"), "many": ChosenMany(("cat", "other")), "rating": Number(7), "text": WRITTEN,
        "skipped": Missing.SKIPPED, "refused": Missing.REFUSED, "unknown": Missing.DONT_KNOW,
        "invalid": Missing.INVALID,
    }  # fmt: skip
    page = PageId("first")
    return {
        "answers": answers_body(context, page, {QuestionId(q): a for q, a in answers.items()}, 3).decode(),
        "words": words_body(context, page, {QuestionId("text"): "a tortoise, سلحفاة"}, 3).decode(),
    }


def changed(sealed: bytes, place: int) -> bytes:
    return sealed[:place] + bytes((sealed[place] ^ 1,)) + sealed[place + 1 :]


def envelopes(answers: str) -> list[Plain]:
    """Return envelopes that open, and one for each way in which one does not."""
    first, second = desk("first"), desk("second")
    binding, body = Binding(SERVICE, PURPOSE), answers.encode()
    one = seal(body, SIZE, [first.recipient], binding)
    two = seal(body, SIZE, [first.recipient, second.recipient], binding)
    empty = seal(b"", SIZE, [first.recipient], binding)
    rows: list[tuple[str, bytes, str, str, str, str]] = [
        ("one recipient", one, "first", SERVICE, PURPOSE, ""),
        ("two recipients, the first", two, "first", SERVICE, PURPOSE, ""),
        ("two recipients, the second", two, "second", SERVICE, PURPOSE, ""),
        ("an empty body", empty, "first", SERVICE, PURPOSE, ""),
        ("another magic", changed(one, 0), "first", SERVICE, PURPOSE, "sealing.version"),
        ("another version", changed(one, 4), "first", SERVICE, PURPOSE, "sealing.version"),
        ("nothing at all", b"", "first", SERVICE, PURPOSE, "sealing.version"),
        ("the magic alone", one[:5], "first", SERVICE, PURPOSE, "sealing.truncated"),
        ("no recipient", one[:5] + b"\0" + one[6:], "first", SERVICE, PURPOSE, "sealing.truncated"),
        ("cut within its head", one[: HEAD + ENTRY], "first", SERVICE, PURPOSE, "sealing.truncated"),
        ("to somebody else", one, "second", SERVICE, PURPOSE, "sealing.foreign"),
        ("damaged wrapped key", changed(one, HEAD + 16), "first", SERVICE, PURPOSE, "sealing.cannot_open"),
        ("damaged body", changed(one, HEAD + ENTRY), "first", SERVICE, PURPOSE, "sealing.cannot_open"),
        ("damaged tag", changed(one, len(one) - 1), "first", SERVICE, PURPOSE, "sealing.cannot_open"),
        ("cut by one byte", one[:-1], "first", SERVICE, PURPOSE, "sealing.cannot_open"),
        ("another recipient’s part damaged", changed(two, HEAD + ENTRY + 16), "first", SERVICE, PURPOSE,
         "sealing.cannot_open"),
        ("another service", one, "first", "elsewhere.example", PURPOSE, "sealing.cannot_open"),
        ("another purpose", one, "first", SERVICE, "survey/plants", "sealing.cannot_open"),
    ]  # fmt: skip
    return [
        {
            "name": name, "envelope": base64.b64encode(sealed).decode(), "desk": who, "service": service,
            "purpose": purpose, "body": None if code else ("" if sealed == empty else answers), "refusal": code or None,
        }
        for name, sealed, who, service, purpose, code in rows
    ]  # fmt: skip


def derived() -> list[Plain]:
    """Return page keys and response ids; what differs in one thing alone shows that each thing counts."""
    secrets = (bytes(16), bytes(range(16)), b"\xff" * 16)
    rows = [(secret, "pets", page) for secret in secrets for page in ("first", "first/words", "last")]
    rows.append((bytes(16), "plants", "first"))
    return [
        {
            "secret": secret.hex(), "survey": survey, "page": page,
            "page_key": page_key(Secret(secret), survey, page).hex(),
            "response": response_id(Secret(secret), survey),
        }
        for secret, survey, page in rows
    ]  # fmt: skip


def receipts() -> Plain:
    """Return receipts, other ways to type one, and what is no receipt."""
    secret = Secret(bytes(range(0xA0, 0xB0)))
    right = write_receipt(secret)
    characters = right.replace("-", "")
    swapped = characters[:3] + characters[4] + characters[3] + characters[5:]
    wrong = [right[:-1], right + "0", "", "-", swapped, right[:5] + "U" + right[6:]]
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    for place in range(len(characters)):
        other = alphabet[(alphabet.index(characters[place]) + 1 + place) % 32]
        wrong.append(characters[:place] + other + characters[place + 1 :])
    return {
        "right": [{"secret": s.hex(), "receipt": write_receipt(Secret(s))}
                  for s in (bytes(16), bytes(range(16)), b"\xff" * 16, secret)],
        "typed": {"secret": secret.hex(),
                  "as": [right.lower(), right.replace("-", " "), characters,
                         right.replace("0", "o").replace("1", "l")]},
        "wrong": wrong,
    }  # fmt: skip


def drafts() -> list[Plain]:
    """Return drafts of the first and of the third epoch as they open, and as they do not."""
    rows: list[Plain] = []
    for epoch in (0, 2):
        chain = counted("draft")(32)
        made = NOW + epoch * LIFETIME
        sealed = DraftKeys(LIFETIME, NOW, counted("draft")).seal(b"what travels", "draft/pets", made)
        last = made + LIFETIME - 1
        rows += [
            {"name": f"{name}, epoch {epoch}", "chain": chain.hex(), "epoch": epoch, "start": NOW,
             "draft": base64.urlsafe_b64encode(draft).decode(), "purpose": purpose, "sealed_at": made,
             "opened_at": at, "body": "what travels" if opens else None}
            for name, draft, purpose, at, opens in (
                ("at once", sealed, "draft/pets", made, True),
                ("in its last second", sealed, "draft/pets", last, True),
                ("too old", sealed, "draft/pets", last + 1, False),
                ("by a clock that was set back", sealed, "draft/pets", made - 1, True),
                ("of another survey", sealed, "draft/plants", made, False),
                ("changed", changed(sealed, 12), "draft/pets", made, False),
            )
        ]  # fmt: skip
    return rows


def files() -> Plain:
    """Return a sealed file and a locked private key, with what does not open them."""
    keys = desk("first")
    sealed = seal_file(b"rows of an archive", keys.archive_key(), "desk-archive", counted("file"))
    locked = lock_private(keys, PASSPHRASE, counted("private"))
    return {
        "sealed": {
            "key": keys.archive_key().hex(), "purpose": "desk-archive", "body": "rows of an archive",
            "file": base64.b64encode(sealed).decode(),
        },
        "private": {
            "passphrase": PASSPHRASE, "wrong_passphrase": PASSPHRASE + " ", "seed": keys.seed.hex(),
            "file": base64.b64encode(locked).decode(),
        },
        "pull": {
            "challenge": bytes(range(32)).hex(), "service": SERVICE,
            "signature": keys.sign(bytes(range(32)), SERVICE).hex(),
        },
    }  # fmt: skip


def vectors() -> Plain:
    plain = bodies()
    return {
        "about": "Offramp, formats of version 1. See docs/reference/formats.md. Every key here is for tests alone.",
        "made": "2026-11-22",
        "size": SIZE,
        "lifetime": LIFETIME,
        "desks": desks(),
        "bodies": plain,
        "envelopes": envelopes(str(plain["answers"])),
        "derived": derived(),
        "receipts": receipts(),
        "drafts": drafts(),
        **files(),
    }


def main() -> None:
    target = Path(sys.argv[1])
    with target.open("x", encoding="utf-8") as out:
        json.dump(vectors(), out, ensure_ascii=False, indent=1)
        out.write("\n")


if __name__ == "__main__":
    main()
