"""Where modifiers of costs come from: the document, obligations, a director (runtime 3.10, 4.6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from abml.values import truthy
from abml.vm.core.machine import FaultError

from .costs import DIRECTOR, CostTable
from .model import GoapAction

Call = Callable[[int], Any]
# Reads a name and the path below it, as `${name.path}` does; null where there is nothing.
Read = Callable[[str, tuple[str, ...]], Any]


class Versioned:
    """A source whose version goes up when the amounts it would give are others than before.

    The version is found by reading: what is read may be a column of a world or a
    table that somebody else writes.
    """

    name = ""

    def __init__(self) -> None:
        self._actions: Sequence[GoapAction] = ()
        self._last: list[tuple[str, int, Any]] | None = None
        self._version = 0

    def amounts(self, actions: Sequence[GoapAction], out: CostTable) -> list[tuple[str, int, Any]]:
        """(source, place of the action, amount) for everything that is added; what fails is a warning of `out`."""
        raise NotImplementedError

    def modifiers(self, actor: Any, actions: Sequence[GoapAction], out: CostTable) -> None:
        """Add the amounts of now, and remember them."""
        self._actions = actions
        self._note(self.amounts(actions, out))
        for source, index, amount in self._last or ():
            out.add(source, index, amount)

    def version(self, actor: Any) -> int:
        """Another number when the amounts for the actions last asked about have changed."""
        self._note(self.amounts(self._actions, CostTable(self._actions)))
        return self._version

    def _note(self, found: list[tuple[str, int, Any]]) -> None:
        if self._last is not None and found != self._last:
            self._version += 1
        self._last = found


class DocumentModifiers(Versioned):
    """The `cost_modifiers` that flows have themselves, as amounts of `personality` and `environment`."""

    name = "document"

    def __init__(self, call: Call) -> None:
        super().__init__()
        self._call = call

    def amounts(self, actions: Sequence[GoapAction], out: CostTable) -> list[tuple[str, int, Any]]:
        """What every modifier adds whose condition holds."""
        found = []
        for index, action in enumerate(actions):
            for modifier in action.cost_modifiers:
                source, when, add = modifier["source"], modifier["when"], modifier["add"]
                try:
                    if when >= 0 and not truthy(self._call(when)):
                        continue
                    amount = self._call(add["unit"]) if isinstance(add, Mapping) else add
                except FaultError as error:
                    out.warn(source, action.id, str(error.fault.message))
                    continue
                found.append((source, index, amount))
        return found


class Conscience(Versioned):
    """What breaking obligations costs: `${obligations.violation_cost.<type>}` for every type of an action.

    Where nobody tells of obligations, `${faction.norm_penalty.<type>}` counts
    instead; never both, because obligations already hold the norms.

    Args:
        types: violation tag -> types, for tags that are not types themselves.
    """

    name = "conscience"

    def __init__(self, read: Read, types: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self._read = read
        self._types = {tag: _texts(value) for tag, value in (types or {}).items()}

    def types_of(self, action: GoapAction) -> list[str]:
        """The types of violation of an action, each once."""
        return list(dict.fromkeys(kind for tag in action.violations for kind in self._types.get(tag, [tag])))

    def amounts(self, actions: Sequence[GoapAction], out: CostTable) -> list[tuple[str, int, Any]]:
        """The costs of every type of every action that has some."""
        found = []
        has_obligations: bool | None = None
        for index, action in enumerate(actions):
            for kind in self.types_of(action):
                amount = self._read("obligations", ("violation_cost", kind))
                if amount is None:
                    if has_obligations is None:
                        has_obligations = any(
                            self._read("obligations", path) is not None for path in ((), ("violation_cost",))
                        )
                    if not has_obligations:
                        amount = self._read("faction", ("norm_penalty", kind))
                if amount is not None:
                    found.append((self.name, index, amount))
        return found


class DirectorPriorities(Versioned):
    """What a director adds: `${director.priority.<action_type>}`, dearer above 0 and cheaper below."""

    name = DIRECTOR

    def __init__(self, read: Read) -> None:
        super().__init__()
        self._read = read

    def amounts(self, actions: Sequence[GoapAction], out: CostTable) -> list[tuple[str, int, Any]]:
        """The override of every action type that has one."""
        found = []
        known: dict[str, Any] = {}
        for index, action in enumerate(actions):
            kind = action.action_type
            if kind not in known:
                known[kind] = self._read(DIRECTOR, ("priority", kind))
            if known[kind] is not None:
                found.append((self.name, index, known[kind]))
        return found


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list | tuple) else []
