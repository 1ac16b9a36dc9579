"""What an instance reacts to: triggers, event handlers, the filter of perceptions (language 1.7)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from abml.values import truthy

from . import schedules
from .core.machine import FaultError
from .events import handler_names, matches

if TYPE_CHECKING:
    from .instance import Instance


class Event(NamedTuple):
    """An event on its way to its handlers.

    Attributes:
        kind: its type; the payload may have a key `type` of its own.
        value: what `event` and `perception` are.
        flow: the only flow that handles it; None: whatever its type says.
    """

    kind: str
    value: dict[str, Any]
    flow: str | None = None


class Reactions:
    """Decides which flows of the root document a moment or an event starts.

    Args:
        flows: of the root document.
        world_ms: the time of the host's world in milliseconds since the epoch.

    Attributes:
        triggers: flow -> its triggers, for flows that have some.
    """

    def __init__(self, instance: Instance, flows: Mapping[str, Any], world_ms: Callable[[], float]) -> None:
        self.instance = instance
        self.flows = flows
        self.world_ms = world_ms
        self.triggers: dict[str, list[Any]] = {
            name: flow["triggers"] for name, flow in flows.items() if flow.get("triggers")
        }
        # Trigger -> the minute in which its schedule last started something.
        self._fired: dict[tuple[str, int], int] = {}
        self._patterns: dict[int, str] = {}

    def is_due(self, name: str) -> bool:
        """Whether a trigger without event holds now."""
        return any(
            trigger.get("event") is None and self._holds(name, index, trigger)
            for index, trigger in enumerate(self.triggers[name])
        )

    def to(self, event: Event) -> tuple[list[str], list[str]]:
        """What an event starts: (handlers, flows whose triggers hold), each in declaration order."""
        with self._bound(event):
            handlers = [
                item["handler"]
                for number, item in enumerate(self.instance.info.get("events") or ())
                if matches(self._pattern(number, item["pattern"]), event.kind)
                and self._truth(item["condition"], "the condition of an event handler")
            ]
            triggered = [name for name in self.triggers if self._is_triggered(name, event.kind)]
        if not handlers:
            # A flow that its own trigger starts is not started twice.
            implicit = next((name for name in handler_names(event.kind) if name in self.flows), None)
            if implicit is not None and implicit not in triggered:
                handlers.append(implicit)
        return handlers, triggered

    def accepts(self, event: Event) -> bool:
        """Whether the document's perception filter lets an event through."""
        entries = self.instance.info.get("perception_filter")
        if entries is None:
            return True
        with self._bound(event):
            return any(
                matches(entry["pattern"], event.kind)
                and all(self._truth(unit, "a check of the perception filter") for unit in entry["conditions"])
                for entry in entries
            )

    # ----------------------------------------------------------------- helpers

    def _is_triggered(self, name: str, kind: str) -> bool:
        return any(
            trigger.get("event") is not None and matches(trigger["event"], kind) and self._holds(name, index, trigger)
            for index, trigger in enumerate(self.triggers[name])
        )

    def _holds(self, name: str, index: int, trigger: Mapping[str, Any]) -> bool:
        """Whether everything but the event of a trigger holds; a schedule that does counts as used for its minute."""
        now = None
        if trigger.get("time_range") or trigger.get("schedule"):
            now = schedules.moment(self.world_ms())
        if now is not None and trigger.get("time_range"):
            limits = schedules.time_range(trigger["time_range"])
            if limits is None or not schedules.in_range(limits, now):
                return False
        key = (name, index)
        if now is not None and trigger.get("schedule"):
            schedule = schedules.schedule(trigger["schedule"])
            if schedule is None or not schedule.holds(now) or self._fired.get(key) == now.number:
                return False
        if not self._truth(trigger.get("condition", -1), "a trigger's condition"):
            return False
        if now is not None and trigger.get("schedule"):
            self._fired[key] = now.number
        return True

    def _truth(self, unit: Any, what: str) -> bool:
        """Truth of a condition; one that raises is false and told about, one that is not there is true."""
        if not isinstance(unit, int) or unit < 0:
            return True
        try:
            return truthy(self.instance.base.call(unit))
        except FaultError as error:
            self.instance.warn(error.fault.kind, f"{what} failed: {error.fault.message}")
            return False

    @contextmanager
    def _bound(self, event: Event) -> Iterator[None]:
        """`event` and `perception` for conditions that stand outside of runs."""
        ambient = self.instance.ambient
        before = dict(ambient)
        ambient["event"] = ambient["perception"] = event.value
        try:
            yield
        finally:
            ambient.clear()
            ambient.update(before)

    def _pattern(self, number: int, pattern: Any) -> str:
        """A pattern as text; one with expressions is evaluated once."""
        if isinstance(pattern, str):
            return pattern
        if number not in self._patterns:
            try:
                value = self.instance.base.call(pattern["unit"])
            except FaultError as error:
                self.instance.warn(error.fault.kind, f"the pattern of an event failed: {error.fault.message}")
                value = None
            self._patterns[number] = value if isinstance(value, str) else ""
        return self._patterns[number]
