"""Laptops with wrong clocks work apart and meet over lines that break: in the end all hold the same, and nothing is lost."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from databases import no_users
from laptops import Laptop, cut_line, everything, written
from random_work import ACTS, Work
from store_helpers import Clock, make_store

from crm_tui import ids, log
from crm_tui.backup import backup, restore
from crm_tui.channel import Cut
from crm_tui.check import check
from crm_tui.commands import COMMANDS
from crm_tui.db import Database
from crm_tui.hub import Synced

if TYPE_CHECKING:
    from databases import Server

PEOPLE = (("noa", "noa"), ("ann", "ann"), ("bob", "bob"), ("mia", "mia"), ("ann2", "ann"))
"""Five laptops: name and person. Sue works in the hub's own store."""
FILES = {
    "spring.csv": """name,phone,email,company
Dana Levi,052-345-6789,,Acme
Ruth Bar,054-111-2233,ruth@zenith.example,Zenith
Gal,03-612-3456,,
""",
    "fair.csv": """name,phone,company,notes
Yossi Cohen,050-234-5678,acme ltd,met
Tal Mor,054-999-8877,Acme,
Ruth B,054-111-2233,,
""",
}
NOTHING = Synced(0, 0, 0, 0)


class Company:
    """Five laptops and a hub, one seed: what happens follows from it alone."""

    def __init__(self, seed: int, folder: Path, hub: str, template: Path, *, kills: bool = False) -> None:
        self.rng = random.Random(seed)
        self.folder, self.kills = folder, kills
        self.files = []
        for name, text in FILES.items():
            (folder / name).write_text(text)
            self.files.append(folder / name)
        founder = Laptop(folder, "noa", str(folder / "noa.db"), "noa", hub, self.clock())
        shutil.copyfile(template, founder.url)
        founder.sync()
        self.laptops = [founder]
        self.laptops += [Laptop(folder, name, str(folder / f"{name}.db"), user, hub, self.clock()).clone() for name, user in PEOPLE[1:]]
        self.hub = Laptop(folder, "hub", hub, "sue", hub, self.clock())
        self.acknowledged: set[str] = set()
        self.backups: dict[str, Path] = {}
        self.hub_was_restored = False
        self.done: list[str] = []

    def clock(self) -> Clock:
        """A clock that is off by up to 40 days."""
        clock = Clock()
        clock.add(days=self.rng.choice((0, 0, self.rng.randint(-40, 40))))
        return clock

    def close(self) -> None:
        for one in [*self.laptops, self.hub]:
            one.close()

    # what happens

    def run(self, steps: int) -> None:
        for _ in range(steps):
            self.step()

    def step(self) -> None:
        laptop = self.rng.choice(self.laptops) if self.rng.random() < 0.92 else self.hub
        laptop.clock.add(seconds=self.rng.choice((0, 1, 600, 90_000)))
        chance = self.rng.random()
        if laptop is self.hub or chance < 0.80:
            command = Work(self.rng, laptop, self.files).work()
            if command:
                self.done.append(f"{laptop} {command}")
        elif chance < 0.97:
            self.meet(laptop)
        elif chance < 0.985:
            self.keep_or_restore(self.rng.choice([*self.laptops, self.hub]))
        elif self.rng.random() < 0.5:
            self.replace(laptop)
        else:
            laptop.clock.add(days=self.rng.randint(-40, 40))

    def meet(self, laptop: Laptop) -> None:
        """A sync; half of the lines break."""
        self.done.append(f"{laptop} sync")
        if self.kills and self.rng.random() < 0.3:
            self.kill(laptop)
        elif self.rng.random() < 0.5:
            laptop.sync()
        else:
            end = self.rng.randrange(1, 1 << self.rng.randrange(4, 15))
            try:
                with cut_line(**{self.rng.choice(("sends", "receives")): end}):
                    laptop.sync()
            except Cut:
                self.done[-1] += " cut"

    def kill(self, laptop: Laptop) -> None:
        """`crm-tui sync` in a process of its own that is killed at some moment."""
        laptop.close()
        now = datetime.fromtimestamp(laptop.clock.now / 1000, UTC).isoformat()
        environment = os.environ | {"CRM_HOME": str(laptop.home), "CRM_NOW": now}
        command = [sys.executable, "-m", "crm_tui", "--store", laptop.url, "--as", laptop.user, "sync", laptop.hub]
        child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with suppress(subprocess.TimeoutExpired):
            assert child.wait(self.rng.uniform(0.2, 1.2)) == 0
            self.done[-1] += " in time"
            return
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        self.done[-1] += " killed"

    def keep_or_restore(self, one: Laptop) -> None:
        """Take a backup, or go back to the last one: what only this store had is gone then."""
        if not Path(one.url).is_absolute():
            return
        kept = self.backups.pop(one.name, None)
        if kept is None:
            self.backups[one.name] = self.folder / f"{one.name}-{len(self.done)}.backup"
            backup(one.store, self.backups[one.name])
            return
        os.environ["CRM_HOME"] = str(one.home)
        self.hub_was_restored |= one is self.hub
        one.close()
        restore(one.url, kept, one.user, one.clock)
        self.done.append(f"{one} restored")

    def replace(self, laptop: Laptop) -> None:
        """A new machine for the same person, with a store from the hub."""
        self.done.append(f"{laptop} replaced")
        laptop.close()
        number = len(self.done)
        fresh = Laptop(self.folder, f"{laptop.name}-{number}", str(self.folder / f"{laptop.name}-{number}.db"), laptop.user, laptop.hub)
        fresh.clock = laptop.clock
        fresh.name = laptop.name
        self.backups.pop(laptop.name, None)
        self.laptops[self.laptops.index(laptop)] = fresh.clone()

    # how it ends

    def assert_converges(self) -> None:
        stores = [*self.laptops, self.hub]
        every = {key: batch for one in stores for key, batch in written(one.db).items()}
        if self.hub_was_restored:
            # What the hub lost comes back from those who still have it.
            for laptop in self.laptops:
                self.hub.sync(laptop.url)
        for laptop in self.laptops * 2:
            laptop.sync()
        first = everything(self.hub.db)
        for one in stores:
            assert written(one.db) == every, f"{one} has another log"
            found = everything(one.db)
            assert differences(found, first) == [], f"{one} is not what the hub is"
            assert besides(one.db) == besides(self.hub.db), f"{one} finds something else"
            assert one.one("SELECT count(*) FROM batch WHERE parked = 1") == 0
            report = check(one.store)
            assert report["ok"], f"{one}: {report['differences'][:5]}"
        assert winners(self.hub.db) == [], "a register is not what its last change says"
        for laptop in self.laptops:
            done = laptop.sync()
            assert done._replace(bytes=0) == NOTHING
            assert done.bytes < 1_000


