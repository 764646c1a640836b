"""Starts servers by forking, so that a start takes a tenth of a second and a hundred of them are bearable.

A program of its own, which has read all modules and the content, and does nothing else. For each line that it is told
(JSON: the settings file, the port, whether a demonstration, a file for what is said) it forks, and the child is what
`offramp serve` and `offramp demo` are from there on, in a session of its own. It answers with the child's number; told
a number, it waits for that child and answers with how it ended. The invariant: no server shares memory that another
has touched.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import traceback
from pathlib import Path

from offramp.cli.server import run
from offramp.errors import Refusal
from offramp.settings import read_settings
from offramp.web import house

read_content = house.read_content
known: dict[str, house.Content] = {}


def know(config: str, demonstration: bool) -> None:
    """Read the content that these settings name, which no server changes; whatever is refused, its server says."""
    if config not in known:
        with contextlib.suppress(Refusal):
            known[config] = read_content(read_settings(Path(config), os.environ, demonstration=demonstration))
    house.read_content = lambda settings: known[config] if config in known else read_content(settings)


def serve(config: str, port: int, demonstration: bool, said: str) -> int:
    os.setsid()
    output = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ["OFFRAMP_PORT"] = str(port)
    try:
        run(read_settings(Path(config), os.environ, demonstration=demonstration))
    except Refusal as refusal:
        print(refusal, flush=True)
        return 2
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


for line in sys.stdin:
    told = json.loads(line)
    if isinstance(told, int):
        answer = os.waitstatus_to_exitcode(os.waitpid(told, 0)[1])
    else:
        know(told["config"], told["demonstration"])
        answer = os.fork()
        if not answer:
            os._exit(serve(**told))
    print(answer, flush=True)
