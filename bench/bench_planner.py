"""Measures the planner against C by hand: plans per second over bits, over numbers, from a goal table, and from Python.

The problem has 12 facts, 20 actions and 64 worlds whose cheapest plans take 6 to 8
steps; the costs of all plans add up to 909. Rounds of all engines are interleaved on
one pinned processor and measured in processor time; a ratio is the median of the
ratios within a round.

Usage: python bench/bench_planner.py [--rounds N] [--json]
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import abml
from abml.vm.planner import (
    GoalTable,
    PlanningOptions,
    Problem,
    WorldState,
    read_actions,
    read_goal,
    solve,
)
from abml.vm.planner.astar import MaskCore, TableCore

HERE = Path(__file__).resolve().parent
CHECK = 909
FACTS = "axe wood ore fire ingot sword armor at_enemy rested enemy_dead fed reported".split()
GOAL = ["reported", "rested"]
# Name, cost, what it needs, what it makes; `-` before a fact means that it is false.
ACTIONS = """
get_axe      2  :                    : axe
chop_wood    2  : axe                : wood
buy_wood     6  :                    : wood
mine_ore     3  : axe rested         : ore -rested
buy_ore      7  : fed                : ore
make_fire    1  : wood               : fire -wood
smelt        2  : ore fire           : ingot -ore
forge_sword  3  : ingot fire         : sword -ingot
forge_armor  3  : ingot fire         : armor -ingot
buy_sword   12  : rested fed         : sword
sleep        2  : -at_enemy          : rested
nap          1  :                    : rested -fed
eat          1  :                    : fed
cook         2  : fire               : fed -fire
approach     2  : fed rested         : at_enemy
retreat      1  : at_enemy           : -at_enemy
attack       3  : sword armor at_enemy : enemy_dead -rested
brawl       14  : at_enemy fed rested : enemy_dead -rested -fed
report       1  : enemy_dead -at_enemy : reported
quench       1  : fire               : -fire
"""
OPTIONS = PlanningOptions(max_nodes=100_000, deterministic=True)
# Plans per second that are asked for, and what a goal table may cost to build.
GOALS = {"bits": 100_000, "numbers": 25_000, "table": 10_000_000}
TABLE_BUILD_US = 250


def starts() -> list[int]:
    """Bit k is fact k: drawn with MINSTD, kept when the cheapest plan has 6 to 8 steps."""
    problem = bool_problem()
    found: list[int] = []
    seed = 46
    while len(found) < 64:
        seed = seed * 16807 % 2147483647
        state = int(seed / 2147483647 * 4096)
        if state in found:
            continue
        table = solve(
            problem, bool_world(state), None, PlanningOptions(20, 100_000, heuristic="zero", deterministic=True)
        )
        if table.plan is not None and 6 <= len(table.plan.actions) <= 8:
            found.append(state)
    return found


def parts() -> list[tuple[str, int, dict[str, bool], dict[str, bool]]]:
    """(name, cost, needs, makes) of every action."""
    found = []
    for line in ACTIONS.strip().splitlines():
        head, needs, makes = line.split(":")
        name, cost = head.split()
        found.append((name, int(cost), _facts(needs), _facts(makes)))
    return found


def _facts(text: str) -> dict[str, bool]:
    return {word.removeprefix("-"): not word.startswith("-") for word in text.split()}


def bool_actions() -> dict[str, Any]:
    return {name: {"cost": cost, "preconditions": needs, "effects": makes} for name, cost, needs, makes in parts()}


def number_actions() -> dict[str, Any]:
    """The same with numbers: needs compare, what is needed and used up is subtracted."""
    found = {}
    for name, cost, needs, makes in parts():
        effects = {fact: ("-1" if needs.get(fact) and not value else int(value)) for fact, value in makes.items()}
        found[name] = {
            "cost": cost,
            "preconditions": {fact: ">= 1" if value else "<= 0" for fact, value in needs.items()},
            "effects": effects,
        }
    return found


def bool_problem(form: str = "auto") -> Problem:
    return Problem(read_goal(dict.fromkeys(GOAL, True)), read_actions(bool_actions()), form=form)


def bool_world(state: int) -> WorldState:
    return WorldState({fact: bool(state >> number & 1) for number, fact in enumerate(FACTS)})


def number_world(state: int) -> WorldState:
    return WorldState({fact: float(state >> number & 1) for number, fact in enumerate(FACTS)})


class Reference:
    """The same search in C, compiled now with the compiler of this machine."""

    def __init__(self, states: list[int]) -> None:
        self.folder = tempfile.TemporaryDirectory()
        library = Path(self.folder.name) / "planner.so"
        flags = ["-O3", "-march=native", "-ffp-contract=off", "-shared", "-fPIC"]
        subprocess.run(["gcc", *flags, str(HERE / "reference_planner.c"), "-o", str(library)], check=True)
        self.library = ctypes.CDLL(str(library))
        rows = []
        for _, _, needs, makes in parts():
            for facts in (needs, makes):
                rows += [sum(1 << FACTS.index(fact) for fact in facts), _bits(facts)]
        table = (ctypes.c_uint64 * len(rows))(*rows)
        costs = (ctypes.c_int * len(parts()))(*(cost for _, cost, _, _ in parts()))
        goal = ctypes.c_uint64(_bits(dict.fromkeys(GOAL, True)))
        self.library.planner_setup(len(parts()), table, costs, goal, goal)
        self.bits = (ctypes.c_uint64 * len(states))(*states)
        self.numbers = (ctypes.c_double * (12 * len(states)))(
            *(float(state >> number & 1) for state in states for number in range(12))
        )
        self.count = len(states)

    def run(self, name: str, rounds: int) -> tuple[float, int]:
        """(nanoseconds for a plan, sum of costs)."""
        function = getattr(self.library, f"planner_{name}")
        function.restype = ctypes.c_double
        cost, expanded = ctypes.c_int64(), ctypes.c_int64()
        taken: float = function(getattr(self, name), self.count, rounds, ctypes.byref(cost), ctypes.byref(expanded))
        return taken, cost.value // rounds


def _bits(facts: dict[str, bool]) -> int:
    return sum(1 << FACTS.index(fact) for fact, value in facts.items() if value)


def engines(states: list[int]) -> dict[str, Callable[[int], tuple[float, int]]]:
    """Name -> function of a number of repetitions, which gives nanoseconds for a plan and the sum of costs."""
    reference = Reference(states)
    return {
        "C, bits": lambda rounds: reference.run("bits", rounds),
        "C, numbers": lambda rounds: reference.run("numbers", rounds),
        "bits": batch(bool_problem(), [bool_world(state) for state in states]),
        "numbers": one_by_one(number_problem(), [number_world(state) for state in states], encoded=True),
        "table": table(bool_problem(), [bool_world(state) for state in states]),
        "solve, bits": one_by_one(bool_problem(), [bool_world(state) for state in states]),
        "solve, numbers": one_by_one(number_problem(), [number_world(state) for state in states]),
        "abml.plan": from_data(states),
    }


def number_problem() -> Problem:
    return Problem(read_goal(dict.fromkeys(GOAL, ">= 1")), read_actions(number_actions()))


def batch(problem: Problem, worlds: list[WorldState]) -> Callable[[int], tuple[float, int]]:
    """Many worlds in one compiled call."""
    cores = [problem.encode(world) for world in worlds * 2][len(worlds) :]
    core = cores[0][0]
    assert isinstance(core, MaskCore)
    least, _ = problem.estimates(problem.base_costs)

    def run(rounds: int) -> tuple[float, int]:
        encoded = array("Q", [start for _, start in cores] * rounds)
        begin = time.thread_time()
        columns = core.search_many(encoded, problem.base_costs, least, OPTIONS, "distance_sum")
        taken = time.thread_time() - begin
        return taken / len(encoded) * 1e9, round(sum(columns[1]) / rounds)

    return run


def one_by_one(problem: Problem, worlds: list[WorldState], encoded: bool = False) -> Callable[[int], tuple[float, int]]:
    """A call from Python for each world; `encoded` leaves out the reading of worlds and the making of plans."""
    cores = [problem.encode(world) for world in worlds * 2][len(worlds) :]
    least, rates = problem.estimates(problem.base_costs)

    def compiled(rounds: int) -> tuple[float, int]:
        costs = problem.base_costs
        total = 0.0
        begin = time.thread_time()
        for _ in range(rounds):
            for world, (core, start) in zip(worlds, cores, strict=True):
                found = core.search(world.facts, start, costs, least, rates, OPTIONS, "distance_sum", None, None)
                total += found.cost
        taken = time.thread_time() - begin
        return taken / rounds / len(worlds) * 1e9, round(total / rounds)

    def whole(rounds: int) -> tuple[float, int]:
        total = 0.0
        begin = time.thread_time()
        for _ in range(rounds):
            for world in worlds:
                plan = solve(problem, world, None, OPTIONS).plan
                total += plan.total_cost if plan is not None else 0
        taken = time.thread_time() - begin
        return taken / rounds / len(worlds) * 1e9, round(total / rounds)

    return compiled if encoded else whole


def table(problem: Problem, worlds: list[WorldState]) -> Callable[[int], tuple[float, int]]:
    """A table that is built once, and followed."""
    built = GoalTable(problem, worlds)
    encoded = [built.encode(world) for world in worlds]

    def run(rounds: int) -> tuple[float, int]:
        many = array("Q", encoded * rounds * 20)
        begin = time.thread_time()
        _, costs, _ = built.follow_many(many, 16)
        taken = time.thread_time() - begin
        return taken / len(many) * 1e9, round(sum(costs) / rounds / 20)

    return run


def table_build_us(rounds: int) -> list[float]:
    """Microseconds that the compiled construction of the goal table takes."""
    problem = bool_problem()
    built = GoalTable(problem, [bool_world(state) for state in range(4096)])
    core = built._core
    taken = []
    for _ in range(rounds):
        begin = time.thread_time()
        TableCore(core, problem.base_costs)
        taken.append((time.thread_time() - begin) * 1e6)
    return taken


def from_data(states: list[int]) -> Callable[[int], tuple[float, int]]:
    """`abml.plan` with plain dicts: everything is read anew for each plan."""
    actions, goal = bool_actions(), dict.fromkeys(GOAL, True)
    worlds = [dict(bool_world(state)) for state in states]

    def run(rounds: int) -> tuple[float, int]:
        total = 0.0
        begin = time.thread_time()
        for world in worlds:
            plan = abml.plan(world, goal, actions, options=OPTIONS)
            total += plan.cost if plan is not None else 0
        return (time.thread_time() - begin) / len(worlds) * 1e9, round(total)

    return run


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    runners = engines(starts())
    taken: dict[str, list[float]] = {name: [] for name in runners}
    for number in range(args.rounds + 1):
        for name, run in runners.items():
            nanoseconds, cost = run(10)
            if cost != CHECK:
                raise SystemExit(f"{name} plans wrongly: the costs add up to {cost}, not {CHECK}")
            if number:
                taken[name].append(nanoseconds)
    builds = table_build_us(args.rounds * 5)
    if args.json:
        print(json.dumps({"ns": taken, "table_build_us": builds}))
        return 0
    print(f"{'':16} {'us a plan':>10} {'range':>18} {'plans/s':>12}  through C")
    for name, values in taken.items():
        yardstick = taken["C, numbers" if "numbers" in name else "C, bits"]
        ratio = statistics.median(a / b for a, b in zip(values, yardstick, strict=True))
        median = statistics.median(values) / 1e3
        spread = f"{min(values) / 1e3:.3f} to {max(values) / 1e3:.3f}"
        line = f"{name:16} {median:10.3f} {spread:>18} {1e6 / median:12,.0f}  {ratio:.4f}"
        if name in GOALS:
            line += f"  (goal {GOALS[name]:,}/s)"
        print(line)
    print(
        f"goal table, construction: {statistics.median(builds):.0f} us, best {min(builds):.0f} (goal {TABLE_BUILD_US})"
    )
    # Speed is told, not asserted; a wrong sum of costs has ended the run before.
    return 0


if __name__ == "__main__":
    sys.exit(main())
