"""From doors in front of real engines to the page about arms: what was shown and clicked on there arrives, and no more.

All terms are invented words.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from offramp.adapters import DayCounts, opening
from offramp.cli.desk import app
from offramp.desk import doorcounts
from offramp.desk.doorcounts import drawn_apart, read_door_counts, told_of_doors
from offramp.errors import Refusal
from offramp.gate import TARGETS, Count, Day
from offramp.gate.counting import HELP_SEEKING
from offramp.store import Tally
from tests.doors.engines import ENGINES, options, seal
from tests.doors.requests import Sent, get
from tests.doors.wires import Wire

BEGIN, DAYS = date(2026, 11, 2), 16
CLICKS = {"help": 0.2, "survey": 0.3, "exit": 0.15, "not_meant": 0.1}
LINK = re.compile(r'/offramp/go/(\w+)/([a-z-]+)/en"')


def arms(*more: str) -> Result:
    return CliRunner().invoke(app, ["arms", *more])


def visits(ask: Wire, how_many: int, random: Random, counted: Counter[tuple[str, str]]) -> None:
    """Search, meet a message, and click on some of what it leads to; note both."""
    for _ in range(how_many):
        links = LINK.findall(ask(get("x", "", "q=zorblaxin")).text)
        arm = links[0][1]
        counted[arm, "shown"] += 1
        for target, _ in dict.fromkeys(links):
            if random.random() < CLICKS[target]:
                assert ask(Sent("x", "", f"/offramp/go/{target}/{arm}/en")).status in (200, 303)
                counted[arm, target] += 1


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], Counter[tuple[str, str]]]:
    """Two engines, each with its gate and its folder of counts, over sixteen days."""
    place, random, counted = tmp_path_factory.mktemp("doors"), Random(7), Counter[tuple[str, str]]()
    folders, days = [place / "flask", place / "starlette"], [BEGIN]

    def today() -> Day:
        year, week, _ = days[-1].isocalendar()
        return Day(days[-1].isoformat(), f"{year}-W{week:02d}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "today", today)
        sealed = seal(place / "list.sealed")
        wires = [
            ENGINES[folder.name]([], **options(sealed, counts=DayCounts(folder)))[0] for folder in folders
        ]
        for number in range(DAYS):
            days.append(BEGIN + timedelta(days=number))
            for ask in wires:
                visits(ask, 40, random, counted)
        assert "/offramp/go/" in wires[0](get("x", "", "q=help+with+zorblaxin")).text
    return folders, counted


def test_what_two_doors_counted_is_what_the_report_says(doors: Any):
    folders, counted = doors
    ran = arms("--json", *(f"--counts={folder}" for folder in folders))
    assert ran.exit_code == 0, ran.output
    assert ran.stderr == "Displays to people who asked for help are in no arm, and left out.\n"
    found = json.loads(ran.stdout)
    assert not found["synthetic"]
    part = found["parts"][0]
    assert part["days"] == DAYS
    shown = {line["arm"]: line["displays"] for line in part["arms"]}
    names = {"not_meant": "not-looking"}
    printed = 0
    for arm, displays in shown.items():
        exact = counted[arm, "shown"]
        assert displays is None or (exact >= 100 and displays == (exact + 2) // 5 * 5)
        for target in CLICKS:
            line = next(line for line in part["arms"] if line["arm"] == arm)
            if (share := line["targets"][names.get(target, target)]) is not None:
                assert share["clicks"] == (counted[arm, target] + 2) // 5 * 5
                printed += 1
    assert HELP_SEEKING not in shown
    assert printed >= 12


def test_a_door_alone_or_one_table_of_it_makes_a_report_or_says_what_is_missing(doors: Any):
    folders, _ = doors
    assert "displays" in arms(f"--counts={folders[0]}", f"--counts={folders[1]}").stdout
    table = sorted(folders[0].glob("*.csv"))[0]
    one = arms(f"--counts={table}")
    assert isinstance(one.exception, Refusal)
    assert one.exception.codes == ("arms.too_few",)
    assert arms().exception.codes == ("arms.nothing",)  # type: ignore[union-attr]


def test_the_same_table_never_counts_twice(doors: Any, tmp_path: Path):
    folders, _ = doors
    with pytest.raises(Refusal) as caught:
        read_door_counts([folders[0], folders[0] / f"{BEGIN}.csv"])
    assert caught.value.codes == ("counts.twice",)
    copy = tmp_path / "copy"
    copy.mkdir()
    for table in folders[0].glob("*.csv"):
        text = table.read_text(encoding="utf-8")
        (copy / table.name).write_text(text.replace(",1\n", ",101\n"), encoding="utf-8")
    assert len(read_door_counts([folders[0], copy]).doors) == 2
    (copy / "again").mkdir()
    (copy / "again" / f"{BEGIN}.csv").write_bytes((copy / f"{BEGIN}.csv").read_bytes())
    with pytest.raises(Refusal) as caught:
        read_door_counts([copy, copy / "again"])
    assert caught.value.codes == ("counts.copy",)


HEAD = "arm,language,target,n\n"


@pytest.mark.parametrize(("text", "code"), [
    ("arm,language,n\n", "counts.head"),
    ("", "counts.head"),
    (HEAD + "neutral,en,shown\n", "counts.row"),
    (HEAD + "neutral,en,searched,3\n", "counts.row"),
    (HEAD + "neutral,xx,shown,3\n", "counts.row"),
    (HEAD + "neutral,en,shown,-3\n", "counts.row"),
    (HEAD + "neutral,en,shown,1e3\n", "counts.row"),
    (HEAD + ",en,shown,3\n", "counts.row"),
    (HEAD + "neutral,en,shadow,3\n", "counts.row"),
    (HEAD + "Ne utral,en,shown,3\n", "counts.row"),
    (HEAD + "neutral,en,shown,3\nneutral,en,shown,4\n", "counts.row"),
    (HEAD + "neutral,en,shown,3\n" * 100_000, "counts.unreadable"),
])  # fmt: skip
def test_a_table_that_does_not_fit_is_refused_with_its_place(tmp_path: Path, text: str, code: str):
    table = tmp_path / "2026-11-02.csv"
    table.write_text(text, encoding="utf-8")
    with pytest.raises(Refusal) as caught:
        read_door_counts([tmp_path])
    assert set(caught.value.codes) == {code}
    assert str(table) in str(caught.value)
    assert "Please" in str(caught.value)


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path):
    (tmp_path / "2026-02-30.csv").write_text(HEAD, encoding="utf-8")
    (tmp_path / "2026-11-02 (1).csv").write_text(HEAD, encoding="utf-8")
    (tmp_path / "2026-11-03.csv").write_bytes(b"\xff\xfe")
    (tmp_path / "2026-11-04.csv").write_text(
        HEAD + "a,en,shown,x\nb,en,shown,2\nc,en,shown\n", encoding="utf-8"
    )
    with pytest.raises(Refusal) as caught:
        read_door_counts([tmp_path, tmp_path / "nowhere"])
    assert sorted(caught.value.codes) == [
        "counts.day", "counts.day", "counts.none", "counts.row", "counts.row", "counts.unreadable",
    ]  # fmt: skip
    assert "2026-11-04.csv, line 2" in str(caught.value)


def test_everything_that_a_door_counts_has_its_place(tmp_path: Path):
    """Where a door learns to count something more, this says that the report has to learn it, too."""
    assert set(doorcounts.NAMES) == set(TARGETS)
    assert doorcounts.HELP_SEEKING == HELP_SEEKING
    sink = DayCounts(tmp_path)
    for target in TARGETS:
        sink(Count("" if target == "shadow" else "neutral", "en", "2026-11-02", target))
    sink(Count(HELP_SEEKING, "en", "2026-11-02", "shown"))
    found = read_door_counts([tmp_path])
    assert (found.shadow, found.greeted) == (1, 1)
    assert found.doors[str(tmp_path)] == {
        Tally(name, "neutral", "en", "2026-11-02"): 1 for name in doorcounts.NAMES.values() if name
    }
    assert len(list(told_of_doors(found, list(found.doors.values())))) == 2


def door(random: Random, weights: dict[str, int], displays: int) -> dict[Tally, int]:
    drawn = Counter(random.choices(list(weights), list(weights.values()), k=displays))
    return {Tally("message_shown", arm, "en", "2026-11-02"): n for arm, n in drawn.items()}


def test_doors_that_drew_arms_in_other_proportions_are_told_apart():
    random, same, other = Random(1), {"a": 1, "b": 1, "c": 2}, {"a": 2, "b": 1, "c": 1}
    chance = [drawn_apart([door(random, same, 900), door(random, same, 90)]) for _ in range(300)]
    assert sum(chance) == 0
    assert all(drawn_apart([door(random, same, 900), door(random, other, 400)]) for _ in range(100))
    assert not drawn_apart([door(random, same, 900)])
    assert not drawn_apart([])
