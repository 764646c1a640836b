"""The whole way through the platform, as a plain HTTP client without cookies walks it; and what every page is like."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from offramp.language import LANGUAGES as KNOWN
from offramp.language import Tag
from offramp.survey import Missing
from offramp.web.pages import PAGE_BYTES
from tests.web import answers
from tests.web.answers import ENDED, LEFT, TAKEN, WHOLE, Given
from tests.web.installation import EVERY, Installation
from tests.web.kinds import kinds_in, publishing
from tests.web.respondent import Respondent, Seen

QUESTION_BYTES = 16 * 1024
# An attribute by which a browser would fetch, run or open something by itself.
FETCHING = ("src", "srcset", "background", "poster", "data", "ping", "manifest", "style")
FORBIDDEN = (
    "script",
    "svg",
    "img",
    "iframe",
    "object",
    "embed",
    "math",
    "video",
    "audio",
    "base",
    "template",
)


def walk_all(person: Respondent, given: Mapping[str, Given]) -> Respondent:
    """Answer every page that comes, until there is none."""
    while person.seen.page in given:
        page = given[person.seen.page]
        person.answer_page(page.ticks, page.words)
    return person


def walk_from_the_search(person: Respondent, given: Mapping[str, Given]) -> Respondent:
    person.go_to(f"/{person.language}/search").search_for("zorblaxin").click("/go/survey").agree()
    return walk_all(person, given)


@pytest.mark.parametrize("language", EVERY)
@pytest.mark.parametrize("given", [WHOLE, LEFT, ENDED], ids=["all taken", "all left", "ended at once"])
def test_from_the_search_to_the_end(
    somebody: Callable[..., Respondent], place: Installation, language: str, given: dict[str, Given]
) -> None:
    person = walk_from_the_search(somebody(language), given)
    interface = person.seen.tree
    assert interface.xpath("//main[@id='finished']")
    assert re.fullmatch(r"([0-9A-Z]{4}-){6}[0-9A-Z]{4}", person.seen.receipt)
    response = place.response()
    assert response.complete
    if given is ENDED:
        (first,) = (page for page in response.pages if page.startswith("offer_"))
        given = {
            page: entered for page, entered in given.items() if not page.startswith("offer_") or page == first
        }
    assert sorted(response.pages) == sorted(given)
    assert list(response.pages) == [page.page for page in person.history if page.page in given]
    assert response.context.language == language
    assert response.context.synthetic
    assert response.context.arm
    assert {q: c for q, c in response.codes.items() if q in answers.codes(given)} == answers.codes(given)
    assert response.words == answers.words(given)


def test_a_module_that_was_left_out_was_not_drawn_and_a_question_off_the_path_not_asked(
    somebody: Callable[..., Respondent], place: Installation
) -> None:
    walk_all(somebody().begin(), LEFT)
    for question in ("tp1_open_web", "tp9_contact_messengers", "cont_last", "strat_worked"):
        assert place.response().codes[question] is Missing.NOT_DRAWN


def test_questions_about_services_for_contact_come_only_to_those_whom_they_concern(
    somebody: Callable[..., Respondent], place: Installation
) -> None:
    without = walk_all(somebody().begin(), TAKEN)
    (social,) = (page for page in without.history if page.page == "tech_social")
    assert len(social.tree.xpath("//fieldset")) == 1
    assert place.response().codes["tp8_contact_social"] is Missing.NOT_ASKED


# -- what every page is like --------------------------------------------------------------------------------


@pytest.fixture
def pages(request: pytest.FixtureRequest) -> list[Seen]:
    """All kinds of pages in one language, with complaints, saved words and a lost page among them."""
    return list(kinds_in(request.param).values())


every_page = pytest.mark.parametrize("pages", EVERY, indirect=True)


@every_page
def test_every_kind_of_page_was_seen(pages: list[Seen]) -> None:
    assert {200, 400, 404, 409, 422} == {page.status for page in pages}
    assert len({page.heading for page in pages}) > 40


@every_page
def test_all_pages_of_the_survey_have_one_size_and_the_others_a_multiple_of_it(pages: list[Seen]) -> None:
    assert {len(page.body) % PAGE_BYTES for page in pages} == {0}
    survey = [page for page in pages if "/s/" in page.address]
    assert {len(page.body) for page in survey} == {PAGE_BYTES}


@every_page
def test_a_question_page_leaves_room_before_it_is_filled_up(pages: list[Seen]) -> None:
    asked = [page for page in pages if page.tree.xpath("//form[@id='answers']")]
    longest = max(len(re.sub(rb"<!--\.*-->", b"", page.body)) for page in asked)
    assert longest <= QUESTION_BYTES, f"{longest} bytes"


@every_page
def test_nothing_is_kept_fetched_run_or_told_to_the_next_site(pages: list[Seen]) -> None:
    for page in pages:
        style = page.tree.xpath("//style/text()")[0]
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        policy = dict(
            part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";")
        )
        assert policy == {
            "default-src": "'none'", "style-src": f"'sha256-{digest}'", "form-action": "'self'",
            "frame-ancestors": "'none'", "base-uri": "'none'",
        }  # fmt: skip
        assert "no-store" in page.headers["cache-control"]
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["content-type"].startswith("text/html; charset=utf-8")
        assert not {"set-cookie", "etag", "last-modified", "link", "refresh"} & set(page.headers)


@every_page
def test_no_page_has_a_script_or_asks_for_anything_else(pages: list[Seen]) -> None:
    for page in pages:
        for element in page.tree.iter():
            if not isinstance(element.tag, str):
                continue
            assert element.tag not in FORBIDDEN
            assert not [name for name in element.attrib if name.startswith("on") or name in FETCHING]
        assert page.tree.xpath("//link/@href") == ["data:,"]
        assert not re.search(r"url\(|@import|@font-face", page.tree.xpath("//style/text()")[0])
        for address in page.tree.xpath("//form/@action | //@formaction"):
            assert address.startswith("/")


@every_page
def test_every_page_says_its_language_and_direction_and_begins_with_one_heading(pages: list[Seen]) -> None:
    for page in pages:
        root = page.tree
        assert root.get("lang") == pages[0].language
        assert root.get("dir") == KNOWN[Tag(root.get("lang"))].direction
        assert page.heading
        assert len(root.xpath("//main")) == 1
        assert root.xpath("//a[@class='skip']/@href") == [f"#{root.xpath('//main/@id')[0]}"]
        assert page.heading in root.xpath("//title/text()")[0] or page.status in (404, 409, 422)
        levels = [int(element.tag[1]) for element in root.xpath("//h1|//h2|//h3|//h4")]
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))


@every_page
def test_help_now_and_a_quick_way_out_stand_on_every_page(pages: list[Seen]) -> None:
    for page in pages:
        (help_now,) = page.tree.xpath("//header//a[@class='help']")
        # Above a message it counts the click, as the doors below it do, and leads to the same page.
        doors = [link for link in page.links() if link.startswith("/go/survey")]
        counted = doors[0].replace("survey", "help") if doors else f"/{page.language}/help"
        assert help_now.get("href") == counted
        assert page.tree.xpath("//header//a[@class='leave']/@href")


@every_page
def test_everything_that_can_be_filled_in_is_labelled_and_grouped(pages: list[Seen]) -> None:
    for page in pages:
        root = page.tree
        identities = root.xpath("//@id")
        assert len(identities) == len(set(identities)), page.heading
        for element in root.xpath("//input[@type!='hidden'] | //textarea | //select"):
            named = (
                root.xpath(f"//label[@for='{element.get('id')}']")
                or element.xpath("ancestor::label")
                or [
                    root.get_element_by_id(identity)
                    for identity in (element.get("aria-labelledby") or "").split()
                ]
            )
            said = element.get("aria-label") or "".join(label.text_content() for label in named)
            assert said.strip(), element.get("name")
            for identity in (element.get("aria-describedby") or "").split():
                assert root.get_element_by_id(identity).text_content().strip()
            if element.get("type") in ("radio", "checkbox"):
                (group,) = element.xpath("ancestor::fieldset[1]")
                assert group.xpath("./*[1][self::legend]")[0].text_content().strip()
        for button in root.xpath("//button"):
            assert button.text_content().strip()


@every_page
def test_a_summary_of_complaints_leads_to_the_fields_and_comes_before_them(pages: list[Seen]) -> None:
    complained = [page for page in pages if page.tree.xpath("//*[@id='errors']")]
    assert len(complained) == 4
    for page in complained:
        for link in page.tree.xpath("//*[@id='errors']//a/@href"):
            assert page.tree.get_element_by_id(link.removeprefix("#")) is not None
        assert page.tree.xpath("//*[@id='errors']/following::form")
        assert page.tree.xpath("//*[@id='errors'][@role='alert']")


@every_page
def test_every_link_inside_the_site_leads_somewhere(pages: list[Seen], tmp_path: Path) -> None:
    inside = {link for page in pages for link in page.links() if link.startswith("/")}
    assert len(inside) > 5
    with publishing(tmp_path / "server").running() as server:
        for link in inside:
            assert server.get(link).status_code in (200, 303), link


def test_words_that_look_like_a_page_stay_words(somebody: Callable[..., Respondent]) -> None:
    person = somebody().begin().next()
    person.tick({"first_way": "other"}).write({"first_way": "</html><script>x</script>" + "y" * 200}).next()
    assert person.seen.status == 422
    assert len(person.seen.body) == PAGE_BYTES
    assert not person.seen.tree.xpath("//script")
    assert "</html><script>x</script>" in person.seen.tree.xpath("//input[@name='w003']/@value")[0]
