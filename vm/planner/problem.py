"""Problems: a goal and actions laid out for the compiled search (runtime 4.4, WST-04).

Only facts that the goal, preconditions or effects name have a slot. When every
effect sets a value, a fact takes few values and the world is some bits; when
numbers change, it is an array of cells beside a bit for each condition.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .astar import CellCore, MaskCore
from .conditions import Condition
from .costs import CostBreakdown
from .effects import Effect
from .literals import Value, number_of
from .model import GoapAction, GoapGoal, PlannedAction
from .worlds import WorldState

# The highest bit of a set of actions stands for the goal.
_GOAL = 1 << 63
_MOST_MASK_ACTIONS = 63
_MOST_BITS = 64
_MOST_VALUES = 255
# Values of worlds that no action sets, kept apart for each fact before a problem counts as one of numbers.
_MOST_UNLISTED = 64


class MaskLayout:
    """How the values of facts are numbered; read by `MaskCore`.

    `None` in a list of values stands for an absent fact.
    """

    def __init__(self, problem: Problem, unlisted: list[list[Value | None]], *, by_class: bool = False) -> None:
        """
        Args:
            unlisted: by slot a value for each class of values that no action sets.
            by_class: values on which every condition agrees share a number.

        Raises:
            TooLarge: a fact has too many values, or all together need too many bits.
        """
        self.keys = problem.keys
        self.actions = len(problem.actions)
        self.conditions = problem.conditions_of
        self.goal = [(slot, condition) for slot, condition, _ in problem.goal_conditions]
        self.by_bool: list[dict[Any, int]] = []
        self.by_value: list[dict[Any, int]] = []
        self.billionths: list[set[int]] = []
        self.unlisted: list[dict[tuple[bool, ...], int]] = []
        self.shifts: list[int] = []
        self.widths: list[int] = []
        self.allows: list[list[int]] = []
        self.changes: list[list[int]] = []
        self.bits = 0
        self._codes: list[list[Value | None]] = []
        for slot in range(len(self.keys)):
            self._number(problem, slot, unlisted[slot], by_class)
        self.goal_distances = [
            [condition.distance(value) for value in self._codes[slot]] for slot, condition in self.goal
        ]
        self.keeps, self.puts, self.moves_goal = [], [], []
        goal_slots = {slot for slot, _ in self.goal}
        for action in problem.effects_of:
            keep, put = (1 << _MOST_BITS) - 1, 0
            for slot, effect in action:
                keep &= ~(((1 << self.widths[slot]) - 1) << self.shifts[slot])
                put |= self._code(slot, effect.value) << self.shifts[slot]
            self.keeps.append(keep)
            self.puts.append(put)
            self.moves_goal.append(any(slot in goal_slots for slot, _ in action))

    def _number(self, problem: Problem, slot: int, unlisted: list[Value | None], by_class: bool) -> None:
        conditions = self.conditions[slot]
        values: list[Value | None] = []
        bools: dict[Any, int] = {}
        others: dict[Any, int] = {}
        classes: dict[tuple[bool, ...], int] = {}
        for value in problem.values_of[slot]:
            known = bools if isinstance(value, bool) else others
            value = _plain(value)
            if by_class:
                outcome = tuple(condition.satisfied(value) for condition in conditions)
                known[value] = classes.setdefault(outcome, len(values))
                if known[value] == len(values):
                    values.append(value)
            elif value not in known:
                known[value] = len(values)
                values.append(value)
        for value in unlisted:
            outcome = tuple(condition.satisfied(value) for condition in conditions)
            if outcome not in classes:
                classes[outcome] = len(values)
                values.append(value)
        if len(values) > _MOST_VALUES:
            raise TooLarge
        width = max(0, len(values) - 1).bit_length()
        # No fact crosses a byte.
        if self.bits % 8 + width > 8:
            self.bits += 8 - self.bits % 8
        if self.bits + width > _MOST_BITS:
            raise TooLarge
        # A fact of one value takes no bits, and any place will do.
        self.shifts.append(self.bits if width else 0)
        self.widths.append(width)
        self.bits += width
        self.by_bool.append(bools)
        self.by_value.append(others)
        self.billionths.append({round(number * 1e9) for number in others if isinstance(number, float)})
        self.unlisted.append(classes)
        self._codes.append(values)
        users = problem.users_of[slot]
        self.allows.append([self._allowed(value, conditions, users) for value in values])
        self.changes.append([self._changing(problem, slot, code) for code in range(len(values))])

    def _allowed(self, value: Value | None, conditions: Sequence[Condition], users: Sequence[int]) -> int:
        allowed = (1 << self.actions) - 1 | _GOAL
        for condition, user in zip(conditions, users, strict=True):
            if not condition.satisfied(value):
                allowed &= ~user
        return allowed

    def _changing(self, problem: Problem, slot: int, code: int) -> int:
        changing = 0
        for index, effect in problem.setters_of[slot]:
            if self._code(slot, effect.value) != code:
                changing |= 1 << index
        return changing

    def _code(self, slot: int, value: Value | None) -> int:
        return (self.by_bool if isinstance(value, bool) else self.by_value)[slot][_plain(value)]


class CellLayout:
    """Slots, symbols and conditions of a problem over numbers; read by `CellCore`."""

    def __init__(self, problem: Problem) -> None:
        self.keys = problem.keys
        self.actions = len(problem.actions)
        # Absent, false and true come first; a bool is never equal to another key.
        self.symbols: dict[Any, int] = {None: 0, False: 1, True: 2}
        for values in problem.values_of:
            for value in values:
                if isinstance(value, str):
                    self.symbols.setdefault(value, len(self.symbols))
        self.conditions = problem.conditions
        self.conditions_of = problem.conditions_of
        self.numbers_of = problem.numbers_of
        self.held = [
            {symbol: [condition.satisfied(symbol) for condition in conditions] for symbol in (None, False, True)}
            for conditions in problem.conditions_of
        ]
        self.goal = [number for _, _, number in problem.goal_conditions]
        goal_slots = {slot for slot, _, _ in problem.goal_conditions}
        self.each_action = [
            _CellAction(needs, effects, goal_slots)
            for needs, effects in zip(problem.needs_of, problem.effects_of, strict=True)
        ]
        self.set_count = sum(len(action.sets) for action in self.each_action)
        self.delta_count = sum(len(action.deltas) for action in self.each_action)

    @staticmethod
    def number_of_symbol(symbol: Value | None) -> float | None:
        """What a symbol counts as in comparisons with numbers: nothing for bools and for other texts."""
        if symbol is None:
            return 0.0
        number = number_of(symbol)
        return None if number is None else float(number)


class _CellAction:
    def __init__(self, needs: list[int], effects: list[tuple[int, Effect]], goal_slots: set[int]) -> None:
        self.needs = needs
        self.sets = [(slot, effect.value) for slot, effect in effects if effect.delta is None]
        self.deltas = [(slot, float(effect.delta)) for slot, effect in effects if effect.delta is not None]
        self.moves_goal = any(slot in goal_slots for slot, _ in effects)


class TooLarge(Exception):
    """A problem does not fit into the bits of a world; never leaves this package."""


class Problem:
    """A goal and the actions to reach it with, ready to be searched from any world; threads may share it.

    Attributes:
        goal, actions: what it was made of.
        keys: facts that matter, in the order goal, then each action's preconditions and effects.
        base_costs: of the actions, in their order.
        unaffected: conditions of the goal on facts that no action changes.
        form: `masks` or `cells`, the form of the world in the search.
    """

    def __init__(
        self,
        goal: GoapGoal,
        actions: Sequence[GoapAction],
        *,
        form: str = "auto",
        start: WorldState | None = None,
    ) -> None:
        """
        Args:
            start: a world it will be searched from; knowing its values saves making the
                tables anew when they are met.
            form: `cells` does without bits and ids also where they would do, `ids` without
                bits; `auto` chooses.
        """
        self.goal = goal
        self.actions = tuple(actions)
        self._slots: dict[str, int] = {}
        self.conditions: list[tuple[int, Condition]] = []
        self.conditions_of: list[list[Condition]] = []
        # Places in `conditions` by slot, and who needs each: a bit for an action, the highest for the goal.
        self.numbers_of: list[list[int]] = []
        self.users_of: list[list[int]] = []
        self.values_of: list[list[Value | None]] = []
        self.setters_of: list[list[tuple[int, Effect]]] = []
        self.needs_of: list[list[int]] = []
        self.effects_of: list[list[tuple[int, Effect]]] = []
        self._known: dict[tuple[int, str, type, Any], int] = {}
        self._places: list[int] = []
        self.goal_conditions = [
            (self._slot(key), condition, self._condition(key, condition, _GOAL)) for key, condition in goal.conditions
        ]
        has_changes = False
        for index, action in enumerate(self.actions):
            bit = 1 << index if index < _MOST_MASK_ACTIONS else 0
            self.needs_of.append([self._condition(key, condition, bit) for key, condition in action.preconditions])
            effects = [(self._slot(key), effect) for key, effect in action.effects]
            self.effects_of.append(effects)
            for slot, effect in effects:
                self.setters_of[slot].append((index, effect))
                if effect.delta is None:
                    self.values_of[slot].append(effect.value)
                else:
                    has_changes = True
        self.keys = tuple(self._slots)
        self._base_steps: list[PlannedAction | None] = [None] * len(self.actions)
        self.base_costs = [float(action.cost) for action in self.actions]
        self.unaffected = tuple(
            (key, condition) for key, condition in goal.conditions if not self.setters_of[self._slots[key]]
        )
        self._unlisted: list[list[Value | None]] = [[] for _ in self.keys]
        self._core: MaskCore | CellCore | None = None
        fits = not has_changes and len(self.actions) <= _MOST_MASK_ACTIONS and not self._has_twins()
        if fits and form == "auto":
            if start is not None:
                self._list(start.facts)
            self._core = self._masks()
        if self._core is None:
            self._core = CellCore(CellLayout(self), form != "cells")

    def _slot(self, key: str) -> int:
        slot = self._slots.setdefault(key, len(self._slots))
        if slot == len(self.conditions_of):
            self.conditions_of.append([])
            self.numbers_of.append([])
            self.users_of.append([])
            self.values_of.append([])
            self.setters_of.append([])
        return slot

    def _condition(self, key: str, condition: Condition, user: int) -> int:
        slot = self._slot(key)
        identity = (slot, condition.op, type(condition.target), condition.target)
        number = self._known.get(identity)
        if number is None:
            number = self._known[identity] = len(self.conditions)
            self._places.append(len(self.users_of[slot]))
            self.conditions.append((slot, condition))
            self.conditions_of[slot].append(condition)
            self.numbers_of[slot].append(number)
            self.users_of[slot].append(user)
        else:
            self.users_of[slot][self._places[number]] |= user
        return number

    def _has_twins(self) -> bool:
        """Whether effects set a fact to two numbers that states do not tell apart: bits would."""
        for values in self.values_of:
            numbers = {
                float(value) for value in values if isinstance(value, int | float) and not isinstance(value, bool)
            }
            if len({WorldState({"number": number}).canonical() for number in numbers}) != len(numbers):
                return True
        return False

    def _masks(self) -> MaskCore | None:
        try:
            return MaskCore(MaskLayout(self, self._unlisted))
        except TooLarge:
            return None

    @property
    def form(self) -> str:
        """`masks` or `cells`."""
        return "masks" if isinstance(self._core, MaskCore) else "cells"

    def encode(self, world: WorldState) -> tuple[MaskCore | CellCore, Any]:
        """The compiled problem to search in, and the world in its form.

        A world with values that no action sets and that were not met before makes
        the problem over bits anew, with a number for each kind of them.
        """
        facts = world.facts
        while True:
            core = self._core
            assert core is not None
            start = core.encode(facts)
            if start is not None:
                return core, start
            assert isinstance(core, MaskCore)
            if core.has_twin(facts):
                # Bits would tell two numbers apart that are one fact.
                cells = CellCore(CellLayout(self))
                return cells, cells.encode(facts)
            wider: MaskCore | None = None
            if self._list(facts):
                wider = self._masks()
            self._core = wider if wider is not None else CellCore(CellLayout(self))

    def _list(self, facts: dict[str, Value]) -> bool:
        """Take up the values of a world that have no number; False when there are too many."""
        for slot, key in enumerate(self.keys):
            value = facts.get(key)
            outcome = self._outcome(slot, value)
            if all(self._outcome(slot, other) != outcome for other in self._unlisted[slot]):
                if len(self._unlisted[slot]) == _MOST_UNLISTED:
                    return False
                if not self._is_listed(slot, value):
                    self._unlisted[slot].append(value)
        return True

    def _outcome(self, slot: int, value: Value | None) -> list[bool]:
        """Which conditions on a slot hold for a value: what a value that no action sets is told apart by."""
        return [condition.satisfied(value) for condition in self.conditions_of[slot]]

    def _is_listed(self, slot: int, value: Value | None) -> bool:
        return any(
            value == other and isinstance(value, bool) == isinstance(other, bool) for other in self.values_of[slot]
        )

    def base_step(self, index: int) -> PlannedAction:
        """An action as a step of a plan that nobody modified the costs of; made once."""
        step = self._base_steps[index]
        if step is None:
            action = self.actions[index]
            breakdown = CostBreakdown.of_base(self.base_costs[index])
            step = self._base_steps[index] = PlannedAction(action, index, breakdown.effective, breakdown)
        return step

    def estimates(self, costs: Sequence[float]) -> tuple[list[float], list[float]]:
        """(least cost, largest change for a unit of cost) of the actions on the fact of each goal condition.

        The second is -1 where the estimate `scaled` is the first: an effect sets, or
        the condition is not about a number; infinite where an action is free.
        """
        least, rates = [], []
        for slot, condition, _ in self.goal_conditions:
            setters = self.setters_of[slot]
            least.append(min((costs[index] for index, _ in setters), default=0.0))
            changes = [(costs[index], effect.delta) for index, effect in setters]
            if not condition.is_numeric or not changes or any(delta is None for _, delta in changes):
                rates.append(-1.0)
            else:
                rates.append(max(_rate(cost, delta) for cost, delta in changes if delta is not None))
        return least, rates


def _plain(value: Value | None) -> Value | None:
    """Numbers as the search has them."""
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _rate(cost: float, delta: float) -> float:
    return abs(float(delta)) / cost if cost else float("inf")
