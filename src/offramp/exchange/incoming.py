"""From an XLSForm to the files of a survey, with a list of everything that could not come along.

Forms of other projects ask things that are not asked here (a place, a photograph, a date, an answer that is forced).
Not here: whether what comes out can be asked (`survey` checks that). The invariant: nothing is left out without a
line in `losses`, and a form that `outgoing` wrote comes back with the same structure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from offramp.errors import Refusal
from offramp.exchange.groups import both, groups
from offramp.exchange.names import Names
from offramp.exchange.outgoing import DOOR, MISSING_SUFFIX, OTHER_SUFFIX
from offramp.exchange.workbook import Form, Row
from offramp.language import LANGUAGES, SOURCE, Tag
from offramp.rules import parse, questions
from offramp.survey import OTHER, Kind, Missing

_KINDS = {
    "select_one": Kind.SINGLE, "select_multiple": Kind.MULTIPLE, "rank": Kind.MULTIPLE, "integer": Kind.NUMBER,
    "int": Kind.NUMBER, "decimal": Kind.NUMBER, "range": Kind.SCALE, "text": Kind.TEXT, "string": Kind.TEXT,
    "note": Kind.STATEMENT, "acknowledge": Kind.SINGLE,
}  # fmt: skip
# Never read, or of no consequence for what is asked; everything else that is not taken is a loss.
_QUIET = frozenset((
    "type", "name", "relevant", "parameters", "constraint", "default_language", "offramp_kind", "offramp_part",
    "list_name", "list name", "appearance",
))  # fmt: skip
_TEXTS = {"label": "text", "hint": "hint"}
_TAGGED = re.compile(r"(?P<name>[a-z_]+)::?\s*(?P<tongue>.*?)\s*(?:\((?P<tag>[A-Za-z-]+)\))?\s*")
_BOUNDS = re.compile(r"\.\s*(>=|<=|>|<)\s*(\d+)")
LONGEST_TEXT, WIDEST, MOST_SCALE, MOST_ON_A_PAGE = 600, 60_000, 20, 8
Texts = dict[Tag, dict[str, str]]


@dataclass
class Incoming:
    """A survey's table as survey.toml has it, its texts in other languages, and what was lost on the way."""

    table: dict[str, Any]
    translations: Texts = field(default_factory=dict)
    losses: list[str] = field(default_factory=list)


def incoming(form: Form, slug: str) -> Incoming:
    """Return what can be asked here of an XLSForm. `slug` names the survey where the form has no fitting name."""
    return _Reader(form, slug).read()


