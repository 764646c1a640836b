"""Let schemathesis, wapiti and sqlmap attack a demonstration on loopback: python ops/attack/attack.py [TOOL ...]

Each has an environment of its own (environment.sh) and a limit of time. A finding that explained.toml does not explain
ends with exit code 1, and so does a line in the server's log. `--weak` attacks a small server with known holes instead,
and ends with 1 unless every program finds its hole: a control, so that silence means something.
The invariant: nothing is ever sent to another address than 127.0.0.1, and everything that was started is ended.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MOST_SECONDS = 300


class Finding(NamedTuple):
    """What a program complains of: its own word for it, and the method and address."""

    tool: str
    kind: str
    where: str


def explained(findings: list[Finding], text: str) -> tuple[list[Finding], list[Finding]]:
    """Return which findings the text explains, and which it does not."""
    known = tomllib.loads(text)["finding"]
    good = [
        finding for finding in findings
        if any(entry["tool"] == finding.tool and entry["kind"] == finding.kind
               and re.fullmatch(entry["where"], finding.where) for entry in known)
    ]  # fmt: skip
    return good, [finding for finding in findings if finding not in good]


# -- the three programs -------------------------------------------------------------------------------------


def run(tool: str, program: str, *arguments: str, folder: Path) -> str:
    """Run a program out of its own environment; return what it said."""
    found = subprocess.run(  # noqa: S603
        [HERE / "environment.sh", tool], capture_output=True, text=True, check=False
    )
    if found.returncode:
        raise SystemExit(found.stderr)
    path = ROOT / found.stdout.strip() / program
    # No name is looked up and nobody's own settings are read.
    own = {
        "PATH": f"{path.parent}:{os.environ['PATH']}",
        "HOME": str(folder),
        "NO_PROXY": "*",
        "COLUMNS": "200",
    }
    done = subprocess.run(  # noqa: S603
        [path, *arguments], capture_output=True, text=True, check=False, cwd=folder, env=own, timeout=MOST_SECONDS,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return done.stdout + done.stderr


def schemathesis(
    url: str, folder: Path, document: Path = ROOT / "docs/reference/openapi.json"
) -> list[Finding]:
    """Requests that the document allows, and others, to every address in it."""
    said = run(
        "schemathesis", "schemathesis", "run", str(document), "--url", url, "--checks", "all", "--phases",
        "coverage,fuzzing", "--continue-on-failure", "--max-examples", "40", "--max-time", "45", "--no-color",
        "--report", "json", "--report-dir", str(folder / "schemathesis"), folder=folder,
    )  # fmt: skip
    reports = list((folder / "schemathesis").glob("json-*.json"))
    if not reports:
        raise SystemExit(f"[schemathesis] It wrote no report. It said:\n{said[-2000:]}")
    report = json.loads(reports[0].read_text(encoding="utf-8"))
    if report["test_cases"]["generated"] < 100:
        raise SystemExit(f"[schemathesis] It hardly tried anything. It said:\n{said[-2000:]}")
    failures = [*report["failures"], *report.get("errors", [])]
    print(
        f"schemathesis: {report['test_cases']['generated']:,} requests to {report['operations']['tested']} operations"
    )
    return [Finding("schemathesis", failure.get("type", "error"), where)
            for failure in failures for where in failure.get("operations", ["?"])]  # fmt: skip


WAPITI = (
    "common,methods,timesql,crlf,xxe,csrf,cookieflags,http_headers,backup,htaccess,shellshock,spring4shell"
)


def wapiti(url: str, folder: Path) -> list[Finding]:
    """A crawl over all pages that are linked, and known attacks on whatever form or parameter is found."""
    starts = [
        f"{url}/{path}"
        for path in ("message", "en/s/help-us", "ar/s/help-us", "en/s/help-us/receipt", "en/p/way-on")
    ]
    report = folder / "wapiti.json"
    said = run(
        "wapiti", "wapiti", "-u", f"{url}/", *(word for start in starts for word in ("-s", start)), "--scope", "folder",
        "-m", WAPITI, "-d", "3", "--max-scan-time", "60", "--max-attack-time", "15", "-f", "json", "-o", str(report),
        "--store-session", str(folder), "--flush-session", "--no-bugreport", folder=folder,
    )  # fmt: skip
    if not report.exists():
        raise SystemExit(f"[wapiti] It wrote no report. It said:\n{said[-2000:]}")
    found = json.loads(report.read_text(encoding="utf-8"))
    print(f"wapiti: {found['infos']['crawled_pages_nbr']} pages, modules {WAPITI}")
    return [
        Finding("wapiti", kind, f"{one['method']} {one['path'].partition('?')[0]}")
        for group in ("vulnerabilities", "anomalies", "additionals")
        for kind, several in found[group].items()
        for one in several
    ]


def sqlmap(url: str, folder: Path) -> list[Finding]:
    """Every field of every form, and every parameter in an address, for statements that reach the database."""
    draft = _draft(url)
    targets = (
        (f"{url}/en/s/help-us", f"go=next&page=stopping&draft={draft}&q000=03&w003=x&receipt=&arm=neutral"),
        (f"{url}/en/s/help-us/receipt", "go=delete&receipt=ABCD"),
        (f"{url}/en/search", "q=tea"),
        (f"{url}/go/survey*?a=neutral&l=en", ""),
        (f"{url}/en/s/help-us*?a=neutral", ""),
    )
    found = []
    for number, (address, data) in enumerate(targets):
        output = folder / f"sqlmap-{number}"
        said = run(
            "sqlmap", "sqlmap", "-u", address, *(["--data", data] if data else []), "--batch", "--level", "1",
            "--risk", "1", "--dbms", "sqlite", "--technique", "BEU", "--flush-session", "--disable-coloring",
            "--ignore-code", "*", "--answers", "redirect=N", "--output-dir", str(output), folder=folder,
        )  # fmt: skip
        if "do not appear to be injectable" not in said and "is vulnerable" not in said.lower():
            raise SystemExit(f"[sqlmap] It came to no end at {address}. It said:\n{said[-2000:]}")
        log = next(output.glob("*/log"), None)
        for parameter in re.findall(r"^Parameter: (.*)$", log.read_text() if log else "", re.M):
            found.append(Finding("sqlmap", "SQL injection", f"{address.removeprefix(url)} {parameter}"))
    print(f"sqlmap: {len(targets)} addresses with all their fields")
    return found


def _draft(url: str) -> str:
    """Begin a walk, so that what is tried reaches the place where pages are saved."""
    data = b"go=agree"
    with contextlib.suppress(urllib.error.HTTPError):
        answer = urllib.request.urlopen(f"{url}/en/s/help-us", data)  # noqa: S310
        found = re.search(rb'name="draft" value="([^"]+)"', answer.read())
        if found:
            return urllib.parse.quote(found[1].decode())
    return "none"


TOOLS: dict[str, Callable[[str, Path], list[Finding]]] = {
    "schemathesis": schemathesis, "wapiti": wapiti, "sqlmap": sqlmap
}  # fmt: skip


# -- what is attacked ---------------------------------------------------------------------------------------


@contextlib.contextmanager
def serving(folder: Path, weak: bool) -> Iterator[tuple[str, Path]]:
    """Start a demonstration, or the weak server, on a free port; yield its address and its log."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = str(taken.getsockname()[1])
    demonstration = [
        str(ROOT / ".venv/bin/offramp"),
        "demo",
        "--port",
        port,
        "--folder",
        str(folder / "demo"),
    ]
    command = [sys.executable, str(HERE / "weak.py"), port] if weak else demonstration
    log = folder / "stderr"
    with log.open("wb") as errors:
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors, cwd=folder)  # noqa: S603
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url, server)
        yield url, log
        _wait(url, server)
    finally:
        server.terminate()
        server.wait(30)


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise SystemExit(f"[attack] The server ended by itself, with code {server.returncode}.")
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/health", timeout=5):  # noqa: S310
            return
        time.sleep(0.1)
    raise SystemExit("[attack] The server does not answer.")


