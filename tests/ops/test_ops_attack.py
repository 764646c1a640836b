"""`make attack`: what the programs are told to try is what the server answers, and no finding goes unexplained."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from tests.web.asking import routes_of_a_demonstration

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "ops" / "attack"


def module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


attack = module(FOLDER / "attack.py")


def test_the_document_lists_exactly_the_routes_of_a_demonstration() -> None:
    document = json.loads((ROOT / "docs/reference/openapi.json").read_text(encoding="utf-8"))
    listed = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    assert listed == set(routes_of_a_demonstration())
    assert len(listed) > 15


def test_the_document_is_what_its_maker_writes() -> None:
    maker = module(ROOT / "docs/reference/make_openapi.py")
    written = (ROOT / "docs/reference/openapi.json").read_text(encoding="utf-8")
    assert written == maker.page(routes_of_a_demonstration()), "please run: docs/reference/make_openapi.py"
    assert written != maker.page(routes_of_a_demonstration()[1:]), "a route that is missing would be seen"


def test_a_finding_is_explained_by_tool_kind_and_place_alone() -> None:
    text = (FOLDER / "explained.toml").read_text(encoding="utf-8")
    known = attack.Finding("wapiti", "HTTP Methods", "GET /en/help")
    others = [
        attack.Finding("sqlmap", "SQL injection", "/en/search q (POST)"),
        attack.Finding("wapiti", "SQL Injection", "GET /en/help"),
        attack.Finding("schemathesis", "ServerError", "POST /search"),
        attack.Finding("wapiti", "Clickjacking Protection", "GET /en/help"),
    ]
    assert attack.explained([known, *others], text) == ([known], others)


def test_each_explanation_stands_in_the_threat_model() -> None:
    entries = tomllib.loads((FOLDER / "explained.toml").read_text(encoding="utf-8"))["finding"]
    text = (ROOT / "docs/threat-model.md").read_text(encoding="utf-8")
    section = text.partition("### What scanners say\n")[2].partition("\n#")[0]
    named = set(re.findall(r"^- \*\*.*\*\* \(`([a-z-]+)`, (\w+)\)", section, re.M))
    assert named == {(entry["reason"], entry["tool"]) for entry in entries}
    for entry in entries:
        re.compile(entry["where"])
        assert entry["tool"] in attack.TOOLS


@pytest.mark.parametrize("tool", ["build", *attack.TOOLS])
def test_each_program_is_locked_by_hashes_and_names_no_index(tool: str) -> None:
    text = (FOLDER / f"{tool}.lock").read_text(encoding="utf-8")
    packages = re.findall(r"^[a-z][\w.-]*==[^\s;]+", text, re.M)
    assert packages
    assert text.count("--hash=sha256:") >= len(packages)
    assert not re.search(r"https?://|--index|--find-links|^-i", text, re.M)


@pytest.mark.full
def test_schemathesis_finds_the_hole_of_the_weak_server_and_none_of_ours() -> None:
    for words, last in ((["--weak"], "each found its hole"), ([], "not explained: 0")):
        done = subprocess.run(
            [sys.executable, FOLDER / "attack.py", *words, "schemathesis"], capture_output=True, text=True
        )
        print(done.stdout)
        assert last in done.stdout
        assert done.returncode == 0, done.stdout + done.stderr
