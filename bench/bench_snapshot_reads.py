"""Measures reads of snapshot paths against reads of variables; prints nanoseconds per read and ratios.

Three flows run the same loop and differ in what they add up: a variable of the
run, a field of a map in a variable, a path of a loaded snapshot. The time of an
empty loop is taken off. A missed goal is printed and is no failure: how fast a
shared computer is today proves nothing. A wrong sum fails.

Usage: python bench/bench_snapshot_reads.py [--rounds N] [--reads N] [--json]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

GOAL = 2.0
READS_PER_LOOP = 8
VALUE = 0.5

_HEAD = 'version: "3.0"\nmetadata: {id: reads, resource_templates: [character-personality]}\nflows:\n  main:\n'
_LOAD = "    - load_snapshot: {resource_type: character, resource_id: mila, name: seen}\n"
_SET = f"    - local: {{plain: {VALUE}, held: {{personality: {{patience: {VALUE}}}}}}}\n"
_READS = {
    "empty loop": "0.5",
    "variable": "plain",
    "field of a map": "held.personality.patience",
    "snapshot path": "seen.personality.patience",
}


class Views:
    """A library with one view that is always there."""

    def fetch(self, request: Any) -> Views:
        return self

    def get(self, path: tuple[str, ...]) -> Any:
        return VALUE if path == ("personality", "patience") else None

    def prefetch(self, resource_type: str, resource_ids: Sequence[str], sources: Any) -> tuple[int, int]:
        return len(resource_ids), len(resource_ids)

    def watch(self, actor_id: str, entry: Any, deliver: Any) -> None:
        """Nothing of it ever changes."""

    def unwatch(self, actor_id: str, resource_type: str, resource_id: str) -> None:
        """See `watch`."""


def document(expression: str, loops: int) -> str:
    """A flow that adds an expression up `loops` times `READS_PER_LOOP`."""
    total = " + ".join([expression] * READS_PER_LOOP)
    body = f"    - repeat: {{times: {loops}, do: [ set: {{total: '${{total + {total}}}'}} ]}}\n"
    return _HEAD + _LOAD + _SET + "    - set: {total: 0}\n" + body + "    - return: '${total}'\n"


def measure(rounds: int, reads: int) -> dict[str, list[float]]:
    """Nanoseconds per read by kind of read, one for each round."""
    import abml
    from abml.environment import Limits
    from abml.vm.instance import Instance

    loops = max(1, reads // READS_PER_LOOP)
    limits = Limits(max_loop_iterations=loops + 1, max_instructions_per_tick=loops * 200 + 10_000)
    programs = {kind: abml.compile(document(text, loops), limits=limits) for kind, text in _READS.items()}
    taken: dict[str, list[float]] = {kind: [] for kind in programs}
    for number in range(rounds + 1):
        for kind, program in programs.items():
            instance = Instance(program, resources=Views(), limits=limits)
            instance.create()
            instance.base.start(int(program.info["entry"]))
            start = time.process_time_ns()
            status = instance.base.resume(0)
            spent = time.process_time_ns() - start
            if status != "completed" or instance.base.value != VALUE * READS_PER_LOOP * loops:
                raise SystemExit(f"{kind}: {status}, {instance.base.value}, {instance.base.fault}")
            if number:
                taken[kind].append(spent / loops / READS_PER_LOOP)
    return taken


def main() -> int:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--reads", type=int, default=400_000)
    parser.add_argument("--json", action="store_true", help="print one object")
    options = parser.parse_args()
    taken = measure(options.rounds, options.reads)
    base = statistics.median(taken["empty loop"])
    found = {kind: statistics.median(times) for kind, times in taken.items()}
    ratio = found["snapshot path"] / found["variable"]
    if options.json:
        print(json.dumps({"nanoseconds": found, "snapshot_to_variable": ratio}))
        return 0
    for kind, times in taken.items():
        spread = f"{min(times):.1f} to {max(times):.1f}"
        added = f"{found[kind] - base:+.1f} to the empty loop"
        print(f"{kind:16} {found[kind]:8.1f} ns per read and sum ({spread}), {added}")
    verdict = "met" if ratio <= GOAL else "MISSED"
    print(f"snapshot path / variable: {ratio:.2f} (goal {GOAL}: {verdict})")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
