"""The open store on a thread of its own: screens await it, nothing on the event loop waits for a disk or a network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from crm_tui.answer import Answer
    from crm_tui.store import Store

T = TypeVar("T")


class Session:
    """One person at one store."""

    def __init__(self, url: str, user: str | None, clock: Callable[[], int]) -> None:
        self.url = url
        self.user = user
        self.clock = clock
        self._thread = ThreadPoolExecutor(1, "store")
        self._store: Store | None = None
        self._end: tuple[int | None, int] | None = None
        """Where the log ended when this person last wrote or looked."""

    @property
    def name(self) -> str:
        """Who works here; known once the store is open."""
        return self._store.actor.name if self._store else self.user or ""

    @property
    def role(self) -> str:
        """What the person does here."""
        return self._store.actor.role if self._store else ""

    def open_now(self) -> None:
        """Open the store in the calling thread's time (before the screens start), so that errors are said on the plain terminal."""
        self._thread.submit(self._open).result()

    def _open(self) -> Store:
        if self._store is None:
            from crm_tui.store import Store

            self._store = Store(self.url, self.user, self.clock)
        return self._store

    async def read(self, question: Callable[..., T], *args: Any) -> T:
        """The answer of a read to `question(look, *args)`, at one moment of the store."""

        def ask() -> T:
            from crm_tui.reads.look import Look

            store = self._open()
            with store.db.snapshot():
                return question(Look.at(store), *args)

        return await self._run(ask)

    async def do(self, command: str, **fields: Any) -> Answer:
        """Execute a command; what is None is not given."""
        given = {"command": command, **{key: value for key, value in fields.items() if value is not None}}

        def execute() -> Answer:
            from crm_tui.log import end

            store = self._open()
            answer = store.execute(given)
            self._end = end(store.db)
            return answer

        return await self._run(execute)

    async def is_news(self) -> bool:
        """Whether the log goes on after what this person wrote or looked at last: what one did oneself is shown already."""

        def look() -> bool:
            from crm_tui.log import end

            before, self._end = self._end, end(self._open().db)
            return before != self._end

        return await self._run(look)

    async def with_store(self, job: Callable[[Store], T]) -> T:
        """Something else that needs the store itself."""
        return await self._run(lambda: job(self._open()))

    async def _run(self, job: Callable[[], T]) -> T:
        # Shielded: a cancelled screen does not stop what is already written.
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, job))

    def close(self) -> None:
        """Close the store after what is under way."""

        def close() -> None:
            if self._store is not None:
                self._store.close()

        self._thread.submit(close)
        self._thread.shutdown()
