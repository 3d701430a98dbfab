"""Syncing beside the work: a thread with a store of its own that meets the hub now and then and says how it stands."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import subprocess

    from crm_tui.store import Store

EVERY_SECONDS = 60
AFTER_CHANGE_SECONDS = 3
"""So soon after a change here it is sent: several keys in a row go together."""
AGAIN_SECONDS = 20
"""So soon it is tried again without a network; the first that succeeds finds it back."""
MOST_CHANGES = 200
"""More of them come in by a process of its own: a thread would take the interpreter from the keys for seconds."""
NICE = 10


class Standing(NamedTuple):
    """How this store and its hub stand: `unsent` commands wait, `synced_at` (ms) they last met, `received` then came in."""

    remote: str | None = None
    offline: bool = False
    unsent: int = 0
    synced_at: int | None = None
    received: int = 0
    parked: int = 0
    why: str = ""


class Syncing:
    """Calls `on_change` from its own thread whenever the standing changed; never raises. Without a hub it does nothing."""

    def __init__(
        self, url: str, user: str | None, clock: Callable[[], int], on_change: Callable[[], None], *, every: float = EVERY_SECONDS
    ) -> None:
        self.url, self.user, self.clock = url, user, clock
        self.on_change = on_change
        self.every = every
        self.standing = Standing()
        self._stopped = threading.Event()
        self._wake = threading.Event()
        self._at_once = False
        self._store: Store | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="crm-sync", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End soon; a sync under way goes on in its transaction and is cut after it."""
        self._stopped.set()
        self._wake.set()
        if self._process is not None:
            self._process.terminate()

    def changed(self) -> None:
        """Something was done here: count it, and send it soon. Without a hub there is nothing to count."""
        if self.standing.remote is not None:
            self._wake.set()

    def now(self) -> None:
        """Meet the hub at once."""
        self._at_once = True
        self._wake.set()

    def _run(self) -> None:
        due = time.monotonic()
        while not self._stopped.is_set():
            woken = self._wake.wait(max(0.0, due - time.monotonic()))
            self._wake.clear()
            if self._stopped.is_set():
                break
            if woken and not self._at_once:
                self._count()
                if self.standing.unsent and not self.standing.offline:
                    due = min(due, time.monotonic() + AFTER_CHANGE_SECONDS)
                continue
            self._at_once = False
            self._meet()
            due = time.monotonic() + (AGAIN_SECONDS if self.standing.offline else self.every)
        self._close()

    def _show(self, standing: Standing) -> None:
        if standing != self.standing:
            self.standing = standing
            if not self._stopped.is_set():
                with suppress(Exception):
                    self.on_change()

    def _open(self) -> Store:
        if self._store is None:
            from crm_tui.store import Store

            self._store = Store(self.url, self.user, self.clock)
        return self._store

    def _close(self) -> None:
        """After an error the next try begins with a connection of its own."""
        store, self._store = self._store, None
        if store is not None:
            with suppress(Exception):
                store.close()

    def _count(self) -> None:
        """How much waits to be sent."""
        try:
            from crm_tui.sync import noted, unsent

            store = self._open()
            remote = noted(store.db, "remote")
            waiting = unsent(store.db, store.actor.id) if remote else 0
            self._show(self.standing._replace(remote=remote, unsent=waiting, synced_at=noted(store.db, "synced_at")))
        except Exception:
            self._close()

    def _meet(self) -> None:
        self._count()
        remote = self.standing.remote
        if remote is None:
            return
        from crm_tui.errors import CrmError
        from crm_tui.hub import TooMuch, synchronise

        why, offline = "", True
        received, parked = self.standing.received, self.standing.parked
        try:
            try:
                done = synchronise(self._open(), remote, most=MOST_CHANGES).as_json()
            except TooMuch:
                done = self._apart()
            received, parked, offline, why = done["received"] or received, done["parked"], False, done.get("warning", "")
        except CrmError as error:
            why = error.message
            self._close()
        except Exception as error:
            why = f"{error.__class__.__name__}: {error}"
            self._close()
        self._show(self.standing._replace(offline=offline, received=received, parked=parked, why=why[:300]))
        self._count()

    def _apart(self) -> dict[str, Any]:
        """The answer of a sync in a process of its own, which gives way to whoever presses keys."""
        import json
        import os
        import subprocess
        import sys
        from zoneinfo import ZoneInfo

        from crm_tui.errors import CrmError
        from crm_tui.i18n import gettext as _
        from crm_tui.i18n import language
        from crm_tui.text.times import iso, now_ms

        # Its arguments can be seen by others, its environment cannot; and no module is taken from where the program was started.
        path = os.pathsep.join(filter(None, (str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH"))))
        environment = os.environ | {"CRM_STORE": self.url, "CRM_USER": self._open().actor.name, "PYTHONPATH": path}
        if self.clock is not now_ms:
            environment["CRM_NOW"] = iso(self.clock(), ZoneInfo("UTC"))
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "crm_tui", "--lang", language(), "sync", "--json"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        with self._process as process:
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, process.pid, NICE)
            if self._stopped.is_set():
                process.terminate()
            said = process.communicate()[0]
        if not said:
            raise CrmError(_("The line to the hub ended. Nothing is lost; sync again."))
        answer: dict[str, Any] = json.loads(said)
        if "error" in answer:
            raise CrmError(answer["error"]["message"])
        return answer
