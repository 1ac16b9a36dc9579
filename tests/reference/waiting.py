"""`wait`, `wait_for`, `sync` and continuation points."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from abml import values
from abml.syntax import ast
from abml.values import Duration

from .expressions import evaluate, to_text
from .faults import FlowGoto, ReferenceFault
from .fiber import Fiber, Letter, Waiting
from .instance import Frame, FrameNames
from .scopes import Scope
from .tracks import branch_target

Steps = Generator[tuple[Any, ...], None, Any]


def micros_of(value: Any, unit: int = 1_000_000) -> int:
    """A duration field: durations, numbers of its unit, duration text."""
    if isinstance(value, str):
        return values.parse_duration(value).micros
    if isinstance(value, Duration):
        micros = value.micros
    elif isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ReferenceFault("type_error", "not a duration")
    else:
        micros = values.duration_from_seconds(value).micros * unit // 1_000_000
    if micros < 0:
        raise ReferenceFault("argument_error", "a duration below zero")
    return micros


def _deadline(fiber: Fiber, expr: ast.Expr | None, names: FrameNames) -> int | None:
    return None if expr is None else fiber.run.micros + micros_of(evaluate(expr, names))


def _limit(fiber: Fiber, late: int | None) -> int | None:
    """A wait without a time-out of its own has the host's, if there is one."""
    if late is None and fiber.run.wait_timeout is not None:
        return fiber.run.micros + fiber.run.wait_timeout
    return late


def _block(fiber: Fiber, wait: Waiting) -> Steps:
    """Give turns away until the wait is over."""
    fiber.waiting = wait
    try:
        while not wait.ready:
            fiber.gotos = 0
            fiber.entered = set()
            yield ("blocked",)
    finally:
        fiber.waiting = None


# -------------------------------------------------------------------- signals


class SignalWait(Waiting):
    """Letters that match addresses; `taken` are the ones already out of the mailbox."""

    def __init__(self, fiber: Fiber, addresses: list[ast.Address], mode: str, deadline: int | None) -> None:
        super().__init__(fiber, deadline)
        self.missing = list(addresses)
        self.mode = mode
        self.taken: list[dict[str, Any]] = []
        self.only_inside = not (fiber.run.external and any(one.channel is None for one in addresses))

    def look(self) -> None:
        mailbox = self.fiber.mailbox
        place = 0
        while not self.ready and place < len(mailbox):
            match = next((one for one in self.missing if self._fits(one, mailbox[place])), None)
            if match is None:
                place += 1
                continue
            self.taken.append(mailbox.pop(place).value)
            self.missing.remove(match)
            self.ready = self.mode == "any_of" or not self.missing

    def _fits(self, address: ast.Address, letter: Letter) -> bool:
        if address.signal != letter.value["name"]:
            return False
        if address.channel is not None:
            return address.channel in letter.senders
        # Any other channel; a run without channels has no other.
        return self.fiber.name is None or letter.value["source"] != self.fiber.name


def do_wait_for(fiber: Fiber, action: ast.WaitFor, scope: Scope, frame: Frame) -> Steps:
    names = FrameNames(frame, scope)
    late = _limit(fiber, _deadline(fiber, action.timeout, names))
    wait = SignalWait(fiber, action.addresses, action.mode, late)
    wait.look()
    yield from _block(fiber, wait)
    if wait.late:
        return _too_late(fiber, action.on_timeout, frame, scope)
    scope.vars["_signal"] = wait.taken[-1]
    scope.vars["_signals"] = wait.taken
    return None


def _too_late(
    fiber: Fiber, on_timeout: ast.ActionList | ast.FlowRef | None, frame: Frame, scope: Scope
) -> ast.ActionList:
    if on_timeout is None:
        raise ReferenceFault("wait_timeout", "it took too long")
    if isinstance(on_timeout, ast.FlowRef):
        jump = branch_target(on_timeout, frame, scope)
        fiber.transfer()
        raise jump
    return on_timeout


# ----------------------------------------------------------------------- wait


class ConditionWait(Waiting):
    """A condition, which is looked at when the run is resumed."""

    def resumed(self) -> None:
        self.ready = True


def do_wait(fiber: Fiber, action: ast.Wait, scope: Scope, frame: Frame) -> Steps:
    names = FrameNames(frame, scope)
    over = _deadline(fiber, action.duration, names)
    late = _deadline(fiber, action.timeout, names)
    if over is None:
        late = _limit(fiber, late)
    if isinstance(action.until, ast.Address):
        reason = yield from _until_signal(fiber, action.until, over, late)
    else:
        reason = yield from _until(fiber, action.until, names, over, late)
    if reason == "timeout" and action.on_timeout is None:
        raise ReferenceFault("wait_timeout", "the wait took too long")
    scope.vars["_wait"] = {"reason": reason}
    return action.on_timeout if reason == "timeout" else None


def _earlier(over: int | None, late: int | None) -> int | None:
    moments = [moment for moment in (over, late) if moment is not None]
    return min(moments) if moments else None


def _by_time(fiber: Fiber, over: int | None) -> str:
    return "duration" if over is not None and fiber.run.micros >= over else "timeout"


def _until_signal(fiber: Fiber, address: ast.Address, over: int | None, late: int | None) -> Steps:
    wait = SignalWait(fiber, [address], "all_of", _earlier(over, late))
    wait.look()
    yield from _block(fiber, wait)
    return _by_time(fiber, over) if wait.late else "until"


def _until(fiber: Fiber, until: ast.Expr | None, names: FrameNames, over: int | None, late: int | None) -> Steps:
    deadline = _earlier(over, late)
    while True:
        if until is not None and values.truthy(evaluate(until, names)):
            return "until"
        if deadline is not None and fiber.run.micros >= deadline:
            return _by_time(fiber, over)
        yield from _block(fiber, Waiting(fiber, deadline) if until is None else ConditionWait(fiber, deadline))


# -------------------------------------------------------------------- barrier


class BarrierWait(Waiting):
    """A channel that has arrived at a barrier."""

    only_inside = True


def do_sync(fiber: Fiber, action: ast.Sync, scope: Scope, frame: Frame) -> Steps:
    late = _limit(fiber, _deadline(fiber, action.timeout, FrameNames(frame, scope)))
    if not fiber.run.channels:
        return None
    wait = BarrierWait(fiber, late)
    barriers = fiber.run.barriers
    barriers.arrive(action.point, action.participants, wait)
    try:
        yield from _block(fiber, wait)
    finally:
        barriers.leave(action.point, wait)
    if wait.late:
        return _too_late(fiber, action.on_timeout, frame, scope)
    return None


# --------------------------------------------------------- continuation points


def do_continuation(fiber: Fiber, action: ast.ContinuationPoint, scope: Scope, frame: Frame) -> Steps:
    deadline = fiber.run.micros + micros_of(evaluate(action.timeout, FrameNames(frame, scope)), 1_000)
    extension = fiber.run.extensions.get(action.point)
    if extension is not None:
        raise FlowGoto(fiber.run.program.extension_entry(extension), {})
    if fiber.run.micros < deadline:
        yield from _block(fiber, Waiting(fiber, deadline))
    reference = action.default_flow.name
    if reference is None:
        assert action.default_flow.dynamic is not None
        reference = to_text(evaluate(action.default_flow.dynamic, FrameNames(frame, scope)))
    found = frame.instance.flow(reference)
    if found is None:
        raise ReferenceFault("flow_not_found", "no such flow")
    raise FlowGoto(found, {})
