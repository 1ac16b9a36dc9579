"""Goals, actions and plans (runtime 4.4, 4.6, 4.8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .conditions import Conditions, satisfied
from .costs import CostBreakdown
from .effects import Effects
from .worlds import WorldState

DEFAULT_PRIORITY = 50
DEFAULT_COST = 1.0


@dataclass(frozen=True, slots=True)
class GoapGoal:
    """A state of affairs worth planning for.

    Attributes:
        priority: higher goes first; 1 to 100 in documents.
        conditions: all of them must hold; without any the goal always holds.
        preconditions: must hold for the goal to be pursued at all.
    """

    id: str
    conditions: Conditions
    priority: int = DEFAULT_PRIORITY
    preconditions: Conditions = ()
    description: str | None = None

    def is_satisfied(self, world: Mapping[str, Any]) -> bool:
        """Whether every condition holds in a world."""
        return satisfied(self.conditions, world)

    def is_pursuable(self, world: Mapping[str, Any]) -> bool:
        """Whether every precondition holds in a world."""
        return satisfied(self.preconditions, world)


@dataclass(frozen=True, slots=True)
class GoapAction:
    """Something a plan may consist of: a flow with `goap`, or an entry of `actions`.

    Attributes:
        id: name of the flow.
        preconditions: must hold before it.
        effects: what it changes, all at once; at most one for a fact.
        cost: base cost, finite and at least 0, no unit. A cost that a document writes as
            an expression is evaluated before the action is made.
        action_type: what cost overrides of the director name; the id by default.
        tags: words for tools.
        violations: kinds of obligations it breaks, which the conscience prices.
        cost_modifiers: the document's own modifiers as they were compiled; a source reads them.
    """

    id: str
    preconditions: Conditions = ()
    effects: Effects = ()
    cost: float = DEFAULT_COST
    action_type: str = ""
    tags: tuple[str, ...] = ()
    violations: tuple[str, ...] = ()
    cost_modifiers: tuple[Any, ...] = field(default=(), hash=False)

    def __post_init__(self) -> None:
        if not self.action_type:
            object.__setattr__(self, "action_type", self.id)

    def is_applicable(self, world: Mapping[str, Any]) -> bool:
        """Whether every precondition holds in a world."""
        return satisfied(self.preconditions, world)

    def apply(self, world: WorldState) -> WorldState:
        """The world after it."""
        return world.apply_effects(self.effects)


@dataclass(frozen=True, slots=True, repr=False)
class PlannedAction:
    """One step of a plan.

    Attributes:
        index: place of the action among those planned with.
        cost: what it counted in this plan, all modifiers included.
        breakdown: how that cost came about.
    """

    action: GoapAction
    index: int
    cost: float
    breakdown: CostBreakdown

    @property
    def id(self) -> str:
        """Name of the action."""
        return self.action.id

    def __str__(self) -> str:
        return self.action.id

    def __repr__(self) -> str:
        return f"PlannedAction({self.action.id!r}, cost={self.cost!r})"


@dataclass(frozen=True, slots=True, repr=False)
class Plan:
    """The steps that lead from a world to a goal.

    Attributes:
        actions: in the order they are taken; empty when the goal holds already.
        total_cost: sum of the effective costs of the steps, in their order.
        initial: the world planned from.
        expected_final: the world after all steps, if nothing else changes it.
        nodes_expanded: states the search looked at.
    """

    goal: GoapGoal
    actions: tuple[PlannedAction, ...]
    total_cost: float
    initial: WorldState
    expected_final: WorldState
    nodes_expanded: int = 0

    @property
    def goal_id(self) -> str:
        """Name of the goal."""
        return self.goal.id

    @property
    def cost(self) -> float:
        """The same as `total_cost`."""
        return self.total_cost

    def __repr__(self) -> str:
        return f"Plan({self.goal.id!r}, {[step.id for step in self.actions]!r}, cost={self.total_cost!r})"

    def worlds(self) -> list[WorldState]:
        """The world before the first step and after each."""
        found = [self.initial]
        for step in self.actions:
            found.append(step.action.apply(found[-1]))
        return found

    def remaining_cost(self, index: int) -> float:
        """Sum of the effective costs of the steps from `index` on."""
        total = 0.0
        for step in self.actions[index:]:
            total += step.cost
        return total

    def explain(self) -> str:
        """Why the plan is as it is, for people: steps, what each changes, what makes each cheap or dear."""
        from .explaining import explain_plan

        return explain_plan(self)


@dataclass(frozen=True, slots=True)
class PlanResult:
    """What a search came to.

    Attributes:
        status: `found`, `satisfied`, `no_actions`, `unreachable`, `depth_limit`,
            `node_limit`, `timeout` or `cancelled`.
        plan: of the first two; None otherwise.
        nodes_expanded: states the search looked at.
        planning_time_ms: on the clock of the search; 0 without one.
        best_h: least estimate of what was still missing, over the states looked at.
        goal: what was planned for.
        unmet: conditions of the goal that do not hold in `nearest`.
        nearest: of the states looked at, the one with the least estimate.
        nearest_steps: ids of the actions that lead there.
        warnings: modifiers that were ignored, one sentence each.
    """

    status: str
    plan: Plan | None
    nodes_expanded: int
    planning_time_ms: float
    best_h: float
    goal: GoapGoal
    unmet: Conditions = ()
    nearest: WorldState | None = None
    nearest_steps: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def is_found(self) -> bool:
        """Whether there is a plan, be it an empty one."""
        return self.plan is not None

    def explain(self) -> str:
        """The plan and why, or why there is none and what came nearest."""
        from .explaining import explain_result

        return explain_result(self)
