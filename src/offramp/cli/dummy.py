"""`offramp dummy …`: made-up respondents for a demonstration, over HTTP.

The walks are the desk's `dummy`; here are the connection and the progress bar. The invariant: nothing made up is
ever sent to a server that does not say of itself that it is a demonstration.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

import httpx2
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from offramp.desk import dummy
from offramp.errors import refuse
from offramp.survey import read_surveys

app = typer.Typer(help="Fill a demonstration with made-up respondents.")
CONTENT = Path("content")
_FORM = {"content-type": "application/x-www-form-urlencoded"}
_SECONDS = 60


@app.callback()
def callback() -> None:
    """Fill a demonstration with made-up respondents."""


@app.command("walk")
def walk_command(
    url: Annotated[str, typer.Option(help="The address of a demonstration.")],
    responses: Annotated[int, typer.Option(min=1, help="How many respondents begin the survey.")] = 584,
    seed: Annotated[int, typer.Option(help="The same seed makes the same respondents.")] = 1,
    displays: Annotated[int, typer.Option(min=0, help="How many more only meet a message.")] = 0,
    jobs: Annotated[int, typer.Option(min=1, max=16, help="How many walk at the same time.")] = 2,
    content: Annotated[
        Path, typer.Option(help="The content folder that the demonstration serves.")
    ] = CONTENT,
) -> None:
    """Send made-up respondents through the real pages; every answer is marked as synthetic."""
    columns = (TextColumn("Walking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with httpx2.Client(base_url=url, timeout=_SECONDS, follow_redirects=True) as client:
        _check(client, url)
        known = dummy.known(read_surveys(content))
        walks = [*dummy.walks(seed, responses, dummy.BOTH_DOORS, known), *dummy.onlookers(seed, displays)]
        send = sender(client)
        with Progress(*columns, console=Console(stderr=True)) as progress, ThreadPoolExecutor(jobs) as pool:
            task = progress.add_task("", total=len(walks))
            outcomes: Counter[str] = Counter()
            for record in pool.map(lambda walking: dummy.drive(walking, send), walks):
                outcomes[record.outcome] += 1
                progress.advance(task)
    for outcome, n in outcomes.most_common():
        print(f"{n:6,} {outcome.replace('_', ' ')}")
    if outcomes["lost"]:
        raise refuse("dummy.lost", url, f"{outcomes['lost']:,} walks met a page that they could not go on from.",
                     "Please look at what the server says, and use the same version on both sides.")  # fmt: skip


def sender(client: httpx2.Client) -> Callable[[dummy.Ask], dummy.Answer]:
    """Return how to fetch a page through a client. Refusal dummy.unreachable."""

    def send(ask: dummy.Ask) -> dummy.Answer:
        try:
            if ask.fields is None:
                response = client.get(ask.path)
            else:
                response = client.post(ask.path, content=urlencode(ask.fields), headers=_FORM)
        except httpx2.HTTPError as error:
            raise refuse("dummy.unreachable", str(client.base_url), f"It does not answer ({type(error).__name__}).",
                         "Please check that the demonstration still runs, and try again.") from None  # fmt: skip
        return dummy.Answer(response.status_code, response.url.raw_path.decode(), response.content)

    return send


def _check(client: httpx2.Client, url: str) -> None:
    """Refuse every server that is no demonstration. Refusals: dummy.unreachable, dummy.not_a_demonstration."""
    try:
        health = client.get("/health").json()
        demonstration = isinstance(health, dict) and health.get("demonstration") is True
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        raise refuse("dummy.unreachable", url, f"No Offramp server answers there ({type(error).__name__}).",
                     "Please start “offramp demo”, and give its address.") from None  # fmt: skip
    if not demonstration:
        raise refuse("dummy.not_a_demonstration", url, "This server is no demonstration.",
                     "Please use “offramp demo”; made-up answers never go into a study.")  # fmt: skip
