"""The count store on the disk: what it was made from, what breaking off leaves, and that all of it is sealed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from offramp.desk import Archive, SealedCounts
from offramp.desk import report as made_report
from offramp.desk.archive import Block, Row
from offramp.desk.clean import EVERYWHERE, Rule
from offramp.desk.countstore import CountStore
from offramp.desk.pieces import pieces
from offramp.desk.sealedcounts import HEAD, lay_out, read_planes
from offramp.errors import Refusal
from offramp.rules import parse
from offramp.survey import Body, Survey, join, read_body
from tests.desk.counting import blocks, english, report
from tests.desk.studies import TINY, bodies, pages
from tests.questionnaires import read

KEY = bytes(32)
NO_TEA = Rule("no_tea", "No tea", "${likes} = 'no'", parse("${likes} = 'no'", "test"))


class Unread(Archive):
    """An archive whose bodies nobody may read."""

    def bodies(self, survey: str) -> Iterator[Body]:
        raise AssertionError("a body was read")

    def rows(self) -> Iterator[Row]:
        raise AssertionError("a row was read")


def filled(folder: Path, survey: Survey, seed: int = 1, responses: int = 120) -> Archive:
    archive = Archive.at(folder / "archive", KEY)
    rows = [
        Row(key, bytes(32), survey.slug, read_body(body).context.response, str(number), body)
        for number, (key, body) in enumerate(sorted(pages(survey, Random(seed), responses)))
    ]
    archive.append(Block(rows, [archive.place_of(row) for row in rows], []))
    return archive


def counts(folder: Path) -> SealedCounts:
    return SealedCounts(folder / "counts", KEY)


def as_report(survey: Survey, store: CountStore) -> str:
    return made_report(survey, store, {}, (), frame=english())


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "counts").rglob("*") if path.is_file()}


def test_a_block_reads_back_as_it_was_laid_out():
    survey = read(TINY)
    (block,) = blocks((response, ["fast_pages"]) for response in join(survey, bodies(survey, 3, 70)))
    again = read_planes(lay_out(block))
    assert again.n == block.n == 70
    assert {key: bytes(plane) for key, plane in again.planes.items()} == block.planes


def test_a_report_from_the_store_is_the_report_of_the_answers(tmp_path: Path):
    survey = read(TINY)
    archive = filled(tmp_path, survey)
    for _ in ("made", "found"):
        store = counts(tmp_path).store(archive, survey, EVERYWHERE)
        assert as_report(survey, store) == report(survey, archive.bodies(survey.slug), {}, ())
    assert store.flagged.n, "the study must have responses with a flag"


def test_a_second_report_reads_no_answer(tmp_path: Path):
    survey = read(TINY)
    archive = filled(tmp_path, survey)
    assert counts(tmp_path).surveys(archive) == (survey.slug,)
    first = as_report(survey, counts(tmp_path).store(archive, survey, EVERYWHERE))
    before, unread = files(tmp_path), Unread.at(tmp_path / "archive", KEY)
    assert counts(tmp_path).surveys(unread) == (survey.slug,)
    assert as_report(survey, counts(tmp_path).store(unread, survey, EVERYWHERE)) == first
    assert files(tmp_path) == before


def test_what_has_changed_is_counted_anew(tmp_path: Path):
    survey = read(TINY)
    archive = filled(tmp_path, survey)
    store = counts(tmp_path).store(archive, survey, EVERYWHERE)
    more = counts(tmp_path).store(archive, survey, (*EVERYWHERE, NO_TEA))
    assert more.n == store.n == 120
    assert more.flagged.n > store.flagged.n, "the rules are others"
    gone = next(archive.rows())
    archive.take_out(1, [row.key for row in archive.rows() if row.response == gone.response])
    assert counts(tmp_path).store(archive, survey, EVERYWHERE).n == 119
    filled(tmp_path, survey, seed=2, responses=30)
    assert counts(tmp_path).store(archive, survey, EVERYWHERE).n == 149
    assert len(list((tmp_path / "counts" / survey.slug).glob("*.planes"))) == 2, "one block of each half"


def test_what_was_withdrawn_does_not_stay_in_the_store(tmp_path: Path):
    survey = read(TINY)
    archive = filled(tmp_path, survey)
    counts(tmp_path).store(archive, survey, EVERYWHERE)
    counts(tmp_path).forget(archive)
    assert (tmp_path / "counts" / survey.slug / HEAD).exists(), "nothing has changed"
    archive.take_out(1, [next(archive.rows()).key])
    counts(tmp_path).forget(archive)
    assert not (tmp_path / "counts" / survey.slug).exists()


@pytest.mark.parametrize("written", range(3))
def test_broken_off_there_is_the_old_one_or_a_whole_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: int
):
    survey = read(TINY)
    archive = filled(tmp_path, survey)
    counts(tmp_path).store(archive, survey, EVERYWHERE)
    before = files(tmp_path)
    replaced: list[Path] = []

    def breaking(self: Path, target: Path) -> Path:
        if len(replaced) == written:
            raise OSError("no room is left")
        replaced.append(target)
        return real(self, target)

    real = Path.replace
    with monkeypatch.context() as broken:
        broken.setattr(Path, "replace", breaking)
        with pytest.raises(OSError, match="no room"):
            counts(tmp_path).store(archive, survey, (*EVERYWHERE, NO_TEA))
    assert {name: data for name, data in files(tmp_path).items() if name in before} == before
    assert len(files(tmp_path)) == len(before) + written
    unread = Unread.at(tmp_path / "archive", KEY)
    assert counts(tmp_path).store(unread, survey, EVERYWHERE).n == 120, "the old one is whole"
    counts(tmp_path).store(archive, survey, (*EVERYWHERE, NO_TEA))
    assert len(files(tmp_path)) == len(before), "what was broken off is gone"


def test_nothing_is_in_the_clear(tmp_path: Path):
    survey = read(TINY)
    counts(tmp_path).store(filled(tmp_path, survey), survey, EVERYWHERE)
    for data in files(tmp_path).values():
        assert not any(word in data for word in (b"likes", b"green", b"language", b"planes", b"2026-W46"))
        assert data.startswith(b"OFRF")


def test_a_damaged_block_is_named_and_a_damaged_head_is_made_anew(tmp_path: Path):
    survey = read(TINY)
    archive = filled(tmp_path, survey)
    first = as_report(survey, counts(tmp_path).store(archive, survey, EVERYWHERE))
    home = tmp_path / "counts" / survey.slug
    (home / HEAD).write_bytes(b"OFRF\x01 nothing of ours")
    assert as_report(survey, counts(tmp_path).store(archive, survey, EVERYWHERE)) == first
    one, other = sorted(home.glob("*.planes"))
    one.write_bytes(other.read_bytes())
    with pytest.raises(Refusal) as caught:
        as_report(survey, counts(tmp_path).store(archive, survey, EVERYWHERE))
    assert caught.value.codes == ("counts.damaged",)


def test_another_desk_cannot_read_it(tmp_path: Path):
    survey = read(TINY)
    archive = filled(tmp_path, survey)
    counts(tmp_path).store(archive, survey, EVERYWHERE)
    stranger = SealedCounts(tmp_path / "counts", bytes(31) + b"\x01")
    with pytest.raises(AssertionError, match="a body was read"):
        stranger.store(Unread.at(tmp_path / "archive", KEY), survey, EVERYWHERE)


@pytest.mark.parametrize("size", [1, 3])
def test_a_large_archive_is_joined_in_pieces_and_counted_as_a_whole(tmp_path: Path, size: int):
    survey = read(TINY)
    for seed in range(5):
        filled(tmp_path, survey, seed, 40)
    # The words of a response lie in other blocks than its answers.
    archive = Archive.at(tmp_path / "archive", KEY)
    for number in archive.numbers():
        words = [row for row in archive.block(number).rows if b'"words"' in row.body]
        archive.take_out(number, [row.key for row in words])
        archive.append(Block(words, [archive.place_of(row) for row in words], []))
    told: list[tuple[int, float]] = []
    store = counts(tmp_path).store(
        archive, survey, EVERYWHERE, lambda n, share: told.append((n, share)), blocks=size
    )
    assert store.n == 200
    assert as_report(survey, store) == report(survey, archive.bodies(survey.slug), {}, ())
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert {path.name for path in (tmp_path / "counts").iterdir()} == {survey.slug}, "no piece is left"


@pytest.mark.full
def test_several_processes_make_the_store_that_one_makes(tmp_path: Path):
    survey = read(TINY)
    for seed in range(5):
        filled(tmp_path, survey, seed, 40)
    archive = Archive.at(tmp_path / "archive", KEY)
    several = SealedCounts(tmp_path / "several", KEY, processes=2).store(
        archive, survey, EVERYWHERE, blocks=1
    )
    alone = counts(tmp_path).store(archive, survey, EVERYWHERE)
    for one, other in ((several.clear, alone.clear), (several.flagged, alone.flagged)):
        assert (one.n, one.occurring) == (other.n, other.occurring)
    assert as_report(survey, several) == as_report(survey, alone)


def test_pieces_are_sealed_and_go_with_the_next_opening_if_they_were_left(tmp_path: Path):
    survey = read(TINY)
    for seed in range(3):
        filled(tmp_path, survey, seed, 40)
    archive, beside = Archive.at(tmp_path / "archive", KEY), tmp_path / "counts"
    with pieces(archive, survey.slug, beside, lambda n, share: None, blocks=1) as (own, _):
        found = [body for piece in own for body in piece()]
        spooled = [path.read_bytes() for path in beside.rglob("*") if path.is_file()]
        shutil.copytree(next(beside.glob(".pieces-*")), beside / ".pieces-left")
    assert sorted(map(repr, found)) == sorted(map(repr, archive.bodies(survey.slug)))
    assert spooled
    assert not any(word in data for data in spooled for word in (b"likes", b"answers", b"2026-W46"))
    counts(tmp_path).forget(archive)
    assert not list(beside.iterdir())


def test_real_and_made_up_responses_are_never_counted_together(tmp_path: Path):
    survey = read(TINY)
    archive = filled(tmp_path, survey)
    rows = [
        Row(key, bytes(32), survey.slug, read_body(body).context.response, "", body)
        for key, body in sorted(pages(survey, Random(9), 3, synthetic=False))
    ]
    archive.append(Block(rows, [archive.place_of(row) for row in rows], []))
    for size in (1, 16):
        with pytest.raises(Refusal) as caught:
            counts(tmp_path).store(archive, survey, EVERYWHERE, blocks=size)
        assert caught.value.codes == ("report.mixture",)
    assert not list((tmp_path / "counts").glob("*"))
