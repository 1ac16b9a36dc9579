"""Ticks of one instance: lifecycle flows, triggers, events, runs in flight (language 1.7, 1.8)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from abml.values import truthy

from . import schedules
from .core.machine import FaultError
from .events import event_type, handler_names, matches
from .extension import Extension
from .faults import Fault
from .scheduler import start
from .scheduler.channels import Scheduler, Start
from .scheduler.mailbox import Signal, post

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


class Flight:
    """A suspended run.

    Attributes:
        number: runs are counted as they start; the order in which they go on.
        owner: the flow with triggers whose run it is; None for any other.
        is_main: it is the run that a tick resumes instead of starting another.
        state: what the runner puts back.
        is_cancelled: it fails when it goes on.
    """

    __slots__ = ("number", "owner", "is_cancelled", "is_main", "state")

    def __init__(self, number: int, owner: str | None, is_main: bool, state: Any) -> None:
        self.number = number
        self.owner = owner
        self.is_main = is_main
        self.is_cancelled = False
        self.state = state

    @property
    def point(self) -> str | None:
        """The continuation point at which it waits."""
        state = self.state
        if isinstance(state, Scheduler):
            return state.point
        if isinstance(state, Extension):
            waits = state.machine.reason == "continuation"
            return str(state.machine.pending) if waits else None
        return str(state["pending"]) if state["reason"] == "continuation" else None

    @property
    def wake_at(self) -> float | None:
        """When it goes on by itself."""
        state = self.state
        if isinstance(state, Scheduler):
            return state.wake_at
        found: float | None = state.machine.wake_at if isinstance(state, Extension) else state["wake_at"]
        return found

    def deliver(self, signal: Signal, most: int) -> None:
        """Put a signal into the run's mailbox, which holds so many; the oldest make room."""
        state = self.state
        if isinstance(state, Scheduler):
            state.deliver(signal)
        elif isinstance(state, Extension):
            state.machine.deliver(signal.name, signal.payload, signal.source)
        else:
            post(state["mailbox"], signal, most)

    @property
    def pending(self) -> Any:
        """Token of the action it awaits; a run of several fibers looks after its own."""
        state = self.state
        if isinstance(state, Scheduler):
            return None
        return state.machine.pending if isinstance(state, Extension) else state["pending"]

    def drop(self, abandon: Callable[[Any], None]) -> None:
        """The run is over; `abandon` ends the action that it awaits."""
        state = self.state
        if isinstance(state, Scheduler):
            state.drop()
        else:
            abandon(self.pending)


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
        self.triggers = {name: flow["triggers"] for name, flow in self.flows.items() if flow.get("triggers")}
        self.named = named
        self.ends_at_failure = ends_at_failure
        self.world_ms = world_ms
        self.has_lifecycle = named is None and ("on_tick" in self.flows or needs_ticks(self.info))
        self.starting: list[int] = []
        self.is_started = False
        self.flights: list[Flight] = []
        self.failures: list[Fault] = []
        self.events: deque[dict[str, Any]] = deque()
        self._runs = 0
        self._is_busy = False
        self._has_started_channels = False
        # Trigger -> the minute in which its schedule last started something.
        self._fired: dict[tuple[str, int], int] = {}
        self._patterns: dict[int, Any] = {}

    # ------------------------------------------------------------------- ticks

    def tick(self) -> None:
        """One tick; the runner's status and value are those of the last run in it."""
        self._is_busy = True
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
        went = [name for name in self.triggers if is_own_code and base.went_to(int(self.flows[name]["unit"]))]
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

    # ---------------------------------------------------------------- triggers

    def _start_triggered(self) -> None:
        now = None
        for name, triggers in self.triggers.items():
            if self._is_over:
                return
            for index, trigger in enumerate(triggers):
                if trigger.get("event") is not None or self._in_flight(name):
                    continue
                now = now if now is not None else self._moment()
                if self._holds(name, index, trigger, now):
                    self._start(int(self.flows[name]["unit"]), name)
                    break

    def _in_flight(self, name: str) -> bool:
        return any(flight.owner == name for flight in self.flights)

    def _moment(self) -> schedules.Moment:
        return schedules.moment(self.runner.now_ms if self.world_ms is None else self.world_ms())

    def _holds(self, name: str, index: int, trigger: Mapping[str, Any], now: schedules.Moment) -> bool:
        """Whether everything but the event of a trigger holds; a schedule that does counts as used for its minute."""
        if trigger.get("time_range"):
            limits = schedules.time_range(trigger["time_range"])
            if limits is None or not schedules.in_range(limits, now):
                return False
        key = (name, index)
        if trigger.get("schedule"):
            schedule = schedules.schedule(trigger["schedule"])
            if schedule is None or not schedule.holds(now) or self._fired.get(key) == now.number:
                return False
        if not self._truth(trigger.get("condition", -1), "a trigger's condition"):
            return False
        if trigger.get("schedule"):
            self._fired[key] = now.number
        return True

    def _truth(self, unit: Any, what: str) -> bool:
        """Truth of a condition; one that raises is false and told about, one that is not there is true."""
        if not isinstance(unit, int) or unit < 0:
            return True
        try:
            return truthy(self.runner.instance.base.call(unit))
        except FaultError as error:
            self.runner.instance.warn(error.fault.kind, f"{what} failed: {error.fault.message}")
            return False

    # ------------------------------------------------------------------ events

    def accepts(self, event: Mapping[str, Any]) -> bool:
        """Whether the document's perception filter lets an event through."""
        entries = self.info.get("perception_filter")
        if entries is None:
            return True
        kind = event_type(event)
        with_event = self._with_event(event)
        try:
            return kind is not None and any(
                matches(entry["pattern"], kind)
                and all(self._truth(unit, "a check of the perception filter") for unit in entry["conditions"])
                for entry in entries
            )
        finally:
            with_event()

    def _with_event(self, event: Mapping[str, Any]) -> Callable[[], None]:
        """Bind `event` and `perception` for conditions; what comes back unbinds them."""
        ambient = self.runner.instance.ambient
        before = dict(ambient)
        ambient["event"] = ambient["perception"] = event

        def restore() -> None:
            ambient.clear()
            ambient.update(before)

        return restore

    def dispatch(self, event: dict[str, Any]) -> None:
        """Have an event handled: now, or in the order of arrival when something runs already."""
        self.events.append(event)
        if not self._is_busy:
            self._is_busy = True
            try:
                self._dispatch_waiting()
            finally:
                self._is_busy = False

    def _dispatch_waiting(self) -> None:
        # What handlers dispatch meanwhile waits for the next time.
        for _ in range(len(self.events)):
            self._handle(self.events.popleft())

    def _handle(self, event: dict[str, Any]) -> None:
        kind = event_type(event)
        if kind is None:
            return
        restore = self._with_event(event)
        try:
            handlers = [
                item["handler"]
                for number, item in enumerate(self.info.get("events") or ())
                if matches(self._pattern(number, item["pattern"]), kind)
                and self._truth(item["condition"], "the condition of an event handler")
            ]
            now = self._moment() if self.triggers else None
            triggered = [] if now is None else [name for name in self.triggers if self._is_triggered(name, kind, now)]
        finally:
            restore()
        if not handlers:
            # A flow that its own trigger starts is not started twice.
            implicit = next((name for name in handler_names(kind) if name in self.flows), None)
            if implicit is not None and implicit not in triggered:
                handlers.append(implicit)
        names = {"event": event, "perception": event}
        for handler in handlers:
            self._start_handler(handler, names)
        for name in triggered:
            if not self._in_flight(name):
                self._start(int(self.flows[name]["unit"]), name, names=names)

    def _is_triggered(self, name: str, kind: str, now: schedules.Moment) -> bool:
        return not self._in_flight(name) and any(
            trigger.get("event") is not None
            and matches(trigger["event"], kind)
            and self._holds(name, index, trigger, now)
            for index, trigger in enumerate(self.triggers[name])
        )

    def _pattern(self, number: int, pattern: Any) -> str:
        """A pattern as text; one with expressions is evaluated once."""
        if isinstance(pattern, str):
            return pattern
        if number not in self._patterns:
            try:
                value = self.runner.instance.base.call(pattern["unit"])
            except FaultError as error:
                self.runner.instance.warn(error.fault.kind, f"the pattern of an event failed: {error.fault.message}")
                value = None
            self._patterns[number] = value if isinstance(value, str) else ""
        found: str = self._patterns[number]
        return found

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
        self._start(unit, handler if handler in self.triggers else None, names=names)

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
