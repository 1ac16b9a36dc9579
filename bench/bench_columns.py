"""Measures provider columns: bringing them up to date, and reading them in the machine, for 100,000 actors.

A copy of an array of the same size by NumPy is the yardstick of the same round. `shared` actors stand at
1,000 places, `shuffled` ones each have an element of their own anywhere in the arrays.

Usage: python bench/bench_columns.py [--rounds N] [--actors N]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy

import abml
from abml.providers.base import Factory
from abml.providers.binding import BindingKey
from abml.providers.population import Population
from abml.providers.registry import ProviderRegistry

GOAL_NS = 1.0
READS = 8
PLACES = 1_000
SECOND = 1_000_000
NAMES = [f"p{number}" for number in range(READS)]


def document(reads: bool) -> Any:
    """A flow that moves eight values into variables: from a namespace, or from variables of the row."""
    sources = [f"body.{name}" if reads else f"i{name}" for name in NAMES]
    variables = ", ".join([*(f"i{name}: 0.5" for name in NAMES), *(f"o{name}: 0.0" for name in NAMES)])
    sets = ", ".join(f'o{name}: "${{{source}}}"' for name, source in zip(NAMES, sources, strict=True))
    return abml.compile(
        f'version: "3.0"\nmetadata: {{id: bench}}\nvariables: {{{variables}}}\nflows: {{main: [{{set: {{{sets}}}}}]}}\n'
    )


class Held:
    """A provider that holds its arrays."""

    namespace = "body"
    paths = dict.fromkeys(NAMES, "f64")
    scope_keys = ("character",)

    def __init__(self, count: int, order: Any) -> None:
        self.order = order
        generator = numpy.random.default_rng(7)
        self.data = [{name: generator.random(count) for name in NAMES} for _ in range(2)]
        self.tick = 0

    def locate(self, rows: Sequence[BindingKey]) -> Any:
        return self.order

    def arrays(self) -> dict[str, Any]:
        # Another set of arrays at every tick, as of a provider with two buffers.
        self.tick += 1
        return self.data[self.tick % 2]

    def create(self, actor: BindingKey) -> None:
        return None


class Loaded:
    """A provider that is asked for batches."""

    namespace = "body"
    paths = dict.fromkeys(NAMES, "f64")
    scope_keys = ("character",)

    def columns(self, rows: Sequence[BindingKey]) -> dict[str, Any]:
        return {name: numpy.full(len(rows), 0.25) for name in NAMES}


def timed(work: Callable[[], object]) -> float:
    start = time.thread_time_ns()
    work()
    return float(time.thread_time_ns() - start)


def measure(rounds: int, count: int) -> dict[str, list[float]]:
    """Subject -> nanoseconds per value, one per round."""
    keys = [BindingKey(f"a-{number}", character_id=f"c-{number}") for number in range(count)]
    shuffled = numpy.random.default_rng(3).permutation(count)
    reading, plain = document(True), document(False)
    loaded = Loaded()
    registries = {
        "held": ProviderRegistry([Held(count, numpy.arange(count))]),
        "shuffled": ProviderRegistry([Held(count, shuffled)]),
        "shared": ProviderRegistry([Held(PLACES, shuffled % PLACES)]),
        "batches": ProviderRegistry([loaded]),
        "adapted": ProviderRegistry([Factory("body", lambda key: dict.fromkeys(NAMES, 0.25))]),
    }
    held = Population(reading, keys, registries["held"])
    gathered = Population(reading, keys, registries["shuffled"])
    shared = Population(reading, keys, registries["shared"])
    filled = Population(plain, keys, registries["held"], inputs={f"i{name}": f"body.{name}" for name in NAMES})
    none = Population(plain, keys, ProviderRegistry())
    batches = Population(reading, keys, registries["batches"])
    adapted = Population(reading, keys, registries["adapted"])
    adapted.refresh(0)
    source, target = numpy.random.default_rng(1).random(count), numpy.empty(count)
    flow = int(reading.info["entry"])
    values = READS * count
    taken: dict[str, list[float]] = {}

    def note(subject: str, nanoseconds: float) -> None:
        if number:
            taken.setdefault(subject, []).append(nanoseconds / values)

    for number in range(rounds + 1):
        now = number * SECOND
        note("numpy copy", timed(lambda: [numpy.copyto(target, source) for _ in range(READS)]))
        note("numpy take, shuffled", timed(lambda: [numpy.take(source, shuffled, out=target) for _ in range(READS)]))
        subjects = {"held arrays": held, "held arrays, shared": shared, "held arrays, shuffled": gathered}
        for subject, population in subjects.items():
            note(f"{subject}: refresh", timed(lambda p=population, at=now: p.refresh(at)))  # type: ignore[misc]
        note("filled variables: refresh", timed(lambda at=now: filled.refresh(at)))  # type: ignore[misc]
        # What a read costs in the machine: the flow with columns against the same flow over variables of the row.
        variables = timed(lambda: none.rows.tick(flow))
        for subject, population in subjects.items():
            note(f"{subject}: read", timed(lambda p=population: p.rows.tick(flow)) - variables)  # type: ignore[misc]
        note("the flow itself, over variables", variables)
        batches.refresh(now)
        registries["batches"].invalidate()
        note("batches of 1,000: refresh of all", timed(lambda at=now: batches.refresh(at)))  # type: ignore[misc]
        registries["adapted"].invalidate()
        adapted.refresh(now)
        registries["adapted"].work(now)
        note("adapted factories: refresh of all", timed(lambda at=now: adapted.refresh(at)))  # type: ignore[misc]
        note("adapted factories: nothing changed", timed(lambda at=now: adapted.refresh(at)))  # type: ignore[misc]
    return taken


def main() -> int:
    """Exit status 0 when the goal is met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--actors", type=int, default=100_000)
    options = parser.parse_args()
    taken = measure(options.rounds, options.actors)
    print(f"{options.actors:,} actors, {READS} paths: nanoseconds per value")
    copies = taken["numpy copy"]
    for subject, values in taken.items():
        ratio = statistics.median(value / copy for value, copy in zip(values, copies, strict=True))
        low, middle, high = min(values), statistics.median(values), max(values)
        print(f"  {subject:36} {middle:9.3f}  ({low:.3f} to {high:.3f})  {ratio:8.2f} x copy")
    for subject in ("held arrays: refresh", "held arrays, shared: refresh"):
        is_met = statistics.median(taken[subject]) <= GOAL_NS
        print(f"goal: {subject}, at most {GOAL_NS} ns: {'met' if is_met else 'missed'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
