"""One writer: requests that come at about the same time are committed together, each is answered after the commit.

Not here: what is written. The invariant: `keep` returns when its deposit is on the disk, and at no other time.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from offramp.store import Deposit, Forgotten, Store

# How long the first of a batch waits for others: nobody feels it, and a commit costs more than sealing a page.
GATHER_SECONDS = 0.002


class Writer:
    """Gathers deposits for a moment, and while a commit is under way, and commits them next."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._thread = ThreadPoolExecutor(1, "writer")
        self._waiting: list[tuple[Deposit, asyncio.Future[bool]]] = []
        self._task: asyncio.Task[None] | None = None

    async def keep(self, deposit: Deposit) -> None:
        """Commit a deposit. Raises Forgotten, or whatever kept the store from committing."""
        kept: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((deposit, kept))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain())
        if not await kept:
            raise Forgotten

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            await asyncio.sleep(GATHER_SECONDS)
            batch, self._waiting = self._waiting, []
            try:
                deposits = [deposit for deposit, _ in batch]
                outcome = await loop.run_in_executor(self._thread, self._store.deposit, deposits)
            except Exception as error:
                for _, kept in batch:
                    if not kept.done():
                        kept.set_exception(error)
                continue
            for (_, kept), good in zip(batch, outcome, strict=True):
                # The person may have closed the connection while the commit was under way.
                if not kept.done():
                    kept.set_result(good)
