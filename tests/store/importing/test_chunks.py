"""An import is the same whatever its chunks, its processes and its laptops; and any file does what its rows would do."""

from __future__ import annotations

import random
import shutil
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from import_helpers import (
    Cut,
    assert_sound,
    both_engines,
    counts,
    cut_after,
    everything,
    ids,
    many,
    nameless,
    person,
    plain,
    rows_in,
    table,
    take,
)
from store_helpers import (
    Clock,
    do,
    lead,
    show,
    snapshot,
    whole_log,
)

from crm_tui.errors import Refused
from crm_tui.ids import show_id
from crm_tui.intake import reader
from crm_tui.intake.run import import_file
from crm_tui.rows import make
from crm_tui.store import Store

# chunks


@both_engines
def test_a_long_file_is_many_batches_of_one_import(store: Store, leads: Callable[..., Path]) -> None:
    path = many(leads, 1300)
    before = snapshot(store)
    seen: list[tuple[int, int, int]] = []
    report = take(store, path, progress=lambda *done: seen.append(done))
    batches = store.db.rows("SELECT key, import_id FROM batch WHERE command = 'import'")
    assert len(batches) == 3
    assert {import_id for _key, import_id in batches} == {report.id}
    arrivals = [count for (count,) in store.db.rows("SELECT count(*) FROM entry WHERE kind = 'lead' GROUP BY batch")]
    assert max(arrivals) <= 500
    assert sum(arrivals) == counts(report)["created"] + counts(report)["touched"]
    assert [rows for _done, _total, rows in seen] == [500, 1000, 1300]
    assert seen[-1][0] <= seen[-1][1] == path.stat().st_size
    assert sorted(done for done, _total, _rows in seen) == [done for done, _total, _rows in seen]
    do(store, "undo")
    assert snapshot(store) == before
    assert store.db.one("SELECT count(*) FROM batch WHERE command = 'undo'")[0] == 3


def test_an_import_that_was_cut_is_completed(store: Store, leads: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "CHUNK", 10)
    path = many(leads, 60)
    before = snapshot(store)
    with pytest.raises(Cut):
        import_file(store, path, progress=cut_after(3))
    assert [row["line"] for row in rows_in(store, path)] == [line for line in range(2, 32) if line - 2 not in range(11, 60, 12)]
    assert_sound(store)
    report = take(store, path)
    done = counts(report)
    assert done["skipped"] == len([number for number in range(30) if number % 12 != 11])
    whole = snapshot(store)
    do(store, "undo")
    assert snapshot(store) == before, "one undo takes all back, whenever its rows went in"
    take(store, path)
    assert snapshot(store) == whole


