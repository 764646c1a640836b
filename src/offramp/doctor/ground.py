"""Judging the machine under the server: clock, swap, core dumps, room on the disk, and the address.

Not here: reading any of it. The invariant: what could not be read is never called fine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from offramp.doctor.findings import Finding, fault, fine, warn

MEGABYTE = 1024 * 1024
FULL, TIGHT = 100 * MEGABYTE, 1024 * MEGABYTE
LOOPBACK = ("127.0.0.1", "::1", "localhost")
_WRITTEN, _OUTLIVED = date(2026, 1, 1), date(2100, 1, 1)
_DISCARDING = ("false", "true", "null")


@dataclass(frozen=True, slots=True)
class SwapSeen:
    """One swap area: `safe` if it is encrypted or never leaves memory, None if that cannot be told."""

    path: str
    safe: bool | None


def clock(now: datetime, newest: date | None, synchronised: bool | None) -> Iterator[Finding]:
    """Judge the clock: weeks are told from it, and by weeks is decided what may be pulled and when it is deleted.

    `newest` is the latest day on which something here was written; `synchronised` is what the system says.
    """
    here = now.date()
    earliest = max(newest or _WRITTEN, _WRITTEN) - timedelta(days=1)
    if not earliest <= here < _OUTLIVED:
        yield fault("ground.clock", "clock", f"It is {here.isoformat()} here, which cannot be.",
                    "Please set the clock, and start the server again.")  # fmt: skip
    elif synchronised is None:
        yield warn("ground.clock_kept", "clock", f"It is {here.isoformat()}; what keeps the clock right, if anything, "
                   "cannot be told.", "Please make sure that something does (systemd-timesyncd, say).")  # fmt: skip
    elif not synchronised:
        yield warn("ground.clock_kept", "clock", f"It is {here.isoformat()}, and nothing keeps the clock right.",
                   "Please switch it on: timedatectl set-ntp true")  # fmt: skip
    else:
        yield fine("ground.clock", "clock", f"It is {here.isoformat()}, and kept right.")


def swap(areas: Sequence[SwapSeen] | None) -> Iterator[Finding]:
    """Judge swap: what is in memory while a page is answered could stay on a disk."""
    remedy = (
        "Please either switch it off (swapoff -a, and out of /etc/fstab), or encrypt it with a random key."
    )
    if areas is None:
        yield warn("ground.swap", "swap", "Whether memory is swapped to a disk cannot be read.", remedy)
        return
    for area in areas:
        if area.safe:
            yield fine("ground.swap", area.path, "This swap is encrypted, or stays in memory.")
        else:
            what = "is not encrypted" if area.safe is False else "may not be encrypted; that cannot be told"
            yield warn("ground.swap", area.path, f"This swap {what}.", remedy)
    if not areas:
        yield fine("ground.swap", "swap", "There is none.")


def core_dumps(limit: int, pattern: str | None) -> Iterator[Finding]:
    """Judge core dumps by the limit of whoever asks (-1 for none) and the kernel's pattern."""
    program = (pattern or "").removeprefix("|").split(" ")[0].rpartition("/")[2]
    piped = (pattern or "").startswith("|")
    if pattern is None:
        yield warn("ground.core", "core dumps", "The kernel’s pattern cannot be read.",
                   "Please make sure that no core dump is ever written.")  # fmt: skip
    elif piped and program in _DISCARDING:
        yield fine("ground.core", "core dumps", "The kernel throws them away.")
    elif piped and program != "systemd-coredump":
        # The kernel hands a dump to a program whatever the limit is; systemd's own program keeps to it.
        yield warn("ground.core", "core dumps", f"The kernel hands them to {program}, whatever limit is set.",
                   "Please set kernel.core_pattern to |/bin/false with sysctl, and in /etc/sysctl.d.")  # fmt: skip
    elif limit != 0:
        yield warn("ground.core", "core dumps", "They are on for what is started from here.",
                   "Please either start the server with ops/systemd/offramp.service, which switches them off, or type: "
                   "ulimit -c 0")  # fmt: skip
    else:
        yield fine("ground.core", "core dumps", "They are off for what is started from here.")


def disk(place: str, free: int, database: int) -> Iterator[Finding]:
    """Judge the room: settling writes the whole database anew, beside the old one and through the log."""
    has = f"{free // MEGABYTE:,} MiB are free, for a database of {database // MEGABYTE:,} MiB."
    if free < FULL:
        yield fault("ground.disk", place, has, "Please make room now: where none is left, no page is saved.")
    elif free < max(TIGHT, 2 * database):
        yield warn(
            "ground.disk", place, has, "Please make room: settling takes twice the size of the database."
        )
    else:
        yield fine("ground.disk", place, has)


def address(host: str) -> Iterator[Finding]:
    """Judge the address that the server listens on, where it uses no socket."""
    if host in LOOPBACK:
        yield fine("ground.address", host, "Only programs on this machine can connect.")
    else:
        yield warn("ground.address", host, "The server may be reached from outside, in plain HTTP.",
                   "Please listen on a unix socket or on 127.0.0.1, behind TLS or an onion service.")  # fmt: skip
