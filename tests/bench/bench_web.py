"""`make bench-web`: what one completed survey costs the server, and how far that is from the bare commits.

A survey of 5 pages with 4 questions each, 7 requests a completion (consent, begin, five pages), every page sealed
and committed with synchronous=FULL. CPU is that of all server processes, by the kernel's own accounting; the bare
loop writes envelopes of the same size into the same store, one commit a page. Quote the ratios before the times.
With PROFILE=1 it says where the CPU goes.
"""

from __future__ import annotations

import argparse
import http.client
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

from lxml import html

from offramp.sealing import DeskKeys, envelope_bytes
from offramp.store import Envelope, Store
from offramp.survey.definition import BODY_BYTES
from tests.bench.where import where

ROOT = Path(__file__).resolve().parents[2]
PAGES, QUESTIONS = 5, 4
TICK = os.sysconf("SC_CLK_TCK")


def survey() -> str:
    """Return the survey.toml that is measured: single choices of five options, as a plain questionnaire has."""
    lines = ['slug = "bench"', "version = 1", 'state = "draft"', 'title = "Bench"', "[consent]",
             'purpose = "To measure."', 'topics = "Nothing."', "minutes = 1"]  # fmt: skip
    for page in range(PAGES):
        lines += ["[[page]]", f'id = "page{page}"', 'part = "core"', f'title = "Page {page}"']
        for question in range(QUESTIONS):
            options = ", ".join(f'{{ id = "o{n}", text = "Option number {n}" }}' for n in range(5))
            lines += ["[[page.question]]", f'id = "q{page}_{question}"', 'kind = "single"',
                      f'text = "A question with the number {question}?"', f"options = [{options}]"]  # fmt: skip
    return "\n".join(lines) + "\n"


def prepare(folder: Path, port: int, workers: int = 1) -> Path:
    """Write content, keys and settings of a demonstration server that asks this survey in English."""
    content = folder / "content"
    shutil.copytree(ROOT / "content", content, ignore=shutil.ignore_patterns("surveys", "programmes", "*.po"))
    (content / "surveys" / "bench").mkdir(parents=True)
    (content / "surveys" / "bench" / "survey.toml").write_text(survey(), encoding="utf-8")
    keys = DeskKeys(os.urandom(32))
    (folder / "recipient.txt").write_text(keys.recipient.to_text(), encoding="utf-8")
    (folder / "verifier.txt").write_text(keys.verifier_text(), encoding="utf-8")
    settings = folder / "offramp.toml"
    settings.write_text(
        f"service = 'bench'\n[server]\nport = {port}\nworkers = {workers}\n"
        "[content]\nfolder = 'content'\nsurveys = ['bench']\n"
        "[keys]\nrecipients = ['recipient.txt']\ndesk = 'verifier.txt'\n", encoding="utf-8",
    )  # fmt: skip
    return settings


def family(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    found = [pid]
    for parent in found:
        tasks = Path(f"/proc/{parent}/task")
        for task in tasks.iterdir() if tasks.exists() else ():
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


def cpu(pid: int) -> float:
    """Return the CPU seconds of a process and its descendants."""
    stats = [Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split() for member in family(pid)]
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) / TICK


def memory(pid: int, kind: str) -> float:
    """Return the megabytes of a process and its descendants: "Rss" counts what they share each time, "Pss" once."""
    found = 0
    for member in family(pid):
        lines = Path(f"/proc/{member}/smaps_rollup").read_text().splitlines()
        found += sum(int(line.split()[1]) for line in lines if line.startswith(f"{kind}:"))
    return found * 1024 / 1e6


def complete(connection: http.client.HTTPConnection) -> int:
    """Walk one survey from the consent to the end; return the number of requests."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    requests = 2
    connection.request("GET", "/en/s/bench")
    connection.getresponse().read()
    connection.request("POST", "/en/s/bench", "arm=&go=agree", headers)
    page = connection.getresponse().read()
    while b'id="answers"' in page:
        form = html.fromstring(page.decode()).get_element_by_id("answers")
        fields = {"draft": form.fields["draft"], "page": form.fields["page"], "go": "next"}
        fields |= {name: "02" for name in form.inputs.keys() if name.startswith("q")}  # noqa: SIM118
        connection.request("POST", "/en/s/bench", urlencode(fields), headers)
        page = connection.getresponse().read()
        requests += 1
    assert b'id="finished"' in page
    return requests


def load(port: int, completions: int, clients: int) -> float:
    """Walk that many surveys with that many clients at once; return the seconds it took."""

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for _ in range(completions // clients):
            assert complete(connection) == PAGES + 2
        connection.close()

    start = time.perf_counter()
    with ThreadPoolExecutor(clients) as crew:
        for walked in [crew.submit(client) for _ in range(clients)]:
            walked.result()
    return time.perf_counter() - start


def bare(folder: Path, pages: int) -> float:
    """Return the seconds of committing that many envelopes one by one into a store, with nothing around it."""
    store = Store.open(folder / "bare.sqlite", folder / "bare-ledger.sqlite")
    body = os.urandom(envelope_bytes(BODY_BYTES, 1))
    keys = [os.urandom(24) for _ in range(pages)]
    start = time.perf_counter()
    for key in keys:
        store.keep([Envelope(key, "bench", "2026-W47", body)])  # type: ignore[arg-type]
    taken = time.perf_counter() - start
    store.close()
    return taken


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--completions", type=int, default=200)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--profile", action="store_true", help="say where the CPU goes, part by part")
    parser.add_argument("--workers", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, socket.create_server(("127.0.0.1", 0)) as free:
        folder, port = Path(name), free.getsockname()[1]
        free.close()
        code = ("import sys;from pathlib import Path;from offramp.settings import read_settings;"
                "from offramp.cli.server import run;run(read_settings(Path(sys.argv[1]), {}, True))")  # fmt: skip
        server = subprocess.Popen([sys.executable, "-c", code, str(prepare(folder, port, asked.workers))])
        try:
            wait(port)
            load(port, 20, 2)
            rows = []
            for _ in range(asked.runs):
                before = cpu(server.pid)
                wall = load(port, asked.completions, asked.clients)
                after = cpu(server.pid)
                alone = bare(folder, asked.completions * PAGES)
                rows.append(((after - before) / asked.completions * 1e3, wall, alone))
            kept = (len(family(server.pid)), memory(server.pid, "Rss"), memory(server.pid, "Pss"))
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(20)
        report(rows, asked.completions)
        count, resident, own = kept
        print(
            f"memory of {count} server processes: {resident:.0f} MB resident, {own:.0f} MB with shared pages once"
        )
        if asked.profile:
            where(folder / "offramp.toml", asked.completions, statistics.median(row[0] for row in rows))


def wait(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The server did not start.")


def report(rows: list[tuple[float, float, float]], completions: int) -> None:
    cpu, wall, alone = (list(column) for column in zip(*rows, strict=True))
    ratio = [w / a for w, a in zip(wall, alone, strict=True)]
    print(f"wall time / bare commits of the same envelopes: median {statistics.median(ratio):.2f} "
          f"(min {min(ratio):.2f}, max {max(ratio):.2f})")  # fmt: skip
    print(
        f"server CPU per completion: median {statistics.median(cpu):.1f} ms (min {min(cpu):.1f}, max {max(cpu):.1f})"
    )
    print(f"completions per second: median {completions / statistics.median(wall):.0f}")
    print(
        f"pages committed per second, bare loop: median {completions * PAGES / statistics.median(alone):.0f}"
    )


if __name__ == "__main__":
    main()
