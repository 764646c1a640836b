"""Documents that cannot drift: what they say of the tree is compared with the tree.

Commands, settings, the glossary, links, and words that nobody writes here. Each check takes the root of a tree and
is shown planted faults, except where it has to ask the program itself.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from offramp.errors import Refusal
from offramp.gate import load_messages
from offramp.settings import OTHER_VARIABLES, PARTICULARS, VARIABLES, read_settings
from offramp.survey import Missing, read_surveys

ROOT = Path(__file__).parent.parent
Check = Callable[[Path], list[str]]
SKIPPED = frozenset((
    ".git", ".venv", "var", "build", "dist", "screenshots", "__pycache__", ".hypothesis", ".pytest_cache",
    ".mypy_cache", ".ruff_cache",
))  # fmt: skip
# Put together here, so that this file does not hold what it looks for.
TERM = "chi" + "ld" + r"(ren'?s?)?\W+porn"
ALLOWED_ONCE = re.compile("never\\W+" + TERM + r"ography")
# In small letters, the fifth is Spanish and Portuguese for "everything".
NEVER = re.compile(
    "|".join((TERM, "/wor" + "k/", "/roo" + "t/", r"/home/\w", "(?-i:TO" + "DO)", "FIX" + "ME", "X" + "XX",
              r"py" + r"pi\.org", r"pythonhosted\.", r"npm" + r"js\.")),
    re.IGNORECASE,
)  # fmt: skip
# What the glossary was begun for: losing one of these would be a loss.
EXPECTED = frozenset((
    "arm", "base", "bare", "body", "break-off", "catalogue", "consent", "decision", "desk", "door", "draft", "draw",
    "envelope", "exception phrase", "fold", "gate", "glance", "item non-response", "ledger", "list", "message",
    "milestone", "module", "offer", "off-path", "page key", "path", "recipient", "receipt", "response", "sentinel",
    "settle", "state", "structure hash", "text hash", "tally", "tombstone", "walk", "week", "words",
))  # fmt: skip


def files(root: Path) -> Iterator[Path]:
    """Yield the files of the tree that people write."""
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        made = SKIPPED.intersection(parts) or any(
            part.endswith((".egg-info", ".pyc", ".lock")) for part in parts
        )
        if path.is_file() and not made:
            yield path


def documents(root: Path) -> Iterator[tuple[Path, str]]:
    for path in files(root):
        if path.suffix == ".md":
            yield path, path.read_text(encoding="utf-8")


def words(root: Path) -> list[str]:
    """Words that nobody writes, addresses of somebody's machine, and promises to finish later."""
    faults = []
    for path in files(root):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if found := NEVER.search(ALLOWED_ONCE.sub("", line)):
                faults.append(f"{path.relative_to(root)}:{number} has “{found[0]}”")
    return faults


def links(root: Path) -> list[str]:
    """Every link between documents leads somewhere, and every file that one names in code type exists."""
    faults = []
    for path, text in documents(root):
        prose = re.sub(r"(?m)^    .*$", "", text)
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", prose):
            if "://" not in target and not (path.parent / target).exists():
                faults.append(f"{path.relative_to(root)} links to {target}")
        for named in re.findall(r"`((?:src|docs|tests|content|ops)/[^`\s<>…*]+)`", prose):
            if not (root / named).exists():
                faults.append(f"{path.relative_to(root)} names {named}")
    return faults


# -- the glossary -------------------------------------------------------------------------------------------


def entries(root: Path) -> list[tuple[str, str, str]]:
    """Return the lines of the glossary: word, meaning, file."""
    text = (root / "docs/glossary.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| `([^`|]+)` \|$", text, re.M)
    return [(word.strip("`"), meaning, file) for word, meaning, file in rows]


def glossary(root: Path) -> list[str]:
    """Each word once and in one file that exists; each module of the tree the home of a word."""
    found = entries(root)
    all_words = [word for word, _, _ in found]
    homes = {file for _, _, file in found}
    modules = {str(path.relative_to(root)) for path in (root / "src/offramp").rglob("*.py")
               if path.name not in ("__init__.py", "__main__.py")}  # fmt: skip
    return [
        *(f"{word} stands there twice" for word in sorted({w for w in all_words if all_words.count(w) > 1})),
        *(f"{file} does not exist" for file in sorted(homes) if not (root / file).is_file()),
        *(f"{module} is the home of no word" for module in sorted(modules - homes)),
    ]


