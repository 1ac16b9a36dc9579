"""One action on its way to the host: `Action`, `ActionContext`, and the outcomes.

An outcome is `Done`, `Pending` or `Failed`; `Denied` and `Unhandled` are kinds
of `Done` for those who care about the difference.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from abml.source import Span
from abml.vm.faults import ActionError, Fault, HostFault
from abml.vm.host_values import HostValueError, from_host, to_host
from abml.vm.protocols import LogHook, ReadHook, WriteHook
from abml.vm.random import Random

if TYPE_CHECKING:
    from asyncio import Future

Origin = Literal["behavior", "drive", "directive", "plan"]
ORIGINS: tuple[Origin, ...] = ("behavior", "drive", "directive", "plan")


class Action(NamedTuple):
    """What somebody wants done. Handlers must not act differently for different origins.

    Attributes:
        name: as the document wrote it, dotted names whole.
        params: deep copies, in declaration order; the handler may keep and change them.
        actor_id: who acts; None for a plain run.
        origin: who asked: the behavior itself, a driving human, a strategic directive, a plan.
        tick: count of ticks of the actor, 0 for a plain run.
        flow: qualified name of the flow that asked.
        channel: name of its channel; None without channels.
        subject: the entity bound to the first segment of a dotted name.
    """

    name: str
    params: dict[str, Any]
    actor_id: str | None = None
    origin: Origin = "behavior"
    tick: int = 0
    flow: str | None = None
    channel: str | None = None
    subject: Any = None


def _no_variable(name: str) -> Any:
    return None


def _no_write(name: str, value: Any) -> None:
    raise ActionError(f"there is no scope to set '{name}' in")


def _no_log(level: str, message: str, data: Any) -> None:
    """The log of a context without one."""


def _no_handler(name: str) -> Handler | None:
    return None


class ActionContext:
    """What a handler gets beside the action. Valid during the call and, for `async` handlers, until they end.

    Attributes:
        action: the action itself.
        now_ms: the VM clock in milliseconds.
        random: the generator of the actor; what a handler draws, the program does not draw again.
        actor: the host's own view of the actor, when it has one.
        runtime: what the runtime itself does under an action's name, where the host has no
            handler of that name.
    """

    __slots__ = ("action", "now_ms", "actor", "runtime", "_random", "_read", "_write", "_log")

    def __init__(
        self,
        action: Action,
        *,
        now_ms: int = 0,
        random: Random | None = None,
        read: ReadHook = _no_variable,
        write: WriteHook = _no_write,
        log: LogHook = _no_log,
        actor: Any = None,
        runtime: Callable[[str], Handler | None] = _no_handler,
    ) -> None:
        self.action = action
        self.now_ms = now_ms
        self._random = random
        self.actor = actor
        self.runtime = runtime
        self._read = read
        self._write = write
        self._log = log

    @property
    def random(self) -> Random:
        """The generator of the actor; one with seed 0 when there is no actor."""
        # Seeding costs more than all the rest of a dispatch, and few handlers draw.
        if self._random is None:
            self._random = Random(0)
        return self._random

    @property
    def name(self) -> str:
        """The action's name."""
        return self.action.name

    @property
    def actor_id(self) -> str | None:
        """Who acts."""
        return self.action.actor_id

    @property
    def tick(self) -> int:
        """The actor's count of ticks."""
        return self.action.tick

    @property
    def flow(self) -> str | None:
        """The flow that asked."""
        return self.action.flow

    @property
    def channel(self) -> str | None:
        """The channel that asked."""
        return self.action.channel

    def get(self, name: str) -> Any:
        """A copy of the value that a name has for the asking flow; None when nothing defines it."""
        return to_host(self._read(name))

    def set(self, name: str, value: Any) -> None:
        """Assign a variable by the rule of the action `set`; the value is copied.

        Raises:
            HostValueError: it is no value of the language.
        """
        self._write(name, from_host(value, name))

    def log(self, message: str, level: str = "info", data: Any = None) -> None:
        """Add a record to the log of the run (levels `debug info warning error`)."""
        self._log(level, str(message), from_host(data, "data"))


Handler = Callable[[Action, ActionContext], Any]
"""`handler(action, context)`: gives a value, None, an outcome, or a coroutine of one."""


class Done:
    """The action is finished.

    Attributes:
        value: what it gave, a plain value that nobody else holds.
    """

    __slots__ = ("value",)
    status = "done"

    def __init__(self, value: Any = None) -> None:
        self.value = value

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value!r})"


class Denied(Done):
    """A gate refused it. The program goes on with null; `_gate` becomes `gate_map()`.

    Attributes:
        action: name of the refused action.
        reason: why, or None.
    """

    __slots__ = ("action", "reason")

    def __init__(self, action: str, reason: str | None = None) -> None:
        super().__init__(None)
        self.action = action
        self.reason = reason

    def gate_map(self) -> dict[str, Any]:
        """The value of the variable `_gate`."""
        made: dict[str, Any] = {"denied": True, "action": self.action}
        if self.reason is not None:
            made["reason"] = self.reason
        return made


class Unhandled(Done):
    """Nobody handles the action. It counts as done, unless the program waits for an answer.

    Attributes:
        is_recorded: the policy is `record`: the host wants to see it among the effects.
    """

    __slots__ = ("is_recorded",)

    def __init__(self, is_recorded: bool) -> None:
        super().__init__(None)
        self.is_recorded = is_recorded


