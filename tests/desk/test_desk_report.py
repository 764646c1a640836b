"""The report: what stands in it, what never does, and that it is refused or empty where it must be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

import lxml.html
import pytest

from offramp import __version__
from offramp.desk import read_findings
from offramp.desk.codebook import codebook
from offramp.desk.report import Figure, Line
from offramp.desk.wording import MISSING, NOT_IN_SAMPLE, NOT_OFFERED
from offramp.errors import Refusal
from offramp.language import Tag
from offramp.sealing import Secret
from offramp.store import Tally
from offramp.survey import Body, Mark, Missing, Moment, Survey, Walk, join, read_body, read_surveys
from tests.desk.counting import report, whole_report
from tests.desk.reader import FLAGGED, KEPT, LABELS, N, read_report
from tests.desk.studies import CONTENT, FINDINGS, TINY, bodies, help_us, help_us_study, written
from tests.desk.test_desk_attack import rules, truth_of
from tests.questionnaires import read

GOLDEN = Path(__file__).parent / "golden" / "tiny.txt"
WEEK = "2026-W47"
# Every third response has an address in its words, and so on.
MARKED_EACH = {Mark.LINK: 3, Mark.SELF_HARM: 7, Mark.OWN_RISK: 40}


def tiny_study(survey: Survey, responses: int = 160) -> Iterator[Body]:
    """Yield the pages of a study without any chance in it: what each respondent does follows from their number."""
    for number in range(responses):
        walk = Walk.begin(survey, Secret(number.to_bytes(16, "big")))
        moment = Moment(WEEK, 30, Tag("en"), True)
        for page in (p for _ in survey.pages if (p := walk.first()) is not None):
            if number % 9 == 8 and page == "kinds":
                break
            marks = tuple(mark for mark, each in MARKED_EACH.items() if number % each == 0)
            step = walk.post(page, _entered(walk, page, number), moment, lambda text, tag, marks=marks: marks)
            yield from (read_body(body) for _, body in step.bodies)
            walk = step.walk


def _entered(walk: Walk, page: str, number: int) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for place, field in enumerate(walk.show(walk.page(page).id, Tag("en")).fields):
        turn = number * 7 + place * 3
        if turn % 11 == 10:
            continue
        if turn % 13 == 12 and field.missing:
            fields[field.name] = [field.missing[-1].code]
        elif field.kind == "multiple":
            fields[field.name] = sorted({field.options[turn % 2].code, field.options[turn % 3 % 2].code})
        elif field.kind == "number":
            fields[field.name] = [str(turn % 7)]
        elif field.kind == "text":
            fields[field.words_name] = ["planted words"]
        elif field.options:
            fields[field.name] = [field.options[min(turn % 5, len(field.options) - 1)].code]
    return fields


TOTALS = {
    Tally("message_shown", "an-arm", "en", "2026-11-16"): 1203,
    Tally("consent_shown", "tiny", "en", WEEK): 402,
    Tally("agreed", "tiny", "en", WEEK): 177,
    Tally("declined", "tiny", "en", WEEK): 31,
    Tally("under_18", "tiny", "en", WEEK): 4,
    Tally("first_page", "tiny", "en", WEEK): 162,
    Tally("module_taken", "tiny", "en", WEEK): 55,
    Tally("finished", "tiny", "en", WEEK): 140,
}


def readable(html: str) -> str:
    """Return what a person reads of a report, line by line, the rows of tables with their columns apart."""
    lines = []
    kinds = ("h1", "h2", "h3", "h4", "h5", "p", "li", "tr", "caption", "dt", "dd", "footer")
    for part in lxml.html.document_fromstring(html).body.iter(*kinds):
        cells = [part] if part.tag != "tr" else list(part)
        text = " | ".join(" ".join(cell.text_content().split()) for cell in cells)
        lines.append(
            f"\n{'#' * int(part.tag[1])} {text}" if part.tag in ("h1", "h2", "h3", "h4", "h5") else text
        )
    return "\n".join(lines).strip() + "\n"


def test_the_report_of_a_tiny_study_is_the_golden_one(tmp_path: Path):
    content = written(tmp_path, TINY, findings=FINDINGS)
    survey = read_surveys(content)["tiny"]
    made = readable(report(survey, tiny_study(survey), TOTALS, read_findings(content, survey)))
    made = made.replace(f"Offramp {__version__}", "Offramp (version)")
    (tmp_path / "tiny.txt").write_text(made, encoding="utf-8")
    assert GOLDEN.exists(), f"there is no {GOLDEN.name}; what was made is {tmp_path / 'tiny.txt'}"
    assert made == GOLDEN.read_text(encoding="utf-8"), f"compare with what was made: {tmp_path / 'tiny.txt'}"


def test_each_bar_is_as_long_as_its_share():
    rows = lxml.html.document_fromstring(whole_report()).xpath("//tr[.//i]")
    assert len(rows) > 50
    for row in rows:
        assert f"width:{row[2].text_content().split()[0]}%" == row.xpath("string(.//i/@style)")


@pytest.mark.parametrize("seed", range(3))
def test_every_printed_number_is_the_direct_count_rounded(seed: int):
    survey = help_us()
    study = help_us_study(seed, 300)
    variables, pages = codebook(survey), [page.id for page in survey.pages]
    seen = read_report(report(survey, study, {}, (), rules=rules("help-us")), variables, pages)
    truth = truth_of("help-us", join(survey, study))
    assert seen.printed[N] == (truth[N] + 2) // 5 * 5
    for name, printed in seen.printed.items():
        assert printed == (truth[name] + 2) // 5 * 5
    first = {name for name in truth if not name.startswith((KEPT, FLAGGED))}
    assert {name for name in first if 0 < truth[name] < 10} <= seen.marked
    withheld = [name for name in seen.marked & first if truth[name] >= 10]
    assert len(withheld) < len(seen.printed.keys() & first) / 10, (
        "far more is suppressed than small counts need"
    )


def test_flags_take_nothing_away_from_what_is_printed_of_all_responses():
    survey, study = help_us(), help_us_study(1, 300)
    variables, pages = codebook(survey), [page.id for page in survey.pages]
    plain = read_report(report(survey, study, {}, (), rules=()), variables, pages)
    twofold = read_report(report(survey, study, {}, ()), variables, pages)
    assert plain.printed.items() <= twofold.printed.items()
    assert {name for name in plain.marked if not name.startswith(KEPT)} <= twofold.marked
    half = twofold.only(KEPT)
    assert half.names > {N, "help_sought base", "help_sought got", "help_sought skipped", "language en"}
    assert len(half.printed) > len(plain.printed) / 10


def test_of_a_question_that_decides_a_flag_nothing_is_kept_to_be_subtracted():
    survey, study = help_us(), help_us_study(1, 300)
    made = lxml.html.document_fromstring(report(survey, study, {}, (), rules=rules("help-us")))
    (section,) = made.xpath("//section[@id='q-about_before']")
    assert {cell.text_content() for row in section.xpath(".//tbody/tr") for cell in row[3:]} == {"–"}
    assert "Without flagged responses" not in section.text_content()
    flags = [row[0].text for row in made.xpath("//h2[@id='cleaning']/following-sibling::table[1]/tbody/tr")]
    assert flags == [*(rule.title for rule in rules("help-us")), "Any of these"]


def test_percentages_come_from_the_rounded_counts():
    tree = lxml.html.document_fromstring(whole_report())
    compared = 0
    for section in tree.xpath("//section"):
        base = section.xpath("string(.//*[@class='base'])").split(" ")[3]
        for row in section.xpath(".//tbody/tr"):
            n, share = row[1].text_content(), row[2].text_content()
            assert (n == "[c]") <= (share == "[c]")
            if share != "[c]":
                assert share == f"{int(100 * int(n) / int(base) + 0.5)}\N{NO-BREAK SPACE}%"
                compared += 1
    assert compared > 50


def test_each_question_tells_its_missing_codes_apart():
    made = lxml.html.document_fromstring(whole_report())
    for variable in codebook(help_us()):
        section = made.xpath(f"//section[@id='q-{variable.id}']")[0]
        named = [line.text.strip() for line in section.xpath(".//div[@class='missing']//li")]
        # Those who made this study up may skip an offer, which nobody can by its buttons.
        also = {Missing.SKIPPED, Missing.REFUSED} if variable.part == "offer" else set()
        named_codes = {LABELS[label] for label in named}
        assert len(named_codes) == len(named)
        assert set(variable.possible) <= named_codes <= {*variable.possible, *also}
    assert MISSING.keys() == set(Missing)
    labels = [label for label, _ in (*MISSING.values(), NOT_OFFERED, NOT_IN_SAMPLE)]
    assert len(set(labels)) == len(labels) == len(Missing) + 2


def test_whoever_was_not_asked_because_of_chance_is_told_apart_from_whoever_left_a_part_out():
    made = lxml.html.document_fromstring(whole_report())

    def reads(question: str) -> str:
        return " ".join(made.xpath(f"//section[@id='q-{question}']")[0].text_content().split())

    assert "Only those drawn were asked: chance chose about 50 % of the responses." in reads("wish_to_stop")
    assert "Not drawn" in reads("wish_to_stop")
    for question in ("stop_attempts", "wish_to_stop_after", "cont_worry", "take_contact"):
        assert "drawn" not in reads(question)
    assert "Part not taken" in reads("cont_worry")
    assert "Asked only in the part “Worry and contact”, where it was taken." in reads("cont_worry")
    assert "Not offered" in reads("take_contact")


def test_parts_and_their_findings_stand_in_the_order_of_the_questionnaire():
    survey = help_us()
    made = lxml.html.document_fromstring(whole_report(findings=True))
    texts = survey.catalogues[Tag("en")]
    titles = ["First part", *(texts[f"module/{module}/title"] for module in survey.modules), "Closing pages"]
    headings = [heading.text_content() for heading in made.xpath("//h3")]
    assert headings == titles * 2, "once for the findings, once for the questions"
    assert [section.get("id")[2:] for section in made.xpath("//section")] == [v.id for v in codebook(survey)]
    targets = {element.get("id") for element in made.xpath("//*[@id]")}
    assert {link.removeprefix("#") for link in made.xpath("//a/@href")} <= targets
    rows = made.xpath("//h2[@id='offers']/following::table[1]/tbody/tr")
    assert [row[0].text_content() for row in rows] == titles[1:-1]
    for module, row in zip(survey.modules, rows, strict=True):
        answers = made.xpath(f"//section[@id='q-take_{module}']//tbody/tr")
        assert [cell.text_content() for cell in row[2:]] == [
            cell.text_content() for answer in answers for cell in answer[1:3]
        ]


# -- findings -----------------------------------------------------------------------------------------------


def test_findings_are_sentences_with_percentage_and_base_from_rounded_counts():
    survey = help_us()
    study = help_us_study(1, 300)
    made = report(survey, study, {}, read_findings(CONTENT, survey))
    responses = join(survey, study)
    ages = [r.codes["first_age"] for r in responses]  # type: ignore[index]
    answered = [a[0] for a in ages if isinstance(a, tuple) and a != ("never_seen",)]
    young = sum(age in ("age_0_9", "age_10_12", "age_13_15", "age_16_17") for age in answered)
    base = (len(answered) + 2) // 5 * 5
    share = int(100 * ((young + 2) // 5 * 5) / base + 0.5)
    assert f"Of {base} responses that gave an age, {share}\N{NO-BREAK SPACE}% were under 18" in made


def test_a_finding_on_a_suppressed_count_says_so_and_gives_no_number():
    survey = help_us()
    nobody = [_with(body, "told_anyone", ["partner"]) for body in help_us_study(1, 300)]
    tree = lxml.html.document_fromstring(report(survey, nobody, {}, read_findings(CONTENT, survey)))
    lines = [item.text_content().strip() for item in tree.xpath("//p[contains(@class, 'withheld')]")]
    (hidden,) = (line for line in lines if "Told nobody" in line)
    assert hidden.startswith("Not shown, because a count behind it is suppressed: ")


def _with(body: Body, question: str, answer: object) -> Body:
    """Return the page with one answer changed, where the page has that question."""
    if not body.answers or question not in body.answers:
        return body
    plain = {"v": 1, **{name: getattr(body.context, name) for name in body.context.__slots__}}
    changed = json.dumps({**plain, "page": body.page, "time": 0, "answers": {question: answer}})
    new = read_body(changed.encode())
    return replace(body, answers={**body.answers, **(new.answers or {})})


# -- what is refused, and what is never there ---------------------------------------------------------------


@pytest.mark.parametrize("responses", [0, 1, 3, 99])
def test_below_a_hundred_responses_the_report_says_only_that(responses: int):
    survey = read(TINY)
    made = report(survey, tiny_study(survey, responses), TOTALS, ())
    assert "fewer than 100 responses" in made
    text = lxml.html.document_fromstring(made).xpath("//main")[0].text_content()
    assert "40" not in text.replace("100", "")
    assert len(text) < 200


def test_a_hundred_responses_are_enough():
    survey = read(TINY)
    assert "Do you like tea?" in report(survey, tiny_study(survey, 100), {}, ())


def test_real_and_made_up_responses_are_never_reported_together():
    survey = read(TINY)
    mixed = [*bodies(survey, 1, 120), *bodies(survey, 2, 1, synthetic=False)]
    with pytest.raises(Refusal) as caught:
        report(survey, mixed, {}, ())
    assert caught.value.codes == ("report.mixture",)


@pytest.mark.parametrize("synthetic", [True, False])
def test_made_up_answers_are_marked_as_such_and_only_these(synthetic: bool):
    survey = read(TINY)
    for responses in (3, 120):
        made = report(survey, bodies(survey, 1, responses, synthetic=synthetic), {}, ())
        assert ("SYNTHETIC — made-up answers" in made) == synthetic


def test_no_open_text_is_ever_printed():
    survey = read(TINY)
    study = list(tiny_study(survey))
    assert sum("planted words" in str(body.words) for body in study) > 20
    assert "planted" not in report(survey, study, {}, ())


@cache
def everything() -> str:
    survey = help_us()
    return report(survey, help_us_study(1, 300), TOTALS, read_findings(CONTENT, survey))


def test_the_page_has_no_script_and_asks_for_nothing():
    made = everything()
    tree = lxml.html.document_fromstring(made)
    assert not tree.xpath("//script | //iframe | //object | //embed | //img | //svg | //form")
    assert tree.xpath("//link/@href") == ["data:,"]
    assert {link[0] for link in tree.xpath("//a/@href")} == {"#"}
    assert "url(" not in made
    assert "@import" not in made
    assert "default-src 'none'" in tree.xpath("//meta[@http-equiv]/@content")[0]


def test_responses_are_never_called_people():
    made = everything()
    head, _, _ = lxml.html.document_fromstring(made).text_content().partition("All questions")
    assert "respondents" not in head
    assert "people" not in head


def test_pages_of_a_version_that_is_not_here_are_left_out_and_the_report_says_so():
    survey = read(TINY)
    now = list(tiny_study(survey))
    then = [
        replace(body, context=replace(body.context, structure="0" * 64)) for body in bodies(survey, 3, 50)
    ]
    made = report(survey, [*now, *then], {}, ())
    assert "other versions of it" in made
    assert "Base: 160 responses." in made
    assert "other versions of it" not in report(survey, now, {}, ())


def test_versions_are_counted_together_where_they_ask_the_same():
    earlier = read(TINY)
    first = 'id = "taste"\npart = "core"\ntitle = "Taste"\n'
    milk = (
        '[[page.question]]\nid = "milk"\nkind = "single"\ntext = "Milk?"\n'
        'options = [{ id = "so", text = "So" }, { id = "not", text = "Not" }]\n'
    )
    text = TINY.replace("version = 3", "version = 4").replace(first, first + milk)
    survey = replace(read(text), earlier=(earlier,))
    made = report(survey, [*tiny_study(earlier), *bodies(survey, 3, 100)], {}, ())
    tree = lxml.html.document_fromstring(made)
    table = {
        row[0].text_content(): row[1].text
        for row in tree.xpath("//h2[@id='versions']/following::table[1]//tr")
    }
    assert table == {"Version": "Responses", "Version 4": "100", "Version 3": "160"}
    lines = tree.xpath("//section[@id='q-milk']//div[@class='missing']//li")
    missing = {line.text.strip(): line[0].text for line in lines}
    assert missing["Not in this version"] == "160"
    assert "Not in this version" not in tree.xpath("//section[@id='q-likes']")[0].text_content()
    alone = report(earlier, [*tiny_study(earlier), *bodies(survey, 3, 100)], {}, ())
    assert "Base: 160 responses." in alone


def test_questions_can_be_shown_in_another_language():
    survey = help_us()
    made = report(survey, help_us_study(1, 300), {}, (), Tag("ar"))
    headings = lxml.html.document_fromstring(made).xpath("//section//h5/span")
    assert {(span.get("lang"), span.get("dir")) for span in headings} == {("ar", "rtl")}
    with pytest.raises(Refusal) as caught:
        report(survey, [], {}, (), Tag("eo"))
    assert caught.value.codes == ("report.language",)


def test_labels_are_escaped():
    survey = read(TINY.replace("Do you like tea?", "Do you like <b>tea</b> & milk?"))
    assert "Do you like &lt;b&gt;tea&lt;/b&gt; &amp; milk?" in report(survey, tiny_study(survey), {}, ())


def test_the_same_study_gives_the_same_report_whatever_the_order_of_its_pages():
    survey = read(TINY)
    study = list(tiny_study(survey))
    shuffled = Random(1).sample(study, len(study))
    assert report(survey, study, TOTALS, ()) == report(survey, shuffled, TOTALS, ())


def test_pages_are_told_together_only_where_nothing_is_printed_of_any():
    # Else one page's count without flagged responses would stand there for all of them.
    hidden, told = Figure("[c]"), Figure("55", 52)
    assert not Line("x", (hidden,), kept=(hidden,)).open
    assert Line("x", (hidden,), kept=(told,)).open
    assert Line("x", (told,)).open
