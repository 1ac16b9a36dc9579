"""Ticks of one instance: lifecycle flows, triggers, events, runs in flight (language 1.7, 1.8)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .core.machine import FaultError
from .events import change_value
from .faults import Fault
from .flights import Flight
from .protocols import ResourceChange, WatchEntry
from .reactions import Event, Reactions
from .scheduler import start
from .scheduler.channels import Scheduler, Start

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
    flows with triggers and of event handlers are in flight beside it, at most
    one for each flow with triggers.

    Attributes:
        failures: errors of the runs that failed since the host took them.

    Args:
        named: unit or channels that the caller named; they run in each tick that finds no run in flight.
        ends_at_failure: a failed run ends the tick.
        world_ms: the time of the host's world in milliseconds since the epoch, for
            schedules; None: the VM clock.
    """

    def __init__(
        self,
        runner: Runner,
        named: int | list[Start] | None,
        *,
        ends_at_failure: bool = True,
        world_ms: Callable[[], float] | None = None,
    ) -> None:
        self.runner = runner
        self.info = runner.instance.info
        # Triggers, events and lifecycle flows of imported documents are not activated (language 9.3).
        self.flows: dict[str, Any] = {
            name: flow for name, flow in self.info.get("flows", {}).items() if not flow.get("document")
        }
        self.reactions = Reactions(runner.instance, self.flows, self._world_ms if world_ms is None else world_ms)
        self.named = named
        self.ends_at_failure = ends_at_failure
        self.has_lifecycle = named is None and ("on_tick" in self.flows or needs_ticks(self.info))
        self.starting: list[int] = []
        self.is_started = False
        self.flights: list[Flight] = []
        self.failures: list[Fault] = []
        self.events: deque[Event] = deque()
        self._runs = 0
        self._is_busy = False
        self._has_started_channels = False
        runner.instance.snapshots.sink = self._changed

    def _world_ms(self) -> float:
        return self.runner.now_ms

    # ------------------------------------------------------------------- ticks

    def tick(self) -> None:
        """One tick; the runner's status and value are those of the last run in it."""
        self._is_busy = True
        self.runner.instance.snapshots.begin_tick(is_idle=not self.flights)
        try:
            due = sorted(self.flights, key=lambda flight: flight.number)
            self._dispatch_waiting()
            self._main(due)
            if self.named is not None:
                return
            for flight in due:
                if self._is_over:
                    return
                if not flight.is_main and flight in self.flights:
                    self._continue(flight)
            self._start_triggered()
        finally:
            self._is_busy = False

    @property
    def _is_over(self) -> bool:
        return self.ends_at_failure and self.runner.status == "failed"

    def _main(self, due: list[Flight]) -> None:
        runner = self.runner
        main = next((flight for flight in due if flight.is_main and flight in self.flights), None)
        if main is not None:
            self._continue(main)
            return
        if not self.is_started:
            self.is_started = True
            if self.has_lifecycle:
                self._queue_start()
        runs = self._runs
        while self.starting and not self._has_main:
            failures = len(self.failures)
            self._start(self.starting.pop(0), None, is_main=True)
            if len(self.failures) > failures:
                # What comes after a start that failed does not run.
                self.starting.clear()
                return
        if not self._has_main:
            entry = self._tick_entry()
            if entry is not None:
                self._start(entry, None, is_main=True)
        if self._runs == runs and not self._is_over:
            runner.status, runner.value = "completed", None
            runner.scope = runner.instance.variables()

    @property
    def _has_main(self) -> bool:
        return any(flight.is_main for flight in self.flights)

    def _queue_start(self) -> None:
        for names in (("start", "on_initialize"), ("on_initialized",)):
            for name in names:
                if name in self.flows:
                    self.starting.append(int(self.flows[name]["unit"]))
                    break

    def _tick_entry(self) -> int | list[Start] | None:
        """What this tick starts when nothing is in flight: a unit, channels, or nothing."""
        if self.named is not None:
            return self.named
        if self.has_lifecycle and "on_tick" in self.flows:
            return int(self.flows["on_tick"]["unit"])
        if start.has_channels(self.info):
            return self._channels()
        unit = int(self.info.get("tick_entry", -1))
        if self.has_lifecycle and self.info.get("entry_by") != 2:
            # `start` has run already; the entry rules for ticks give what comes after it.
            unit = int(self.flows["main"]["unit"]) if "main" in self.flows else -1
        return unit if unit >= 0 else None

    def _channels(self) -> list[Start] | None:
        """The document's channels: in every tick of a lifecycle, else once."""
        if self._has_started_channels and not self.has_lifecycle:
            return None
        self._has_started_channels = True
        try:
            return start.declared(self.info)
        except FaultError as error:
            self.fail(error.fault)
            return None

    def stop(self) -> None:
        """The end of the instance: `on_stop` runs once, then nothing is in flight any more."""
        for flight in list(self.flights):
            self._end(flight)
        if self.has_lifecycle and self.is_started and "on_stop" in self.flows:
            self._start(int(self.flows["on_stop"]["unit"]), None, is_main=True)
            for flight in list(self.flights):
                self._end(flight)

    # -------------------------------------------------------------------- runs

    def _start(
        self,
        entry: int | list[Start],
        owner: str | None,
        *,
        is_main: bool = False,
        names: Mapping[str, Any] | None = None,
    ) -> None:
        """Start a run; `owner` is the flow with triggers whose run it is, `names` are locals of it."""
        runner = self.runner
        self._runs += 1
        runner.fault = None
        try:
            runner.instance.begin()
            runner.begin(entry, names)
        except FaultError as error:
            self.fail(error.fault)
            return
        self._go_on(self._runs, owner, is_main)

    def fail(self, fault: Fault) -> None:
        """A run that could not start counts as failed."""
        runner = self.runner
        runner.status, runner.fault, runner.value = "failed", fault, None
        runner.scope = runner.instance.variables()
        self.failures.append(fault)

    def _continue(self, flight: Flight, *, at_default: bool = False) -> None:
        self.flights.remove(flight)
        self.runner.fault = None
        if flight.is_cancelled:
            self.runner.instance.performer.abandon(flight.pending)
        self.runner.put_back(flight.state)
        if flight.is_cancelled:
            self.runner.cancel()
        elif at_default and isinstance(flight.state, Scheduler):
            flight.state.enter_default(str(flight.point))
        elif at_default:
            self.runner.machine.enter_default()
        self._go_on(flight.number, flight.owner, flight.is_main)

    def _go_on(self, number: int, owner: str | None, is_main: bool) -> None:
        """Resume the machine's run, and take it off when it has to wait."""
        runner = self.runner
        base = runner.instance.base
        is_own_code = runner.extension is None
        status = runner.resume()
        runner.settle(status)
        # A run that went to a flow with triggers is a run of that flow from now on.
        went = [name for name in self.reactions.triggers if is_own_code and base.went_to(int(self.flows[name]["unit"]))]
        if went:
            owner = base.flow if base.flow in went else went[-1]
            is_main = False
            for older in [flight for flight in self.flights if flight.owner in went]:
                self._end(older)
        if status == "suspended":
            self.flights.append(Flight(number, owner, is_main, runner.take_off()))
            return
        base.end_run()
        if status == "failed" and runner.fault is not None:
            self.failures.append(runner.fault)

    def _end(self, flight: Flight) -> None:
        """End a run in flight: no handler runs, nothing is reported."""
        self.flights.remove(flight)
        flight.drop(self.runner.instance.performer.abandon)

    def cancel(self) -> None:
        """Let every run fail with `cancelled`: the one in progress at once, those in flight when they go on."""
        if self._is_busy and self.runner.machine.is_active:
            self.runner.machine.cancel()
        for flight in self.flights:
            flight.is_cancelled = True

    # ------------------------------------------------------ triggers and events

    def _in_flight(self, name: str) -> bool:
        return any(flight.owner == name for flight in self.flights)

    def _start_triggered(self) -> None:
        for name in self.reactions.triggers:
            if self._is_over:
                return
            if not self._in_flight(name) and self.reactions.is_due(name):
                self._start(int(self.flows[name]["unit"]), name)

    def dispatch(self, event: Event) -> None:
        """Have an event handled: now, or in the order of arrival when something runs already."""
        self.events.append(event)
        if not self._is_busy:
            self._is_busy = True
            try:
                self._dispatch_waiting()
            finally:
                self._is_busy = False

    def _changed(self, entry: WatchEntry, change: ResourceChange) -> None:
        """A watched resource changed: the next dispatch tells the flow of the watch, or whoever handles it."""
        value = change_value(entry, change, self.runner.now_ms)
        event = Event(value["type"], value, entry.on_change)
        if event.flow is not None or self.reactions.accepts(event):
            self.events.append(event)

    def _dispatch_waiting(self) -> None:
        # What handlers dispatch meanwhile waits for the next time.
        for _ in range(len(self.events)):
            self._handle(self.events.popleft())

    def _handle(self, event: Event) -> None:
        """Start what an event starts; each handler is a run of its own."""
        if event.flow is not None:
            self._start_handler(event.flow, {"event": event.value, "perception": event.value})
            return
        handlers, triggered = self.reactions.to(event)
        names = {"event": event.value, "perception": event.value}
        for handler in handlers:
            self._start_handler(handler, names)
        for name in triggered:
            if not self._in_flight(name):
                self._start(int(self.flows[name]["unit"]), name, names=names)

    def _start_handler(self, handler: str, names: Mapping[str, Any]) -> None:
        """Run an event's handler, a flow or a channel."""
        from .runner import flow_unit

        channels = self.info.get("channels") or {}
        try:
            unit = int(channels[handler]["unit"]) if handler in channels else flow_unit(self.info, handler)
        except FaultError as error:
            self._runs += 1
            self.fail(error.fault)
            return
        self._start(unit, handler if handler in self.reactions.triggers else None, names=names)

    # ----------------------------------------------------- continuation points

    def waiting_at(self, point: str, now_ms: float) -> Flight | None:
        """The run that waits at a continuation point whose time is not over."""
        for flight in self.flights:
            if flight.point == point and (flight.wake_at is None or now_ms < flight.wake_at):
                return flight
        return None

    def enter_default(self, flight: Flight) -> None:
        """Let a run that waits at a continuation point go on with its default flow, at once."""
        self._continue(flight, at_default=True)
