"""Measures the machine against C and the LuaJIT interpreter; prints medians, spreads and ratios.

Rounds of all engines are interleaved on one pinned processor and measured in
processor time, so that other work on the computer disturbs little; a ratio is the
median of the ratios within a round. A missed goal is printed, no failure: how fast
a shared computer is today proves nothing. A wrong checksum fails.

Usage: python bench/bench_machine.py [--rounds N] [--actors N] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.workloads import ACTORS, CHECKS, LuaJit, NoHost, OurEngine, Reference

# The other workloads have no goal: their figures are for comparison.
GOALS = {"guard": 4.0, "state_machine": 5.0}
LUAJIT_GOAL = 1.6


def measure(rounds: int, actors: int) -> dict[str, Any]:
    """Timings by workload and engine: lists of nanoseconds per actor and tick."""
    engines: dict[str, Any] = {
        "C -O3": Reference(actors),
        "abml": OurEngine(actors),
        "abml, switch": OurEngine(actors, "switch"),
    }
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    lua = LuaJit(actors)
    if lua.command is not None:
        engines["LuaJIT -joff"] = lua
    taken: dict[str, dict[str, list[float]]] = {name: {engine: [] for engine in engines} for name in CHECKS}
    for number in range(rounds + 1):
        for name, (ticks, check) in CHECKS.items():
            for engine, runner in engines.items():
                nanoseconds, found = runner.run(name, ticks)
                if actors == ACTORS and found != check:
                    raise SystemExit(f"{engine} computes {name} wrongly: checksum {found}, not {check}")
                if number:
                    taken[name][engine].append(nanoseconds)
    return taken


def call_overhead() -> float:
    """Nanoseconds that starting and ending a run from Python costs, on top of an almost empty flow."""
    import abml
    from abml.vm.core.machine import Machine

    program = abml.compile('version: "3.0"\nmetadata: {id: empty}\nflows: {main: [noop]}\n')
    machine = Machine(program, NoHost())
    best = float("inf")
    for _ in range(7):
        start = time.thread_time()
        for _ in range(20_000):
            machine.start(0)
            machine.resume(0)
            machine.end_run()
        best = min(best, time.thread_time() - start)
    return best / 20_000 * 1e9


def ratio(values: list[float], base: list[float]) -> float:
    """Median over the rounds of one engine's time through another's."""
    return statistics.median(a / b for a, b in zip(values, base, strict=True))


def report(taken: dict[str, Any]) -> None:
    """Print the table, and which goals are met."""
    for name, engines in taken.items():
        base, ours = engines["C -O3"], engines["abml"]
        print(f"{name}: nanoseconds per actor and tick")
        for engine, values in engines.items():
            low, middle, high = min(values), statistics.median(values), max(values)
            print(f"  {engine:14} {middle:7.1f}  ({low:.1f} to {high:.1f})  {ratio(values, base):5.2f} x C")
        goals = []
        if name in GOALS:
            goals.append((f"at most {GOALS[name]:.1f} x C", ratio(ours, base) <= GOALS[name]))
        if "LuaJIT -joff" in engines:
            faster = ratio(engines["LuaJIT -joff"], ours)
            print(f"  {faster:.2f} x as fast as LuaJIT -joff")
            if name in GOALS:
                goals.append((f"at least {LUAJIT_GOAL} x as fast as LuaJIT -joff", faster >= LUAJIT_GOAL))
        for goal, is_met in goals:
            print(f"  goal: {goal}: {'met' if is_met else 'missed'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--actors", type=int, default=ACTORS)
    parser.add_argument("--json", action="store_true", help="print the raw timings")
    options = parser.parse_args()
    taken = measure(options.rounds, options.actors)
    if options.json:
        print(json.dumps(taken))
        return
    report(taken)
    overhead = call_overhead()
    verdict = "met" if overhead <= 500 else "missed"
    print(f"a run from Python (start, resume, end): {overhead:.0f} ns; goal: at most 500: {verdict}")


if __name__ == "__main__":
    main()
