"""Replanning for one actor: the action `trigger_goap_replan`, and the plan it leads to (runtime 3.7, 4.9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from abml.errors import AbmlPlanningError
from abml.vm.actions.call import Action, ActionContext, Done, Failed

from .actors import cost_sources, planning_data, read_path
from .costs import CostModifierSource, collect_costs
from .explaining import reason_of
from .model import GoapAction, GoapGoal, Plan, PlanResult
from .options import options_for_urgency
from .planning import Clock, search
from .reading import read_actions, read_goal
from .recosting import costs_changed, versions
from .validation import select_goal

if TYPE_CHECKING:
    from abml.vm.instance import Instance

DEFAULT_URGENCY = 0.5


class Replanner:
    """Plans for an actor whenever something asks for it, and keeps what came out.

    The world it plans from is what the document's `world_state` tells, the actor's
    feelings, the parameters of its goals and its working memory, under the names
    `feelings`, `goals` and `working_memory` that the host gives.

    Args:
        instance: of the actor.
        sources: of cost modifiers; None are those of `cost_sources`.
        clock: for the time limit of urgent plans; None limits the states only, so
            that the same actor makes the same plans on every machine.
        on_plan: told of every plan the actor takes up.

    Attributes:
        plan: the plan in force; None before the first and when none was found.
        goal: what was last planned for.
        count: how many plans were taken up.
    """

    def __init__(
        self,
        instance: Instance,
        *,
        sources: Sequence[CostModifierSource] | None = None,
        clock: Clock | None = None,
        on_plan: Callable[[Plan], None] | None = None,
    ) -> None:
        self._instance = instance
        self._data = planning_data(instance)
        self._sources = cost_sources(instance) if sources is None else list(sources)
        self._clock = clock
        self._on_plan = on_plan
        self._warned: set[str] = set()
        self._actions: tuple[GoapAction, ...] = ()
        self._versions: tuple[int, ...] = ()
        self.plan: Plan | None = None
        self.goal: GoapGoal | None = None
        self.count = 0

    def perform(self, action: Action, context: ActionContext) -> Done | Failed:
        """Handler of `trigger_goap_replan`: plans, and gives the `replan_status`."""
        try:
            return Done(self.replan(action.params))
        except AbmlPlanningError as error:
            return Failed("action_failed", error.message)

    def replan(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Plan anew and take the plan up.

        Args:
            params: those of the action: `urgency`, `goal` (a name, or a goal as plain
                data), `goals` (names that are affected), `world_state`, `available_actions`.

        Returns:
            `triggered`, `urgency`, `affected_goals`, `options`, `plan`, `status`, `message`.

        Raises:
            AbmlPlanningError: a parameter that cannot be read.
        """
        urgency = _urgency(params.get("urgency"))
        options = options_for_urgency(urgency).capped()
        affected = _names(params.get("goals"))
        status: dict[str, Any] = {
            "triggered": False,
            "urgency": urgency,
            "affected_goals": affected,
            "options": asdict(options),
            "plan": None,
            "status": None,
            "message": "missing goal",
        }
        given = params.get("world_state")
        if given is not None and not isinstance(given, Mapping):
            raise AbmlPlanningError("ABML906", f"world_state is a map of facts, not {type(given).__name__}")
        own = self._read("goals")
        world = self._data.world(
            given,
            feelings=_mapping(self._read("feelings")),
            parameters=_mapping(own.get("parameters") if isinstance(own, Mapping) else None),
            memory=_mapping(self._read("working_memory")),
        )
        primary = own.get("primary") if isinstance(own, Mapping) else None
        goals = self._data.goals()
        goal = _goal(params.get("goal"), goals)
        if goal is None and params.get("goal") is None:
            goal = select_goal(goals, world, primary if isinstance(primary, str) else None)
            if goal is None:
                goal = next((found for name in affected if (found := _goal(name, goals)) is not None), None)
        if goal is None:
            return status
        actions = _available(params.get("available_actions"), self._data.actions())
        result = search(
            world,
            goal,
            actions,
            modifiers=self._sources,
            options=options,
            actor=self._instance.actor_id,
            clock=self._clock,
        )
        self._actions = actions
        self._versions = versions(self._sources, self._instance.actor_id)
        self._take_up(result)
        status.update(triggered=True, status=result.status, plan=_summary(result.plan), message=_message(result))
        return status

    def has_other_costs(self, index: int = 0) -> bool:
        """Whether the plan in force should be made anew because its costs are others by now.

        The costs are looked at only when a source has another version than when they
        were last looked at, so that asking in every tick costs little.

        Args:
            index: the step that comes next; earlier ones no longer count.
        """
        if self.plan is None or self.plan.actions[index:] == ():
            return False
        actor = self._instance.actor_id
        now = versions(self._sources, actor)
        if now == self._versions:
            return False
        self._versions = now
        return costs_changed(self.plan, index, collect_costs(self._actions, self._sources, actor))

    def _read(self, name: str) -> Any:
        return read_path(self._instance, name, ())

    def _take_up(self, result: PlanResult) -> None:
        for warning in result.warnings:
            if warning not in self._warned:
                self._warned.add(warning)
                self._instance.warn("planning", warning)
        self.goal, self.plan = result.goal, result.plan
        if result.plan is not None:
            self.count += 1
            if self._on_plan is not None:
                self._on_plan(result.plan)


def _urgency(given: Any) -> float:
    """0..1; the words of documents are numbers by the time they come here."""
    if isinstance(given, bool) or not isinstance(given, int | float) or given != given:
        return DEFAULT_URGENCY
    return float(min(max(given, 0), 1))


def _goal(given: Any, goals: Sequence[GoapGoal]) -> GoapGoal | None:
    """A goal of the document by its name, without case; or one given as plain data."""
    if isinstance(given, Mapping):
        if "id" in given and "conditions" not in given:
            return _goal(given["id"], goals)
        return read_goal(given)
    if not isinstance(given, str):
        return None
    return next((goal for goal in goals if goal.id.casefold() == given.casefold()), None)


def _names(given: Any) -> list[str]:
    """Names of goals, given as texts or as maps with an `id` or a `name`."""
    items = given if isinstance(given, list) else [] if given is None else [given]
    named = [item.get("id", item.get("name")) if isinstance(item, Mapping) else item for item in items]
    return [name for name in named if isinstance(name, str)]


def _available(given: Any, actions: tuple[GoapAction, ...]) -> tuple[GoapAction, ...]:
    """The actions of the document, those of them that are named, or others given as plain data."""
    if given is None:
        return actions
    if isinstance(given, list) and all(isinstance(item, str) for item in given):
        return tuple(action for action in actions if action.id in given)
    return read_actions(given)


def _mapping(value: Any) -> Mapping[str, Any] | None:
    return value if isinstance(value, Mapping) else None


def _summary(plan: Plan | None) -> dict[str, Any] | None:
    """A plan as a document sees it."""
    if plan is None:
        return None
    return {"goal": plan.goal_id, "actions": [step.id for step in plan.actions], "cost": plan.total_cost}


def _message(result: PlanResult) -> str:
    plan = result.plan
    if plan is None:
        return f"no plan for '{result.goal.id}': {reason_of(result)}"
    if not plan.actions:
        return f"'{result.goal.id}' holds already"
    return f"'{result.goal.id}' in {len(plan.actions)} steps"
