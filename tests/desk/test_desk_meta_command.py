"""`offramp desk meta` as a researcher types it: tables in, lines, JSON and pictures out, and all faults at once."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from offramp.cli import app
from offramp.desk import analysis
from offramp.desk.meta import (
    Method,
    Synthesis,
    as_html,
    as_json,
    as_lines,
    forest,
    funnel,
    read_studies,
    synthesise,
)
from offramp.errors import Refusal
from tests.desk.recorded import iterative, recorded

BCG = recorded("meta")


@pytest.fixture
def bcg(tmp_path: Path) -> Path:
    counts = BCG["bcg_counts"]
    lines = ["study,ai,bi,ci,di,design,risk_of_bias,ablat"]
    for place, row in enumerate(
        zip(*(counts[key] for key in ("ai", "bi", "ci", "di", "ablat")), strict=True)
    ):
        *cells, ablat = row
        risk = "high" if place % 3 == 0 else "low"
        lines.append(f"<trial> {place},{','.join(map(str, cells))},randomised,{risk},{ablat}")
    return table(tmp_path, "\n".join(lines))


def table(folder: Path, text: str) -> Path:
    path = folder / "studies.csv"
    path.write_text(text, encoding="utf-8")
    return path


def run(*arguments: object, code: int = 0) -> tuple[str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "offramp", "desk", "meta", *map(str, arguments)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stderr
    return done.stdout, done.stderr


def refused(path: Path, **options: str) -> tuple[str, ...]:
    with pytest.raises(Refusal) as found:
        synthesise(read_studies(path), **options)  # type: ignore[arg-type]
    return found.value.codes


def test_the_command_prints_what_metafor_says_and_writes_the_page(bcg: Path, tmp_path: Path) -> None:
    printed, _ = run(bcg, "--method", "reml", "--knapp-hartung", "--json", "-o", tmp_path / "out")
    found, expected = json.loads(printed), dict(BCG["sets"]["bcg"]["fits"]["REML knha"])
    one_out = expected.pop("leave_one_out")
    for key, value in expected.items():
        assert found[key] == iterative(value), key
    assert [each["estimate"] for each in found["leave_one_out"]] == iterative(one_out["estimate"])
    assert found["egger"]["p"] == iterative(BCG["sets"]["bcg"]["egger"]["p"])
    assert sum(study["weight"] for study in found["studies"]) == pytest.approx(1)
    assert found["without_high_risk"]["k"] == 8
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "forest.svg",
        "funnel.svg",
        "meta.html",
    ]


def test_a_refusal_ends_with_its_text_and_code_two(tmp_path: Path) -> None:
    printed, said = run(table(tmp_path, "study,yi,vi\na,1,0\nb,,x\n"), code=2)
    assert printed == ""
    assert re.search(r"studies\.csv, line 2\].*above 0.*\n.*studies\.csv, line 3\]", said)


def test_all_faults_of_a_table_come_at_once_with_their_lines(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        'study,yi,vi,design,risk_of_bias\n"a\nb",1,x,rct,low\n\na,1,-1,,awful\n,1,nan,,\na,,2,,\nshort,1\n',
    )
    with pytest.raises(Refusal) as found:
        read_studies(path)
    told = [(problem.code, problem.place.rpartition(" ")[2]) for problem in found.value.problems]
    assert told == [
        ("meta.name", "2"), ("meta.design", "2"), ("meta.number", "2"), ("meta.risk_of_bias", "5"),
        ("meta.variance", "5"),
        ("meta.name", "6"), ("meta.number", "6"), ("meta.name", "7"), ("meta.number", "7"), ("meta.cells", "8"),
    ]  # fmt: skip


@pytest.mark.parametrize(("text", "codes"), [
    ("", ("meta.columns", "meta.columns")),
    ("study,yi\na,1\n", ("meta.columns",)),
    ("study,yi,vi,ai,bi,ci,di\n", ("meta.columns",)),
    ("study,study,yi,vi\n", ("meta.columns",)),
    ("study,yi,vi\n", ("meta.empty",)),
    ('study,yi,vi\n"a,1,2\n', ("meta.csv",)),
    ("study,ai,bi,ci,di,design\na,1,2,0,0,\nb,1,2,3,4,single-arm\nc,1.5,-2,3,4,\n",
     ("meta.arm", "meta.one_arm", "meta.number", "meta.number")),
    ("study,yi,vi\na,1,1\nb,,\n", ("meta.too_few",)),
    ("study,yi,vi,design\na,1,1,randomised\nb,2,1,single-arm\nc,2,1,\n", ("meta.designs", "meta.no_design")),
    ("study,yi,vi,design\na,1,1,controlled\nb,2,1,\n", ("meta.no_design",)),
])  # fmt: skip
def test_what_cannot_be_analysed_is_refused_by_name(
    tmp_path: Path, text: str, codes: tuple[str, ...]
) -> None:
    assert refused(table(tmp_path, text)) == codes


@given(st.text(st.characters(codec="utf-8"), max_size=80), st.booleans())
def test_any_text_is_read_or_refused(text: str, headed: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = table(Path(folder), ("study,yi,vi\n" if headed else "") + text)
        with contextlib.suppress(Refusal):
            found = synthesise(read_studies(path))
            json.dumps(as_json(found), allow_nan=False)
            pictures(found)


NUMBERS = st.floats(-1e6, 1e6), st.floats(1e-9, 1e6)


@pytest.mark.full
@given(
    st.lists(st.tuples(*NUMBERS), min_size=2, max_size=8),
    st.sampled_from(["REML", "DL", "PM"]),
    st.booleans(),
)
def test_any_studies_give_finite_figures(
    rows: list[tuple[float, float]], method: str, knapp_hartung: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        lines = [f"s{place},{effect!r},{variance!r}" for place, (effect, variance) in enumerate(rows)]
        read = read_studies(table(Path(folder), "\n".join(["study,yi,vi", *lines])))
    found = synthesise(read, Method(method), knapp_hartung)
    json.dumps(as_json(found), allow_nan=False)
    assert found.pooled.tau2 >= 0
    assert found.heterogeneity.tau2.low <= found.heterogeneity.tau2.high
    assert pictures(found)
    assert as_html(found)


def test_a_folder_that_cannot_be_written_to_is_refused(bcg: Path) -> None:
    ended = CliRunner().invoke(app, ["desk", "meta", str(bcg), "-o", str(bcg / "inside")])
    assert isinstance(ended.exception, Refusal)
    assert ended.exception.codes == ("meta.output",)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "odd.csv").write_bytes(b"\xff\xfe\x00")
    assert refused(tmp_path / "odd.csv") == ("meta.file",)
    assert refused(tmp_path / "nowhere.csv") == ("meta.file",)


MIXED = """study,yi,vi,design,risk_of_bias
one,-0.2,0.04,randomised,high
two,-0.4,0.05,controlled,low
three,-0.1,0.03,single-arm,
four,-0.3,0.06,single-arm,
five,,,randomised,low
"""


def test_studies_of_one_arm_are_never_pooled_with_controlled_ones(tmp_path: Path) -> None:
    studies = read_studies(table(tmp_path, MIXED))
    controlled, single = (synthesise(studies, design=design) for design in ("controlled", "single-arm"))
    assert [study.name for study in controlled.studies] == ["one", "two"]
    assert [(study.name, reason) for study, reason in controlled.left_out] == [
        ("five", "no effect is given"), ("three", "its design is single-arm"), ("four", "its design is single-arm"),
    ]  # fmt: skip
    assert [study.name for study in single.studies] == ["three", "four"]
    assert any("no study has a control group" in note.lower() for note in as_json(single)["notes"])
    assert refused(table(tmp_path, MIXED), design="randomised") == ("meta.too_few",)


def test_a_meta_regression_needs_ten_studies_and_numbers(bcg: Path, tmp_path: Path) -> None:
    found = synthesise(read_studies(bcg), knapp_hartung=True, moderator="ablat").regression
    assert found is not None
    expected = BCG["regression"]["TRUE"]
    assert [one.estimate for one in found.model.coefficients] == iterative(expected["estimate"])
    assert (found.q, found.q_p) == iterative((expected["qm"], expected["qm_p"]))
    plain = synthesise(read_studies(bcg), moderator="ablat").regression
    assert plain is not None
    assert plain.q_p == iterative(BCG["regression"]["FALSE"]["qm_p"])
    nine = table(tmp_path, "\n".join(bcg.read_text(encoding="utf-8").splitlines()[:10]))
    assert refused(nine, moderator="ablat") == ("meta.too_few_for_moderator",)
    assert refused(nine, moderator="ai") == ("meta.too_few_for_moderator", "meta.moderator")


def test_moderators_that_are_no_numbers_are_named_study_by_study(bcg: Path) -> None:
    assert refused(bcg, moderator="risk_of_bias") == ("meta.moderator",) * 13


def test_zero_cells_are_corrected_and_said(tmp_path: Path) -> None:
    found = synthesise(read_studies(table(tmp_path, "study,ai,bi,ci,di\none,0,20,2,18\ntwo,3,37,6,34\n")))
    assert [study.corrected for study in found.studies] == [True, False]
    assert any("0.5 was added to all four counts of: one." in line for line in as_lines(found))


def pictures(found: Synthesis) -> list[ET.Element]:
    return [ET.fromstring(str(picture)) for picture in (forest(found), funnel(found))]


def test_pictures_are_black_and_white_and_whole(bcg: Path) -> None:
    found = synthesise(read_studies(bcg))
    drawn, scattered = pictures(found)
    name = "{http://www.w3.org/2000/svg}"
    colours = {
        each.get(key) for root in (drawn, scattered) for each in root.iter() for key in ("fill", "stroke")
    }
    assert colours <= {None, "#000", "#fff"}
    texts = [each.text for each in drawn.iter(f"{name}text")]
    assert all(any(f"<trial> {place}" in (text or "") for text in texts) for place in range(13))
    assert len(list(scattered.iter(f"{name}circle"))) == 13
    # The diamond spans the interval, on the scale of the squares.
    shapes = [each.get("points", "").split() for each in drawn.iter(f"{name}polygon")]
    squares = [shape for shape in shapes if len(shape) == 4]
    centres = [(float(p[0].split(",")[0]) + float(p[1].split(",")[0])) / 2 for p in squares[:13]]
    effects = [study.effect for study in found.studies]
    slope = (centres[0] - centres[1]) / (effects[0] - effects[1])
    diamond = [float(point.split(",")[0]) for point in squares[13]]
    one = found.pooled.first
    assert diamond[2] - diamond[0] == pytest.approx(slope * (one.high - one.low), abs=0.3)
    assert diamond[1] - centres[0] == pytest.approx(slope * (one.estimate - effects[0]), abs=0.3)


def test_an_interval_that_reaches_very_far_ends_in_an_arrow(tmp_path: Path) -> None:
    far = table(tmp_path, "study,yi,vi\na,0.1,0.01\nb,0.2,0.01\nc,0.15,400\n")
    drawn = pictures(synthesise(read_studies(far)))[0]
    assert len(list(drawn.iter("{http://www.w3.org/2000/svg}polygon"))) == 3 + 1 + 2


def test_the_page_has_every_figure_beside_the_pictures_and_no_name_becomes_markup(bcg: Path) -> None:
    found = synthesise(read_studies(bcg), moderator="ablat")
    page = as_html(found)
    assert "<trial>" not in page
    assert page.count("&lt;trial&gt; 4") >= 3
    assert "<script" not in page
    for value in (found.pooled.first.estimate, found.pooled.tau2, found.pooled.prediction[0], found.pooled.q):
        assert f"{value:.4f}" in page
    lines = "\n".join(as_lines(found))
    assert f"{found.pooled.first.estimate:.4f}" in lines
    assert "on ablat" in lines


def test_without_numpy_the_way_to_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(Refusal) as found:
        analysis("meta")
    assert found.value.codes == ("desk.no_analysis",)
    assert "install-analysis" in str(found.value)


def test_the_command_line_does_not_need_numpy() -> None:
    code = "import sys; sys.modules['numpy'] = None; sys.modules['scipy'] = None; import offramp.cli"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# -- the evidence that is shipped -----------------------------------------------------------------------------------

TRIALS = Path(__file__).parents[2] / "content/evidence/trials.csv"


def test_the_evidence_is_sound_and_every_study_names_its_source() -> None:
    found = read_studies(TRIALS)
    assert len(found.studies) >= 9
    for study in found.studies:
        assert study.more["source"], study.name
        assert study.more["citation"] or study.more["identifier"], study.name


@pytest.mark.parametrize("design", ["controlled", "randomised", "single-arm"])
def test_the_readme_of_the_evidence_says_what_the_analysis_says(design: str) -> None:
    """Once two studies have an effect, the readme has to be written anew."""
    assert refused(TRIALS, design=design) == ("meta.too_few",)
    assert "there is nothing to pool" in (TRIALS.parent / "README.md").read_text(encoding="utf-8")
