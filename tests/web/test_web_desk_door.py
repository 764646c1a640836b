"""The desk's door: who may pull, what leaves, and what waits for its week to close."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from offramp.sealing import CONFIRM, PULL, DeskKeys, PageKey, confirmation, pull_question
from offramp.store import Envelope, Store, Tally
from tests.web.installation import SERVICE, Clock, Installation
from tests.web.live import live
from tests.web.respondent import Respondent

Somebody = Callable[..., Respondent]


def challenge(server: TestClient) -> bytes:
    return bytes.fromhex(server.post("/desk/v1/challenge").json()["challenge"])


def asked(
    server: TestClient,
    keys: DeskKeys,
    given: bytes,
    after: str = "",
    now: bool = False,
    service: str = SERVICE,
    since: str = "",
    before: str = "",
) -> Any:
    """Ask for a batch with a signature over this challenge."""
    body = {
        "challenge": given.hex(),
        "signature": keys.sign(pull_question(given, bytes.fromhex(after), now, since, before), service).hex(),
        "after": after,
        "now": now,
        "since": since,
        "before": before,
    }
    return server.post("/desk/v1/pull", json=body)


def pulled(server: TestClient, place: Installation, after: str = "", now: bool = False) -> dict[str, Any]:
    answer = asked(server, place.keys, challenge(server), after, now)
    assert answer.status_code == 200
    return dict(answer.json())


def test_a_demonstration_hands_out_what_was_just_sent_and_says_what_it_is(
    somebody: Somebody, server: TestClient, place: Installation
) -> None:
    somebody().begin().next({"stop_attempts": "many"})
    offered = server.post("/desk/v1/challenge").json()
    assert offered["service"] == SERVICE
    assert offered["demonstration"] is True
    assert pulled(server, place)["envelopes"] == []
    (envelope,) = pulled(server, place, now=True)["envelopes"]
    kept = Envelope(
        PageKey(bytes.fromhex(envelope["key"])),
        envelope["survey"],
        envelope["week"],
        base64.b64decode(envelope["body"]),
    )
    assert [kept] == place.envelopes()
    assert place.open(kept).answers


def test_a_wrong_signature_is_refused(server: TestClient, place: Installation) -> None:
    given = challenge(server)
    stranger = DeskKeys(b"\1" * 32)
    for answer in (
        asked(server, stranger, given),
        asked(server, place.keys, given, service="another"),
        asked(server, place.keys, bytes(32)),
        server.post(
            "/desk/v1/pull", json={"challenge": given.hex(), "signature": "00", "after": "", "now": False}
        ),
        server.post("/desk/v1/pull", json={"challenge": "", "signature": "", "after": "", "now": False}),
    ):
        assert answer.status_code == 400
        assert answer.json()["code"] == "pull.signature"
        assert "envelopes" not in answer.json()


def test_a_challenge_is_good_for_ten_minutes_and_never_again(server: TestClient, place: Installation) -> None:
    given = challenge(server)
    place.clock.advance(seconds=599)
    assert asked(server, place.keys, given).status_code == 200
    place.clock.advance(seconds=1)
    assert asked(server, place.keys, given).json()["code"] == "pull.signature"
    challenge(server)
    assert asked(server, place.keys, given).json()["code"] == "pull.signature"


def test_a_challenge_does_not_outlive_a_restart(place: Installation) -> None:
    with place.running() as server:
        given = challenge(server)
    with place.running() as server:
        assert asked(server, place.keys, given).json()["code"] == "pull.signature"


def test_only_closed_weeks_whose_drafts_have_expired_are_handed_out(
    somebody: Somebody, server: TestClient, place: Installation
) -> None:
    def hands_out() -> list[str]:
        return sorted(envelope["week"] for envelope in pulled(server, place)["envelopes"])

    for moment, weeks in (
        (datetime(2026, 11, 22, 23, 59, tzinfo=UTC), []),
        (datetime(2026, 11, 23, 0, 1, tzinfo=UTC), []),
        (datetime(2026, 11, 23, 23, 59, tzinfo=UTC), []),
        (datetime(2026, 11, 24, 0, 0, tzinfo=UTC), ["2026-W47"] * 2),
        (datetime(2026, 12, 1, 0, 0, tzinfo=UTC), ["2026-W47"] * 2 + ["2026-W48"] * 3),
    ):
        somebody().begin().next()
        place.clock.moment = moment
        assert hands_out() == weeks


def test_a_week_closes_over_the_turn_of_the_year_too(
    somebody: Somebody, server: TestClient, place: Installation
) -> None:
    place.clock.moment = datetime(2026, 12, 31, 12, 0, tzinfo=UTC)
    somebody().begin().next()
    place.clock.moment = datetime(2027, 1, 3, 12, 0, tzinfo=UTC)
    somebody().begin().next()
    assert {envelope.week for envelope in place.envelopes()} == {"2026-W53"}
    assert pulled(server, place)["envelopes"] == []
    place.clock.moment = datetime(2027, 1, 5, 0, 0, tzinfo=UTC)
    assert len(pulled(server, place)["envelopes"]) == 2


def test_everything_comes_once_in_batches(place: Installation, server: TestClient) -> None:
    keys = [PageKey(number.to_bytes(24, "big")) for number in range(1, 2001, 2)]
    store = Store.open(place.settings.database, place.settings.ledger)
    store.keep([Envelope(key, "help-us", "2026-W40", b"sealed") for key in keys])
    batches, after = [], ""
    while True:
        batch = pulled(server, place, after)
        batches.append([bytes.fromhex(envelope["key"]) for envelope in batch["envelopes"]])
        if batch["next"] is None:
            break
        after = batch["next"]
    store.close()
    assert [key for batch in batches for key in batch] == keys
    assert len(batches) == 3


def test_tombstones_and_totals_come_with_the_first_batch(
    somebody: Somebody, server: TestClient, place: Installation
) -> None:
    stays = somebody().begin().next()
    goes = somebody("ar").begin().next().next()
    goes.delete().press("go", "delete-yes")
    first = pulled(server, place)
    assert sorted(bytes.fromhex(key) for key in first["tombstones"]) == sorted(place.tombstones())
    assert len(first["tombstones"]) > 2
    totals = {Tally(t["name"], t["subject"], t["language"], t["period"]): t["n"] for t in first["totals"]}
    assert totals == place.totals()
    later = pulled(server, place, after="00" * 24)
    assert later["tombstones"] == later["totals"] == []
    assert len(place.bodies(stays.seen.receipt)) == 1


def test_a_live_server_never_hands_out_a_week_that_is_not_over(tmp_path: Path) -> None:
    place = live(tmp_path, clock=Clock())
    with place.running() as server:
        Respondent(server, place.survey).begin().next()
        offered = server.post("/desk/v1/challenge").json()
        assert offered["demonstration"] is False
        refused = asked(server, place.keys, bytes.fromhex(offered["challenge"]), now=True)
        assert refused.status_code == 400
        assert refused.json()["code"] == "pull.now"
        assert pulled(server, place)["envelopes"] == []
        place.clock.advance(days=14)
        assert len(pulled(server, place)["envelopes"]) == 1


@pytest.mark.parametrize("address", ["/desk/v1/challenge", "/desk/v1/pull", "/desk/v1/confirm"])
def test_nothing_at_the_desks_door_can_be_fetched_by_a_link(server: TestClient, address: str) -> None:
    assert server.get(address).status_code == 405


def test_a_challenge_outlasts_any_number_of_others(server: TestClient, place: Installation) -> None:
    given = challenge(server)
    for _ in range(200):
        challenge(server)
    assert asked(server, place.keys, given).status_code == 200


# -- a pull that goes on, and what the desk says that it has ------------------------------------------------


def confirmed(server: TestClient, keys: DeskKeys, weeks: Any, /, **changed: Any) -> Any:
    """Say what the desk has."""
    given = challenge(server)
    signature = (
        keys.sign(confirmation(given, weeks), SERVICE, CONFIRM).hex() if isinstance(weeks, dict) else ""
    )
    said = {"challenge": given.hex(), "signature": signature, "weeks": weeks, **changed}
    return server.post("/desk/v1/confirm", json=said)


def kept(place: Installation, **weeks: int) -> None:
    """Keep so many envelopes of weeks of 2026."""
    store = Store.open(place.settings.database, place.settings.ledger)
    for name, n in weeks.items():
        keys = [PageKey(bytes([int(name[1:]), number]) + bytes(22)) for number in range(n)]
        store.keep([Envelope(key, "help-us", f"2026-{name}", b"sealed") for key in keys])
    store.release()


def test_a_pull_that_goes_on_may_ask_for_the_weeks_that_it_began_with(
    server: TestClient, place: Installation
) -> None:
    kept(place, W40=2, W45=1, W46=3)
    place.clock.moment = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
    for since, before, n, closed in (
        ("", "", 6, "2026-W48"), ("", "2026-W46", 3, "2026-W46"), ("", "2027-W01", 6, "2026-W48"),
        ("2026-W45", "", 4, "2026-W48"), ("2026-W45", "2026-W46", 1, "2026-W46"), ("2026-W48", "", 0, "2026-W48"),
    ):  # fmt: skip
        answer = asked(server, place.keys, challenge(server), since=since, before=before).json()
        assert (len(answer["envelopes"]), answer["closed"]) == (n, closed)
    # What is asked for is signed: nobody in between can ask for less.
    given = challenge(server)
    body = {"challenge": given.hex(), "after": "", "now": False, "before": "2026-W40",
            "signature": place.keys.sign(pull_question(given, b"", False), SERVICE).hex()}  # fmt: skip
    assert server.post("/desk/v1/pull", json=body).json()["code"] == "pull.signature"


def test_the_desk_says_what_it_has_of_weeks_that_are_closed_and_of_no_others(
    server: TestClient, place: Installation
) -> None:
    kept(place, W40=2, W45=3, W47=1)
    said = {"2026-W40": 2, "2026-W45": 2, "2026-W47": 1, "2026-W44": 7}
    answer = confirmed(server, place.keys, said)
    assert answer.status_code == 200
    assert answer.json() == {"confirmed": ["2026-W40"], "unconfirmed": ["2026-W45"]}
    store = Store.open(place.settings.database, place.settings.ledger)
    assert store.unconfirmed("~") == {"2026-W45": 3, "2026-W47": 1}
    store.release()


def test_nobody_but_the_desk_confirms_anything(server: TestClient, place: Installation) -> None:
    kept(place, W40=2)
    weeks = {"2026-W40": 2}
    given = challenge(server)
    signature = place.keys.sign(confirmation(given, weeks), SERVICE, PULL).hex()
    for answer in (
        confirmed(server, DeskKeys(b"\1" * 32), weeks),
        confirmed(server, place.keys, {"2026-W40": 1}, weeks=weeks),
        confirmed(server, place.keys, weeks, challenge="00"),
        confirmed(server, place.keys, weeks, challenge=given.hex(), signature=signature),
    ):
        assert (answer.status_code, answer.json()["code"]) == (400, "pull.signature")
    store = Store.open(place.settings.database, place.settings.ledger)
    assert store.unconfirmed("~") == weeks
    store.release()


@pytest.mark.parametrize(
    "weeks",
    [None, [], {"2026-W40": 0}, {"2026-W40": True}, {"2026-W40": "2"}, {"2026-11-24": 2}, {"2026-W40 ": 2},
     {"2026-W40": 2**60}, {"2026-W40": -1}],
)  # fmt: skip
def test_what_is_no_confirmation_is_refused(server: TestClient, place: Installation, weeks: Any) -> None:
    answer = confirmed(server, place.keys, weeks)
    assert (answer.status_code, answer.json()["code"]) == (400, "pull.unreadable")
