"""Ticks of one instance: lifecycle flows, the tick's own flow, flows with triggers (language 1.7, 1.8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from abml.values import truthy

from .core.machine import FaultError

if TYPE_CHECKING:
    from .runner import Runner

BRAIN_TYPES = frozenset(("event_brain", "character_brain", "object_brain"))


def document_type(info: Mapping[str, Any]) -> str:
    """The document's type; `behavior` when it has none."""
    metadata = info.get("metadata")
    found = metadata.get("type") if isinstance(metadata, Mapping) else None
    return found if isinstance(found, str) else "behavior"


def needs_ticks(info: Mapping[str, Any]) -> bool:
    """A plain run of a brain is the first tick of its life."""
    return document_type(info) in BRAIN_TYPES


class Lifecycle:
    """What an instance runs in each tick.

    A tick into a suspended run resumes it instead of starting another. Runs of
    flows with triggers are in flight beside it, at most one for each flow.

    Args:
        named: unit that the caller named; it runs in each tick that finds no run in flight.
    """

    def __init__(self, runner: Runner, named: int | None) -> None:
        self.runner = runner
        self.info = runner.instance.info
        self.flows: dict[str, Any] = self.info.get("flows", {})
        self.named = named
        self.has_lifecycle = named is None and ("on_tick" in self.flows or needs_ticks(self.info))
        self.queue: list[int] = []
        self.is_started = False
        self.main: Any = None
        self.triggered: dict[str, Any] = {}

    def tick(self) -> None:
        """One tick; the runner's status and value are those of the last run in it."""
        self._main()
        if self.named is not None or self.runner.status == "failed":
            return
        for name in list(self.triggered):
            self.runner.machine.unpark(self.triggered.pop(name))
            self._go_on(name)
            if self.runner.status == "failed":
                return
        self._triggers()

    # --------------------------------------------------------------- main runs

    def _main(self) -> None:
        runner = self.runner
        if self.main is not None:
            runner.machine.unpark(self.main)
            self.main = None
            self._go_on(None)
            return
        first = not self.is_started
        if first:
            self.is_started = True
            if self.has_lifecycle:
                self._queue_start()
        ran = False
        while self.queue and self.main is None and runner.status != "failed":
            ran = True
            self._start(self.queue.pop(0), None)
        if self.main is None and runner.status != "failed":
            unit = self._tick_unit()
            if unit >= 0:
                ran = True
                self._start(unit, None)
        if not ran and runner.status != "failed":
            runner.status, runner.value = "completed", None
            runner.scope = runner.instance.variables()

    def _queue_start(self) -> None:
        for names in (("start", "on_initialize"), ("on_initialized",)):
            for name in names:
                if name in self.flows:
                    self.queue.append(int(self.flows[name]["unit"]))
                    break

    def _tick_unit(self) -> int:
        """What this tick starts when nothing is in flight, -1 for nothing."""
        if self.named is not None:
            return self.named
        if self.has_lifecycle and "on_tick" in self.flows:
            return int(self.flows["on_tick"]["unit"])
        if self.has_lifecycle:
            # `start` has run already; the entry rules for ticks give what comes after it.
            if self.info.get("entry_by") == 2:
                return int(self.info.get("tick_entry", -1))
            return int(self.flows["main"]["unit"]) if "main" in self.flows else -1
        return int(self.info.get("tick_entry", -1))

    # -------------------------------------------------------------------- runs

    def _start(self, unit: int, name: str | None) -> None:
        """Start a run; `name` is the triggered flow it belongs to."""
        runner = self.runner
        try:
            runner.instance.begin()
        except FaultError as error:
            runner.status, runner.fault, runner.value = "failed", error.fault, None
            runner.scope = runner.instance.variables()
            return
        runner.machine.start(unit)
        self._go_on(name)

    def _go_on(self, name: str | None) -> None:
        """Resume the machine's run and park it when it has to wait."""
        runner, machine = self.runner, self.runner.machine
        status = runner.resume()
        runner.settle(status)
        if status == "suspended":
            here = machine.flow
            if here is not None and here != name and self._has_triggers(here):
                # A run that went to a flow with triggers is a run of that flow from now on.
                name = here
            state = machine.park()
            if name is None:
                self.main = state
            else:
                self.triggered[name] = state
        else:
            machine.end_run()

    # ---------------------------------------------------------------- triggers

    def _has_triggers(self, name: str) -> bool:
        return bool(self.flows.get(name, {}).get("triggers"))

    def _triggers(self) -> None:
        for name, flow in self.flows.items():
            if name in self.triggered or not flow.get("triggers"):
                continue
            if any(self._holds(trigger) for trigger in flow["triggers"]):
                self._start(int(flow["unit"]), name)
                if self.runner.status == "failed":
                    return

    def _holds(self, trigger: Mapping[str, Any]) -> bool:
        """Condition triggers only: events are dispatched, and the time of a world is the host's."""
        if trigger.get("event") is not None or trigger.get("time_range") or trigger.get("schedule"):
            return False
        unit = trigger.get("condition", -1)
        if not isinstance(unit, int) or unit < 0:
            return False
        try:
            return truthy(self.runner.machine.call(unit))
        except FaultError as error:
            self.runner.instance.warn(error.fault.kind, f"a trigger's condition failed: {error.fault.message}")
            return False
