"""What was sealed once opens for ever: the vectors of version 1, read by the house and by a reader of its own."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from offramp.errors import Refusal
from offramp.sealing import (
    Binding,
    DeskKeys,
    DraftKeys,
    Secret,
    envelope_bytes,
    open_file,
    page_key,
    read_recipient,
    read_verifier,
    response_id,
    signed,
    unlock_private,
    unseal,
)
from offramp.survey import Missing, read_body
from offramp.survey.answers import WRITTEN, Chosen, ChosenMany, Number
from offramp.survey.receipt import read_receipt, write_receipt
from tests.vectors import make_v1, plain_reader

V1: dict[str, Any] = json.loads((Path(__file__).parent / "v1.json").read_text(encoding="utf-8"))


def named(rows: list[dict[str, Any]]) -> Any:
    return pytest.mark.parametrize("row", rows, ids=[row.get("name", str(n)) for n, row in enumerate(rows)])


def refusal(action: Any) -> tuple[str, ...]:
    with pytest.raises(Refusal) as refused:
        action()
    return refused.value.codes


def desk(name: str) -> DeskKeys:
    return DeskKeys(bytes.fromhex(V1["desks"][name]["seed"]))


@pytest.mark.parametrize("name", ["first", "second"])
def test_all_that_follows_from_a_seed(name: str) -> None:
    keys, row = desk(name), V1["desks"][name]
    assert keys.recipient.to_text() == row["recipient_file"]
    assert keys.verifier_text() == row["verifier_file"]
    assert keys.archive_key().hex() == row["archive_key"]
    assert read_recipient(row["recipient_file"], "vectors").fingerprint.hex() == row["fingerprint"]


@named(V1["envelopes"])
def test_envelope(row: dict[str, Any]) -> None:
    sealed, binding = base64.b64decode(row["envelope"]), Binding(row["service"], row["purpose"])
    if row["refusal"]:
        assert refusal(lambda: unseal(sealed, desk(row["desk"]), binding)) == (row["refusal"],)
        return
    assert unseal(sealed, desk(row["desk"]), binding).decode() == row["body"]
    seed = bytes.fromhex(V1["desks"][row["desk"]]["seed"])
    assert plain_reader.open_envelope(sealed, seed, row["service"], row["purpose"]).decode() == row["body"]
    assert len(sealed) == envelope_bytes(V1["size"], sealed[5])


def test_every_name_of_a_failure_has_a_vector() -> None:
    names = {row["refusal"] for row in V1["envelopes"]} - {None}
    assert names == {"sealing.version", "sealing.truncated", "sealing.foreign", "sealing.cannot_open"}


def test_body_of_answers() -> None:
    body = read_body(V1["bodies"]["answers"].encode())
    assert body.answers == {
        "one": Chosen("cat"), "many": ChosenMany(("cat", "other")), "rating": Number(7), "text": WRITTEN,
        "skipped": Missing.SKIPPED, "refused": Missing.REFUSED, "unknown": Missing.DONT_KNOW,
        "invalid": Missing.INVALID,
    }  # fmt: skip
    assert body.words is None
    assert (body.page, body.time, body.context.week, body.context.synthetic) == ("first", 3, "2026-W47", True)


def test_body_of_words() -> None:
    body = read_body(V1["bodies"]["words"].encode())
    assert body.answers is None
    assert body.words == {"text": "a tortoise, سلحفاة"}


@named(V1["derived"])
def test_keys_of_a_response(row: dict[str, Any]) -> None:
    secret, survey, page = Secret(bytes.fromhex(row["secret"])), row["survey"], row["page"]
    assert page_key(secret, survey, page).hex() == row["page_key"]
    assert plain_reader.page_key(secret, survey, page).hex() == row["page_key"]
    assert response_id(secret, survey) == row["response"] == plain_reader.response(secret, survey)


@named(V1["receipts"]["right"])
def test_receipt(row: dict[str, Any]) -> None:
    secret = Secret(bytes.fromhex(row["secret"]))
    assert write_receipt(secret) == row["receipt"] == plain_reader.receipt(secret)
    assert read_receipt(row["receipt"]) == secret


@pytest.mark.parametrize("typed", V1["receipts"]["typed"]["as"])
def test_receipt_as_people_type_it(typed: str) -> None:
    assert read_receipt(typed).hex() == V1["receipts"]["typed"]["secret"]


@pytest.mark.parametrize("wrong", V1["receipts"]["wrong"])
def test_no_receipt(wrong: str) -> None:
    assert refusal(lambda: read_receipt(wrong)) == ("receipt.unreadable",)


@named(V1["drafts"])
def test_draft(row: dict[str, Any]) -> None:
    drafts = DraftKeys(V1["lifetime"], row["start"], make_v1.counted("draft"))
    made = drafts.seal(b"what travels", "draft/pets", row["sealed_at"])
    sealed = base64.urlsafe_b64decode(row["draft"])
    if row["body"] is None:
        opened = refusal(lambda: drafts.open(sealed, row["purpose"], row["opened_at"]))
        assert opened == ("draft.closed",)
        return
    assert sealed == made
    sealed_at = min(row["sealed_at"], row["opened_at"])
    assert drafts.open(sealed, row["purpose"], row["opened_at"]) == (row["body"].encode(), sealed_at)
    key = plain_reader.draft_key(bytes.fromhex(row["chain"]), row["epoch"])
    plain = plain_reader.open_draft(sealed, key, row["purpose"])
    assert plain == (row["sealed_at"], row["body"].encode())


def test_sealed_file() -> None:
    row = V1["sealed"]
    sealed, key = base64.b64decode(row["file"]), bytes.fromhex(row["key"])
    assert open_file(sealed, key, row["purpose"]) == row["body"].encode()
    assert plain_reader.open_file(sealed, key, row["purpose"]) == row["body"].encode()
    purpose = row["purpose"]
    for other in ((sealed[:-1], key, purpose), (sealed, bytes(32), purpose), (sealed, key, "gate-list")):
        assert refusal(lambda other=other: open_file(*other)) == ("sealing.cannot_open",)


def test_private_key_file() -> None:
    row = V1["private"]
    locked = base64.b64decode(row["file"])
    assert unlock_private(locked, row["passphrase"], "vectors").seed.hex() == row["seed"]
    assert plain_reader.seed_of(locked, row["passphrase"]).hex() == row["seed"]
    wrong, right = row["wrong_passphrase"], row["passphrase"]
    assert refusal(lambda: unlock_private(locked, wrong, "vectors")) == ("sealing.passphrase",)
    assert refusal(lambda: unlock_private(locked[:-1], right, "vectors")) == ("sealing.key_file",)


def test_signature_of_a_pull() -> None:
    row = V1["pull"]
    verifier, another = (read_verifier(V1["desks"][n]["verifier_file"], n) for n in ("first", "second"))
    challenge, signature = bytes.fromhex(row["challenge"]), bytes.fromhex(row["signature"])
    assert signed(verifier, signature, challenge, row["service"])
    assert not signed(verifier, signature, challenge, "elsewhere.example")
    assert not signed(another, signature, challenge, row["service"])


def test_the_program_still_makes_these_vectors(tmp_path: Path) -> None:
    again = json.loads(json.dumps(make_v1.vectors()))
    for row, new in zip(V1["envelopes"], again.pop("envelopes"), strict=True):
        # HPKE draws fresh randomness, so only the bytes themselves differ.
        assert {**row, "envelope": ""} == {**new, "envelope": ""}
    assert again == {name: rows for name, rows in V1.items() if name != "envelopes"}
