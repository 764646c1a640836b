"""What whoever listens to a page is told of it: the tree of each kind of page is the one that was looked at and kept.

The kept trees lie in `trees/`. Words that a translator may change stand there by their keys, so that a tree changes
when the page does. After a change that is meant: python -m tests.browser.test_browser_trees, and read the difference.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from offramp.language import Tag
from offramp.survey import read_surveys
from offramp.web.pages import read_interface
from tests.web.installation import CONTENT, LANGUAGES, OFFERED
from tests.web.kinds import kinds_in
from tests.web.programme_kinds import programme_kinds_in, spoken, way_on

KEPT = Path(__file__).parent / "trees"
# One of each kind; of pages of questions those in which something is that the others have not.
KINDS = (
    "search", "results", "greeting", "message", "not-looking", "nowhere", "help", "young", "about", "consent",
    "page-stopping", "page-beginning", "gentle", "words-saved", "complaint", "too-long", "page-feelings_before",
    "page-closing", "no-need-harm", "saved", "finished", "delete", "deleted", "lost", "lost-wrong-receipt",
    "lost-nothing", "under18", "declined", "receipt", "receipt-wrong", "no-survey", "published",
)  # fmt: skip
OFFER = "page-offer_"
PROGRAMME = (
    "front", "front-wrong-code", "step-what_leads", "step-check_start", "keep", "code", "edit", "ask-remove",
    "ask-consent", "overview", "sheet-path", "sheet-calendar", "too-late", "closed", "deleted",
)  # fmt: skip


@cache
def words(language: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """Return a pattern of everything that is written in a language, and the first key of each text."""
    tag = Tag(language)
    known = [read_interface(CONTENT / "interface")[tag].texts]
    # Both surveys have texts of the same key, such as the consent's.
    known += [survey.catalogues[tag].texts for survey in read_surveys(CONTENT).values()]
    if language in spoken():
        known += [
            read_interface(CONTENT / "programmes" / "interface")[tag].texts,
            way_on().catalogues[tag].texts,
        ]
    keys: dict[str, str] = {}
    # What a survey says keeps its key, whatever comes to stand in the programme.
    for texts in known:
        for key in sorted(texts):
            keys.setdefault(" ".join(texts[key].split()), key)
    written = [text for text in keys if len(text) > 1 and "{" not in text]
    filled = [text for text in keys if "{" in text]
    patterns = [re.escape(text) for text in sorted(written, key=len, reverse=True)]
    patterns += [
        re.sub(r"\\{\w+\\}", ".+?", re.escape(text)) for text in sorted(filled, key=len, reverse=True)
    ]
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)"), keys


def plain(tree: str) -> str:
    """Take the quotation marks of YAML off, which hang on what a text says, and so on its words."""
    tree = re.sub(
        r"^( *- )'(.*)'(:?)", lambda m: m[1] + m[2].replace("''", "'") + m[3], tree, flags=re.MULTILINE
    )
    return re.sub(r': "(.*)"$', r": \1", tree.replace('\\"', "”"), flags=re.MULTILINE)


def by_keys(tree: str, language: str) -> str:
    """Put keys in the place of words, and what is different each time out of the way."""
    pattern, keys = words(language)

    def key(found: re.Match[str]) -> str:
        text = found[0]
        return "‹" + next(k for t, k in keys.items() if t == text or _filled(t, text)) + "›"

    tree = re.sub(r"\b(?:[0-9A-Z]{4}-){6}[0-9A-Z]{4}\b", "‹receipt›", plain(tree))
    return "".join(f"{_whole(line, keys) or pattern.sub(key, line)}\n" for line in tree.splitlines())


def _whole(line: str, keys: dict[str, str]) -> str:
    """Return a line that says one text and nothing else; most do, and to look among all texts takes long."""
    said = re.fullmatch(r'( *- \w+(?: "|: ))(.*?)((?:"(?: \[[^\]]*\])*:?)?)', line)
    return f"{said[1]}‹{keys[said[2]]}›{said[3]}" if said and said[2] in keys else ""


def _filled(text: str, found: str) -> bool:
    return "{" in text and bool(re.fullmatch(re.sub(r"\\{\w+\\}", ".+?", re.escape(text)), found))


def shape(tree: str) -> list[str]:
    """Return the roles of a tree with their depth and state, without a word; the list of languages is left out."""
    lines: list[str] = []
    inside = 1000
    for line in plain(tree).splitlines():
        role = re.match(r" *- /?\w+", line)
        assert role, line
        depth = line.index("-")
        inside = depth if "- navigation" in line else inside if depth > inside else 1000
        if depth <= inside and "/" not in role[0] and "- option" not in role[0]:
            state = re.search(r'"((?: \[\w+(?:=\w+)?\])+):?$', line)
            lines.append(role[0] + (state[1] if state else ""))
    return lines


def pages(language: str) -> dict[str, str]:
    """Return the pages of which a tree is kept."""
    kinds = kinds_in(language)
    offer = next(name for name in kinds if name.startswith(OFFER))
    wanted = {name: kinds[name] for name in KINDS} | {"offer": kinds[offer]}
    if language in spoken():
        programme = programme_kinds_in(language)
        wanted |= {name: programme[name] for name in (f"programme-{one}" for one in PROGRAMME)}
    return {name: seen.body.decode() for name, seen in wanted.items()}


def tree(page: Page, html: str) -> str:
    page.set_content(html)
    return page.locator("body").aria_snapshot()


@pytest.fixture(scope="module")
def silent(chromium: Browser) -> Iterator[Page]:
    """A page without scripts, whose document is replaced again and again."""
    context = chromium.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.mark.full
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_kind_of_page_is_told_as_it_was_kept(silent: Page, language: str) -> None:
    made = {name: by_keys(tree(silent, html), language) for name, html in pages(language).items()}
    kept = {path.stem: path.read_text(encoding="utf-8") for path in (KEPT / language).glob("*.yaml")}
    assert sorted(made) == sorted(kept), "python -m tests.browser.test_browser_trees keeps what is missing"
    for name, text in made.items():
        assert text == kept[name], name


@pytest.fixture(scope="module")
def english(silent: Page) -> dict[str, list[str]]:
    """Return the shapes of the English pages, without those that name who helps, or a code of words: that differs."""
    helped = ("help", "young", "under18", "finished", "message", "programme-code")
    return {name: shape(tree(silent, html)) for name, html in pages("en").items() if name not in helped}


@pytest.mark.full
@pytest.mark.parametrize("language", [language for language in OFFERED if language != "en"])
def test_in_every_language_the_same_is_told(
    silent: Page, english: dict[str, list[str]], language: str
) -> None:
    told = pages(language)
    for name, expected in english.items():
        if name.startswith("programme-") and language not in spoken():
            continue
        assert shape(tree(silent, told[name])) == expected, name


def main() -> None:
    """Keep all trees as they are now."""
    finder = Path(__file__).parents[2] / "ops" / "install" / "browser.sh"
    found = subprocess.run([finder, "find", sys.executable], capture_output=True, text=True, check=True)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found.stdout.strip(), chromium_sandbox=False)
        silent = chromium.new_context(java_script_enabled=False).new_page()
        for language in LANGUAGES:
            folder = KEPT / language
            folder.mkdir(parents=True, exist_ok=True)
            for path in folder.glob("*.yaml"):
                path.unlink()
            for name, html in pages(language).items():
                (folder / f"{name}.yaml").write_text(by_keys(tree(silent, html), language), encoding="utf-8")
        chromium.close()


if __name__ == "__main__":
    main()