def attack(tools: list[str], weak: bool) -> tuple[list[Finding], str]:
    """Let the programs at a fresh server; return what they found, and what the server logged."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with serving(folder, weak) as (url, log):
            found = [finding for tool in tools for finding in TOOLS[tool](url, folder)]
        return sorted(set(found)), log.read_text(encoding="utf-8")


# What each must find in the weak server.
HOLES = {"schemathesis": "ServerError", "wapiti": "SQL Injection", "sqlmap": "SQL injection"}


def holes(tool: str, findings: list[Finding]) -> list[Finding]:
    """Return the findings that show that a program attacks at all; one is enough."""
    return [finding for finding in findings if (finding.tool, finding.kind) == (tool, HOLES[tool])][:1]


def main(arguments: list[str]) -> int:
    weak = "--weak" in arguments
    tools = [tool for tool in arguments if tool in TOOLS] or list(TOOLS)
    findings, logged = attack(tools, weak)
    if weak:
        silent = [tool for tool in tools if not holes(tool, findings)]
        print(
            f"of the weak server: {len(findings)} findings, such as",
            *(holes(t, findings) for t in tools),
            sep="\n  ",
        )
        print(f"found no hole: {', '.join(silent)}" if silent else "each found its hole")
        return bool(silent)
    good, bad = explained(findings, (HERE / "explained.toml").read_text(encoding="utf-8"))
    print(f"explained: {len(good)}", *good, sep="\n  ")
    print(f"not explained: {len(bad)}", *bad, sep="\n  ")
    if logged:
        print(f"the server logged:\n{logged}")
    return bool(bad or logged)


if __name__ == "__main__":
    # Whoever stops this stops what it has started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main(sys.argv[1:]))