class Failed:
    """The action failed.

    Attributes:
        kind: a runtime error kind, mostly `action_failed`.
        message: one sentence.
        type_name: class name of the handler's exception; None when there was none.
        extra: further keys of `_error`.
    """

    __slots__ = ("kind", "message", "type_name", "extra")
    status = "failed"

    def __init__(
        self, kind: str, message: str, type_name: str | None = None, extra: Mapping[str, Any] | None = None
    ) -> None:
        self.kind = kind
        self.message = message
        self.type_name = type_name
        self.extra: dict[str, Any] = dict(extra or {})

    def __repr__(self) -> str:
        return f"Failed({self.kind!r}, {self.message!r})"

    def to_fault(self, action: Action, span: Span | None = None) -> Fault:
        """The error that is raised in the flow that asked."""
        return Fault(
            self.kind, self.message, action.flow, action.name, action.channel, span, self.type_name, self.extra
        )


class Pending:
    """The answer comes later. One party settles it, any number may listen.

    Attributes:
        token: what the handler or gate knows it by.
        action: name of the action, once a program waits for its answer.
        awaitable: the coroutine of an `async` handler; somebody has to run it
            (`finish`) or close it (`cancel`).
        task: what runs the coroutine, when an event loop does.
        outcome: None until it is settled, then `Done` or `Failed`.
    """

    __slots__ = ("token", "action", "awaitable", "task", "outcome", "_listeners")
    status = "pending"

    def __init__(self, token: Any = None, awaitable: Awaitable[Any] | None = None) -> None:
        self.token = token
        self.action: str | None = None
        self.awaitable = awaitable
        self.task: Future[Any] | None = None
        self.outcome: Done | Failed | None = None
        self._listeners: list[Callable[[Done | Failed], object]] = []

    @property
    def is_running(self) -> bool:
        """There is a coroutine whose end nobody has seen."""
        return self.outcome is None and (self.awaitable is not None or self.task is not None)

    def on_settled(self, listener: Callable[[Done | Failed], object]) -> None:
        """Call `listener` with the outcome, at once when it is there already."""
        if self.outcome is not None:
            listener(self.outcome)
        else:
            self._listeners.append(listener)

    def settle(self, outcome: Outcome) -> bool:
        """Give the outcome; a pending one is followed. False when there is one already: the first stays."""
        if self.outcome is not None:
            return False
        if isinstance(outcome, Pending):
            # A coroutine runs once: whoever has this one in hand runs it for both.
            if self.awaitable is None:
                self.awaitable, outcome.awaitable = outcome.awaitable, None
            outcome.on_settled(self.settle)
            return True
        self.outcome = outcome
        listeners, self._listeners = self._listeners, []
        for listener in listeners:
            listener(outcome)
        return True

    def answer(self, value: Any = None) -> bool:
        """Settle with a value of the host, which is copied and checked."""
        return self.settle(checked(value))

    def fail(self, message: str, /, **extra: Any) -> bool:
        """Settle with `action_failed`."""
        return self.settle(failure(ActionError(message, **extra)))

    def cancel(self) -> None:
        """Nobody waits any more: a coroutine is closed, a later outcome is dropped."""
        close = getattr(self.awaitable, "close", None) or getattr(self.awaitable, "cancel", None)
        if close is not None:
            close()
        self.awaitable = None
        if self.task is not None:
            self.task.cancel()
        self.settle(Failed("cancelled", "nobody waits for the action any more"))


Outcome = Done | Pending | Failed


def checked(value: Any) -> Outcome:
    """The outcome of what a handler gave: an outcome itself, an awaitable, or a value to copy."""
    if value is None:
        return Done(None)
    if isinstance(value, Pending):
        return value
    if isinstance(value, Failed):
        return value
    if isinstance(value, (Denied, Unhandled)):
        return value
    if isinstance(value, Done):
        value = value.value
    if hasattr(value, "__await__"):
        return Pending(awaitable=value)
    try:
        return Done(from_host(value, "the result"))
    except HostValueError as error:
        return Failed("action_failed", error.message, type(error).__name__)


def failure(error: BaseException) -> Failed:
    """The failure that an exception of a handler stands for."""
    if isinstance(error, ActionError):
        extra: dict[str, Any] = {}
        for key, value in error.extra.items():
            try:
                extra[key] = from_host(value, key)
            except HostValueError as wrong:
                extra[key] = f"({wrong.message})"
        return Failed("action_failed", str(error.message), type(error).__name__, extra)
    if isinstance(error, HostFault):
        return Failed(error.kind, error.message, error.type_name, error.extra)
    name = type(error).__name__
    try:
        message = str(error)
    except Exception:
        message = ""
    return Failed("action_failed", message or name, name)


def perform(handler: Handler, action: Action, context: ActionContext) -> Outcome:
    """Call a handler; whatever it does becomes an outcome. Interrupts of the process pass through."""
    try:
        return checked(handler(action, context))
    except Exception as error:
        return failure(error)


async def settled(pending: Pending) -> Done | Failed:
    """Run the coroutine of a pending action to its end, and settle it."""
    while pending.outcome is None and pending.awaitable is not None:
        awaitable, pending.awaitable = pending.awaitable, None
        try:
            outcome = checked(await awaitable)
        except Exception as error:
            outcome = failure(error)
        pending.settle(outcome)
    if pending.outcome is None:
        return Failed("action_failed", "the action ended without an answer")
    return pending.outcome


def finish(pending: Pending) -> Done | Failed:
    """`settled` for callers without an event loop: runs one of its own until the coroutine has ended."""
    import asyncio

    return asyncio.run(settled(pending))