def test_the_glossary_has_the_words_that_it_was_begun_for() -> None:
    assert {word for word, _, _ in entries(ROOT)} >= EXPECTED


def test_missing_codes_have_a_line_each() -> None:
    lines = {word for word, _, _ in entries(ROOT)}
    names = {
        "rather_not_say": "rather not say",
        "dont_know": "don't know",
        "seen_not_sent": "seen but not sent",
    }
    assert {names.get(code.value, code.value.replace("_", " ")) for code in Missing} <= lines


def test_bold_words_of_the_glossary_have_lines() -> None:
    lines = {word for word, _, _ in entries(ROOT)}
    bold = {word for _, meaning, _ in entries(ROOT) for word in re.findall(r"\*\*([^*]+)\*\*", meaning)}
    assert {word for word in bold if not {word, word.removesuffix("s")} & lines} == set()


# -- settings and commands, as the program itself knows them ------------------------------------------------


def known_settings(tmp_path: Path) -> set[str]:
    """Ask the program for its keys: an unknown key in a table is refused with the names of all known ones."""
    tables = ("server", "store", "content", "keys", "languages", "page", "programme", "results", "study")
    lines = ["unheard_of = 1", *(f"[{table}]\nunheard_of = 1" for table in tables)]
    (tmp_path / "offramp.toml").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        read_settings(tmp_path / "offramp.toml", {})
    keys: set[str] = set()
    for problem in refused.value.problems:
        if problem.code == "table.unknown_key" and "unheard_of" in problem.what:
            _, _, table = problem.place.partition(", ")
            names = problem.remedy.removeprefix("Please use one of: ").rstrip(".").split(", ")
            keys |= {f"{table}.{name}" if table else name for name in names if table or name not in tables}
    assert {table for table in tables if any(key.startswith(f"{table}.") for key in keys)} == set(tables)
    return keys


def first_cells(page: str) -> set[str]:
    text = (ROOT / "docs/reference" / page).read_text(encoding="utf-8")
    return set(re.findall(r"^\| `([^`]+)` \|", text, re.M))


def test_every_setting_is_documented_and_no_other(tmp_path: Path) -> None:
    documented = {cell for cell in first_cells("settings.md") if not cell.startswith("OFFRAMP_")}
    assert documented == known_settings(tmp_path)
    assert {f"study.{name}" for name in PARTICULARS} <= documented


def test_every_variable_is_documented_and_no_other() -> None:
    documented = {cell for cell in first_cells("settings.md") if cell.startswith("OFFRAMP_")}
    assert documented == {*VARIABLES, *OTHER_VARIABLES}


def test_no_variable_is_read_that_the_settings_do_not_know() -> None:
    named = {
        variable
        for folder in ("src", "ops", "content")
        for path in files(ROOT / folder)
        for variable in re.findall(r"\bOFFRAMP_[A-Z_]+[A-Z]", path.read_text(encoding="utf-8"))
    }
    assert named <= {*VARIABLES, *OTHER_VARIABLES}


def test_the_environment_and_the_file_say_the_same() -> None:
    text = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    for variable, (table, key) in VARIABLES.items():
        assert f"| `{variable}` | `{table}.{key}` |" in text


