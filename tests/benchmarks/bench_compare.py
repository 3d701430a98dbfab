"""One person or two: `python -m tests.benchmarks.bench_compare`; pairs a second, beside one near match of their names by difflib."""

from __future__ import annotations

import time
from difflib import SequenceMatcher

from crm_tui.rules.same import compare, person
from tests.unit.pairs import PairMaker


def main() -> None:
    pairs = [*PairMaker(9).pairs(40)]
    people = [(person(pair.a), person(pair.b)) for pair in pairs]
    began = time.process_time()
    for a, b in people:
        compare(a, b)
    ours = time.process_time() - began
    began = time.process_time()
    for pair in pairs:
        SequenceMatcher(None, pair.a.get("name", ""), pair.b.get("name", "")).ratio()
    reference = time.process_time() - began
    print(f"{len(people) / ours:,.0f} pairs a second, {ours / reference:.2f} x difflib on their names alone")


if __name__ == "__main__":
    main()