class _Reader:
    def __init__(self, form: Form, slug: str) -> None:
        self.form, self.slug = form, slug
        self.settings = form.settings[0] if form.settings else {}
        self.columns = _columns(form, self.settings)
        self.names = Names()
        self.losses: list[str] = []
        self.texts: Texts = {tag: {} for tag in {tag for _, tag in self.columns.values()} - {SOURCE}}
        self.asked: dict[str, str] = {}
        self.lists: dict[str, list[Row]] = {}
        for choice in form.choices:
            self.lists.setdefault(choice.get("list_name") or choice.get("list name") or "", []).append(choice)

    def read(self) -> Incoming:
        pages, modules = self._pages()
        table: dict[str, Any] = {
            "slug": self.slug, "version": _number(self.settings.get("version", "")) or 1, "state": "draft",
            "title": self._say(self.settings, "offramp_title", "title", self.settings.get("form_title", self.slug)),
            "languages": sorted(self.texts),
            "module_order": self.settings.get("offramp_module_order", "fixed"),
            "consent": {"purpose": self._consent("purpose"), "topics": self._consent("topics"),
                        "minutes": _number(self.settings.get("offramp_minutes", "")) or 10},
            "door": {name: text for name in DOOR
                     if (text := self._say(self.settings, f"offramp_door_{name}", f"door/{name}"))},
            "sample": list(self._samples()),
            "module": modules, "page": pages,
        }  # fmt: skip
        return Incoming(
            {key: found for key, found in table.items() if found not in ([], {})}, self.texts, self.losses
        )

    def _samples(self) -> Iterator[dict[str, Any]]:
        for part in self.settings.get("offramp_samples", "").split():
            name, _, share = part.partition("=")
            if (number := _number(share)) is None:
                self.losses.append(f"sample {name}: “{share}” is no share in percent")
            else:
                yield {"id": name, "share": number}

    def lose(self, row: Row, what: str) -> None:
        self.losses.append(f"{row.get('name') or row.get('type', 'a row')}: {what}")

    # -- texts

    def _say(self, row: Row, name: str, key: str, otherwise: str = "") -> str:
        """Note a text under `key` in every language that has it; return the English, or what stands for it."""
        found = {tag: row[column] for column, (base, tag) in self.columns.items()
                 if base == name and row.get(column, "").strip()}  # fmt: skip
        english = found.pop(SOURCE, "") or next(iter(found.values()), otherwise)
        if english:
            for tag, texts in self.texts.items():
                if tag in found:
                    texts[key] = found[tag]
        return self._short(row, english)

    def _short(self, row: Row, text: str) -> str:
        if len(text) <= LONGEST_TEXT:
            return text
        self.lose(row, f"a text of {len(text)} characters is cut to {LONGEST_TEXT}; please write it anew")
        return text[: LONGEST_TEXT - 1] + "…"

    def _consent(self, name: str) -> str:
        row = next((row for row in self.form.survey if row.get("name") == f"consent_{name}"), None)
        if row is None:
            self.losses.append(f"consent: the form says nothing of its {name}; please write it")
            return "Please write this."
        return self._say(row, "label", f"consent/{name}")

    # -- pages

    def _pages(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        pages: list[dict[str, Any]] = []
        modules: list[dict[str, Any]] = []
        for head, rows in groups(self.form.survey, self.lose):
            match head.get("offramp_part"):
                case "consent":
                    continue
                case "offer" if head.get("offramp_module"):
                    modules.append(self._module(head, rows))
                case _:
                    pages += self._page(head, rows)
        return pages, modules

    def _module(self, head: Row, rows: list[Row]) -> dict[str, Any]:
        name = head["offramp_module"]
        self.asked[f"take_{name}"] = f"take_{name}"
        invite = next((row for row in rows if row.get("type") == "note"), {})
        return {"id": name, "title": self._say(head, "label", f"module/{name}/title"),
                "invite": self._say(invite, "label", f"module/{name}/invite")}  # fmt: skip

    def _page(self, head: Row, rows: list[Row]) -> Iterator[dict[str, Any]]:
        identity = self.names.page(head.get("name", ""))
        own = "offramp_part" in head
        if head.get("relevant") and not own:
            # A group that is not always shown: what it asks is asked on the same condition.
            rows = [{**row, "relevant": both(head["relevant"], row.get("relevant", ""))} for row in rows]
        intro = (
            rows.pop(0) if own and rows and rows[0].get("name") == f"{head.get('name', '')}_intro" else None
        )
        read = [question for question in (self._question(row, rows) for row in rows) if question]
        texts = {"title": self._say(head, "label", f"page/{identity}/title", identity.replace("_", " "))}
        texts |= {"intro": self._say(intro, "label", f"page/{identity}/intro")} if intro else {}
        place = {"module": head["offramp_module"]} if head.get("offramp_module") else {
            "part": "closing" if head.get("offramp_part") == "closing" else "core"}  # fmt: skip
        for some in _split(read, len(read) if own else MOST_ON_A_PAGE):
            more = identity if some[0] is read[0] else self.names.page(identity)
            yield {"id": more, **place, **texts, "question": some}

    # -- questions

    def _question(self, row: Row, beside: Iterable[Row]) -> dict[str, Any] | None:
        word, _, rest = row.get("type", "").strip().partition(" ")
        kind = row.get("offramp_kind") or _KINDS.get(word.lower(), "")
        if kind in ("missing", "other_words") or row.get("offramp_matrix") or self._is_words_of_other(row):
            return None
        if kind == "matrix":
            return self._matrix(row, beside)
        if not kind:
            self.lose(row, f"“{row.get('type')}” is not asked here")
            return None
        question: dict[str, Any] = {"id": self.names.question(row.get("name", "")), "kind": str(kind)}
        question["text"] = self._say(
            row, "label", f"question/{question['id']}/text", question["id"].replace("_", " ")
        )
        if hint := self._say(row, "hint", f"question/{question['id']}/hint"):
            question["hint"] = hint
        question |= self._answers(row, word.lower(), rest, question)
        if len(question.get("options", ("", ""))) + question.get("other", False) < 2:
            self.lose(row, "it has fewer than two answers to choose from")
            return None
        question |= self._relevant(row)
        question |= {"sample": row["offramp_sample"]} if row.get("offramp_sample") else {}
        question |= {"same_as": row["offramp_same_as"]} if row.get("offramp_same_as") else {}
        self._unread(row)
        self.asked[row.get("name", "")] = question["id"]
        return question

    def _matrix(self, head: Row, beside: Iterable[Row]) -> dict[str, Any]:
        """Return the rows of a matrix as one question, as survey.toml has them."""
        name = self.names.question(head.get("name", ""))
        question: dict[str, Any] = {
            "id": name,
            "kind": "matrix",
            "text": self._say(head, "label", f"question/{name}/text"),
        }
        if hint := self._say(head, "hint", f"question/{name}/hint"):
            question["hint"] = hint
        question |= {"random_rows": True} if head.get("offramp_random_rows") else {}
        question["rows"] = []
        for row in (row for row in beside if row.get("offramp_matrix") == head.get("name", "")):
            identity = self.names.question(row.get("name", ""))
            same = {"same_as": row["offramp_same_as"]} if row.get("offramp_same_as") else {}
            said = self._say(row, "label", f"question/{identity}/text")
            question["rows"].append({"id": identity, "text": said, **same})
            self.asked[row.get("name", "")] = identity
        question |= self._options(head, "select_one", head.get("name", ""), question) | self._relevant(head)
        return question | ({"sample": head["offramp_sample"]} if head.get("offramp_sample") else {})

    def _is_words_of_other(self, row: Row) -> bool:
        name = row.get("name", "")
        asked = name.removesuffix(OTHER_SUFFIX)
        shown = "".join(row.get("relevant", "").split())
        wanted = (f"selected(${{{asked}}},'{OTHER}')", f"${{{asked}}}='{OTHER}'")
        return name != asked and shown in wanted

    def _answers(self, row: Row, word: str, rest: str, question: dict[str, Any]) -> dict[str, Any]:
        match question["kind"]:
            case Kind.SINGLE | Kind.MULTIPLE:
                return self._options(row, word, rest, question)
            case Kind.SCALE:
                return self._scale(row, question)
            case Kind.NUMBER:
                return self._bounds(row, word) | self._dont_know(f"{row.get('name')}{MISSING_SUFFIX}")
            case Kind.TEXT:
                return _longest(row)
            case _:
                return {}

    def _options(self, row: Row, word: str, rest: str, question: dict[str, Any]) -> dict[str, Any]:
        if word == "rank":
            self.lose(row, "the order of what is chosen is not kept")
        if word == "acknowledge":
            return {"options": [{"id": "ok", "text": "OK"}, {"id": "not_ok", "text": "Not OK"}]}
        parts = rest.split()
        if not parts or parts[0] not in self.lists:
            self.lose(row, f"its list of answers “{rest}” is not in the workbook")
            return {"options": []}
        found: dict[str, Any] = {"options": []}
        taken: set[str] = set()
        if "or_other" in rest.replace("specify_other", "or_other"):
            found["other"] = True
        for choice in self.lists[parts[0]]:
            name = choice.get("name", "")
            if name in tuple(Missing):
                found |= {"dont_know": True} if name == Missing.DONT_KNOW else {}
            elif name == OTHER:
                found["other"] = True
            else:
                found["options"].append(self._option(choice, question["id"], taken))
        if found.get("other") and row.get("offramp_max_length"):
            found |= _longest(row)
        random = row.get("offramp_random_order") or re.search(
            r"randomize\s*=\s*true", row.get("parameters", "")
        )
        return found | ({"random_order": True} if random else {})

    def _option(self, choice: Row, question: str, taken: set[str]) -> dict[str, Any]:
        identity = self.names.option(choice.get("name", ""), taken)
        option: dict[str, Any] = {"id": identity}
        option["text"] = self._say(choice, "label", f"question/{question}/option/{identity}", identity)
        option |= {"exclusive": True} if choice.get("offramp_exclusive") else {}
        option |= (
            {"last": True} if choice.get("offramp_fixed") and not choice.get("offramp_exclusive") else {}
        )
        for column in choice.keys() - self.columns.keys() - _QUIET:
            if not column.startswith("offramp_") and choice[column].strip():
                self.lose(choice, f"the column “{column}” of an answer")
        return option

    def _dont_know(self, name: str) -> dict[str, Any]:
        codes = [choice.get("name") for choice in self.lists.get(name, ())]
        return {"dont_know": True} if Missing.DONT_KNOW in codes else {}

    def _scale(self, row: Row, question: dict[str, Any]) -> dict[str, Any]:
        given = dict(re.findall(r"(\w+)\s*=\s*(-?[\d.]+)", row.get("parameters", "")))
        low = _number(row.get("offramp_low", given.get("start", "0"))) or 0
        high = _number(row.get("offramp_high", given.get("end", "10"))) or low + 10
        if high - low > MOST_SCALE or _number(given.get("step", "1")) != 1:
            self.lose(row, f"a scale has at most {MOST_SCALE + 1} points, one apart")
            high = min(high, low + MOST_SCALE)
        key = f"question/{question['id']}"
        return {"low": low, "high": high, "low_label": self._say(row, "offramp_low_label", f"{key}/low", str(low)),
                "high_label": self._say(row, "offramp_high_label", f"{key}/high", str(high)),
                **self._dont_know(question["id"])}  # fmt: skip

    def _bounds(self, row: Row, word: str) -> dict[str, Any]:
        low, high = (_number(row.get(f"offramp_{end}", "")) for end in ("low", "high"))
        if low is not None and high is not None:
            return {"low": low, "high": high}
        low, high = 0, WIDEST
        for sign, number in _BOUNDS.findall(row.get("constraint", "")):
            bound = int(number) + {">": 1, "<": -1}.get(sign, 0)
            low, high = (max(low, bound), high) if sign.startswith(">") else (low, min(high, bound))
        if word == "decimal":
            self.lose(row, "numbers are whole here")
        return {"low": low, "high": high if high > low else low + 1}

    def _relevant(self, row: Row) -> dict[str, Any]:
        text = row.get("relevant", "").strip()
        if not text:
            return {}
        renamed = re.sub(r"\$\{\s*([^}]+?)\s*\}", lambda m: f"${{{self.asked.get(m[1], '')}}}", text)
        try:
            condition = parse(renamed, "relevant")
        except Refusal:
            self.lose(row, f"the condition “{text}” cannot be asked here, so everybody is asked")
            return {}
        unknown = questions(condition) - set(self.asked.values())
        if unknown:
            self.lose(row, f"the condition “{text}” looks at what is not asked before, so everybody is asked")
            return {}
        return {"relevant": renamed}

    def _unread(self, row: Row) -> None:
        """Say of every cell that nobody here reads that it is lost."""
        for column in row.keys() - _QUIET:
            base = self.columns.get(column, (column, SOURCE))[0]
            if base in _TEXTS or column.startswith("offramp_") or not row[column].strip():
                continue
            said = "nothing is ever forced here" if column == "required" else "is not kept"
            self.lose(row, f"“{column}” = “{row[column]}”: {said}")
        constraint = row.get("constraint", "")
        if (
            constraint
            and not row.get("offramp_kind")
            and _BOUNDS.sub("", constraint).replace("and", "").strip()
        ):
            self.lose(row, f"the constraint “{constraint}” is not kept as a whole")


def _columns(form: Form, settings: Row) -> dict[str, tuple[str, Tag]]:
    """Return for every column with a text which text it is, and in which language."""
    used = dict.fromkeys(column for row in (*form.settings, *form.survey, *form.choices) for column in row)
    plain = _tag_of(settings.get("default_language", "")) or SOURCE
    found: dict[str, tuple[str, Tag]] = {}
    for column in used:
        if column in ("label", "hint"):
            found[column] = (column, plain)
        elif (match := _TAGGED.fullmatch(column)) and match["name"] in (
            "label", "hint", "offramp_title", "offramp_low_label", "offramp_high_label",
            *(f"offramp_door_{name}" for name in DOOR),
        ):  # fmt: skip
            tag = Tag(match["tag"].lower()) if match["tag"] else _tag_of(match["tongue"])
            if tag is not None and tag in LANGUAGES:
                found[column] = (match["name"], tag)
    return found


def _tag_of(name: str) -> Tag | None:
    tagged = re.search(r"\(([A-Za-z-]+)\)", name)
    wanted = (tagged[1] if tagged else name).strip().lower()
    names: Mapping[str, Tag] = {language.name.lower(): tag for tag, language in LANGUAGES.items()}
    return Tag(wanted) if wanted in LANGUAGES else names.get(wanted)


def _longest(row: Row) -> dict[str, int]:
    length = _number(row.get("offramp_max_length", ""))
    return {"max_length": length} if length else {}


def _number(text: str) -> int | None:
    match = re.match(r"-?\d+", text.strip())
    return int(match[0]) if match else None


def _split(read: list[dict[str, Any]], most: int) -> Iterator[list[dict[str, Any]]]:
    """Yield what goes on one page: at most so many questions, and none that depends on another beside it."""
    page: list[dict[str, Any]] = []
    for question in read:
        looks_at = questions(parse(question["relevant"], "relevant")) if "relevant" in question else set()
        if len(page) == most or looks_at & {
            one["id"] for other in page for one in (other, *other.get("rows", ()))
        }:
            yield page
            page = []
        page.append(question)
    if page:
        yield page
