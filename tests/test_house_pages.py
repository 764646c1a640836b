"""What no page may contain, and that every text of the interface is used and every used one exists.

Reads templates as they lie, before anything is filled in, so that it sees every branch. What pages look like when
served is for tests/web. Each check takes the root of a tree and is shown planted faults.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import product
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

ROOT = Path(__file__).parent.parent
Check = Callable[[Path], list[str]]
TEMPLATES = ("src/offramp/web/templates", "src/offramp/desk/templates")
INTERFACE = "content/interface/interface.toml"
# Whose words a template asks for, by the name by which it asks.
WORDS = {"t": INTERFACE, "w": "content/programmes/interface/interface.toml"}
# Those of a report are asked for by `r`, by macros that take a key, and by code.
REPORT = "content/report/report.toml"
REPORT_ASKS = re.compile(r"""["']([a-z]+/[a-z_0-9]*)["']""")

FORBIDDEN_TAGS = frozenset((
    "script", "noscript", "svg", "math", "iframe", "frame", "object", "embed", "applet", "img", "picture", "video",
    "audio", "source", "track", "canvas", "base", "portal", "template",
))  # fmt: skip
ADDRESSES = frozenset((
    "href", "src", "action", "formaction", "srcset", "data", "poster", "cite", "background", "ping", "manifest",
))  # fmt: skip
# Own pages and the page itself; the empty icon; and three ways out: the exit, a helpline, a counted door.
INSIDE = re.compile(r"(/(?!/)|#)[^:]*|data:,")
WAYS_OUT = frozenset(("‹quick_exit›", "‹contact.address›", "‹block›"))
POLICY = "content-security-policy"
# What a variable part of a key can be: the code that fills it, in the file that does.
FILLED_FROM = {
    "field.complaint": ("src/offramp/survey/form.py", "Complaint"),
    "contact.kind": ("src/offramp/web/help.py", "CONTACTS"),
    "option.role": ("src/offramp/survey/view.py", "OptionView"),
}


class Tags(HTMLParser):
    """Every tag of a template with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def templates(root: Path) -> Iterator[tuple[str, str]]:
    for folder in TEMPLATES:
        for path in sorted(path for path in (root / folder).rglob("*") if path.is_file()):
            yield str(path.relative_to(root)), path.read_text(encoding="utf-8")


def tags(source: str) -> list[tuple[str, dict[str, str]]]:
    """Return the tags of a template; an expression becomes ‹its text›, a statement nothing."""
    parser = Tags()
    whole = re.sub(r"{%-? *block leave *-?%}(.*?){%-? *endblock *-?%}", "‹block›", source, flags=re.S)
    bare = re.sub(r"{#.*?#}|{%.*?%}", "", whole, flags=re.S)
    parser.feed(re.sub(r"{{\s*(.*?)\s*}}", lambda m: f"‹{re.sub(chr(34), '', m[1])}›", bare, flags=re.S))
    parser.close()
    return parser.found


def scripts(root: Path) -> list[str]:
    """No script, no handler, nothing that is fetched or drawn by code, no style in an attribute of a served page."""
    faults = []
    for name, source in templates(root):
        for tag, attributes in tags(source):
            if tag in FORBIDDEN_TAGS:
                faults.append(f"{name} has <{tag}>")
            faults += [f"{name} has {a}= on <{tag}>" for a in attributes if a.startswith("on")]
            if "/web/" in name and "style" in attributes:
                faults.append(f"{name} has style= on <{tag}>")
            if tag == "link" and attributes.get("rel") != "icon":
                faults.append(f"{name} has <link rel={attributes.get('rel')}>")
            if tag == "meta" and attributes.get("http-equiv", POLICY).lower() != POLICY:
                faults.append(f"{name} has <meta http-equiv>")
        faults += [
            f"{name} turns escaping off" for word in ("|safe", "| safe", "autoescape") if word in source
        ]
    return faults


def addresses(root: Path) -> list[str]:
    """Every address in a page is one of ours, or one of the ways out, and those tell nothing to where they lead."""
    faults = []
    for name, source in templates(root):
        for tag, attributes in tags(source):
            for attribute in ADDRESSES & attributes.keys():
                value = attributes[attribute].strip()
                out = value in WAYS_OUT
                inside = INSIDE.fullmatch(value) or value.startswith(("‹go(", "‹switch.replace("))
                if not out and not inside:
                    faults.append(f"{name}: <{tag} {attribute}={value}> leads outside")
                if out and "noreferrer" not in attributes.get("rel", "").split():
                    faults.append(f"{name}: <{tag} {attribute}={value}> has no rel=noreferrer")
    return faults


def forms(root: Path) -> list[str]:
    """A form is posted, so that no answer and no query ever stands in an address."""
    return [
        f"{name}: a form is sent by {attributes.get('method', 'get')}"
        for name, source in templates(root)
        for tag, attributes in tags(source)
        if tag == "form" and attributes.get("method", "").lower() != "post"
    ]


# -- the interface's texts ----------------------------------------------------------------------------------


def written(root: Path, interface: str) -> set[str]:
    path = root / interface
    return set(tomllib.loads(path.read_text(encoding="utf-8"))["texts"]) if path.exists() else set()


def said(root: Path, asker: str, interface: str) -> set[str]:
    """Return every key of these words that a template (by `asker`) or the code of a page can ask for."""
    keys: set[str] = set()
    for name, source in templates(root):
        if "/web/" in name:
            tree = Environment(autoescape=True).parse(source)  # parsed and never rendered
            loops = {loop.target.name: [str(item.value) for item in loop.iter.items]  # type: ignore[attr-defined]
                     for loop in tree.find_all(nodes.For)
                     if isinstance(loop.iter, nodes.Tuple) and isinstance(loop.target, nodes.Name)
                     and all(isinstance(item, nodes.Const) for item in loop.iter.items)}  # fmt: skip
            loops |= _pairs(tree)
            for call in tree.find_all(nodes.Call):
                if isinstance(call.node, nodes.Name) and call.node.name == asker and call.args:
                    keys |= set(_expanded(call.args[0], loops, root))
    key = rf"({'|'.join({key.split('/')[0] for key in written(root, interface)})})/[a-z0-9_]+"
    for path in sorted((root / "src/offramp/web").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and re.fullmatch(key, str(node.value)):
                keys.add(str(node.value))
    return keys


def _pairs(tree: nodes.Template) -> dict[str, list[str]]:
    """Return what the first of two loop variables runs through, where pairs are written out in the template."""
    return {
        loop.target.items[0].name: [pair.items[0].value for pair in loop.iter.items]  # type: ignore[attr-defined]
        for loop in tree.find_all(nodes.For)
        if isinstance(loop.iter, nodes.Tuple)
        and isinstance(loop.target, nodes.Tuple)
        and all(
            isinstance(pair, nodes.Tuple) and isinstance(pair.items[0], nodes.Const)
            for pair in loop.iter.items
        )
    }


def _expanded(key: nodes.Expr, loops: dict[str, list[str]], root: Path) -> Iterator[str]:
    """Yield every key that an expression can become; a plain variable is a key that the code of a page names."""
    match key:
        case nodes.Const():
            yield str(key.value)
        case nodes.CondExpr():
            for branch in (key.expr1, key.expr2):
                yield from _expanded(branch, loops, root) if branch else ()
        case nodes.Concat():
            for parts in product(*(_part(part, loops, root) for part in key.nodes)):
                yield "".join(parts)
        case nodes.Name():
            return
        case _:
            raise AssertionError(f"a key is put together in a way that this test cannot read: {key}")


def _part(part: nodes.Expr, loops: dict[str, list[str]], root: Path) -> list[str]:
    match part:
        case nodes.Const():
            return [str(part.value)]
        case nodes.Name() if part.name in loops:
            return loops[part.name]
        case nodes.Getattr(node=nodes.Name()):
            return _values(root, *FILLED_FROM[f"{part.node.name}.{part.attr}"])  # type: ignore[attr-defined]
    raise AssertionError(f"a part of a key runs through nothing that this test knows: {part}")


def _values(root: Path, file: str, name: str) -> list[str]:
    """Return the texts that code gives: the values of an enumeration or tuple, or the roles of an option."""
    tree = ast.parse((root / file).read_text(encoding="utf-8"))
    if name == "OptionView":
        # The roles that are shown by their key: "other" has a text of its own in the template.
        pairs = [node for node in ast.walk(tree) if isinstance(node, ast.Tuple) and len(node.elts) == 2]
        seconds = [pair.elts[1] for pair in pairs]
        return [one.value for one in seconds if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    homes = [node for node in tree.body if (isinstance(node, ast.ClassDef) and node.name == name)
             or (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name)]  # fmt: skip
    given = [part.value for home in homes for part in (home.body if isinstance(home, ast.ClassDef) else [home])
             if isinstance(part, ast.Assign)]  # fmt: skip
    values = [node.value for value in given for node in ast.walk(value) if isinstance(node, ast.Constant)]
    assert values, f"{file} has no {name}"
    return [str(value) for value in values]


def texts(root: Path) -> list[str]:
    found = []
    for asker, interface in WORDS.items():
        have, want = written(root, interface), said(root, asker, interface)
        found += [*(f"{key} is used and not written" for key in sorted(want - have)),
                  *(f"{key} is written and not used" for key in sorted(have - want))]  # fmt: skip
    return found


def report_texts(root: Path) -> list[str]:
    """Every text of a report's frame is asked for somewhere at the desk; a key put together counts by its beginning."""
    sources = [source for name, source in templates(root) if "/desk/" in name]
    sources += [path.read_text(encoding="utf-8") for path in (root / "src/offramp/desk").glob("*.py")]
    asked = {key for source in sources for key in REPORT_ASKS.findall(source)}
    begun = {key for key in asked if key.endswith("/")} | {
        part for source in sources for part in re.findall(r'f"([a-z]+/)\{', source)
    }
    have = written(root, REPORT)
    return [
        f"{key} is written and not used" for key in sorted(have - asked) if not key.startswith(tuple(begun))
    ]


CHECKS: tuple[Check, ...] = (scripts, addresses, forms, texts, report_texts)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_pages_keep_the_house_rules(check: Check) -> None:
    assert check(ROOT) == []


def test_there_are_pages() -> None:
    assert len(list(templates(ROOT))) > 15
    assert any(tag == "form" for _, source in templates(ROOT) for tag, _ in tags(source))


SOUND = {
    "src/offramp/web/templates/a.html": (
        '<a href="/{{ here }}/x">{{ t("a/one") }}</a><a href="{{ quick_exit }}" rel="noreferrer">x</a>'
        '{% for kind in ("b", "c") %}{{ t("a/" ~ kind ~ "_title") }}{% endfor %}<form method="post"></form>'
    ),
    "src/offramp/web/x.py": 'what = "a/two"\n',
    INTERFACE: '[texts]\n"a/one" = "1"\n"a/two" = "2"\n"a/b_title" = "3"\n"a/c_title" = "4"\n',
}


def plant(root: Path, planted: dict[str, str]) -> None:
    for name, text in {**SOUND, **planted}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_sound_pages_have_no_fault(tmp_path: Path) -> None:
    plant(tmp_path, {})
    assert {check.__name__: check(tmp_path) for check in CHECKS} == {check.__name__: [] for check in CHECKS}


MORE, REPORT = "src/offramp/web/templates/b.html", "src/offramp/desk/templates/r.html"
PLANTED: tuple[tuple[Check, str, str, str], ...] = (
    (scripts, MORE, "<script>1</script>", "<script>"),
    (scripts, REPORT, "<p>{% if x %}<svg></svg>{% endif %}", "<svg>"),
    (scripts, MORE, '<p {% if x %}onclick="{{ y }}"{% endif %}>', "onclick="),
    (scripts, MORE, '<p style="color:red">', "style="),
    (scripts, MORE, '<link rel="stylesheet" href="/x.css">', "<link rel=stylesheet>"),
    (scripts, MORE, '<meta http-equiv="refresh" content="0">', "http-equiv"),
    (scripts, MORE, "{{ words|safe }}", "escaping"),
    (addresses, MORE, '<a href="https://example.org/">', "leads outside"),
    (addresses, MORE, '<a href="//example.org/">', "leads outside"),
    (addresses, MORE, '<button formaction="{{ x }}">', "leads outside"),
    (addresses, MORE, '<a href="{{ quick_exit }}">', "noreferrer"),
    (addresses, REPORT, '<p src="http://example.org">', "leads outside"),
    (forms, MORE, "<form>", "sent by get"),
    (texts, MORE, '{{ t("a/three") }}', "a/three is used"),
    (texts, "src/offramp/web/y.py", 'what = "a/four"\n', "a/four is used"),
    (texts, "src/offramp/web/x.py", "", "a/two is written"),
)  # fmt: skip


@pytest.mark.parametrize(("check", "file", "text", "fault"), PLANTED)
def test_a_planted_fault_is_found(tmp_path: Path, check: Check, file: str, text: str, fault: str) -> None:
    plant(tmp_path, {file: text})
    assert any(fault in found for found in check(tmp_path)), check(tmp_path)
