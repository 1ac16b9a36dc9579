"""Plans that were made before, shared by the actors of a node (runtime 4.10, PPL-02)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

from .costs import CostTable
from .model import Plan, PlanResult
from .options import PlanningOptions
from .planning import Clock, plan_of
from .problem import Problem
from .validation import validate
from .worlds import WorldState

CAPACITY = 4096
TTL_S = 60
_STATUSES = ("found", "unreachable")


class CachedPlan(NamedTuple):
    """What is kept of a result: the steps by the ids of their actions, None when there is no way."""

    steps: tuple[str, ...] | None
    costs: tuple[float, ...]
    made_us: int


class PlanCache:
    """The most recently used results, for a while. For one thread.

    Attributes:
        hits, misses: how often `find` gave something or nothing.
    """

    __slots__ = ("_clock", "_capacity", "_ttl_us", "_plans", "hits", "misses")

    def __init__(self, clock: Clock, capacity: int = CAPACITY, ttl_s: float = TTL_S) -> None:
        self._clock = clock
        self._capacity = capacity
        self._ttl_us = int(ttl_s * 1_000_000)
        self._plans: OrderedDict[object, CachedPlan] = OrderedDict()
        self.hits = self.misses = 0

    def __len__(self) -> int:
        return len(self._plans)

    @staticmethod
    def key(
        document: str, problem: Problem, world: WorldState, effective: Sequence[float], options: PlanningOptions
    ) -> object:
        """What a plan depends on: document, goal, facts that matter, costs to a thousandth, options."""
        facts = {key: world[key] for key in problem.keys if key in world}
        return (
            document,
            problem.goal.id,
            WorldState(facts).canonical(),
            tuple(round(cost, 3) for cost in effective),
            options.max_depth,
            options.max_nodes,
            options.heuristic_weight,
            options.heuristic,
            options.allow_duplicate_actions,
        )

    def store(self, key: object, result: PlanResult) -> None:
        """Keep a result; only plans that were found and goals that cannot be reached are worth it."""
        if result.status not in _STATUSES:
            return
        plan = result.plan
        steps = None if plan is None else tuple(step.id for step in plan.actions)
        costs = () if plan is None else tuple(step.cost for step in plan.actions)
        self._plans[key] = CachedPlan(steps, costs, self._clock.now_us())
        self._plans.move_to_end(key)
        while len(self._plans) > self._capacity:
            self._plans.popitem(last=False)

    def find(self, key: object) -> CachedPlan | None:
        """What was kept and is not too old."""
        found = self._plans.get(key)
        if found is not None and self._clock.now_us() - found.made_us > self._ttl_us:
            del self._plans[key]
            found = None
        if found is None:
            self.misses += 1
            return None
        self.hits += 1
        self._plans.move_to_end(key)
        return found


def restored(cached: CachedPlan, problem: Problem, world: WorldState, costs: CostTable | None = None) -> Plan | None:
    """The cached steps as a plan from a world; None when they do not lead to the goal any more."""
    if cached.steps is None:
        return None
    places = {action.id: index for index, action in enumerate(problem.actions)}
    if any(step not in places for step in cached.steps):
        return None
    plan = plan_of(problem, world, [places[step] for step in cached.steps], costs, 0)
    is_valid = validate(plan, 0, world, lookahead=True).valid and problem.goal.is_satisfied(plan.expected_final)
    return plan if is_valid else None
