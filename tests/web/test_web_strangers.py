"""Drafts and receipts in the wrong hands: taken from others, kept for later, sent twice, sent to another survey.

A row of steps in any order, beside a model of what each response must hold. The laws: whoever sends a draft writes
into that draft's response and no other; what was deleted stays deleted, whatever is sent after it; and an answer that
said "saved" is the one that the desk finds, until it is replaced.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlencode

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from offramp.store import Envelope
from offramp.survey import Body, Survey, Walk
from offramp.survey.answers import Chosen
from tests.web.asking import Answered, Asking, asking
from tests.web.installation import CONTENT, Installation
from tests.web.respondent import Seen

PEOPLE = 3
OTHER = "second"

# The answers to “Have you ever tried to stop?”
TRIED = 5


def two_surveys(folder: Path) -> Path:
    """Return content with the survey twice, under two names."""
    shutil.copytree(CONTENT, folder)
    second = folder / "surveys" / OTHER
    shutil.copytree(folder / "surveys" / "help-us", second)
    text = (second / "survey.toml").read_text(encoding="utf-8")
    (second / "survey.toml").write_text(
        text.replace('slug = "help-us"', f'slug = "{OTHER}"'), encoding="utf-8"
    )
    return folder


class Strangers(RuleBasedStateMachine):
    """Three people, everything that they were ever sent, and somebody who has all of it."""

    place: ClassVar[Installation]
    server: ClassVar[Asking]
    survey: ClassVar[Survey]
    database: ClassVar[sqlite3.Connection]

    @initialize()
    def open(self) -> None:
        self.before = self._count()
        self.receipts: dict[int, str] = {}
        self.drafts: list[tuple[int, str]] = []
        self.saved: list[dict[str, str]] = [{} for _ in range(PEOPLE)]
        self.gone: set[int] = set()
        for who in range(PEOPLE):
            self._learn(who, self.server.send("/en/s/help-us", b"go=agree"))
            self._answer(who, self.drafts[-1][1], 4)

    def _count(self) -> int:
        return int(self.database.execute("SELECT count(*) FROM envelope").fetchone()[0])

    def _kept(self, receipt: str) -> list[Body]:
        """Return the opened bodies that lie in the places of a receipt."""
        keys = list(Walk.from_receipt(self.survey, receipt).locations())
        places = ",".join("?" * len(keys))
        rows = self.database.execute(
            f"SELECT key, survey, week, body FROM envelope WHERE key IN ({places})", keys
        )
        return [self.place.open(Envelope(*row)) for row in rows.fetchall()]

    # -- what anybody can send ----------------------------------------------------------------------------------

    def _post(self, address: str = "/en/s/help-us", **fields: str) -> Answered:
        answer = self.server.send(address, urlencode(fields).encode())
        assert answer.status_code in (200, 400, 409, 410, 422)
        return answer

    def _learn(self, who: int, answer: Answered) -> None:
        seen = Seen("", answer.status_code, answer.content, answer.headers)
        if seen.tree.xpath("//form[@id='answers']//input[@name='draft']"):
            self.drafts.append((who, seen.draft))
            if seen.receipt and seen.status == 200:
                self.receipts[who] = seen.receipt

    def _answer(self, who: int, draft: str, wish: int) -> None:
        answer = self._post(draft=draft, page="stopping", q001=f"{wish % TRIED:02d}", go="next")
        if who in self.gone:
            assert answer.status_code == 410
        else:
            assert answer.status_code == 200
            self.saved[who]["stopping"] = str(wish % TRIED)
            self._learn(who, answer)

    @rule(data=st.data(), wish=st.integers(0, 10))
    def send_a_page_with_any_draft_there_ever_was(self, data: Any, wish: int) -> None:
        self._answer(*data.draw(st.sampled_from(self.drafts)), wish)

    @rule(data=st.data(), code=st.sampled_from(["00", "01", "02"]))
    def send_another_page_with_it(self, data: Any, code: str) -> None:
        who, draft = data.draw(st.sampled_from(self.drafts))
        answer = self._post(draft=draft, page="contact", q006=code, go="next")
        if who in self.gone:
            assert answer.status_code == 410
        elif answer.status_code == 200:
            self.saved[who]["contact"] = code
            self._learn(who, answer)

    @rule(data=st.data())
    def send_a_draft_that_is_not_whole(self, data: Any) -> None:
        (_, one), (_, two) = (data.draw(st.sampled_from(self.drafts)) for _ in range(2))
        cut = data.draw(st.integers(0, len(one) - 5))
        odd = data.draw(
            st.sampled_from([one[:cut], one[:cut] + two[cut:], one[:-1], two + one, one[::-1], ""])
        )
        if odd not in (one, two):
            assert self._post(draft=odd, page="stopping", q001="04", go="next").status_code == 409

    @rule(data=st.data())
    def send_it_to_the_other_survey(self, data: Any) -> None:
        _, draft = data.draw(st.sampled_from(self.drafts))
        answer = self._post(f"/en/s/{OTHER}", draft=draft, page="stopping", q001="04", go="next")
        assert answer.status_code == 409
        assert self._post(f"/en/s/{OTHER}", draft=draft, page="stopping", go="delete-yes").status_code == 409

    @rule(data=st.data())
    def go_on_with_anybodys_receipt(self, data: Any) -> None:
        who = data.draw(st.sampled_from(sorted(self.receipts)))
        answer = self._post("/ar/s/help-us/receipt", receipt=self.receipts[who], go="continue")
        assert answer.status_code == (410 if who in self.gone else 200)
        self._learn(who, answer)

    @rule(data=st.data())
    def send_ones_draft_with_anothers_receipt(self, data: Any) -> None:
        """The receipt is the one that counts: the page is then that response's."""
        (_, draft), who = (
            data.draw(st.sampled_from(self.drafts)),
            data.draw(st.sampled_from(sorted(self.receipts))),
        )
        answer = self._post(draft=draft, page="stopping", q001="03", receipt=self.receipts[who], go="next")
        assert answer.status_code == (410 if who in self.gone else 200)
        if who not in self.gone:
            self.saved[who]["stopping"] = "3"
            self._learn(who, answer)

    @rule(
        wrong=st.sampled_from(["", "0" * 28, "ABCD-EFGH", "\u0660" * 28]),
        go=st.sampled_from(["continue", "delete"]),
    )
    def send_a_receipt_that_is_none(self, wrong: str, go: str) -> None:
        self._post("/en/s/help-us/receipt", receipt=wrong, go=go)

    @precondition(lambda self: not self.gone)
    @rule(data=st.data(), by_receipt=st.booleans())
    def delete(self, data: Any, by_receipt: bool) -> None:
        who, draft = data.draw(st.sampled_from(self.drafts))
        if by_receipt:
            answer = self._post("/en/s/help-us/receipt", receipt=self.receipts[who], go="delete")
        else:
            answer = self._post(draft=draft, page="stopping", go="delete-yes")
        assert answer.status_code == 200
        self.gone.add(who)
        self.saved[who] = {}

    # -- what must be so after each step ------------------------------------------------------------------------

    @invariant()
    def every_response_holds_what_was_last_said_to_be_saved(self) -> None:
        if not hasattr(self, "saved") or len(self.receipts) < PEOPLE:
            return
        ours = 0
        for who, receipt in self.receipts.items():
            kept = self._kept(receipt)
            found = {body.page: body for body in kept if body.answers}
            assert found.keys() == self.saved[who].keys()
            if "stopping" in found:
                chosen = self.survey.questions[1].options[int(self.saved[who]["stopping"])]
                assert found["stopping"].answers["stop_attempts"] == Chosen(chosen.id)
            ours += len(kept)
        assert self._count() - self.before == ours, "nobody writes where nobody is"


@pytest.fixture(scope="module", autouse=True)
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("strangers")
    place = Installation(folder / "server", content=two_surveys(folder / "content"))
    place.config.write_text(place.config.read_text().replace(f"'{OTHER}'", "'help-us'"))
    with asking(place) as server:
        Strangers.place, Strangers.server = place, server
        Strangers.database = sqlite3.connect(place.settings.database)
        Strangers.survey = Installation(folder / "plain").survey
        yield
        Strangers.database.close()


def test_a_stranger_with_everybodys_pages() -> None:
    run_state_machine_as_test(Strangers, settings=settings(max_examples=4, stateful_step_count=12))


@pytest.mark.full
def test_a_stranger_with_everybodys_pages_many_times() -> None:
    run_state_machine_as_test(Strangers, settings=settings(max_examples=25, stateful_step_count=25))
