"""`Actor`: an instance that lives by ticks of a host, as a world drives it (language 1.7, 1.8).

The host brings the time with every call; nothing here reads a clock or waits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from abml.compiler.bytecode.program import Program
from abml.errors import AbmlRuntimeError
from abml.result import Record

from .clock import VirtualClock
from .core.machine import FaultError
from .events import event_type, event_value
from .faults import Fault
from .host_values import HostValueError, from_host
from .instance import Instance
from .lifecycle import Lifecycle
from .questions import Question
from .random import default_seed
from .reactions import Event
from .runner import Runner, compile_condition, compile_template
from .scheduler.mailbox import Signal


class TickReport(NamedTuple):
    """What a tick or a dispatched event led to.

    Attributes:
        status: of the last run: `completed`, `failed` or `suspended`; `completed` when nothing ran.
        value: of the last run that completed.
        failures: errors of the runs that failed.
        extended: continuation points whose extension was entered.
    """

    status: str
    value: Any
    failures: tuple[Fault, ...] = ()
    extended: tuple[str, ...] = ()


class Records(NamedTuple):
    """What an actor did since the last time it was asked; see `abml.RunResult`."""

    logs: list[Record]
    effects: list[Record]
    intents: list[Record]
    signals: list[Record]


class Actor:
    """One actor of a program.

    Args:
        program: a verified program.
        now_ms: the VM clock at its creation, in milliseconds.
        world_ms: the time of the world in milliseconds since the epoch, for `time_range`
            and `schedule`; None: the VM clock.
        seed: of the random functions; None: the document's own or one of the system (12.2).
        waits: a tick waits in real time for coroutines of handlers and resources that a run
            awaits; False: each tick lets them go as far as they can, and other actors go on.
        options: further arguments of `Instance`.

    Raises:
        AbmlRuntimeError: a default, the configuration or a given value failed.

    Attributes:
        instance: variables, actions and questions.
        seed: gives the same random numbers again.

    Not safe for two threads at once. What handlers call from inside a tick
    (`dispatch_event`, `perceive`) takes effect after the run in progress.
    """

    def __init__(
        self,
        program: Program,
        *,
        now_ms: int | float = 0,
        world_ms: Callable[[], float] | None = None,
        seed: int | None = None,
        waits: bool = True,
        **options: Any,
    ) -> None:
        if seed is None:
            seed = default_seed(program.info.get("metadata") or {})
        options.setdefault("templates", compile_template)
        options.setdefault("conditions", compile_condition)
        try:
            self.instance = Instance(program, seed=seed, tick_mode=True, **options)
        except HostValueError as error:
            raise AbmlRuntimeError("type_error", f"a given value cannot be used: {error.message}") from error
        self.seed = seed
        self._clock = VirtualClock()
        self._clock.micros = round(now_ms * 1000)
        self._runner = Runner(self.instance, self._clock, seed, jumps=False, external_signals=True)
        self._life = Lifecycle(self._runner, None, ends_at_failure=False, world_ms=world_ms)
        self._perceived: list[Event] = []
        self._is_stopped = False
        self.instance.performer.waits = waits
        try:
            self.instance.create(now_ms)
        except FaultError as error:
            raise error.fault.to_exception() from None

    # ------------------------------------------------------------------- ticks

    @property
    def now_ms(self) -> int | float:
        """The VM clock."""
        return self._runner.now_ms

    def tick(self, now_ms: int | float) -> TickReport:
        """One tick: perceptions that wait, then the lifecycle or entry, runs in flight, triggers.

        Args:
            now_ms: the VM clock in milliseconds; it never goes back.
        """
        self.advance(now_ms)
        self.instance.performer.go_on()
        perceived, self._perceived = self._perceived, []
        self._life.events.extend(perceived)
        report = self._done(self._life.tick)
        self.instance.tick += 1
        return report

    def advance(self, now_ms: int | float) -> None:
        """Move the VM clock without a tick; it never goes back."""
        self._clock.advance_to(round(now_ms * 1000))
        self._runner.read_clock()
        self.instance.base.set_clock(self._runner.now_ms)
        self.instance.forget_provided(self._runner.micros)

    def _done(self, work: Callable[[], object]) -> TickReport:
        if self._is_stopped:
            return TickReport("completed", None)
        runner = self._runner
        runner.status, runner.value = "completed", None
        work()
        self.instance.performer.rest()
        failures, self._life.failures = self._life.failures, []
        entered, self.instance.entered = self.instance.entered, []
        return TickReport(runner.status, runner.value, tuple(failures), tuple(entered))

    def stop(self, now_ms: int | float) -> TickReport:
        """The end: runs in flight are dropped, `on_stop` runs once; later ticks do nothing."""
        self.advance(now_ms)
        report = self._done(self._life.stop)
        self.instance.snapshots.end_watches()
        self.instance.performer.end_coroutines()
        self._is_stopped = True
        return report

    def cancel(self) -> None:
        """Let all runs fail with `cancelled`: one in progress at once, those in flight at the next tick."""
        self._life.cancel()

    @property
    def is_waiting(self) -> bool:
        """A run is in flight."""
        return bool(self._life.flights)

    @property
    def wake_at(self) -> float | None:
        """The VM clock at which the first run in flight goes on by itself; None when only the outside can wake one."""
        times = [flight.wake_at for flight in self._life.flights if flight.wake_at is not None]
        return min(times, default=None)

    @property
    def runs(self) -> list[str | None]:
        """The runs in flight in the order in which they started, by the flow with triggers whose run it is."""
        return [flight.owner for flight in sorted(self._life.flights, key=lambda one: one.number)]

    # ------------------------------------------------------------------ events

    def dispatch_event(self, event: Mapping[str, Any]) -> TickReport:
        """Have an event handled now, without the perception filter (language 1.7).

        Args:
            event: `type`, and perhaps `source`, `urgency`, `timestamp` and `data`, the payload.

        Raises:
            AbmlRuntimeError: `argument_error`: it has no type or is no value of the language.
        """
        value = self._value(event)
        return self._done(lambda: self._life.dispatch(value))

    def perceive(self, perception: Mapping[str, Any]) -> bool:
        """Hand a perception over; False when the document's filter refuses it.

        An accepted one is dispatched at the beginning of the next tick.

        Raises:
            AbmlRuntimeError: as for `dispatch_event`.
        """
        value = self._value(perception)
        if self._is_stopped or not self._life.reactions.accepts(value):
            return False
        self._perceived.append(value)
        return True

    def _value(self, event: Mapping[str, Any]) -> Event:
        try:
            given = from_host(event, "the event")
        except HostValueError as error:
            raise AbmlRuntimeError("argument_error", error.message) from error
        kind = event_type(given) if isinstance(given, dict) else None
        if kind is None:
            raise AbmlRuntimeError("argument_error", "an event is a map with a text as its type")
        return Event(kind, event_value(given, self.now_ms))

    def signal(self, name: str, payload: Any = None, source: str | None = None) -> None:
        """Inject a signal into the mailboxes of all runs in flight; they go on at the next tick."""
        try:
            value = from_host(payload, "the payload")
        except HostValueError as error:
            raise AbmlRuntimeError("argument_error", error.message) from error
        most = self.instance.limits.max_mailbox
        for flight in self._life.flights:
            flight.deliver(Signal(name, value, source), most)

    # --------------------------------------------------------------- questions

    @property
    def questions(self) -> list[Question]:
        """Questions of `choice` and `qte` that nobody has answered yet."""
        return [one for one in self.instance.performer.questions.values() if one.pending.outcome is None]

    def answer(self, value: Any, question: int | None = None) -> None:
        """The player's answer, see `Performer.answer`; the run goes on at the next tick."""
        self.instance.performer.answer(value, question)

    # ----------------------------------------------------- continuation points

    @property
    def continuation_points(self) -> dict[str, float | None]:
        """Points at which a run waits, and the VM clock at which each enters its default flow."""
        return {flight.point: flight.wake_at for flight in self._life.flights if flight.point is not None}

    def register(self, point: str, extension: Program) -> None:
        """Enter an extension at every arrival at a point, in place of its default flow."""
        self.instance.extensions[point] = extension

    def inject(self, point: str, extension: Program) -> bool:
        """Give a waiting point its extension, which is entered at the next tick.

        Returns:
            Whether a run waits at the point now; else it is kept for the next arrival.
        """
        is_awaited = self._life.waiting_at(point, self.now_ms) is not None
        self.instance.injected[point] = extension
        return is_awaited

    def force_default(self, point: str | None = None) -> TickReport | None:
        """Let a run that waits at a point enter its default flow at once.

        Args:
            point: None: the only one that is waited at.

        Returns:
            None when no run waits there.
        """
        names = [point] if point is not None else [name for name in self.continuation_points]
        found = [flight for name in names if (flight := self._life.waiting_at(name, self.now_ms)) is not None]
        if not found:
            return None
        return self._done(lambda: self._life.enter_default(found[0]))

    # ------------------------------------------------------------------- state

    def options(self) -> dict[str, dict[str, Any]]:
        """What the actor could do now, by type (language 1.6)."""
        return self.instance.evaluate_options(self.now_ms)

    def variables(self) -> dict[str, Any]:
        """Given values and document variables; copies."""
        return self.instance.variables()

    def take_records(self) -> Records:
        """What happened since the last call."""
        instance, runner = self.instance, self._runner
        found = Records(instance.logs, instance.performer.effects, runner.intents, instance.signals)
        instance.logs, instance.performer.effects, runner.intents, instance.signals = [], [], [], []
        return found
