"""What actions cost: base costs and the modifiers of any number of named sources (runtime 4.6)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from abml.errors import AbmlPlanningError

if TYPE_CHECKING:
    from .model import GoapAction

# A modified action never costs less, so that no step is taken for nothing.
MIN_EFFECTIVE_COST = 0.01
DIRECTOR = "director"
# From this relative change on, a plan made with other costs is made anew.
SIGNIFICANT_CHANGE = 0.3
_KNOWN = ("conscience", "personality", "environment")


@dataclass(frozen=True, slots=True)
class CostBreakdown:
    """How the effective cost of an action came about.

    Attributes:
        base: the action's own cost.
        modifiers: (source, amount) of every source but the director, in their order.
        director_raw: what the director added.
        director_applied: what of it counted: a discount is at most the base.
        total: the sum before any floor.
        effective: what the planner used.
    """

    base: float
    modifiers: tuple[tuple[str, float], ...] = ()
    director_raw: float = 0.0
    director_applied: float = 0.0
    total: float = 0.0
    effective: float = 0.0

    @classmethod
    def of_base(cls, base: float) -> CostBreakdown:
        """The cost of an action that nobody modified."""
        return cls(base, (), 0.0, 0.0, base, base)

    def to_map(self) -> dict[str, float]:
        """Plain data: the usual sources always, others when they added something."""
        amounts = dict.fromkeys(_KNOWN, 0.0)
        for source, amount in self.modifiers:
            amounts[source] = amounts.get(source, 0.0) + amount
        return {
            "base": self.base,
            **amounts,
            "director_raw": self.director_raw,
            "director_applied": self.director_applied,
            "total": self.total,
            "effective": self.effective,
        }


class CostModifierSource(Protocol):
    """Somebody who makes actions cheaper or dearer for an actor.

    Attributes:
        name: `conscience`, `personality`, `environment`, `director` or any other; shown with its amounts.
    """

    name: str

    def modifiers(self, actor: Any, actions: Sequence[GoapAction], out: CostTable) -> None:
        """Add amounts with `out.add(self.name, index, amount)`. Called once for a planning request."""

    def version(self, actor: Any) -> int:
        """A number that changes when the amounts do."""


class CostTable:
    """Effective costs of a list of actions, and where they come from. For one request, in one thread.

    Attributes:
        warnings: amounts that were ignored, one sentence for each source and action.
    """

    __slots__ = ("_actions", "_amounts", "_warned", "floor", "warnings", "is_modified")

    def __init__(
        self,
        actions: Sequence[GoapAction],
        *,
        floor: float = MIN_EFFECTIVE_COST,
        warned: set[tuple[str, str]] | None = None,
    ) -> None:
        """
        Args:
            floor: least cost of a modified action that costs more by itself.
            warned: (source, action) pairs already warned of; new ones are added, so
                that a host that keeps the set hears of each once.
        """
        self._actions = actions
        # source -> amounts by action; sources in the order they first spoke.
        self._amounts: dict[str, dict[int, float]] = {}
        self._warned = set() if warned is None else warned
        self.floor = floor
        self.warnings: list[str] = []
        # Whether any amount other than 0 was added: it decides which estimate `auto` is.
        self.is_modified = False

    def add(self, source: str, action: int | str, amount: Any) -> None:
        """Add an amount to an action, named by its place or its id; several of one source add up.

        An amount that is no finite number is ignored and warned of once. An id that
        no action has is ignored: tables of modifiers serve many actors.
        """
        if isinstance(action, str):
            for index, known in enumerate(self._actions):
                if known.id == action:
                    self._add(source, index, amount)
        else:
            self._add(source, action, amount)

    def _add(self, source: str, index: int, amount: Any) -> None:
        if amount is None:
            return
        try:
            number = float(amount) if isinstance(amount, int | float) and not isinstance(amount, bool) else math.nan
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            self.warn(source, self._actions[index].id, f"{amount!r} is no finite number")
            return
        if number:
            self.is_modified = True
        amounts = self._amounts.setdefault(source, {})
        amounts[index] = amounts.get(index, 0.0) + number

    def warn(self, source: str, action: str, reason: str) -> None:
        """Remember why a source was ignored for an action, once for each pair."""
        if (source, action) not in self._warned:
            self._warned.add((source, action))
            self.warnings.append(f"the modifier of '{source}' for '{action}' is ignored: {reason}")

    def effective(self) -> list[float]:
        """The cost of every action, in their order; the base costs when nobody modified any."""
        if not self._amounts:
            return [float(action.cost) for action in self._actions]
        return [self.breakdown(index).effective for index in range(len(self._actions))]

    def breakdown(self, index: int) -> CostBreakdown:
        """How the cost of the action at `index` comes about."""
        base = float(self._actions[index].cost)
        modifiers = []
        autonomy = director = 0.0
        for source, amounts in self._amounts.items():
            amount = amounts.get(index)
            if amount is None:
                continue
            if source == DIRECTOR:
                director = amount
            else:
                modifiers.append((source, amount))
                autonomy += amount
        # A discount cancels at most the action's own cost and never eats into what others added.
        applied = max(director, -base)
        if not modifiers and not director:
            return CostBreakdown.of_base(base)
        total = base + autonomy + applied
        return CostBreakdown(base, tuple(modifiers), director, applied, total, max(min(base, self.floor), total))


def collect_costs(
    actions: Sequence[GoapAction],
    sources: Iterable[CostModifierSource] = (),
    actor: Any = None,
    *,
    floor: float = MIN_EFFECTIVE_COST,
    warned: set[tuple[str, str]] | None = None,
) -> CostTable:
    """The costs of actions for an actor, every source asked once.

    A source that raises is ignored as a whole and warned of, so that one broken
    source never keeps an actor from planning.
    """
    table = CostTable(actions, floor=floor, warned=warned)
    for source in sources:
        before = {name: dict(amounts) for name, amounts in table._amounts.items()}
        was_modified = table.is_modified
        try:
            source.modifiers(actor, actions, table)
        except Exception as error:
            table._amounts = before
            table.is_modified = was_modified
            table.warn(source.name, "*", f"it failed with {type(error).__name__}: {error}")
    return table


class GivenModifiers:
    """A source whose amounts are plain data: action -> amount.

    Actions are named by their id; those of the director by their action type,
    which is the id unless the action says otherwise.
    """

    __slots__ = ("name", "amounts")

    def __init__(self, name: str, amounts: Mapping[str, Any]) -> None:
        self.name = name
        self.amounts = amounts

    def modifiers(self, actor: Any, actions: Sequence[GoapAction], out: CostTable) -> None:
        """Add the amount of every action that is named."""
        by_type = self.name == DIRECTOR
        for index, action in enumerate(actions):
            key = action.action_type if by_type else action.id
            if key in self.amounts:
                out.add(self.name, index, self.amounts[key])

    def version(self, actor: Any) -> int:
        """Plain data do not change."""
        return 0


def modifier_sources(given: Any) -> list[CostModifierSource]:
    """Sources from what `abml.plan` takes: source -> {action: amount}, {action: amount}, objects, or a list of these.

    Raises:
        AbmlPlanningError: ABML906, neither of them.
    """
    if given is None:
        return []
    if isinstance(given, Sequence) and not isinstance(given, str | bytes):
        return [source for item in given for source in _sources(item)]
    return _sources(given)


def _sources(given: Any) -> list[CostModifierSource]:
    if isinstance(given, Mapping):
        return _mapped(given)
    if callable(getattr(given, "modifiers", None)):
        return [given]
    raise AbmlPlanningError("ABML906", f"modifiers are a mapping or sources of costs, not {type(given).__name__}")


def _mapped(given: Mapping[Any, Any]) -> list[CostModifierSource]:
    sources: list[CostModifierSource] = []
    plain = {}
    for name, value in given.items():
        if not isinstance(name, str) or not name:
            raise AbmlPlanningError("ABML906", f"a source or an action has a name, not {name!r}")
        if isinstance(value, Mapping):
            sources.append(GivenModifiers(name, value))
        elif callable(getattr(value, "modifiers", None)):
            sources.append(value)
        else:
            plain[name] = value
    if plain and sources:
        raise AbmlPlanningError(
            "ABML906", f"modifiers name either sources or actions; '{next(iter(plain))}' has no mapping of actions"
        )
    return [GivenModifiers("given", plain)] if plain else sources


def relative_change(before: float, after: float) -> float:
    """How much a cost changed, as a part of what it was; infinite from 0 to more."""
    if before == after:
        return 0.0
    return abs(after - before) / before if before else math.inf