def test_commands_page_is_what_the_command_line_says() -> None:
    spec = importlib.util.spec_from_file_location("make_commands", ROOT / "docs/reference/make_commands.py")
    assert spec is not None
    assert spec.loader is not None
    make_commands = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make_commands)
    written = (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8")
    assert written == make_commands.page(), "please run: python docs/reference/make_commands.py"
    assert "## `offramp serve`" in written


def test_the_readme_counts_right() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    survey = read_surveys(ROOT / "content")["help-us"]
    numbers = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

    def asked(part: str) -> int:
        pages = [page for page in survey.pages if page.part == part]
        return sum(question.kind != "statement" for page in pages for question in page.questions)

    core = sum(page.part == "core" for page in survey.pages)
    assert f"a core of {asked('core')} questions on {core} pages" in text
    parts = f"{numbers[len(survey.modules)]} optional parts in random order with {asked('module')} more"
    assert parts in " ".join(text.split())
    second = read_surveys(ROOT / "content")["no-need"]
    pages = [page for page in second.pages if page.part == "core"]
    core = sum(len(page.questions) for page in pages)
    more = sum(len(page.questions) for page in second.pages if page.part == "module")
    assert f"a core of {core} questions on {len(pages)} pages, {numbers[len(second.modules)]}" in " ".join(
        text.split()
    )
    assert f"optional parts with {more} more; where" in " ".join(text.split())
    assert f"{numbers[len(load_messages(ROOT / 'content/messages').arms)]} arms" in text


def test_decisions_are_numbered_without_gaps() -> None:
    names = sorted(path.name for path in (ROOT / "docs/decisions").glob("*.md"))
    numbers = [int(name[:4]) for name in names]
    assert numbers == list(range(1, len(names) + 1))
    for name in names:
        text = (ROOT / "docs/decisions" / name).read_text(encoding="utf-8")
        parts = re.findall(r"^## (.+)$", text, re.M)
        assert parts == ["Context", "Decision", "Consequences", "Alternatives"], name
        assert len(text.splitlines()) <= 70, f"{name} is longer than a page"


def test_headings_of_a_document_go_down_one_at_a_time() -> None:
    for path, text in documents(ROOT):
        levels = [len(marks) for marks in re.findall(r"^(#+) ", re.sub(r"(?s)```.*?```", "", text), re.M)]
        # The prose of a programme's step has its title, the first heading of its page, in programme.toml.
        first = 2 if "programmes" in path.parts and "text" in path.parts else 1
        assert levels[:1] in ([], [first]), path
        assert all(after <= before + 1 for before, after in pairwise(levels)), path


# -- the checks, and faults planted for them ----------------------------------------------------------------

CHECKS: tuple[Check, ...] = (words, links, glossary)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_documents_are_true_of_the_tree(check: Check) -> None:
    assert check(ROOT) == []


SOUND = {
    "docs/glossary.md": "| arm | one of several | `src/offramp/gate.py` |\n",
    "docs/other.md": "See [this](glossary.md#x) and `src/offramp/gate.py`. CSAM, never “"
    + "child"
    + " pornography”.\n",
    "src/offramp/gate.py": '"""."""\n',
}


def plant(root: Path, planted: dict[str, str]) -> None:
    for name, text in {**SOUND, **planted}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_a_sound_tree_has_no_fault(tmp_path: Path) -> None:
    plant(tmp_path, {})
    assert {check.__name__: check(tmp_path) for check in CHECKS} == {check.__name__: [] for check in CHECKS}


PLANTED: tuple[tuple[Check, str, str, str], ...] = (
    (words, "src/offramp/gate.py", "# Chi" + "ld porn\n", "gate.py:1"),
    (words, "content/x.toml", 'path = "/wor' + 'k/main"\n', "x.toml:1"),
    (words, "ops/x.sh", "# TO" + "DO later\n", "x.sh:1"),
    (links, "docs/x.md", "[there](nowhere.md)\n", "links to nowhere.md"),
    (links, "docs/x.md", "`src/offramp/attic.py`\n", "names src/offramp/attic.py"),
    (glossary, "docs/glossary.md", SOUND["docs/glossary.md"] * 2, "arm stands there twice"),
    (glossary, "docs/glossary.md", "| arm | one | `src/offramp/attic.py` |\n", "attic.py does not exist"),
    (glossary, "src/offramp/more.py", '"""."""\n', "more.py is the home of no word"),
)  # fmt: skip


@pytest.mark.parametrize(("check", "file", "text", "fault"), PLANTED)
def test_a_planted_fault_is_found(tmp_path: Path, check: Check, file: str, text: str, fault: str) -> None:
    plant(tmp_path, {file: text})
    assert any(fault in found for found in check(tmp_path)), check(tmp_path)
