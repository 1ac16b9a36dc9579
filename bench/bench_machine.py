"""Measures the machine against C and the LuaJIT interpreter; prints medians, spreads and ratios.

Rounds of all engines are interleaved, so that other work on the computer meets
all of them; compare the ratios of one run and not times of different ones.

Usage: python bench/bench_machine.py [--rounds N] [--actors N] [--json]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.workloads import ACTORS, CHECKS, LuaJit, NoHost, OurEngine, Reference

GOALS = {"guard": 4.0, "state_machine": 5.0}
LUAJIT_GOAL = 1.6


def measure(rounds: int, actors: int) -> dict[str, Any]:
    """Timings by workload and engine: lists of nanoseconds per actor and tick."""
    engines: dict[str, Any] = {
        "C -O3": Reference(actors),
        "abml": OurEngine(actors),
        "abml, switch": OurEngine(actors, "switch"),
    }
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
        start = time.perf_counter()
        for _ in range(20_000):
            machine.start(0)
            machine.resume(0)
            machine.end_run()
        best = min(best, time.perf_counter() - start)
    return best / 20_000 * 1e9


def report(taken: dict[str, Any]) -> bool:
    """Print the table; whether every goal is met."""
    met = True
    for name, engines in taken.items():
        base = statistics.median(engines["C -O3"])
        print(f"{name}: nanoseconds per actor and tick")
        for engine, values in engines.items():
            middle = statistics.median(values)
            print(f"  {engine:14} {middle:7.1f}  {min(values):7.1f} to {max(values):7.1f}  {middle / base:5.2f} x C")
        ours = statistics.median(engines["abml"])
        verdict = "met" if ours / base <= GOALS[name] else "missed"
        met = met and verdict == "met"
        print(f"  goal: at most {GOALS[name]:.1f} x C: {verdict}")
        if "LuaJIT -joff" in engines:
            faster = statistics.median(engines["LuaJIT -joff"]) / ours
            verdict = "met" if faster >= LUAJIT_GOAL else "missed"
            met = met and verdict == "met"
            print(f"  goal: at least {LUAJIT_GOAL} x as fast as LuaJIT -joff: {faster:.2f}, {verdict}")
    return met


def main() -> int:
    """Exit status 0 when every goal is met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--actors", type=int, default=ACTORS)
    parser.add_argument("--json", action="store_true", help="print the raw timings")
    options = parser.parse_args()
    taken = measure(options.rounds, options.actors)
    if options.json:
        print(json.dumps(taken))
        return 0
    met = report(taken)
    overhead = call_overhead()
    print(f"a run from Python (start, resume, end): {overhead:.0f} ns; goal: at most 500")
    return 0 if met and overhead <= 500 else 1


if __name__ == "__main__":
    sys.exit(main())
