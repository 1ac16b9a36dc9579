"""A slow, direct planner (runtime 4.1 to 4.4): the judge of the compiled one.

Worlds are dicts, conditions are (fact, operator, target), effects (fact, sign, value)
with the signs `+`, `-` and `=`. It knows nothing of the project.
"""

from __future__ import annotations

import heapq
import itertools
import math
from dataclasses import dataclass, field
from typing import Any

Facts = dict[str, Any]
Condition = tuple[str, str, Any]
Effect = tuple[str, str, Any]


@dataclass
class Act:
    id: str
    needs: list[Condition]
    makes: list[Effect]
    cost: float


@dataclass
class Found:
    status: str
    steps: list[str] = field(default_factory=list)
    cost: float = 0.0
    nodes: int = 0
    best_h: float = math.inf


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def as_number(value: Any) -> float | None:
    """A number, or a text that spells one; None for anything else."""
    if is_number(value):
        return float(value)
    if isinstance(value, str):
        digits = value[1:] if value.startswith("-") else value
        whole, point, rest = digits.partition(".")
        plain = whole.isdigit() and whole.isascii() and (whole == "0" or whole[0] != "0")
        if plain and (not point or (rest.isdigit() and rest.isascii())):
            return float(value)
    return None


def holds(world: Facts, condition: Condition) -> bool:
    fact, op, target = condition
    here = world.get(fact)
    if target is None:
        return {"==": here is None, "!=": here is not None}.get(op, False)
    if isinstance(target, bool):
        here = False if here is None else here
        if not isinstance(here, bool):
            return op == "!="
        return {"==": here is target, "!=": here is not target}.get(op, False)
    if isinstance(target, str):
        if not isinstance(here, str):
            return op == "!="
        left: Any = here
        right: Any = target
        return {
            "==": left == right,
            "!=": left != right,
            "<": left < right,
            "<=": left <= right,
            ">": left > right,
            ">=": left >= right,
        }[op]
    number = 0.0 if here is None else as_number(here)
    if number is None:
        return op == "!="
    gap = number - float(target)
    return {
        "==": abs(gap) <= 1e-9,
        "!=": abs(gap) > 1e-9,
        "<": gap < -1e-9,
        "<=": gap <= 1e-9,
        ">": gap > 1e-9,
        ">=": gap >= -1e-9,
    }[op]


def distance(world: Facts, condition: Condition, padding: float = 0.01) -> float:
    if holds(world, condition):
        return 0.0
    fact, op, target = condition
    here = world.get(fact)
    number = 0.0 if here is None else as_number(here)
    if not is_number(target) or number is None:
        return 1.0
    there = float(target)
    return {
        "==": abs(number - there),
        "!=": 1.0,
        ">": there - number + padding,
        ">=": there - number,
        "<": number - there + padding,
        "<=": number - there,
    }[op]


def after(world: Facts, act: Act) -> Facts:
    changed = dict(world)
    for fact, sign, value in act.makes:
        if sign == "=":
            changed.pop(fact, None)
            if value is not None:
                changed[fact] = value
            continue
        base = as_number(world.get(fact)) or 0.0
        changed[fact] = base + float(value) if sign == "+" else base - float(value)
    return changed


def identity(world: Facts) -> frozenset[Any]:
    """Equal for worlds that are one state: numbers to nine decimals."""
    found = []
    for fact, value in world.items():
        if is_number(value):
            number = float(value)
            found.append((fact, "n", round(number * 1e9) if abs(number) < 9e6 else number))
        else:
            found.append((fact, type(value).__name__, value))
    return frozenset(found)


def estimate(world: Facts, goal: list[Condition], acts: list[Act], heuristic: str, weight: float) -> float:
    if heuristic == "zero" or weight == 0:
        return 0.0
    if heuristic == "distance_sum":
        total = 0.0
        for condition in goal:
            total += distance(world, condition)
        return weight * total
    most = 0.0
    for condition in goal:
        if holds(world, condition):
            continue
        fact, op, target = condition
        touching = [(act.cost, sign, value) for act in acts for changed, sign, value in act.makes if changed == fact]
        here = world.get(fact)
        is_gap = is_number(target) and op != "!=" and (here is None or as_number(here) is not None)
        if not is_gap or any(sign == "=" for _, sign, _ in touching) or not touching:
            bound = min((cost for cost, _, _ in touching), default=0.0)
        elif any(cost == 0 for cost, _, _ in touching):
            bound = 0.0
        else:
            rate = max(abs(float(value)) / cost for cost, _, value in touching)
            gap = distance(world, condition, 0.0)
            bound = gap / rate if rate else math.inf
        most = max(most, bound)
    return weight * most


