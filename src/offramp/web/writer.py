"""One writer: requests that wait at the same time are committed together, and each is answered after the commit.

Not here: what is written. The invariant: `keep` returns when its deposit is on the disk, and at no other time.
"""

from __future__ import annotations

import asyncio

from starlette.concurrency import run_in_threadpool

from offramp.store import Deposit, Forgotten, Store


class Writer:
    """Gathers deposits while a commit is under way, and commits them next."""

    def __init__(self, store: Store) -> None:
        self._store = store
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
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                outcome = await run_in_threadpool(self._store.deposit, [deposit for deposit, _ in batch])
            except Exception as error:
                for _, kept in batch:
                    if not kept.done():
                        kept.set_exception(error)
                continue
            for (_, kept), good in zip(batch, outcome, strict=True):
                # The person may have closed the connection while the commit was under way.
                if not kept.done():
                    kept.set_result(good)
