"""Planning data of documents: goals, actions and facts of a program, as its actors see them (runtime 4.1, 4.8)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from abml.errors import AbmlPlanningError
from abml.vm.core.machine import FaultError

from .conditions import Condition, Conditions, read_condition
from .effects import Effect
from .model import DEFAULT_COST, DEFAULT_PRIORITY, GoapAction, GoapGoal
from .worlds import WorldState

if TYPE_CHECKING:
    from abml.compiler.bytecode.program import Program

Call = Callable[[int], Any]
Warn = Callable[[str, str], None]

# The kind of warnings about planning data.
KIND = "planning"
_OPERATORS = ("=", "!", "<", ">")
_NOT_PLANNED = "perception:"


class PlanningData:
    """What a program says for planning, its expressions evaluated when asked.

    Goals and actions keep program order: those of the root document, then those
    of its imports. What cannot be evaluated never keeps an actor from planning:
    a warning says what counts instead.

    Args:
        program: compiled; only its plain data are looked at.
        call: computes a thunk of the program by its number, as `Machine.call`.
        warn: takes kind (`planning`) and message of what is worth a log record.
    """

    def __init__(self, program: Program, call: Call, warn: Warn) -> None:
        self._program = program
        self._call = call
        self._warn = warn
        self._actions: tuple[GoapAction, ...] | None = None
        header = program.info.get("goap") or {}
        self.has_goap: bool = header.get("has_goap", False)
        self.goal_count: int = header.get("goal_count", 0)
        self.action_count: int = header.get("action_count", 0)

    # --------------------------------------------------------------------- goals

    def goals(self) -> tuple[GoapGoal, ...]:
        """The goals as they are now. One with a condition that cannot be evaluated is left out with a warning."""
        found = []
        for name, data in self._program.goals.items():
            try:
                conditions = self._conditions(data["conditions"])
                preconditions = self._conditions(data["preconditions"])
            except (FaultError, AbmlPlanningError) as error:
                self._warn(KIND, f"the goal '{name}' is left out: {_reason(error)}")
                continue
            found.append(GoapGoal(name, conditions, self._priority(name, data), preconditions, data.get("description")))
        return tuple(found)

    def _conditions(self, entries: list[dict[str, Any]]) -> Conditions:
        return tuple((entry["key"], self._condition(entry)) for entry in entries)

    def _condition(self, entry: Mapping[str, Any]) -> Condition:
        """A condition; the value of an expression is read as if it stood there."""
        op, target = entry["op"], entry["value"]
        if not isinstance(target, Mapping):
            return Condition(op, target)
        value = self._call(target["unit"])
        if isinstance(value, str) and value.strip():
            is_bare = not str(entry["text"]).strip().startswith(_OPERATORS)
            return read_condition(value if is_bare else f"{op} {value}", entry["key"])
        if isinstance(value, str):
            return Condition(op, value)
        return Condition(op, read_condition(value, entry["key"]).target)

    def _priority(self, name: str, data: Mapping[str, Any]) -> int:
        try:
            value = self._plain(data["priority"])
        except FaultError as error:
            self._warn(KIND, f"the priority of '{name}' is {DEFAULT_PRIORITY}: {_reason(error)}")
            return DEFAULT_PRIORITY
        number = _number(value)
        if number is None:
            self._warn(KIND, f"the priority of '{name}' is {DEFAULT_PRIORITY}: {_shown(value)} is no number")
            return DEFAULT_PRIORITY
        return round(number)

    # ------------------------------------------------------------------- actions

    def actions(self) -> tuple[GoapAction, ...]:
        """The actions with the costs they have now; one that cannot be evaluated costs 1, with a warning."""
        if self._actions is None:
            self._actions = tuple(_action(name, data) for name, data in self._program.goap_actions.items())
        found = []
        for action, data in zip(self._actions, self._program.goap_actions.values(), strict=True):
            cost = data["cost"]
            found.append(action if not isinstance(cost, Mapping) else _costing(action, self._cost(action.id, cost)))
        return tuple(found)

    def _cost(self, name: str, data: Mapping[str, Any]) -> float:
        try:
            value = self._call(data["unit"])
        except FaultError as error:
            self._warn(KIND, f"the action '{name}' costs {DEFAULT_COST:g}: {_reason(error)}")
            return DEFAULT_COST
        number = _number(value)
        if number is None or number < 0:
            self._warn(KIND, f"the action '{name}' costs {DEFAULT_COST:g}: {_shown(value)} is no number of at least 0")
            return DEFAULT_COST
        return number

    # --------------------------------------------------------------------- world

    def world(
        self,
        given: Mapping[str, Any] | None = None,
        *,
        feelings: Mapping[str, Any] | None = None,
        parameters: Mapping[str, Any] | None = None,
        memory: Mapping[str, Any] | None = None,
        assumed: Mapping[str, Any] | None = None,
    ) -> WorldState:
        """The world to plan from; of a fact that several tell, the last counts.

        The document's `world_state` comes first, then the arguments below, then
        what was given.

        Args:
            given: facts of the request; None removes one.
            feelings: name -> number.
            parameters: of the goal; numbers, bools and texts count.
            memory: working memory; as parameters, without perceptions.
            assumed: facts that completed steps of a plan brought about.

        Raises:
            AbmlPlanningError: ABML906, a given fact is no bool, finite number, text or None.
        """
        facts = self._bound()
        facts.update((key, value) for key, value in (feelings or {}).items() if _number(value) is not None)
        facts.update((key, value) for key, value in (parameters or {}).items() if _is_fact(value))
        facts.update(
            (key, value)
            for key, value in (memory or {}).items()
            if _is_fact(value) and not key.startswith(_NOT_PLANNED)
        )
        return WorldState(facts).with_facts(assumed or {}).with_facts(given or {})

    def _bound(self) -> dict[str, Any]:
        """What the document's `world_state` tells now; null facts are absent."""
        facts = {}
        for key, data in (self._program.info.get("world_state") or {}).items():
            try:
                value = self._plain(data)
            except FaultError as error:
                self._warn(KIND, f"the fact '{key}' is absent: {_reason(error)}")
                continue
            if _is_fact(value):
                facts[key] = value
            elif value is not None:
                self._warn(KIND, f"the fact '{key}' is absent: {_shown(value)} is no bool, number or text")
        return facts

    def _plain(self, data: Any) -> Any:
        return self._call(data["unit"]) if isinstance(data, Mapping) else data


