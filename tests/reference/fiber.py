"""What a run carries along (clock, records, limits) and what each of its fibers does."""

from __future__ import annotations

from typing import Any

from abml.syntax import ast

from .expressions import Machine
from .faults import ReferenceFault
from .instance import Program
from .scopes import Scope


class Run:
    """One run: its program, its clock and the records it leaves.

    Attributes:
        fibers: one per channel, in order; a single nameless one without channels.
        channels: the run has channels.
        extensions: programs for continuation points, by the name of the point.
        by_ticks: the host drives the run by ticks.
    """

    def __init__(
        self,
        program: Program,
        handlers: dict[str, Any],
        limits: dict[str, int],
        extensions: dict[str, ast.Document] | None = None,
    ) -> None:
        self.program = program
        self.machine: Machine = program.machine
        self.handlers = handlers
        self.extensions = extensions or {}
        self.max_gotos = limits.get("max_gotos", 10_000)
        self.max_log_entries = limits.get("max_log_entries", 10_000)
        self.max_intents = limits.get("max_intents", 10_000)
        self.max_effects = limits.get("max_effects", 10_000)
        self.max_cycles = limits.get("max_channel_cycles", 10_000)
        self.max_mailbox = limits.get("max_mailbox", 256)
        self.wait_timeout = limits.get("wait_timeout")
        self.global_timeout = limits.get("global_timeout")
        self.fibers: list[Fiber] = []
        self.channels = False
        self.by_ticks = False
        self.external = False
        self.micros = self.machine.now_ms * 1000
        self.logs: list[dict[str, Any]] = []
        self.effects: list[dict[str, Any]] = []
        self.intents: list[dict[str, Any]] = []
        self.signals: list[dict[str, Any]] = []
        self.machine.on_warning = lambda kind, message: self.log(
            {"level": "warn", "message": message, "data": None, "warning": kind}
        )

    def log(self, record: dict[str, Any]) -> None:
        self.logs.append(record)
        if len(self.logs) > self.max_log_entries:
            del self.logs[0]

    def effect(self, record: dict[str, Any]) -> None:
        if len(self.effects) >= self.max_effects:
            raise ReferenceFault("limit_exceeded", "too many effects")
        self.effects.append(record)

    def intent(self, record: dict[str, Any]) -> None:
        if len(self.intents) >= self.max_intents:
            raise ReferenceFault("limit_exceeded", "too many intents")
        record["order"] = len(self.intents)
        self.intents.append(record)

    def jump(self, micros: int) -> None:
        """Move the virtual clock to a later moment."""
        self.micros = max(self.micros, micros)
        self.machine.now_ms = self.micros // 1000

    def deliver(self, name: str, payload: Any, sender: Fiber) -> None:
        """Put a signal into every mailbox and wake who waits for it."""
        for fiber in self.fibers:
            if fiber.done:
                continue
            entry = Letter({"name": name, "payload": payload, "source": sender.name}, sender.names())
            fiber.mailbox.append(entry)
            if len(fiber.mailbox) > self.max_mailbox:
                del fiber.mailbox[0]
                self.machine.warn("limit_exceeded", "a mailbox is full; its oldest signal is dropped")
            for wait in fiber.waits():
                wait.look()


class Letter:
    """An entry of a mailbox: the value a wait gives, and the names of the channel it came from."""

    def __init__(self, value: dict[str, Any], senders: tuple[str, ...]) -> None:
        self.value = value
        self.senders = senders


class Fiber:
    """One thread of execution: the one of a plain run, a channel, or an arm of `parallel`.

    Attributes:
        scope: run scope or channel scope.
        name: the channel it is, None in a run without channels.
        code: the channel whose code it runs, when it went there by `branch`.
        mailbox: letters, the oldest first; arms share it.
        waiting: what it waits for at the moment.
        arms: fibers of the `parallel` it is in.
        acting: a leaf action of this turn is in progress.
        handling: the document's handler runs for it.
        entered: flows it entered since its last suspension.
    """

    def __init__(self, run: Run, scope: Scope, name: str | None = None) -> None:
        self.run = run
        self.scope = scope
        self.name = name
        self.code: str | None = None
        self.mailbox: list[Letter] = []
        self.waiting: Waiting | None = None
        self.arms: list[Fiber] = []
        self.acting = False
        self.handling = False
        self.done = False
        self.result: Any = None
        self.gotos = 0
        self.depth = 1
        self.entered: set[Any] = set()

    def arm(self) -> Fiber:
        """A fiber for an arm: the same identity and mailbox."""
        made = Fiber(self.run, self.scope, self.name)
        made.code, made.mailbox, made.depth = self.code, self.mailbox, self.run.machine.depth
        made.handling = self.handling
        return made

    def transfer(self) -> None:
        """Count a transfer."""
        self.gotos += 1
        if self.gotos > self.run.max_gotos:
            raise ReferenceFault("limit_exceeded", "too many gotos")

    def names(self) -> tuple[str, ...]:
        """The names its signals are addressed by."""
        return tuple(name for name in (self.name, self.code) if name is not None)

    def waits(self) -> list[Waiting]:
        """Everything it waits for, arms included, in order."""
        own = [] if self.waiting is None else [self.waiting]
        return own + [wait for arm in self.arms if not arm.done for wait in arm.waits()]

    def ready(self) -> bool:
        """It can go on."""
        if self.done:
            return False
        if self.arms:
            return any(arm.ready() for arm in self.arms)
        return self.waiting is None or self.waiting.ready

    def step(self, steps: Any) -> str:
        """One turn: "turn", "blocked" or "done"."""
        machine = self.run.machine
        outside, machine.depth = machine.depth, self.depth
        self.acting = False
        try:
            return next(steps)[0]  # type: ignore[no-any-return]
        except StopIteration as end:
            self.done, self.result = True, end.value
            return "done"
        finally:
            self.depth, machine.depth = machine.depth, outside


class Waiting:
    """What a fiber waits for; time alone, unless a subclass knows more.

    Attributes:
        deadline: moment in microseconds at which it is late, or None.
        ready: the fiber can go on.
        late: because the time was over.
        only_inside: nothing but the run's own channels can end it (a signal, a barrier).
    """

    only_inside = False

    def __init__(self, fiber: Fiber, deadline: int | None) -> None:
        self.fiber = fiber
        self.deadline = deadline
        self.ready = False
        self.late = False

    def look(self) -> None:
        """A signal came."""

    def resumed(self) -> None:
        """The run goes on after a suspension."""

    def expire(self) -> None:
        """The start of a cycle: the time may be over."""
        if not self.ready and self.deadline is not None and self.fiber.run.micros >= self.deadline:
            self.ready = self.late = True