@both_engines
def test_cut_undone_completed_and_undone(store: Store, leads: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """What an undo took of the cut import and the same file brought back is undone together with what it added."""
    monkeypatch.setattr(reader, "CHUNK", 10)
    path = many(leads, 60)
    before = snapshot(store)
    with pytest.raises(Cut):
        import_file(store, path, progress=cut_after(3))
    do(store, "undo")
    assert snapshot(store) == before
    report = take(store, path)
    assert counts(report)["skipped"] == 0
    whole = snapshot(store)
    do(store, "undo")
    assert snapshot(store) == before
    do(store, "redo")
    assert snapshot(store) == whole
    do(store, "undo", id=show_id(report.id))
    assert snapshot(store) == before


def test_what_two_people_imported_of_one_file_is_one_import(
    store: Store, ann: Store, leads: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "CHUNK", 10)
    path = many(leads, 40)
    before = snapshot(store)
    with pytest.raises(Cut):
        import_file(ann, path, progress=cut_after(2))
    take(store, path)
    do(store, "undo")
    assert snapshot(store) == before


@both_engines
def test_two_at_once_import_one_file(url: str, store: Store, leads: Callable[..., Path], clock: Clock, new_url: Any) -> None:
    path = many(leads, 700)
    with Store(new_url(), "noa", clock, durable=False) as alone:
        expected = counts(take(alone, path))
        state = people(alone)
    found: list[dict[str, int]] = []
    failed: list[BaseException] = []

    def work(name: str) -> None:
        try:
            with Store(url, name, clock, durable=False) as mine:
                found.append(counts(take(mine, path)))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("noa", "ann", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert {name: sum(one[name] for one in found) for name in ("created", "touched")} == {
        name: expected[name] for name in ("created", "touched")
    }
    assert people(store) == state


def people(store: Store) -> list[dict[str, Any]]:
    """The contacts with all that they are."""
    return [show(store, one) for one in ids(store)]


@both_engines
def test_no_chunk_size_makes_a_difference(store: Store, new_url: Any, leads: Callable[..., Path], clock: Clock) -> None:
    start = clock.now
    path = everything(store, leads, clock)
    others = [Store(new_url(), "noa", clock, durable=False) for _ in range(2)]
    for other in others:
        clock.now = start
        everything(other, leads, clock)
    states = []
    for chunk, one in zip((500, 1, 3), (store, *others), strict=True):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(reader, "CHUNK", chunk)
            report = take(one, path)
        states.append((counts(report), nameless(one)))
    for other in others:
        assert_sound(other)
        other.close()
    assert states[0] == states[1] == states[2]


@both_engines
def test_prepared_rows_give_the_same_store_as_the_ordinary_way(
    store: Store, new_url: Any, leads: Callable[..., Path], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = many(leads, 300)
    take(store, path)
    monkeypatch.setattr(reader, "make", lambda *args, **more: make(*args, **more)._replace(row=None))
    with Store(new_url(), "noa", clock, durable=False) as other:
        take(other, path)
        assert_sound(other)
        assert plain(other) == plain(store)


@pytest.mark.parametrize("rows", [1, 1200])
def test_a_second_process_reads_as_this_one(
    store: Store, new_url: Any, leads: Callable[..., Path], clock: Clock, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    people = (person(number, Tags="vip" if number % 10 == 0 else "", Company=f"Acme {number % 50}") for number in range(rows))
    path = leads(*people, {"Phone": "1"})
    options = {"source": "partner", "campaign": "גל", "to": "contacts"}
    here = take(store, path, **options)
    monkeypatch.setattr(reader, "LARGE_BYTES", 0)
    monkeypatch.setattr(reader, "_prepared", None)
    with Store(new_url(), "noa", clock, durable=False) as other:
        there = take(other, path, **options)
        assert there.as_json() == here.as_json()
        assert_sound(other)
        assert plain(other) == plain(store)


def test_a_second_process_runs_nothing_of_the_folder_it_is_started_in(
    store: Store, leads: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = leads(person(1))
    (tmp_path / "queue.py").write_text("raise SystemExit")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(reader, "LARGE_BYTES", 0)
    assert take(store, path).taken.created == 1


def test_a_second_process_that_ends_early_is_said_and_the_rest_stands(
    store: Store, leads: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = many(leads, 3000)  # more than the first process takes ahead
    monkeypatch.setattr(reader, "LARGE_BYTES", 0)
    monkeypatch.setattr(reader, "AHEAD", 1)
    processes: list[Any] = []
    real = reader.subprocess.Popen

    def popen(*args: Any, **more: Any) -> Any:
        processes.append(real(*args, **more))
        return processes[-1]

    def stop(_done: int, _total: int, rows: int) -> None:
        if rows == 500:
            processes[0].kill()
            processes[0].wait()

    monkeypatch.setattr(reader.subprocess, "Popen", popen)
    with pytest.raises(Refused, match="run the same import again"):
        import_file(store, path, progress=stop)
    assert len(store.db.rows("SELECT key FROM batch WHERE command = 'import'")) in range(1, 6)
    take(store, path)
    expected = [line for line in range(2, 3002) if (line - 2) % 12 != 11]
    assert [row["line"] for row in rows_in(store, path)] == expected


# two stores


@both_engines
def test_two_laptops_that_import_one_file_make_the_same_records(
    store: Store, new_url: Any, leads: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = leads(*(person(number, Company=f"Company {number % 4}") for number in range(30)), person(3, Name=""))
    take(store, path)
    monkeypatch.setattr(reader, "CHUNK", 7)
    with Store(new_url(), "bob", Clock("2026-12-24T18:00"), durable=False) as other:
        lead(other, "Somebody Here", "050-234-5678", company="Company 2")
        take(other, path)
        for query in (
            "SELECT id FROM contact WHERE name LIKE 'Given%' ORDER BY id",
            "SELECT id, name FROM company ORDER BY id",
            "SELECT e.id, c.id FROM entry e JOIN contact c ON c.id = e.contact WHERE kind = 'lead' AND c.name LIKE 'Given%' ORDER BY e.id",
        ):
            assert store.db.rows(query) == other.db.rows(query)
            assert store.db.rows(query)
        assert_sound(other)


# any file


FIRST = ("Dana", "Yossi", "Dana", "Noa", "D.", "דנה", "")
LAST = ("Levi", "Cohen", "Levi-Cohen", "לוי", "")
PHONES = ("", "052-345-6789", "0523456789", "+972 52-345-6789", "03-612-3456", "054-234-5678", "12")
EMAILS = ("", "", "dana@acme.example", "DANA@acme.example", "info@acme.example", "dana@gmail.com", "no mail")
COMPANIES = ("", "", "", "Acme", "ACME", "Beta")
MORE = (
    {},
    {},
    {"Tags": "vip"},
    {"City": "Haifa"},
    {"Source": "exhibition", "Readiness": "high"},
    {"Readiness": "low"},
    {"Notes": "hello\nthere"},
    {"Source": "Facebook", "Created": "2026-10-01"},
)


def any_rows(rng: random.Random, rows: int) -> list[dict[str, str]]:
    return [
        {
            "Name": f"{rng.choice(FIRST)} {rng.choice(LAST)}".strip(),
            "Phone": rng.choice(PHONES) if rng.random() < 0.6 else f"052-3{rng.randrange(40):06d}",
            "Email": rng.choice(EMAILS),
            "Company": rng.choice(COMPANIES),
        }
        | rng.choice(MORE)
        for _ in range(rows)
    ]


def worked_store(store: Store, rng: random.Random, clock: Clock) -> None:
    """Some people of the same small world, dealt with in several ways."""
    for row in any_rows(rng, 6):
        fields = {name.lower(): value for name, value in row.items() if name in ("Name", "Phone", "Email", "Company") and value}
        try:
            known = do(store, "add_lead", **fields)["record"]
        except Refused:
            continue
        clock.add(minutes=rng.randrange(0, 90))
        match rng.randrange(5):
            case 0:
                do(store, "log_call", contact=known, outcome="not_interested", reason="price")
            case 1:
                do(store, "route", contact=known, to=rng.choice(["ann", "bob", "nurture", "support"]))
            case 2:
                do(store, "log_call", contact=known, outcome="no_answer")
            case 3 if show(store, known)["lifecycle"] != "other":
                offer = do(store, "open_deal", contact=known, value=100)["record"]
                do(store, "move_deal", deal=offer, stage="won")
                clock.add(days=200)
            case _:
                pass


def check_any_file(new_url: Callable[[], str], seed: int, folder: Path) -> None:
    """Whatever the file and the store: chunks make no difference, dry runs tell the truth, undo takes back, the file brings back."""
    path = table(folder / "any.csv", *any_rows(random.Random(seed), 24))
    on_duplicate = random.Random(seed).choice(["touch", "touch", "update", "skip"])
    clock = Clock()
    prepared = new_url()
    with Store(prepared, "noa", clock, durable=False) as store:
        worked_store(store, random.Random(-seed - 1), clock)
    start = clock.now
    whole: Any = None
    for chunk in (500, 5, 1):
        clock.now = start + 7 * 60_000
        copy = shutil.copyfile(prepared, f"{prepared}.{chunk}")
        with Store(copy, "noa", clock, durable=False) as store, pytest.MonkeyPatch.context() as patch:
            patch.setattr(reader, "CHUNK", chunk)
            before = snapshot(store)
            dry = take(store, path, on_duplicate=on_duplicate, dry_run=True).as_json()
            report = take(store, path, on_duplicate=on_duplicate)
            assert report.as_json() == dry, (seed, chunk)
            after = snapshot(store)
            found = counts(report), nameless(store)
            if on_duplicate == "update":
                # A chunk sets a field once, from what it was to what its last row says.
                found = counts(report), [contact for contact, _lines in found[1]]
            whole = whole or found
            assert found == whole, (seed, chunk)
            if counts(report)["created"] + counts(report)["touched"]:
                clock.add(minutes=1)
                assert do(store, "undo", id=show_id(report.id))["kept"] == [], (seed, chunk)
                assert snapshot(store) == before, (seed, chunk)
                clock.add(minutes=1)
                take(store, path, on_duplicate=on_duplicate)
                assert snapshot(store) == after, (seed, chunk)
            log = whole_log(store)
            take(store, path, on_duplicate="skip" if on_duplicate == "skip" else "touch")
            assert whole_log(store) == log, (seed, chunk)
            assert_sound(store)
        Path(copy).unlink()


@pytest.mark.parametrize("seed", range(6))
def test_any_file(new_url: Any, seed: int, tmp_path: Path) -> None:
    check_any_file(new_url, seed, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("seeds", [range(start, start + 25) for start in range(100, 500, 25)], ids=lambda seeds: str(seeds[0]))
def test_any_file_many_times(new_url: Any, seeds: Sequence[int], tmp_path: Path) -> None:
    for seed in seeds:
        check_any_file(new_url, seed, tmp_path)


@pytest.mark.parametrize("seed", range(4))
def test_a_file_does_what_its_rows_would_do_one_by_one(store: Store, new_url: Any, seed: int, tmp_path: Path, clock: Clock) -> None:
    """One builder for the command and for every row: an import ends where `add_lead` for each row ends."""
    rng = random.Random(seed)
    # One phone or e-mail in a row and names that are the same or plainly differ, so that nobody stands to choose between two.
    rows = [
        {
            "Name": rng.choice(("Dana Levi", "Yossi Cohen", "Noa Mizrahi", "Ruth Katz")),
            rng.choice(("Phone", "Email")): rng.choice((*PHONES[1:], *EMAILS[2:])),
            "Company": rng.choice(COMPANIES),
            "Note": rng.choice(("", "call me")),
        }
        for _ in range(60)
    ]
    report = take(store, table(tmp_path / "rows.csv", *rows), source="ads")
    refused = 0
    with Store(new_url(), "noa", clock, durable=False) as other:
        for row in rows:
            try:
                do(other, "add_lead", source="ads", **{name.lower(): value for name, value in row.items() if value})
            except Refused:
                refused += 1
        assert refused == counts(report)["refused"]
        assert nameless(store) == nameless(other)