def _action(name: str, data: Mapping[str, Any]) -> GoapAction:
    """An action with what is fixed when it is compiled; a cost that is not is filled in later."""
    tags, violations, cost = data["tags"], data["violations"], data["cost"]
    return GoapAction(
        name,
        tuple((entry["key"], Condition(entry["op"], entry["value"])) for entry in data["preconditions"]),
        tuple((entry["key"], Effect(entry["op"], entry["value"])) for entry in data["effects"]),
        DEFAULT_COST if isinstance(cost, Mapping) else float(cost),
        data["action_type"] or name,
        tuple(tags),
        # What a conscience looks at: the violations, else the tags, else the action itself.
        tuple(violations if violations is not None else tags or (name,)),
        tuple(data["cost_modifiers"]),
    )


def _costing(action: GoapAction, cost: float) -> GoapAction:
    return GoapAction(
        action.id,
        action.preconditions,
        action.effects,
        cost,
        action.action_type,
        action.tags,
        action.violations,
        action.cost_modifiers,
    )


def _number(value: Any) -> float | None:
    """A finite number; None for everything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _is_fact(value: Any) -> bool:
    return isinstance(value, bool | str) or _number(value) is not None


def _shown(value: Any) -> str:
    if value is None:
        return "null"
    return f"'{value}'" if isinstance(value, str) else str(value)


def _reason(error: FaultError | AbmlPlanningError) -> str:
    return error.message if isinstance(error, AbmlPlanningError) else str(error.fault.message)
