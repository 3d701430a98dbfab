"""The transition table against product.md: every cell, written here by hand from the rules and not from the code."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from crm_tui.rules import table
from crm_tui.rules.fold import Event, fold

ROLES = ("new", "no_answer", "initial_contact", "in_process", "closed", "customer", "inactive_customer")
STAGES = ("subscriber", "lead", "marketing_qualified", "sales_qualified", "opportunity", "customer", "evangelist", "other")
BY_HAND = ("lead (by hand)", "customer (by hand)")
SHORT = {
    "N": "new",
    "A": "no_answer",
    "I": "initial_contact",
    "P": "in_process",
    "X": "closed",
    "C": "customer",
    "Z": "inactive_customer",
    "u": "subscriber",
    "l": "lead",
    "m": "marketing_qualified",
    "s": "sales_qualified",
    "o": "opportunity",
    "c": "customer",
    "e": "evangelist",
    "-": "other",
}

NO_ANSWER, FIRST, LATER = "no answer", "first conversation", "later conversation"

# Before:            N A I P X C Z
STATUS = {
    # Rule 7: attempts are counted on `new` and `no_answer` (+); elsewhere the status stays; on `closed` it is logged only.
    "call: no answer": ("A+ A+ I P X C Z", NO_ANSWER),
    "call: busy": ("A+ A+ I P X C Z", NO_ANSWER),
    "call: wrong number": ("N A I P X C Z", None),
    "call: not interested": ("X X X X X X X", "not interested"),
    "call coming in: missed": ("N A I P X C Z", None),
    # Rule 8, never lowering; customers stay; a closed contact goes as if it were new.
    "call: talked, the first conversation": ("I I I P I C Z", FIRST),
    "call: call back, the first conversation": ("I I I P I C Z", FIRST),
    "call coming in: talked, the first conversation": ("I I I P I C Z", FIRST),
    "e-mail received, the first conversation": ("I I I P I C Z", FIRST),
    "message received, the first conversation": ("I I I P I C Z", FIRST),
    # Rule 9.
    "call: talked, a later conversation": ("P P P P P C Z", LATER),
    "call: call back, a later conversation": ("P P P P P C Z", LATER),
    "call coming in: talked, a later conversation": ("P P P P P C Z", LATER),
    "e-mail received, a later conversation": ("P P P P P C Z", LATER),
    "message received, a later conversation": ("P P P P P C Z", LATER),
    "meeting held": ("P P P P P C Z", "meeting held"),
    "quote sent": ("P P P P P C Z", "quote sent"),
    "deal opened": ("P P P P P C Z", "deal opened"),
    # What we send, and notes, are no conversation.
    "e-mail sent": ("N A I P X C Z", None),
    "message sent": ("N A I P X C Z", None),
    "note": ("N A I P X C Z", None),
    # Rules 12 and 14.
    "deal moved to another open stage": ("N A I P X C Z", None),
    "deal won": ("C C C C C C C", "deal won"),
    "deal lost": ("N A I P X C Z", None),
    "deal won, then opened again": ("N A I P X C Z", None),
    # Rule 13.
    "routed to a user": ("N A I P X C Z", None),
    "routed to partner, supplier or not a lead": ("X X X X X X X", "routed to desk"),
    "routed to nurture or support": ("N A I P X C Z", None),
    "routed back to the Leadometer": ("N A I P X C Z", None),
    "at partner, supplier or not a lead, then routed to a user": ("N A I P X C Z", None),
    "at partner, supplier or not a lead, then back to the Leadometer": ("N A I P X C Z", None),
    # Rule 2.
    "lead comes in again": ("N A I P N C N", "returning"),
    "lead comes in again, an inactive customer by the clock": ("N A I P N N N", "returning"),
    "rated high, from an offline source": ("N A I P X C Z", None),
    **{f"status set by hand: {SHORT[one]}": (" ".join(one * 7), None) for one in "NAIPXCZ"},
    **{f"stage set by hand: {SHORT[one]}": ("N A I P X C Z", None) for one in "ulmsoce-"},
}

STAYS = "u l m s o c e - l c"
QUALIFIED = "s s s s o c e s l c"
# Before:            u l m s o c e - and, by hand, l c
LIFECYCLE = {
    "call: no answer": (STAYS, None),
    "call: busy": (STAYS, None),
    "call: wrong number": (STAYS, None),
    "call: not interested": (STAYS, None),
    "call coming in: missed": (STAYS, None),
    # Rule 14: the first conversation or a meeting, never downwards; a stage set by hand holds.
    "call: talked, the first conversation": (QUALIFIED, FIRST),
    "call: call back, the first conversation": (QUALIFIED, FIRST),
    "call coming in: talked, the first conversation": (QUALIFIED, FIRST),
    "e-mail received, the first conversation": (QUALIFIED, FIRST),
    "message received, the first conversation": (QUALIFIED, FIRST),
    "meeting held": (QUALIFIED, "meeting held"),
    "call: talked, a later conversation": (STAYS, None),
    "call: call back, a later conversation": (STAYS, None),
    "call coming in: talked, a later conversation": (STAYS, None),
    "e-mail received, a later conversation": (STAYS, None),
    "message received, a later conversation": (STAYS, None),
    "quote sent": (STAYS, None),
    "e-mail sent": (STAYS, None),
    "message sent": (STAYS, None),
    "note": (STAYS, None),
    # Rule 14: the best deal counts; `evangelist` for good; a lost upsell never makes a customer "other".
    "deal opened": ("o o o o o c e o o o", "deal opened"),
    "deal moved to another open stage": ("o o o o o c e o o o", "deal moved"),
    "deal won": ("c c c c c c e c c c", "deal won"),
    "deal lost": ("- - - - - c e - - c", "deal lost"),
    "deal won, then opened again": ("o o o o o c e o o o", "deal moved"),
    # Rules 13 and 14.
    "routed to a user": ("m m m s o c e m l c", "routed"),
    "routed to partner, supplier or not a lead": ("- - - - - - - - - -", "routed to desk"),
    "routed to nurture or support": (STAYS, None),
    "routed back to the Leadometer": (STAYS, None),
    "at partner, supplier or not a lead, then routed to a user": ("m m m s o c e m l c", "routed"),
    "at partner, supplier or not a lead, then back to the Leadometer": (STAYS, None),
    "lead comes in again": (STAYS, None),
    "lead comes in again, an inactive customer by the clock": (STAYS, None),
    # Rule 3.
    "rated high, from an offline source": (QUALIFIED, "readiness high"),
    **{f"status set by hand: {SHORT[one]}": (STAYS, None) for one in "NAIPXCZ"},
    **{f"stage set by hand: {SHORT[one]}": (" ".join(one * 10), None) for one in "ulmsoce-"},
}


def expected() -> dict[tuple[str, str, str], tuple[str, str | None, int]]:
    """By field, event and start: where it leads, by which rule (None when it stays), how many attempts it counts."""
    cells = {}
    for field, starts, wanted in (("status", ROLES, STATUS), ("lifecycle", STAGES + BY_HAND, LIFECYCLE)):
        for event, (ends, rule) in wanted.items():
            for start, end in zip(starts, ends.split(), strict=True):
                to = SHORT[end[0]]
                stays = to == start.removesuffix(" (by hand)")
                cells[field, event, start] = (to, None if stays else rule, 1 if end.endswith("+") else 0)
    return cells


def test_every_cell_of_the_table_is_what_product_md_says() -> None:
    found = {}
    for row in table.rows():
        stays = row["to"] == row["from"].removesuffix(" (by hand)")
        found[row["field"], row["event"], row["from"]] = (row["to"], None if stays else row["rule"], row.get("attempts", 0))
    wanted = expected()
    assert found.keys() == wanted.keys()
    wrong = {cell: (found[cell], wanted[cell]) for cell in wanted if found[cell] != wanted[cell]}
    assert not wrong, "found and wanted: " + repr(wrong)


def test_the_document_is_what_the_generator_makes() -> None:
    page = Path(__file__).parents[2] / "docs" / "rules.md"
    assert page.read_text(encoding="utf-8") == table.document(), "python -m crm_tui.rules.table > docs/rules.md"
    assert table.markdown() in table.document()


def test_a_cell_starts_where_it_says() -> None:
    for case in table.CASES:
        for field, starts in (("status", ROLES), ("lifecycle", STAGES + BY_HAND)):
            for start in starts:
                state = fold(table.in_order(table._start(field, start, case)))
                assert (state.role if field == "status" else state.lifecycle) == start.removesuffix(" (by hand)")


def started(role: str, stage: str, case: table.Case) -> list[Event]:
    """A contact of that status and that stage."""
    first = [Event((0, b""), "added", 0, None, {"source": "phone", "offline": True, "stage": stage})]
    if case.talked:
        first.append(Event((0, b""), "call", 0, None, {"outcome": "talked"}))
    if case.deal:
        first.append(Event((0, b""), "deal_opened", 0, None, {"deal": table._DEAL}))
    first.append(Event((0, b""), "set_status", 0, None, {"status": role, "role": role, "reason": "price"}))
    return first


@pytest.mark.parametrize("case", table.CASES, ids=lambda case: case.name)
def test_status_and_stage_do_not_depend_on_each_other(case: table.Case) -> None:
    """Two tables are enough: status x lifecycle x event falls apart into status x event and lifecycle x event."""
    by_role: dict[str, set[tuple[str, int]]] = {}
    by_stage: dict[str, set[str]] = {}
    for role, stage in product(ROLES, STAGES):
        before = started(role, stage, case)
        kept = before if case.replaces else [*before, *case.before]
        after = fold(table.in_order([*kept, *case.event]))
        by_role.setdefault(role, set()).add((after.role, after.attempts))
        by_stage.setdefault(stage, set()).add(after.lifecycle)
    assert all(len(ends) == 1 for ends in by_role.values()), by_role
    assert all(len(ends) == 1 for ends in by_stage.values()), by_stage
