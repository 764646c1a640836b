"""Judging what stands in front of the server, or starts it: does anything there write requests down.

The server itself has no log of requests and no setting for one. Here are the rules for the configurations of systemd,
nginx, Caddy and Tor. Not here: reading them. The invariant: a configuration that has nothing to do with this server
is not judged; and nothing is called safe that was not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from offramp.doctor.findings import Finding, fine, warn


class Front(Enum):
    """What a configuration is for."""

    SYSTEMD = "systemd"
    NGINX = "nginx"
    CADDY = "Caddy"
    TOR = "Tor"
    PROCESS = "process"


@dataclass(frozen=True, slots=True)
class FrontSeen:
    """A configuration file (or the command line of a process) as it lies there."""

    front: Front
    path: Path
    text: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What must not stand in any file of a front or, with `needed`, must stand in one of them."""

    front: Front
    pattern: re.Pattern[str]
    what: str
    remedy: str
    needed: bool = False


def _rule(front: Front, pattern: str, what: str, remedy: str, needed: bool = False) -> Rule:
    return Rule(front, re.compile(pattern, re.MULTILINE), what, remedy, needed)


_SERVERS = r"\b(uvicorn|gunicorn|hypercorn|daphne|granian)\b"
_SAFE_NGINX = "Please write it as in ops/proxy/nginx.conf."
_SAFE_CADDY = "Please write it as in ops/proxy/Caddyfile."
_SAFE_TOR = "Please write it as in ops/tor/torrc."
RULES: tuple[Rule, ...] = (
    _rule(Front.SYSTEMD, rf"^Exec\w+=.*{_SERVERS}", "It starts another web server than “offramp serve”.",
          "Please start “offramp serve”, which logs no request."),
    _rule(Front.SYSTEMD, r"access[-_]log|log[-_]config", "It speaks of an access log or a log configuration.",
          "Please take that out: “offramp serve” logs no request."),
    _rule(Front.PROCESS, _SERVERS, "Another web server than “offramp serve” runs Offramp.",
          "Please start “offramp serve”, which logs no request."),
    _rule(Front.NGINX, r"\baccess_log\s+(?!off\s*;)", "nginx logs requests, with the address of each.", _SAFE_NGINX),
    _rule(Front.NGINX, r"\baccess_log\s", "nginx logs requests unless told otherwise.", _SAFE_NGINX, True),
    _rule(Front.NGINX, r"\berror_log\s+(?!/dev/null\b)\S+(?!\s+emerg\s*;)\s*(\w+\s*)?;",
          "nginx’s error log holds the address and the request of whoever meets an error.", _SAFE_NGINX),
    _rule(Front.NGINX, r"\berror_log\s", "nginx logs errors, with address and request, unless told otherwise.",
          _SAFE_NGINX, True),
    _rule(Front.NGINX, r"\bgzip\s+on\s*;", "nginx compresses pages, which undoes their one size.", _SAFE_NGINX),
    _rule(Front.CADDY, r"^\s*exclude\s+http\b", "Caddy logs requests that fail, with address and all they say.",
          _SAFE_CADDY, True),
    _rule(Front.CADDY, r"^\s*encode\b", "Caddy compresses pages, which undoes their one size.", _SAFE_CADDY),
    _rule(Front.TOR, r"(?i)^\s*SafeLogging\s+(0|relay)\b", "Tor writes addresses into its log.", _SAFE_TOR),
    _rule(Front.TOR, r"(?i)^\s*Log\s+(debug|info)\b", "Tor’s log says more than is good.", _SAFE_TOR),
    _rule(Front.TOR, r"(?i)^\s*HiddenServiceExportCircuitID\b", "Tor gives each visitor’s circuit a name.", _SAFE_TOR),
)  # fmt: skip
_COMMENT = re.compile(r"#.*$", re.MULTILINE)


def request_logs(
    seen: Sequence[FrontSeen], doors: Iterable[str], variables: Iterable[str]
) -> Iterator[Finding]:
    """Judge everything that stands in front of this server: it names one of its doors (socket, or host and port).

    `variables` are the names of what is set in the environment.
    """
    bare = [FrontSeen(file.front, file.path, _COMMENT.sub("", file.text)) for file in seen]
    named = tuple(door for door in doors if door)
    found = [finding for front in Front for finding in _judge(front, bare, named)]
    yield from found
    for variable in sorted(name for name in variables if name.startswith("UVICORN_")):
        found.append(warn("logs.variable", variable, "“offramp serve” does not heed this; something else may.",
                          "Please make sure that nothing but “offramp serve” runs Offramp, and unset it."))  # fmt: skip
        yield found[-1]
    if not found:
        asked = (front for front in Front if front is not Front.PROCESS and _concerns(front, bare, named))
        read = ", ".join(front.value for front in asked) or "none was found here"
        yield fine(
            "logs.none", "logs", f"No configuration in front of the server logs requests (read: {read})."
        )


def _judge(front: Front, seen: Sequence[FrontSeen], doors: tuple[str, ...]) -> Iterator[Finding]:
    if not _concerns(front, seen, doors):
        return
    files = [file for file in seen if file.front is front]
    for rule in (rule for rule in RULES if rule.front is front):
        hits = [file for file in files if rule.pattern.search(file.text)]
        if rule.needed and not hits:
            yield warn(f"logs.{front.name.lower()}", str(files[0].path), rule.what, rule.remedy)
        elif not rule.needed:
            for file in hits:
                yield warn(f"logs.{front.name.lower()}", str(file.path), rule.what, rule.remedy)


def _concerns(front: Front, seen: Sequence[FrontSeen], doors: tuple[str, ...]) -> bool:
    """Units and processes were chosen by their name; a proxy concerns us if any of its files names a door of ours."""
    files = [file for file in seen if file.front is front]
    if front in (Front.SYSTEMD, Front.PROCESS):
        return bool(files)
    return any(door in file.text for file in files for door in doors)
