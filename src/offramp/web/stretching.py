"""Temporary."""

from __future__ import annotations

import asyncio

from offramp.sealing import Locker, locker_from_code


class Busy(Exception): ...


class Stretching:
    def __init__(self, pepper: bytes) -> None:
        self.pepper = pepper

    async def locker(self, code: bytes) -> Locker:
        return await asyncio.get_running_loop().run_in_executor(None, locker_from_code, code, self.pepper)
