"""The pages about doors: their lines are pasted and run, and their tables name what there is."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from offramp.adapters import open_gate
from offramp.adapters.doorway import LONGEST_BODY, MOST_FIELDS
from offramp.gate import TARGETS
from tests.doors import searxng
from tests.doors.engines import KEY, ROOT, seal
from tests.doors.requests import form, get
from tests.doors.wires import Wire, asgi, wsgi

PAGES = ROOT / "docs/how-to"


def pasted(page: str) -> str:
    [lines] = re.findall(r"(?s)```python\n(.*?)```", (PAGES / page).read_text(encoding="utf-8"))
    return lines


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as the pages suppose it: the sealed list, its key, and the content."""
    seal(tmp_path / "list.sealed")
    (tmp_path / "gate.key").write_text(KEY.hex(), encoding="ascii")
    (tmp_path / "content").symlink_to(ROOT / "content")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def holds(ask: Wire, place: Path) -> None:
    for sent in (get("x", "", "q=zorblaxin"), form("x", "", "q=zorblaxin")):
        reply = ask(sent)
        assert "/offramp/go/survey/" in reply.text
        assert reply.headers["cache-control"] == "no-store, no-transform"
    assert "/offramp/go/" not in ask(get("x", "", "q=tea")).text
    [table] = (place / "counts").glob("*.csv")
    shown = [line for line in table.read_text().splitlines() if ",en,shown," in line]
    assert sum(int(line.rpartition(",")[2]) for line in shown) == 2


def test_flask(place: Path):
    named: dict[str, Any] = {"__name__": "pasted"}
    exec(pasted("door-flask.md"), named)
    named["app"].add_url_rule("/search", view_func=lambda: "results", methods=["GET", "POST"])
    holds(wsgi(named["app"]), place)


def test_starlette(place: Path):
    from starlette.responses import PlainTextResponse

    named: dict[str, Any] = {}
    exec(pasted("door-starlette.md"), named)

    async def search(request: object) -> PlainTextResponse:
        return PlainTextResponse("results")

    named["app"].add_route("/search", search, methods=["GET", "POST"])
    holds(asgi(named["app"]), place)


def test_searxng(place: Path):
    searxng.install()
    named: dict[str, Any] = {"__name__": "offramp_gate"}
    exec(pasted("door-searxng.md"), named)
    plugin = named["SXNGPlugin"](searxng.PluginCfg(active=True))
    holds(wsgi(searxng.application([], [plugin])), place)
    settings = (PAGES / "door-searxng.md").read_text(encoding="utf-8")
    assert "offramp_gate.SXNGPlugin:\n    active: true" in settings


DJANGO = """
import io
from django.conf import settings
from django.http import HttpResponse
from django.urls import path
from django.core.wsgi import get_wsgi_application
import pasted

settings.configure(ROOT_URLCONF="__main__", ALLOWED_HOSTS=["*"], LOGGING_CONFIG=None, SECRET_KEY="x",
                   MIDDLEWARE=pasted.MIDDLEWARE, OFFRAMP=pasted.OFFRAMP)
urlpatterns = [path("search", lambda request: HttpResponse("results"))]
app = get_wsgi_application()

from tests.doors.test_doors_how_to import holds
from tests.doors.wires import wsgi
from pathlib import Path

holds(wsgi(app), Path())
print("held")
"""


def test_django(place: Path):
    """In a process of its own, since a process has one Django."""
    (place / "pasted.py").write_text(pasted("door-django.md"), encoding="utf-8")
    (place / "run.py").write_text(DJANGO, encoding="utf-8")
    given = os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "src"), str(place)))}
    ran = subprocess.run(
        [sys.executable, "run.py"], cwd=place, env=given, capture_output=True, text=True, check=False
    )
    assert ran.stdout.splitlines()[-1:] == ["held"], ran.stderr


def test_http(place: Path):
    """The command and the lines that ask it, as they stand there."""
    text = (PAGES / "door-http.md").read_text(encoding="utf-8")
    [command] = re.findall(r"(?s)```sh\n(.*?)```", text)
    program = f"{sys.executable} -m offramp"
    given = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    server = subprocess.Popen(["bash", "-c", "exec env " + command.replace("offramp gate", f"{program} gate")],
                              cwd=place, env=given, stderr=subprocess.PIPE, text=True)  # fmt: skip
    assert server.stderr is not None
    assert server.stderr.readline() == "The gate answers on gate.socket.\n"
    named: dict[str, Any] = {}
    exec(pasted("door-http.md"), named)
    assert named["decide"]("tea") == {"show": "results"}
    found = named["decide"]("zorblaxin", "en")
    assert (found["show"], found["json"]["errcode"]) == ("message", "M_FORBIDDEN")
    assert "/offramp/go/help/" in found["page"]
    server.terminate()
    server.communicate(timeout=30)


def test_every_option_has_its_line_and_its_default():
    text = (PAGES / "doors.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[a-z`, ]+`) \| ([^|]+) \|", text, re.M)
    documented = {name: said for names, said in rows for name in re.findall(r"`(\w+)`", names)}
    options = inspect.signature(open_gate).parameters
    assert documented.keys() == options.keys()
    for name, option in options.items():
        required = option.default is inspect.Parameter.empty
        assert (documented[name] == "must be given") == required, name
        if documented[name].startswith("`"):
            said = documented[name].strip("`")
            assert eval(said) == option.default, name


def test_every_count_is_named():
    text = (
        (PAGES / "doors.md").read_text(encoding="utf-8").partition("## What is counted")[2].partition("##")[0]
    )
    assert set(TARGETS) <= set(re.findall(r"`(\w+)`", text))


def test_the_limits_are_those_of_the_code():
    text = (PAGES / "doors.md").read_text(encoding="utf-8")
    assert f"to {LONGEST_BODY // 1024} KiB" in text
    assert f"{MOST_FIELDS:,} fields" in text


@pytest.mark.parametrize("page", sorted(path.name for path in PAGES.glob("door-*.md")))
def test_every_page_is_listed_and_short(page: str):
    assert f"({page})" in (PAGES / "doors.md").read_text(encoding="utf-8")
    lines = [line for line in pasted(page).splitlines() if line and not line.startswith(("import", "from"))]
    assert len(lines) <= 16