def relevant(goal: list[Condition], acts: list[Act]) -> set[str]:
    facts = {fact for fact, _, _ in goal}
    for act in acts:
        facts |= {fact for fact, _, _ in act.needs} | {fact for fact, _, _ in act.makes}
    return facts


def search(
    world: Facts,
    goal: list[Condition],
    acts: list[Act],
    *,
    max_depth: int = 10,
    max_nodes: int = 1000,
    weight: float = 1.0,
    heuristic: str = "distance_sum",
    repeats: bool = True,
) -> Found:
    """A* as written in AST-01 to AST-06."""
    if all(holds(world, condition) for condition in goal):
        return Found("satisfied", best_h=0.0)
    if not acts:
        return Found("no_actions")
    changed = {fact for act in acts for fact, _, _ in act.makes}
    if any(not holds(world, condition) and condition[0] not in changed for condition in goal):
        return Found("unreachable")
    facts = relevant(goal, acts)
    start = {fact: value for fact, value in world.items() if fact in facts}
    counter = itertools.count()
    first = estimate(start, goal, acts, heuristic, weight)
    # (f, h, depth, order, g, world, steps)
    queue: list[Any] = [(first, first, 0, next(counter), 0.0, start, [])]
    best = {identity(start): 0.0}
    nodes = 0
    best_h = math.inf
    was_cut = False
    while queue:
        if nodes >= max_nodes:
            return Found("node_limit", nodes=nodes, best_h=best_h)
        _, h, depth, _, g, here, steps = heapq.heappop(queue)
        if g > best[identity(here)]:
            continue
        nodes += 1
        best_h = min(best_h, h)
        if all(holds(here, condition) for condition in goal):
            return Found("found", steps, g, nodes, best_h)
        if depth >= max_depth:
            was_cut = True
            continue
        for act in acts:
            if not all(holds(here, condition) for condition in act.needs) or (not repeats and act.id in steps):
                continue
            there = after(here, act)
            cost = g + act.cost
            if cost < best.get(identity(there), math.inf):
                best[identity(there)] = cost
                h2 = estimate(there, goal, acts, heuristic, weight)
                queue_entry = (cost + h2, h2, depth + 1, next(counter), cost, there, [*steps, act.id])
                heapq.heappush(queue, queue_entry)
    return Found("depth_limit" if was_cut else "unreachable", nodes=nodes, best_h=best_h)


def cheapest(
    world: Facts, goal: list[Condition], acts: list[Act], max_states: int = 5000
) -> tuple[float, list[str]] | None:
    """The least cost of any way, then the fewest steps, then the earliest actions; None without a way.

    Every reachable state is looked at; no estimate, no limit of depth.

    Raises:
        OverflowError: more reachable states than `max_states`.
    """
    facts = relevant(goal, acts)
    start = {fact: value for fact, value in world.items() if fact in facts}
    worlds = {identity(start): start}
    edges: dict[Any, list[tuple[float, int, Any]]] = {}
    waiting = [start]
    while waiting:
        here = waiting.pop()
        edges[identity(here)] = []
        for number, act in enumerate(acts):
            if all(holds(here, condition) for condition in act.needs):
                there = after(here, act)
                key = identity(there)
                edges[identity(here)].append((act.cost, number, key))
                if key not in worlds:
                    if len(worlds) == max_states:
                        raise OverflowError
                    worlds[key] = there
                    waiting.append(there)
    ends = {key for key, here in worlds.items() if all(holds(here, condition) for condition in goal)}
    value = {key: (0.0, 0) if key in ends else (math.inf, 0) for key in worlds}
    is_changing = True
    while is_changing:
        is_changing = False
        for key in worlds:
            if key in ends:
                continue
            for cost, _, there in edges[key]:
                offered = (value[there][0] + cost, value[there][1] + 1)
                if offered < value[key]:
                    value[key] = offered
                    is_changing = True
    key = identity(start)
    if value[key][0] == math.inf:
        return None
    steps = []
    while key not in ends:
        for cost, number, there in sorted(edges[key], key=lambda edge: edge[1]):
            if (value[there][0] + cost, value[there][1] + 1) == value[key]:
                steps.append(acts[number].id)
                key = there
                break
    return value[identity(start)][0], steps
