"""From one version of a questionnaire to the next: setting aside, comparing, going on, deleting, counting together."""

from __future__ import annotations

from pathlib import Path

import pytest

from offramp.cli.survey import set_aside
from offramp.errors import Refusal
from offramp.language import Tag
from offramp.sealing import Secret
from offramp.survey import (
    Missing,
    Moment,
    Survey,
    Walk,
    difference,
    join,
    joined,
    read_body,
    read_surveys,
)
from tests.questionnaires import FULL, PAGE, PLATFORMS, read

MOMENT = Moment("2026-W47", 20, Tag("en"), synthetic=False)
NEXT = FULL.replace("version = 1", "version = 2").replace(
    PAGE, PAGE.replace("Do you like tea?", "Do you like drinking tea?") + """
[[page.question]]
id = "milk"
kind = "single"
text = "With milk?"
options = [{ id = "with", text = "With" }, { id = "without", text = "Without" }]
""")  # fmt: skip


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A content folder whose survey has version 1 set aside and version 2 in front."""
    folder = tmp_path / "surveys" / "tiny"
    (folder / "locale").mkdir(parents=True)
    (folder / "survey.toml").write_text("# A note of the author.\n" + FULL, encoding="utf-8")
    (tmp_path / "platforms.toml").write_text(PLATFORMS, encoding="utf-8")
    set_aside(tmp_path, "tiny")
    text = (folder / "survey.toml").read_text(encoding="utf-8")
    assert text == "# A note of the author.\n" + FULL.replace("version = 1", "version = 2")
    (folder / "survey.toml").write_text(NEXT, encoding="utf-8")
    return tmp_path


@pytest.fixture
def survey(content: Path) -> Survey:
    return read_surveys(content)["tiny"]


def test_a_version_that_is_set_aside_stays_what_it_was(survey: Survey) -> None:
    (earlier,) = survey.earlier
    assert earlier.structure == read(FULL).structure
    assert earlier.version == 1
    assert survey.version == 2


def test_it_keeps_the_platforms_of_its_time(content: Path) -> None:
    before = read_surveys(content)["tiny"]
    path = content / "platforms.toml"
    path.write_text(PLATFORMS.replace("A market", "A fair").replace('"market"', '"fair"'), encoding="utf-8")
    after = read_surveys(content)["tiny"]
    assert after.structure != before.structure
    assert after.earlier[0].structure == before.earlier[0].structure


def test_a_version_is_set_aside_once(content: Path) -> None:
    set_aside(content, "tiny")
    (content / "surveys/tiny/survey.toml").write_text(NEXT, encoding="utf-8")
    with pytest.raises(Refusal) as caught:
        set_aside(content, "tiny")
    assert caught.value.codes == ("survey.version_exists",)


def test_every_fault_of_every_version_is_named_at_once(content: Path) -> None:
    folder = content / "surveys" / "tiny"
    aside = folder / "versions" / "1"
    (aside / "survey.toml").write_text(FULL.replace("version = 1", "version = 2"), encoding="utf-8")
    broken = folder / "versions" / "0"
    broken.mkdir()
    (broken / "survey.toml").write_text(FULL.replace("high = 10", "high = 99"), encoding="utf-8")
    with pytest.raises(Refusal) as caught:
        read_surveys(content)
    assert sorted(caught.value.codes) == ["survey.bounds", "survey.version_folder", "survey.version_order"]
    places = {problem.code: problem.place for problem in caught.value.problems}
    assert places["survey.bounds"].startswith("tiny/versions/0/survey.toml")


# -- a response under way -----------------------------------------------------------------------------------


def begun(survey: Survey) -> tuple[Walk, dict[bytes, bytes]]:
    """Return a walk after its first page, and what was kept of it."""
    walk = Walk.begin(survey, Secret(b"s" * 16))
    step = walk.post(walk.first() or walk.survey.pages[0].id, {"q000": ["00"], "q001": ["2"]}, MOMENT)
    return step.walk, dict(step.bodies)


def test_a_page_of_an_earlier_version_goes_on_in_that_version(survey: Survey) -> None:
    walk, _ = begun(survey.earlier[0])
    again = Walk.from_bytes(survey, walk.to_bytes())
    assert again.survey is survey.earlier[0]
    assert again == walk


def test_a_receipt_goes_on_in_the_version_that_it_began_with(survey: Survey) -> None:
    for version in survey.versions:
        walk, kept = begun(version)
        again = Walk.from_receipt(survey, walk.receipt)
        assert kept.keys() <= set(again.everywhere())
        again = again.knowing(frozenset(kept))
        assert again.survey is version
        assert again.first() == walk.first()


def test_a_receipt_of_nothing_that_is_kept_goes_on_in_the_newest(survey: Survey) -> None:
    walk, _ = begun(survey.earlier[0])
    assert Walk.from_receipt(survey, walk.receipt).knowing(frozenset()).survey is survey


def test_no_two_versions_share_a_key(survey: Survey) -> None:
    walk, _ = begun(survey)
    everywhere = walk.everywhere()
    assert len(set(everywhere)) == len(everywhere)
    assert set(walk.locations()) < set(everywhere)


def test_a_draft_of_a_version_that_is_gone_is_refused(survey: Survey) -> None:
    walk, _ = begun(read(FULL.replace("version = 1", "version = 7")))
    with pytest.raises(Refusal) as caught:
        Walk.from_bytes(survey, walk.to_bytes())
    assert caught.value.codes == ("draft.structure",)


# -- what differs -------------------------------------------------------------------------------------------


def changes(old: str, new: str) -> list[tuple[str, str]]:
    return [(change.subject, change.joins.value) for change in difference(read(old), read(new))]


@pytest.mark.parametrize(
    ("what", "to", "subject", "joins"),
    [
        ("Do you like tea?", "Do you love tea?", "likes_tea", "with care"),
        ('text = "No" }', 'text = "Not at all" }', "likes_tea", "with care"),
        ('text = "No" }]', 'text = "No" }, { id = "so", text = "So" }]', "likes_tea", "with care"),
        ('{ id = "yes", text = "Yes" }', '{ id = "yep", text = "Yes" }', "likes_tea", "no"),
        ("high = 40", "high = 50", "cups", "no"),
        ('kind = "scale"', 'kind = "number"', "strength", "no"),
        ("or ${cups} >= 1", "or ${cups} >= 2", "which", "with care"),
        ("dont_know = true\n", "", "which", "with care"),
        ("max_length = 40", "max_length = 50", "which", "yes"),
        ('text = "None", exclusive = true', 'text = "None"', "which", "with care"),
        ('id = "place"', 'id = "spot"', "place", "no"),
        ('low_label = "Not at all"', 'low_label = "Not in the least"', "strength", "with care"),
    ],
)  # fmt: skip
def test_each_kind_of_change_is_named_and_weighed(what: str, to: str, subject: str, joins: str) -> None:
    new = FULL.replace(what, to, 1)
    assert new != FULL
    if joins == "no" and 'kind = "number"' in to:
        new = new.replace('low_label = "Not at all"\nhigh_label = "Very"\n', "")
    if what.startswith('{ id = "yes"'):
        new = new.replace("'yes'", "'yep'")
    assert (subject, joins) in changes(FULL, new)


def test_nothing_differs_from_itself() -> None:
    assert changes(FULL, FULL) == []


def test_moving_a_question_and_the_order_of_modules_are_named() -> None:
    moved = FULL.replace('id = "kinds"\npart', 'id = "sorts"\npart')
    assert changes(FULL, moved) == [("which", "with care"), ("strength", "with care")]
    assert changes(FULL, FULL.replace("state =", 'module_order = "random"\nstate =')) == [
        ("order of modules", "with care")
    ]


# -- counting together --------------------------------------------------------------------------------------


def test_responses_of_both_versions_are_told_in_terms_of_the_newest(survey: Survey) -> None:
    (earlier,) = survey.earlier
    assert "likes_tea" in joined(earlier, survey)
    assert "milk" not in joined(earlier, survey)
    kept = []
    for version, secret in ((earlier, b"a" * 16), (survey, b"b" * 16)):
        step = Walk.begin(version, Secret(secret)).post(version.pages[0].id, {"q000": ["00"]}, MOMENT)
        kept += [read_body(body) for _, body in step.bodies]
    by_version = {response.context.structure: response.codes for response in join(survey, kept)}
    assert by_version[earlier.structure].keys() == by_version[survey.structure].keys()
    assert by_version[earlier.structure]["likes_tea"] == by_version[survey.structure]["likes_tea"] == ("yes",)
    assert by_version[earlier.structure]["milk"] is Missing.NOT_IN_VERSION
    assert by_version[survey.structure]["milk"] is Missing.SKIPPED
    assert by_version[earlier.structure]["which"] is Missing.SEEN_NOT_SENT


def test_bodies_of_a_version_that_is_not_here_are_left_out(survey: Survey) -> None:
    walk, kept = begun(read(FULL.replace("version = 1", "version = 7")))
    assert join(survey, map(read_body, kept.values())) == []
    assert len(join(walk.survey, map(read_body, kept.values()))) == 1
