"""Planning for many worlds at once: searches in one compiled call, and goal tables (runtime 4.4)."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .astar import EXHAUSTED, FOUND, MaskCore, TableCore
from .costs import CostTable
from .literals import Value
from .model import Plan, PlanResult
from .options import PRESETS, PlanningOptions
from .planning import plan_of, solve
from .problem import MaskLayout, Problem, TooLarge
from .worlds import WorldState

# States of a goal table are numbered by so many bits at most.
MOST_TABLE_BITS = 16


@dataclass(frozen=True, slots=True)
class PlanBatch:
    """Results of searches from many worlds, as columns.

    Attributes:
        statuses: as in `PlanResult`, one for each world.
        costs: float64, shape (n,): of each plan; 0 without one.
        nodes: int64, shape (n,): states looked at.
        steps: the places of the actions of each plan, one byte each; None without a plan.
    """

    problem: Problem
    statuses: Sequence[str]
    costs: Sequence[float]
    nodes: Sequence[int]
    steps: Sequence[bytes | None]

    def plan(self, index: int, world: WorldState, costs: CostTable | None = None) -> Plan | None:
        """The plan of one world as an object."""
        steps = self.steps[index]
        return None if steps is None else plan_of(self.problem, world, list(steps), costs, self.nodes[index])


def solve_many(
    problem: Problem,
    worlds: Sequence[WorldState],
    costs: CostTable | None = None,
    options: PlanningOptions = PRESETS["default"],
) -> PlanBatch:
    """Search from many worlds with the same costs and without a clock.

    Worlds of bits are searched in one compiled call; every plan is the one that
    `solve` gives for its world.
    """
    starts = array("Q")
    core: MaskCore | None = None
    for world in worlds:
        found, start = problem.encode(world)
        if not isinstance(found, MaskCore) or found.has_own_number(world.facts):
            return _one_by_one(problem, worlds, costs, options)
        if core is not None and found is not core:
            # A new kind of value made the numbers of the worlds before it wrong; by now all kinds are known.
            return solve_many(problem, worlds, costs, options)
        core = found
        starts.append(start)
    if core is None or not problem.actions or problem.unaffected:
        return _one_by_one(problem, worlds, costs, options)
    effective = problem.base_costs if costs is None else costs.effective()
    heuristic = options.heuristic
    if heuristic == "auto":
        heuristic = "scaled" if costs is not None and costs.is_modified else "distance_sum"
    least, _ = problem.estimates(effective)
    return _unpacked(problem, core, starts, core.search_many(starts, effective, least, options, heuristic))


def _unpacked(
    problem: Problem,
    core: MaskCore,
    starts: array[int],
    columns: tuple[bytearray, array[float], array[int], array[int], bytes],
) -> PlanBatch:
    """The columns of `MaskCore.search_many` as a batch."""
    codes, totals, nodes, lengths, flat = columns
    statuses, steps = [], []
    at = 0
    for index, code in enumerate(codes):
        length = lengths[index]
        steps.append(flat[at : at + length] if length >= 0 else None)
        at += max(length, 0)
        if core.is_goal(starts[index]):
            statuses.append("satisfied")
            # Nothing was looked for, as in a single search.
            nodes[index] = 0
        else:
            statuses.append("found" if code == FOUND else _failed(code))
    return PlanBatch(problem, statuses, totals, nodes, steps)


def _failed(code: int) -> str:
    return "unreachable" if code == EXHAUSTED else "node_limit"


def _one_by_one(
    problem: Problem, worlds: Sequence[WorldState], costs: CostTable | None, options: PlanningOptions
) -> PlanBatch:
    results: list[PlanResult] = [solve(problem, world, costs, options) for world in worlds]
    return PlanBatch(
        problem,
        [result.status for result in results],
        array("d", [result.plan.total_cost if result.plan else 0.0 for result in results]),
        array("q", [result.nodes_expanded for result in results]),
        [bytes(step.index for step in result.plan.actions) if result.plan else None for result in results],
    )


class GoalTable:
    """The best action in every state of a small problem: planning is a walk through it.

    Best is the least cost, then the fewest steps, then at each step the earliest
    action. The cost is that of an exact search; among equal plans the search may
    choose another. Values on which every condition of the problem agrees are one
    value here. Threads may share a table.

    Attributes:
        problem: the goal and the actions.
        states: how many the table has.
    """

    __slots__ = ("problem", "_core", "_table", "_costs")

    def __init__(self, problem: Problem, worlds: Iterable[WorldState], costs: CostTable | None = None) -> None:
        """
        Args:
            worlds: some whose facts have the values that occur; others are not in the table.

        Raises:
            TooLarge: effects that change numbers, more than 63 actions, or more than 65,536 states.
        """
        self.problem = problem
        self._costs = costs
        self._core = MaskCore(_class_layout(problem, worlds))
        if self._core.bits > MOST_TABLE_BITS:
            raise TooLarge
        self._table = TableCore(self._core, problem.base_costs if costs is None else costs.effective())

    @property
    def states(self) -> int:
        """How many states the table has; not all of them need occur."""
        return self._table.states

    def encode(self, world: WorldState) -> int | None:
        """The number of a world's state; None when it has a value the table does not know."""
        return self._core.encode_class(world.facts)

    def plan(self, world: WorldState) -> Plan | None:
        """The best plan from a world.

        Raises:
            KeyError: the world has a value that the table does not know; search instead.
        """
        state = self.encode(world)
        if state is None:
            raise KeyError("the table does not know the world")
        steps = self._table.steps(state)
        return None if steps is None else plan_of(self.problem, world, steps, self._costs, 0)

    def follow_many(self, states: array[int], width: int) -> tuple[array[int], array[float], bytearray]:
        """Plans from many states, as columns.

        Args:
            states: uint64, what `encode` gives.
            width: most steps of a plan.

        Returns:
            (lengths, costs, steps): int32 and float64, shape (n,), and uint8, shape
            (n, width): the length is -1 where there is no plan so short.
        """
        return self._table.follow_many(states, width)


def _class_layout(problem: Problem, worlds: Iterable[WorldState]) -> MaskLayout:
    if len(problem.actions) > 63 or any(
        effect.delta is not None for effects in problem.effects_of for _, effect in effects
    ):
        raise TooLarge
    values: list[list[Value | None]] = [[] for _ in problem.keys]
    seen: list[set[tuple[bool, ...]]] = [set() for _ in problem.keys]
    for world in worlds:
        for slot, key in enumerate(problem.keys):
            value = world.get(key)
            outcome = tuple(condition.satisfied(value) for condition in problem.conditions_of[slot])
            if outcome not in seen[slot]:
                seen[slot].add(outcome)
                values[slot].append(value)
    return MaskLayout(problem, values, by_class=True)