def differences(found: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> list[str]:
    """Records that only one of two stores has, in short."""
    ours, theirs = ({repr(sorted(one.items(), key=str)) for one in records} for records in (found, wanted))
    return [f"- {one}" for one in sorted(theirs - ours)[:4]] + [f"+ {one}" for one in sorted(ours - theirs)[:4]]


def besides(db: Database) -> list[Any]:
    """What follows from the log and is no part of an export."""
    searched = db.rows("SELECT id, search, name_key FROM contact ORDER BY id")
    return searched + db.rows("SELECT id FROM batch WHERE undone = 1 ORDER BY id")


REGISTERS = {("contact", "name"): "name", ("contact", "readiness"): "readiness", ("task", "note"): "note", ("deal", "name"): "name"}


def winners(db: Database) -> list[str]:
    """Plain registers whose column is not the value of greatest stamp (and origin) in the log."""
    best: dict[tuple[str, bytes, str], tuple[int, bytes, Any]] = {}
    for head in log.heads(db):
        for part in log.parts_of(db, head.key):
            for change in part.changes:
                if (change.entity, change.register) in REGISTERS:
                    key = change.entity, change.record, change.register
                    best[key] = max(best.get(key, (0, b"", None)), (head.hlc + change.n, head.origin, change.new or None))
    wrong = []
    for (entity, record, register), (_hlc, _origin, value) in best.items():
        row = db.one(f"SELECT {REGISTERS[entity, register]} FROM {entity} WHERE id = ?", (record,))
        filled = entity == "contact" and db.one("SELECT 1 FROM contact WHERE id = ? AND filled LIKE ?", (record, f'%"{register}"%'))
        if filled:
            row = (None,)  # what it shows is somebody's who was merged into it
        if row is not None and (row[0] or None) != value:
            wrong.append(f"{entity} {record.hex()} {register}: {row[0]!r} instead of {value!r}")
    return wrong


@pytest.fixture
def same_ids() -> Iterator[Callable[[], None]]:
    """Makes the ids that follow depend on the seed alone: ties that go by id fall alike in every run."""
    with pytest.MonkeyPatch.context() as patch:

        def begin() -> None:
            numbers = itertools.count(1)
            fixed = SimpleNamespace(urandom=lambda size: next(numbers).to_bytes(size, "big"))
            patch.setattr(ids, "_last", 0)
            patch.setattr(ids, "os", fixed)
            patch.setattr(log, "os", fixed)

        yield begin


@pytest.fixture
def converges(
    engine: str, same_ids: Callable[[], None], tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: Any
) -> Callable[..., Company]:
    """Runs one seed on a hub of the engine."""
    monkeypatch.setenv("CRM_HOME", os.environ["CRM_HOME"])

    def run(seed: int, steps: int = 120, **more: Any) -> Company:
        same_ids()
        folder = tmp_path / str(seed)
        folder.mkdir()
        make_store(str(folder / "template.db"), Clock("2026-10-01T09:00"))
        server: Server | None = request.getfixturevalue("pg_server") if engine == "postgresql" else None
        made = server.like(no_users) if server else None
        company = Company(seed, folder, server.of(made) if server and made else str(folder / "hub.db"), folder / "template.db", **more)
        try:
            company.run(steps)
            company.assert_converges()
        finally:
            company.close()
            if server and made:
                server.drop(made)
            shutil.rmtree(folder, ignore_errors=True)
        return company

    return run


@pytest.mark.parametrize(("seed", "engine"), [*((seed, "sqlite") for seed in range(4)), (5, "postgresql")], indirect=["engine"])
def test_everybody_ends_with_the_same(converges: Callable[..., Company], seed: int) -> None:
    assert converges(seed).done


def test_every_command_takes_part() -> None:
    assert set(ACTS) == set(COMMANDS)


@pytest.mark.long
def test_everybody_ends_with_the_same_at_length(converges: Callable[..., Company]) -> None:
    seeds = int(os.environ.get("CRM_SEEDS", "1000"))
    first = int(os.environ.get("CRM_FIRST_SEED", "100"))
    for seed in range(first, first + seeds):
        try:
            converges(seed, 120 if seed % 3 else 300, kills=seed % 10 == 0)
        except BaseException:
            print(f"seed {seed} failed", flush=True)
            raise
        if seed % 10 == 9:
            print(f"{seed + 1 - first} seeds converged", flush=True)
