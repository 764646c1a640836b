"""The walls of the house, in its Python source: who may import whom, who may speak, who may look at the world.

Pages and interface texts: test_house_pages. Documents: test_house_documents. Each check takes the root of a tree and
returns what is wrong there, so that the same check is shown a planted fault and must find it.
The walls themselves stand in docs/architecture.md, in the table that these tests read.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
Check = Callable[[Path], list[str]]
Planted = tuple[Check, str, str, str]

CORE = ("errors", "tables", "language", "rules", "sealing", "gate", "survey", "programme")
# Clock, chance, network, processes, threads and voices: what the core is handed, or does without.
WORLD = frozenset((
    "asyncio", "calendar", "concurrent", "datetime", "http", "logging", "multiprocessing", "random", "secrets",
    "select", "shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "tempfile", "threading", "time", "urllib",
    "uuid", "warnings",
))  # fmt: skip
# What a request tells about a person. Nobody in the house reads it; of its headers, only these three are looked at.
ABOUT_A_PERSON = frozenset(("client", "cookies", "set_cookie", "session", "raw_headers"))
HEADERS = frozenset(("content-type", "content-encoding", "accept-language"))
OPERATORS_HEADERS = frozenset(("ACCEPT", "ACCEPT_LANGUAGE", "CONTENT_ENCODING"))
NOBODYS_HEADERS = frozenset((
    "COOKIE", "USER_AGENT", "REFERER", "X_FORWARDED_FOR", "X_REAL_IP", "FORWARDED", "VIA", "AUTHORIZATION",
    "REMOTE_ADDR", "REMOTE_PORT", "REMOTE_USER", "CLIENT",
))  # fmt: skip
LONGEST_FUNCTION, LONGEST_FILE = 40, 400
# Data tables are exempt, also those that are written as calls.
DATA_TABLES = frozenset(("settings.py: read_settings", "web/app.py: _routes"))


@cache
def sources(root: Path) -> dict[str, ast.Module]:
    """Return every module of the house by its path below src/offramp."""
    home = root / "src" / "offramp"
    found = sorted(home.rglob("*.py"))
    return {str(path.relative_to(home)): ast.parse(path.read_text(encoding="utf-8")) for path in found}


def room(file: str) -> str:
    return file.split("/")[0].removesuffix(".py")


def imports(tree: ast.Module) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield every import wherever it stands: the module, and the names taken from it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", tuple(alias.name for alias in node.names)


# -- walls and doors ----------------------------------------------------------------------------------------


def allowed(root: Path) -> dict[str, set[str]]:
    """Return the table of the architecture: per room the rooms and the packages that it uses."""
    text = (root / "docs/architecture.md").read_text(encoding="utf-8")
    section = text.partition("## The walls\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \|([^|]*)\|([^|]*)\|$", section, re.M)
    return {name: set(re.findall(r"`(\w+)`", rooms + packages)) for name, rooms, packages in rows}


def used(root: Path) -> dict[str, set[str]]:
    """Return per room the other rooms and the packages from elsewhere that it imports."""
    found: dict[str, set[str]] = {}
    for file, tree in sources(root).items():
        if room(file) in ("__init__", "__main__"):
            continue
        there = found.setdefault(room(file), set())
        for module, names in imports(tree):
            top, _, rest = module.partition(".")
            if top == "offramp":
                there |= {rest.split(".")[0]} if rest else set(names) - {"__version__"}
            elif top not in sys.stdlib_module_names:
                there.add(top)
    return {name: there - {name} for name, there in found.items()}


def walls(root: Path) -> list[str]:
    table, found = allowed(root), used(root)
    return [
        *(f"{name} is in no row of the table in docs/architecture.md" for name in found.keys() - table.keys()),
        *(f"{name} is in the table of docs/architecture.md only" for name in table.keys() - found.keys()),
        *(f"{name} imports {other}" for name in found for other in sorted(found[name] - table.get(name, set()))),
        *(f"{name} does not use {other}, which the table names"
          for name in found for other in sorted(table.get(name, set()) - found[name])),
    ]  # fmt: skip


def fixed_walls(root: Path) -> list[str]:
    """Hold the few walls that no edit of the table may open."""
    found = used(root)
    forbidden = [
        ("web", "desk"),
        ("desk", "web"),
        *(("adapters", other) for other in ("web", "desk", "cli", "store", "schema", "settings", "survey")),
        *(
            (core, other)
            for core in CORE
            for other in (
                "web",
                "desk",
                "cli",
                "store",
                "schema",
                "settings",
                "sqlalchemy",
                "starlette",
                "uvicorn",
                "httpx2",
                "jinja2",
                "typer",
            )
        ),
    ]
    only = {"sqlalchemy": {"schema", "store"}, "alembic": {"schema"},
            "cryptography": {"sealing", "settings"}, "typer": {"cli"}, "uvicorn": {"cli"},
            "httpx2": {"cli"}, "rich": {"cli"}, "starlette": {"web"}, "django": {"adapters"}, "flask": {"adapters"},
            "searx": {"adapters"}, "daachorse": {"gate"}, "lark": {"rules"},
            "pyarrow": {"scan", "desk"}, "pyspark": {"scan"}, "numpy": {"desk"}, "scipy": {"desk"},
            "cli": {"__main__"}}  # fmt: skip
    faults = [f"{one} imports {other}" for one, other in forbidden if other in found.get(one, ())]
    return faults + [
        f"{name} imports {package}, which belongs to {' and '.join(sorted(homes))}"
        for package, homes in only.items()
        for name in found
        if package in found[name] and name not in homes
    ]


def doors(root: Path) -> list[str]:
    """Outsiders import a package and never a file inside it, and only what its door hands on."""
    trees = sources(root)
    packages = {file.split("/")[0] for file in trees if "/" in file} - {"cli"}
    faults = []
    for file, tree in trees.items():
        for module, names in imports(tree):
            _, target, *inner = [*module.split("."), ""]
            if not module.startswith("offramp.") or target not in packages or room(file) == target:
                continue
            handed_on = _handed_on(trees.get(f"{target}/__init__.py"))
            if inner != [""]:
                faults.append(f"{file} looks into {module}")
            else:
                faults += [f"{file} takes {name}, which the door of {target} does not hand on"
                           for name in names if name not in handed_on]  # fmt: skip
    return faults


def _handed_on(door: ast.Module | None) -> set[str]:
    for node in door.body if door else ():
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and node.targets[0].id == "__all__"
        ):
            return set(ast.literal_eval(node.value))
    return set()


# -- the world, and voices ----------------------------------------------------------------------------------


def world(root: Path) -> list[str]:
    """The core is handed clock, chance and bytes; of `os` it may only name the source of random bytes."""
    faults = []
    for file, tree in sources(root).items():
        if room(file) not in CORE:
            continue
        faults += [f"{file} imports {module}" for module, _ in imports(tree) if module.split(".")[0] in WORLD]
        faults += [f"{file} uses os.{node.attr}" for node in ast.walk(tree)
                   if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
                   and node.value.id == "os" and node.attr != "urandom"]  # fmt: skip
    return faults


def environment(root: Path) -> list[str]:
    """Only the command line touches the environment; it hands it over."""
    return [
        f"{file} reads the environment"
        for file, tree in sources(root).items()
        if room(file) != "cli"
        and any(
            (isinstance(node, ast.Attribute) and node.attr in ("environ", "environb", "getenv"))
            or (
                isinstance(node, ast.ImportFrom)
                and node.module == "os"
                and "environ" in {a.name for a in node.names}
            )
            for node in ast.walk(tree)
        )
    ]


def voices(root: Path) -> list[str]:
    """`print` is for the command line. Logging lives in web/guard.py, in `log_fault`, with two harmless values."""
    faults = []
    for file, tree in sources(root).items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                if name in ("print", "sys.stdout.write", "sys.stderr.write") and room(file) != "cli":
                    faults.append(f"{file}:{node.lineno} prints")
                if re.match(r"(LOG|logging|logger|log)\.(?!getLogger)", name) and not _is_log_fault(
                    file, tree, node
                ):
                    faults.append(f"{file}:{node.lineno} logs")
        if file != "web/guard.py" and any(
            module.split(".")[0] in ("logging", "syslog") for module, _ in imports(tree)
        ):
            faults.append(f"{file} imports logging")
    return faults


def _is_log_fault(file: str, tree: ast.Module, call: ast.Call) -> bool:
    inside = any(isinstance(node, ast.FunctionDef) and node.name == "log_fault" and call in ast.walk(node)
                 for node in tree.body)  # fmt: skip
    said = [ast.unparse(argument) for argument in call.args]
    return (
        file == "web/guard.py"
        and inside
        and said[1:] == ["type(error).__name__", "where"]
        and not call.keywords
    )


def persons(root: Path) -> list[str]:
    """Nothing of a request that is about a person is read: no address, no agent, no cookie."""
    faults = []
    for file, tree in sources(root).items():
        if room(file) not in ("web", "gate", "survey"):
            continue
        asked = {node.func.value: node.args[0] for node in ast.walk(tree)
                 if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get"
                 and node.args}  # fmt: skip
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in ABOUT_A_PERSON:
                faults.append(f"{file}:{node.lineno} reads .{node.attr}")
            if isinstance(node, ast.Subscript) and re.search(
                r"scope\[(?!'(type|path)'\])", ast.unparse(node)
            ):
                faults.append(f"{file}:{node.lineno} looks into the request’s scope")
            if isinstance(node, ast.Attribute) and node.attr == "headers":
                name = asked.get(node)
                if not isinstance(name, ast.Constant) or name.value not in HEADERS:
                    faults.append(f"{file}:{node.lineno} looks at other headers")
    return faults


def operators_doors(root: Path) -> list[str]:
    """Doors stand in other people's search engines. Of a request they may name these headers, and nobody's address."""
    faults = []
    for file, tree in sources(root).items():
        if room(file) != "adapters":
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in ABOUT_A_PERSON - {"client"} | {
                "remote_addr",
                "COOKIES",
            }:
                faults.append(f"{file}:{node.lineno} reads .{node.attr}")
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                named = node.value.upper().replace("-", "_").removeprefix("HTTP_")
                known = node.value.startswith("HTTP_") and named not in OPERATORS_HEADERS
                if known or named in NOBODYS_HEADERS:
                    faults.append(f"{file}:{node.lineno} names {node.value}")
    return faults


# -- shape --------------------------------------------------------------------------------------------------


def docstrings(root: Path) -> list[str]:
    return [
        f"{file} does not say what lives there"
        for file, tree in sources(root).items()
        if not ast.get_docstring(tree)
    ]


def sizes(root: Path) -> list[str]:
    """Functions up to 40 lines; files up to 400, or they say why at their top ("longer than")."""
    faults = []
    for file, tree in sources(root).items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > LONGEST_FUNCTION and f"{file}: {node.name}" not in DATA_TABLES:
                    faults.append(f"{file}: {node.name} has {lines} lines")
        lines = len((root / "src/offramp" / file).read_text(encoding="utf-8").splitlines())
        if lines > LONGEST_FILE and "longer than" not in (ast.get_docstring(tree) or ""):
            faults.append(f"{file} has {lines} lines")
    return faults


CHECKS: tuple[Check, ...] = (
    walls, fixed_walls, doors, world, environment, voices, persons, operators_doors, docstrings, sizes
)  # fmt: skip


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_walls_stand(check: Check) -> None:
    assert check(ROOT) == []


def test_there_is_a_house() -> None:
    assert len(sources(ROOT)) > 30
    assert set(CORE) <= used(ROOT).keys()


TABLE = (
    "# A house\n\n## The walls\n"
    "| `gate` | `errors` | `daachorse` |\n| `errors` | none | none |\n| `web` | `errors` | `starlette` |\n"
)
SOUND = {
    "docs/architecture.md": TABLE,
    "src/offramp/errors.py": '"""Faults."""\n',
    "src/offramp/gate/__init__.py": '"""A door."""\n\nfrom offramp.gate.match import load\n\n__all__ = ["load"]\n',
    "src/offramp/gate/match.py": '"""Matching."""\n\nimport daachorse\n\nimport offramp.errors\n\nload = 1\n',
    "src/offramp/web/guard.py": (
        '"""Limits."""\n\nimport logging\n\nimport starlette\nfrom offramp.errors import Fault\n\n'
        'LOG = logging.getLogger("offramp")\n\n\n'
        'def log_fault(error):\n    where = "?"\n    LOG.error("%s %s", type(error).__name__, where)\n'
    ),
}


def plant(root: Path, planted: dict[str, str]) -> None:
    for name, text in {**SOUND, **planted}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_a_sound_tree_has_no_fault(tmp_path: Path) -> None:
    plant(tmp_path, {})
    assert {check.__name__: check(tmp_path) for check in CHECKS} == {check.__name__: [] for check in CHECKS}


PLANTED: tuple[Planted, ...] = (
    (walls, "src/offramp/gate/more.py", '"""."""\nimport requests\n', "gate imports requests"),
    (walls, "src/offramp/attic.py", '"""."""\n', "attic is in no row"),
    (walls, "docs/architecture.md", TABLE + "| `cellar` | none | none |\n", "cellar is in the table"),
    (walls, "docs/architecture.md", TABLE.replace("| none | none", "| none | `lxml`"), "does not use lxml"),
    (fixed_walls, "src/offramp/web/more.py", '"""."""\nfrom offramp.desk import report\n', "web imports desk"),
    (fixed_walls, "src/offramp/gate/more.py", '"""."""\nimport offramp.store\n', "gate imports store"),
    (fixed_walls, "src/offramp/gate/more.py", '"""."""\ndef f():\n    import sqlalchemy\n', "gate imports sqlalchemy"),
    (fixed_walls, "src/offramp/web/more.py", '"""."""\nfrom cryptography import x509\n', "belongs to sealing"),
    (doors, "src/offramp/web/more.py", '"""."""\nfrom offramp.gate.match import load\n', "looks into offramp.gate"),
    (doors, "src/offramp/web/more.py", '"""."""\nimport offramp.gate.match\n', "looks into offramp.gate.match"),
    (doors, "src/offramp/web/more.py", '"""."""\nfrom offramp.gate import match\n', "takes match"),
    (world, "src/offramp/gate/more.py", '"""."""\nfrom datetime import datetime\n', "imports datetime"),
    (world, "src/offramp/gate/more.py", '"""."""\nimport os\nos.remove("x")\n', "uses os.remove"),
    (environment, "src/offramp/web/more.py", '"""."""\nimport os\nx = os.environ["HOME"]\n', "reads the environment"),
    (environment, "src/offramp/web/more.py", '"""."""\nfrom os import environ\n', "reads the environment"),
    (voices, "src/offramp/web/more.py", '"""."""\nprint(1)\n', "prints"),
    (voices, "src/offramp/web/more.py", '"""."""\nimport logging\n', "imports logging"),
    (voices, "src/offramp/web/guard.py", SOUND["src/offramp/web/guard.py"].replace("where)", "error)"), "logs"),
    (voices, "src/offramp/web/guard.py", SOUND["src/offramp/web/guard.py"] + "LOG.info(1)\n", "logs"),
    (persons, "src/offramp/web/more.py", '"""."""\nx = request.client.host\n', "reads .client"),
    (persons, "src/offramp/web/more.py", '"""."""\nx = request.headers["user-agent"]\n', "looks at other headers"),
    (persons, "src/offramp/web/more.py", '"""."""\nx = request.headers.get("via")\n', "looks at other headers"),
    (persons, "src/offramp/web/more.py", '"""."""\nx = dict(request.headers)\n', "looks at other headers"),
    (persons, "src/offramp/web/more.py", '"""."""\nx = request.scope["client"]\n', "looks into the request"),
    (fixed_walls, "src/offramp/adapters/more.py", '"""."""\nimport offramp.store\n', "adapters imports store"),
    (operators_doors, "src/offramp/adapters/more.py", '"""."""\nx = e["HTTP_USER_AGENT"]\n', "names HTTP_USER_AGENT"),
    (operators_doors, "src/offramp/adapters/more.py", '"""."""\nx = e.get("REMOTE_ADDR")\n', "names REMOTE_ADDR"),
    (operators_doors, "src/offramp/adapters/more.py", '"""."""\nx = h.get("Cookie")\n', "names Cookie"),
    (operators_doors, "src/offramp/adapters/more.py", '"""."""\nx = scope["client"]\n', "names client"),
    (operators_doors, "src/offramp/adapters/more.py", '"""."""\nx = request.remote_addr\n', "reads .remote_addr"),
    (docstrings, "src/offramp/web/more.py", "x = 1\n", "does not say"),
    (sizes, "src/offramp/web/more.py", '"""."""\ndef f():\n' + "    x = 1\n" * 40, "f has 41 lines"),
    (sizes, "src/offramp/web/more.py", '"""."""\n' + "x = 1\n" * 400, "has 401 lines"),
)  # fmt: skip


@pytest.mark.parametrize(("check", "file", "text", "fault"), PLANTED)
def test_a_planted_fault_is_found(tmp_path: Path, check: Check, file: str, text: str, fault: str) -> None:
    plant(tmp_path, {file: text})
    assert any(fault in found for found in check(tmp_path)), check(tmp_path)


@pytest.mark.parametrize("entry", sorted(DATA_TABLES))
def test_what_is_exempt_exists(entry: str) -> None:
    file, name = entry.split(": ")
    assert name in {node.name for node in ast.walk(sources(ROOT)[file]) if isinstance(node, ast.FunctionDef)}
