"""Published results: finished pages of the desk under a public address, and nothing else under it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from offramp.desk.wording import SUPPRESSED
from offramp.errors import Refusal
from offramp.web.results import read_results
from tests.desk.counting import report
from tests.desk.studies import TINY, bodies
from tests.desk.test_desk_report import tiny_study
from tests.questionnaires import read
from tests.web.installation import Installation, shipped
from tests.web.respondent import Respondent

REPORT = report(read(TINY), list(bodies(read(TINY), 1, 160, synthetic=False)), {}, ())
MADE_UP = report(read(TINY), tiny_study(read(TINY)), {}, ())


@pytest.fixture(scope="module")
def results_installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Return a server that shows one report."""
    made = Installation(tmp_path_factory.mktemp("site") / "server", study="[results]\nfolder = 'results'\n")
    folder(made.folder)
    (made.folder / "results" / "tea-2026.html").write_text(REPORT, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def results_site(results_installation: Installation) -> Iterator[TestClient]:
    with results_installation.running() as client:
        yield client


def folder(tmp_path: Path) -> Path:
    home = tmp_path / "results"
    home.mkdir(exist_ok=True)
    return home


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("report.pdf", REPORT, "results.name"),
        ("Report.html", REPORT, "results.name"),
        ("report.html", "<html><title>Something</title></html>", "results.not_ours"),
        ("report.html", REPORT.replace("<main>", "<main><script>1</script>"), "results.alive"),
        ("report.html", REPORT.replace("<main>", '<main onclick="1">'), "results.alive"),
        (
            "report.html",
            REPORT.replace("<main>", '<main><a href="https://elsewhere.example">x</a>'),
            "results.alive",
        ),
        ("report.html", REPORT.replace("<main>", '<main><img src="x">'), "results.alive"),
        ("report.html", REPORT.replace("<main>", '<main style="background:url(x)">'), "results.alive"),
        ("report.html", REPORT.replace("<style>", "<style>@import 'x';"), "results.alive"),
        (
            "report.html",
            REPORT.replace("<main>", '<meta http-equiv="refresh" content="0"><main>'),
            "results.alive",
        ),
        ("report.html", MADE_UP, "results.synthetic"),
    ],
)
def test_a_page_that_is_not_to_be_published_stops_the_start(tmp_path: Path, name: str, text: str, code: str):
    home = folder(tmp_path)
    (home / name).write_text(text, encoding="utf-8")
    with pytest.raises(Refusal) as caught:
        read_results(home, demonstration=False)
    assert code in caught.value.codes


def test_no_folder_no_pages_and_a_folder_that_is_not_there_is_told(tmp_path: Path):
    assert read_results(None, demonstration=False) == ()
    with pytest.raises(Refusal) as caught:
        read_results(tmp_path / "nowhere", demonstration=False)
    assert caught.value.codes == ("results.folder",)
    assert read_results(folder(tmp_path), demonstration=False) == ()


def test_what_is_not_to_be_published_may_be_seen_in_a_demonstration(tmp_path: Path):
    home = folder(tmp_path)
    (home / "made-up.html").write_text(MADE_UP, encoding="utf-8")
    (found,) = read_results(home, demonstration=True)
    assert (found.name, found.language.tag) == ("made-up", "en")
    assert "Tea" in found.title


def test_a_report_stands_at_its_address_with_the_headers_of_the_house(results_site: TestClient):
    page = results_site.get("/results/tea-2026")
    assert page.status_code == 200
    assert REPORT.rpartition("</html>")[0] in page.text
    assert SUPPRESSED in page.text
    assert "set-cookie" not in page.headers
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert "script" not in policy
    start = results_site.get("/en/about").headers
    for name in start.keys() - {"content-security-policy", "content-length", "content-type"}:
        assert page.headers[name] == start[name]
    assert len(page.content) % (24 * 1024) == 0


@pytest.mark.parametrize(
    "path", ["/results/", "/results/other", "/results/..%2Fofframp.toml", "/results/tea-2026/x"]
)
def test_nothing_else_stands_there(results_site: TestClient, path: str):
    assert results_site.get(path).status_code == 404


@pytest.mark.parametrize("tag", ["en", "ar"])
def test_whoever_has_answered_is_led_to_them_and_nobody_before(results_site: TestClient, tag: str):
    person = Respondent(results_site, shipped(), tag).open_consent()
    assert "/results" not in person.seen.body.decode()
    person.agree()
    while not person.seen.tree.xpath("//main[@id='finished']"):
        assert "/results" not in person.seen.body.decode()
        if person.seen.page.startswith("offer_"):
            person.take()
        else:
            person.next()
    assert f"/{tag}/results" in person.seen.links()


@pytest.mark.parametrize("tag", ["en", "ar"])
def test_the_page_about_the_site_leads_to_a_list_of_them(results_site: TestClient, tag: str):
    assert f'href="/{tag}/results"' in results_site.get(f"/{tag}/about").text
    listed = results_site.get(f"/{tag}/results")
    assert 'href="/results/tea-2026"' in listed.text
    assert "Tea: report" in listed.text


def test_reading_counts_nothing(results_site: TestClient, results_installation: Installation):
    before = results_installation.totals()
    for path in ("/en/results", "/results/tea-2026"):
        results_site.get(path)
    assert results_installation.totals() == before


def test_a_server_without_results_has_no_such_address_and_no_link(server: TestClient):
    assert server.get("/en/results").status_code == 404
    assert "/results" not in server.get("/en/about").text
