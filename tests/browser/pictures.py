"""`python -m tests.browser.pictures`: pictures of every kind of page, and which of them shows which text.

For translators and reviewers: what a text stands beside decides how it reads. A server in memory is walked through in
each language, and a Chromium with scripts off, as wide as a phone, shows what came. The index is a table of sets of
texts, ids and pictures, for `offramp survey messages sheet --pictures`; texts that no page shows are counted, and not
in it.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from offramp.language import Tag
from offramp.survey import read_surveys
from offramp.translation import Source, read_sources
from offramp.translation.sheet import INDEX, INDEX_COLUMNS, picture
from offramp.translation.step import open_po
from tests.browser.conftest import PHONE_HEIGHT, launched
from tests.web.installation import CONTENT, OFFERED, Installation
from tests.web.kinds import kinds_in
from tests.web.respondent import Respondent, Seen
from tests.web.test_web_size import fullest

ROOT = Path(__file__).parents[2]
WIDTH = 360
OF = {"page": "help-us", "no-need": "no-need"}
# The sets of texts that these pages have; findings and frames stand in reports, the programme has pages of its own.
SETS = ("interface", "messages", "help", "help-us", "no-need")


def every_page(tag: Tag) -> dict[str, Seen]:
    """Return every page by the name of its picture: those of the surveys with all their questions, then the others."""
    pages = {}
    surveys = read_surveys(CONTENT)
    with TemporaryDirectory() as folder, Installation(Path(folder) / "server").running() as client:
        for slug, survey in surveys.items():
            for name, seen in fullest(Respondent(client, survey, tag)):
                page, _, how = name.partition(", ")
                if how == "fresh":
                    pages[f"{slug}-{page}-{tag}.png"] = seen
    # Called so by `kinds`, for the first survey and the second.
    own = {f"{of}-{page.id}" for of, slug in OF.items() for page in surveys[slug].pages}
    others = {kind: seen for kind, seen in kinds_in(tag).items() if kind not in own}
    return pages | {f"interface-{kind}-{tag}.png": seen for kind, seen in others.items()}


def shown(source: Source, tag: Tag, texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the ids of a set of texts that some page shows, and the picture; `texts` has what is on each picture."""
    for key, own in _own(source, tag).items():
        pieces = [" ".join(piece.split()) for piece in re.split(r"\{[a-z_]+\}", own)]
        there = [name for name, text in texts.items() if all(piece in text for piece in pieces)]
        usual = picture(source, key, tag)
        if there:
            yield key, usual if usual in there else there[0]


def _own(source: Source, tag: Tag) -> dict[str, str]:
    if tag == "en":
        return dict(source.texts)
    entries = {entry.msgctxt: entry.msgstr for entry in open_po(source.file(tag)) if not entry.obsolete}
    return {key: entries[key] for key in source.texts if entries.get(key)}


def write_index(folder: Path, tag: Tag, texts: Mapping[str, str]) -> tuple[int, int]:
    """Write which picture shows which text; return how many texts are on one, and how many on none."""
    sets = {name: source for name, source in read_sources(CONTENT).items() if name in SETS}
    rows = [(name, *each) for name, source in sets.items() for each in shown(source, tag, texts)]
    with (folder / INDEX.format(tag=tag)).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows((INDEX_COLUMNS, *rows))
    return len(rows), sum(len(source.texts) for source in sets.values()) - len(rows)


def draw(folder: Path, pages: Mapping[str, Seen], chromium: str) -> None:
    """Draw these pages under their names."""
    with launched(chromium) as browser:
        context = browser.new_context(
            java_script_enabled=False, viewport={"width": WIDTH, "height": PHONE_HEIGHT}
        )
        context.route(
            re.compile("."),
            lambda route: route.fulfill(
                body=pages[route.request.url.rsplit("/", 1)[1]].body, content_type="text/html; charset=utf-8"
            ),
        )
        page = context.new_page()
        for name in pages:
            page.goto(f"http://pictures.test/{name}")
            page.screenshot(path=folder / name, full_page=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("languages", nargs="*", default=list(OFFERED), help="all of them, if none is named")
    parser.add_argument("--chromium", required=True, help="the program")
    parser.add_argument("--folder", type=Path, default=ROOT / "pictures")
    asked = parser.parse_args()
    if unknown := [tag for tag in asked.languages if tag not in OFFERED]:
        parser.error(f"unknown: {', '.join(unknown)}. Please name some of: {', '.join(OFFERED)}")
    asked.folder.mkdir(parents=True, exist_ok=True)
    for tag in map(Tag, asked.languages):
        pages = every_page(tag)
        draw(asked.folder, pages, asked.chromium)
        there, nowhere = write_index(asked.folder, tag, {name: seen.text for name, seen in pages.items()})
        print(f"{tag}: {len(pages)} pictures, {there} texts on them, {nowhere} on none", flush=True)


if __name__ == "__main__":
    main()
