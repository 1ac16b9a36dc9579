"""Worlds: the flat facts that planning works on (runtime 4.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from abml.errors import AbmlPlanningError
from abml.values import to_text

from .effects import Effect
from .literals import Value, finite, number_of

_CODE = "ABML906"


class WorldState(Mapping[str, Value]):
    """An immutable mapping of facts to bools, finite numbers and texts.

    An int stays an int and a float a float, but as in planning 1 and 1.0 are the
    same fact, and numbers that agree to nine decimals too; True is never 1.
    Null facts are absent.
    """

    __slots__ = ("_facts", "_key")

    def __init__(self, facts: Mapping[str, Any] | None = None) -> None:
        """
        Raises:
            AbmlPlanningError: ABML906, a name that is no text or empty, or a value
                that is no bool, finite number, text or None.
        """
        self._key: tuple[tuple[str, str, Any], ...] | None = None
        if isinstance(facts, WorldState):
            self._facts: dict[str, Value] = facts._facts
            return
        self._facts = {}
        if facts is None:
            return
        if not isinstance(facts, Mapping):
            raise AbmlPlanningError(_CODE, f"a world is a mapping of facts, not {type(facts).__name__}")
        for key, value in facts.items():
            if not isinstance(key, str) or not key:
                raise AbmlPlanningError(_CODE, f"a fact has a name, which is a text that is not empty, not {key!r}")
            if value is not None:
                self._facts[key] = _held(key, value)

    @classmethod
    def _of(cls, facts: dict[str, Value]) -> WorldState:
        """A world around facts that are already checked and nobody else keeps."""
        world = cls.__new__(cls)
        world._facts = facts
        world._key = None
        return world

    @property
    def facts(self) -> dict[str, Value]:
        """The facts themselves; they must not be changed."""
        return self._facts

    # ------------------------------------------------------------------ reading

    def __getitem__(self, key: str) -> Value:
        return self._facts[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def get(self, key: str, default: Any = None) -> Any:
        """The fact, or `default` when it is absent."""
        return self._facts.get(key, default)

    def numeric(self, key: str, default: float = 0) -> float:
        """The fact as a number; texts that spell one count, bools do not."""
        number = number_of(self._facts.get(key))
        return default if number is None else number

    def boolean(self, key: str, default: bool = False) -> bool:
        """The fact as a bool: itself, a text that is `true` in any case, a number other than 0."""
        value = self._facts.get(key)
        if value is None:
            return default
        return value.lower() == "true" if isinstance(value, str) else bool(value)

    def string(self, key: str, default: str = "") -> str:
        """The fact as the language writes it in a text."""
        value = self._facts.get(key)
        return default if value is None else to_text(value)

    # ----------------------------------------------------------------- changing

    def with_facts(self, facts: Mapping[str, Any]) -> WorldState:
        """This world with some facts set; None removes one.

        Raises:
            AbmlPlanningError: as for a new world.
        """
        changed = dict(self._facts)
        added = WorldState(facts)._facts
        for key in facts:
            if key in added:
                changed[key] = added[key]
            else:
                changed.pop(key, None)
        return WorldState._of(changed)

    def apply_effects(self, effects: Iterable[tuple[str, Effect]]) -> WorldState:
        """The world after the effects of one action, all of which see this world."""
        before = self._facts
        changed = dict(before)
        for key, effect in effects:
            value = effect.apply(before.get(key))
            if value is None:
                changed.pop(key, None)
            else:
                changed[key] = value
        return WorldState._of(changed)

    @classmethod
    def after(cls, world: WorldState, actions: Iterable[Any]) -> WorldState:
        """The world after several actions, one after the other."""
        facts = dict(world._facts)
        # Every effect reads its own fact only, and no action has two on one: they may be applied in place.
        for action in actions:
            for key, effect in action.effects:
                value = effect.apply(facts.get(key))
                if value is None:
                    facts.pop(key, None)
                else:
                    facts[key] = value
        return cls._of(facts)

    # ---------------------------------------------------------------- comparing

    def canonical(self) -> tuple[tuple[str, str, Any], ...]:
        """(name, kind, value) by name, with numbers rounded: equal exactly for equal worlds."""
        if self._key is None:
            self._key = tuple((key, *_canonical(self._facts[key])) for key in sorted(self._facts))
        return self._key

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, WorldState):
            return NotImplemented
        return self.canonical() == other.canonical()

    def __hash__(self) -> int:
        return hash(self.canonical())

    def __repr__(self) -> str:
        return f"WorldState({self._facts!r})"


def _held(key: str, value: Any) -> Value:
    if isinstance(value, bool):
        return bool(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int | float):
        return finite(value, _CODE, key)
    raise AbmlPlanningError(_CODE, f"the fact '{key}' is a bool, a number or a text, not {type(value).__name__}")


def _canonical(value: Value) -> tuple[str, Any]:
    if isinstance(value, bool):
        return "bool", value
    if isinstance(value, str):
        return "text", value
    number = float(value)
    if abs(number) < 9e6:
        return "billionths", round(number * 1e9)
    # Neighbors are farther apart than the ninth decimal.
    return "number", number
