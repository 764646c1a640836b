"""Made-up answers with known true rates through the real pages, to the desk, and into report and exports.

    .venv/bin/python ops/demonstration/report.py [--responses 800] [--folder var/demo-report]

A demonstration is served on loopback, made-up respondents walk through it, and the desk pulls, opens, reports (HTML and
PDF) and exports. Beside each reported share stands the rate that the respondents were made with. It fails where more
than one in twenty differs by more than chance and rounding.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

import lxml.html

from offramp.desk import read_findings
from offramp.desk.codebook import Variable, codebook
from offramp.desk.dummy import BOTH_DOORS
from offramp.desk.findings import Finding
from offramp.desk.rates import NEVER, leaning_of
from offramp.survey import read_surveys

SLUG = "help-us"
# The wish to stop of made-up respondents is drawn from this beta distribution (dummy.py).
SHAPE = (1.5, 1.3)
# Whoever has less of it goes through the other door, and answers another survey.
LEAST_WISH = BOTH_DOORS.needs_none
GRID = 2000


def true_rate(finding: Finding, variable: Variable) -> float | None:
    """Return the rate that follows from the table of rates; nothing where earlier answers or several ticks decide."""
    if variable.kind not in ("single", "scale") or variable.relevant or finding.inside:
        return None
    ids = [category.id for category in variable.categories]
    never = [name for name in ids if name in NEVER]
    leaning, rest = leaning_of(variable.id, ids), [name for name in ids if name not in NEVER]
    counted = based = 0.0
    for step in range(GRID):
        wish = LEAST_WISH + (1 - LEAST_WISH) * (step + 0.5) / GRID
        density = wish ** (SHAPE[0] - 1) * (1 - wish) ** (SHAPE[1] - 1)
        weights = {name: leaning.weight(name, wish) for name in rest}
        user = 1 - BOTH_DOORS.never_used if never else 1.0
        shares = {name: user * weight / sum(weights.values()) for name, weight in weights.items()}
        shares |= {name: (1 - user) / len(never) for name in never}
        counted += density * sum(share for name, share in shares.items() if name in finding.codes)
        based += density * sum(share for name, share in shares.items() if name not in finding.outside)
    return counted / based


def reported(page: Path) -> dict[str, tuple[int, int]]:
    """Return share and base of each finding that a report prints."""
    rows = lxml.html.document_fromstring(page.read_bytes()).xpath("//tr[starts-with(@id, 'f-')]")
    return {
        row.get("id")[2:]: (
            int(row[3].text_content().split()[0]),
            int(row[2].text_content().replace(",", "")),
        )
        for row in rows
    }


def compare(page: Path, content: Path) -> bool:
    """Print true and reported rates side by side; tell whether they agree."""
    survey = read_surveys(content)[SLUG]
    variables = {variable.id: variable for variable in codebook(survey)}
    shown, far, compared = reported(page), 0, 0
    print(f"\n{'finding':24} {'true':>7} {'reported':>9} {'base':>6}  differs by")
    for finding in read_findings(content, survey):
        rate = true_rate(finding, variables[finding.question])
        if rate is None or finding.id not in shown:
            continue
        share, base = shown[finding.id]
        # Three standard errors of chance, and what rounding of counts and of the percentage can move.
        allowed = 300 * math.sqrt(rate * (1 - rate) / base) + 400 / base + 0.5
        off = abs(share - 100 * rate)
        compared, far = compared + 1, far + (off > allowed)
        print(f"{finding.id:24} {100 * rate:6.1f}% {share:8}% {base:6,}  {off:4.1f} of {allowed:.1f} points allowed"
              f"{'  <- too far' if off > allowed else ''}")  # fmt: skip
    hidden = sum(finding.id not in shown for finding in read_findings(content, survey))
    print(f"{compared} compared, {far} too far. {hidden} not printed, by the law of the house.")
    return compared > 0 and far <= compared / 20


def run(*arguments: str | Path) -> None:
    """Run a command of the house, as a researcher types it."""
    print("$ offramp", *arguments, flush=True)
    subprocess.run([sys.executable, "-m", "offramp", *map(str, arguments)], check=True)  # noqa: S603


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a demonstration on a free port, and end it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "offramp", "demo", "--port", str(port), "--folder", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/").close()
                break
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--responses", type=int, default=800)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path("var/demo-report"))
    asked = parser.parse_args(arguments)
    folder, content = asked.folder, Path("content")
    shutil.rmtree(folder, ignore_errors=True)
    desk = folder / "demo" / "desk"
    with served(folder / "demo") as url:
        run("dummy", "walk", "--url", url, "--responses", str(asked.responses), "--seed", str(asked.seed))
        run("desk", "pull", "--url", url, "--desk", desk, "--now")
    run("desk", "open", "--desk", desk, "--content", content)
    # What may be published and exact rows lie apart; an export refuses to lie beside a report.
    (folder / "public").mkdir()
    (folder / "rows").mkdir()
    for ending in ("html", "pdf"):
        output = folder / "public" / f"report.{ending}"
        run("desk", "report", "--desk", desk, "--content", content, "--survey", SLUG, "-o", output)
    for form in ("csv", "sav", "dta", "parquet"):
        run("desk", "export", "--desk", desk, "--content", content, "--survey", SLUG, "--as", form,
            "-o", folder / "rows" / form, "--labels", "codes")  # fmt: skip
    return 0 if compare(folder / "public" / "report.html", content) else 1


if __name__ == "__main__":
    sys.exit(main())
