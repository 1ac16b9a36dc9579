"""Leaf actions: variables, log, time and signals, domain actions, intents.

Each takes (fiber, action, scope, frame) and does its work at once, or returns
steps when it can wait; steps may end with an action list to run (`on_timeout`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from abml import values
from abml.syntax import ast
from abml.values import Duration

from .expressions import evaluate, interpolate, to_text
from .faults import FlowGoto, ReferenceFault
from .fiber import Fiber
from .instance import Frame, FrameNames, snapshot
from .scopes import Scope
from .targets import assign, do_assign, do_clear, do_increment, do_state_update

Steps = Generator[tuple[Any, ...], None, Any]
_PHYSICAL = ("action", "locomotion", "attention", "stance", "vocalization", "expression")
_LOGICAL = {
    "humanoid": ("combat", "movement", "interaction", "expression", "attention", "speech", "stance", "idle"),
    "creature": ("locomotion", "action", "social", "alert"),
    "vehicle": ("throttle", "steering", "signals", "systems"),
    "object": ("state", "timing", "feedback"),
    "environmental": ("intensity", "type", "direction", "mood"),
}


def _log(fiber: Fiber, action: ast.Log, scope: Scope, frame: Frame) -> None:
    names = FrameNames(frame, scope)
    message = action.message
    if isinstance(message, ast.Interpolation) and message.template is None:
        text = interpolate(message, names, keep_failing=True)
    else:
        text = to_text(evaluate(message, names))
    data = None if action.data is None else snapshot(evaluate(action.data, names))
    fiber.log({"level": action.level, "message": text, "data": data})


def _noop(fiber: Fiber, action: ast.Noop, scope: Scope, frame: Frame) -> None:
    return None


def _domain(fiber: Fiber, action: ast.Domain, scope: Scope, frame: Frame) -> None:
    names = FrameNames(frame, scope)
    params = {param.name: evaluate(param.value, names) for param in action.params}
    fiber.effect({"name": action.name, "params": snapshot(params), "channel": None})
    handler = fiber.handlers.get(action.name)
    value = None
    if handler is not None:
        try:
            value = snapshot(handler(snapshot(params)))
        except Exception as error:
            raise ReferenceFault("action_failed", str(error), {"type": type(error).__name__}) from None
    if action.result is not None:
        assign(frame, scope, action.result, value)


def _channel_name(fiber: Fiber, name: str) -> str:
    archetype = (fiber.program.root.document.metadata.archetype or "").lower()
    for known in (*_PHYSICAL, *_LOGICAL.get(archetype, ())):
        if known == name.lower():
            return known
    return name


def _emit_intent(fiber: Fiber, action: ast.EmitIntent, scope: Scope, frame: Frame) -> None:
    names = FrameNames(frame, scope)
    for one in action.intents:
        channel = one.channel.name
        if channel is None:
            assert one.channel.dynamic is not None
            channel = to_text(evaluate(one.channel.dynamic, names))
        name = evaluate(one.action, names)
        urgency = 1.0
        if one.urgency is not None:
            urgency = float(min(max(values.num(evaluate(one.urgency, names)), 0.0), 1.0))
        target = None if one.target is None else evaluate(one.target, names)
        position = None if one.position is None else evaluate(one.position, names)
        data = {} if one.data is None else dict(evaluate(one.data, names) or {})
        for extra in one.extra:
            data[extra.name] = evaluate(extra.value, names)
        record = {
            "channel": _channel_name(fiber, channel),
            "action": name,
            "urgency": urgency,
            "target": target,
            "position": position,
            "data": data,
            "flow": frame.flow_name,
        }
        fiber.intent(snapshot(record))


def _emit(fiber: Fiber, action: ast.Emit, scope: Scope, frame: Frame) -> None:
    names = FrameNames(frame, scope)
    name = action.signal.name
    if name is None:
        assert action.signal.dynamic is not None
        name = to_text(evaluate(action.signal.dynamic, names))
    payload = None if action.payload is None else evaluate(action.payload, names)
    fiber.signals.append(snapshot({"name": name, "payload": payload, "source": None}))
    fiber.mailbox.append({"name": name, "payload": payload, "source": None})


# ------------------------------------------------------------------- waiting


def micros_of(value: Any, unit: int = 1_000_000) -> int:
    """A duration field: durations, numbers of its unit, duration text."""
    if isinstance(value, Duration):
        return max(value.micros, 0)
    if isinstance(value, str):
        return values.parse_duration(value).micros
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ReferenceFault("type_error", "not a duration")
    return max(values.duration_from_seconds(value).micros * unit // 1_000_000, 0)


def _deadline(fiber: Fiber, expr: ast.Expr | None, names: FrameNames) -> int | None:
    return None if expr is None else fiber.micros + micros_of(evaluate(expr, names))


def _take(fiber: Fiber, address: ast.Address) -> dict[str, Any] | None:
    for place, entry in enumerate(fiber.mailbox):
        if entry["name"] == address.signal:
            return fiber.mailbox.pop(place)
    return None


def _wait(fiber: Fiber, action: ast.Wait, scope: Scope, frame: Frame) -> Steps:
    names = FrameNames(frame, scope)
    over = _deadline(fiber, action.duration, names)
    late = _deadline(fiber, action.timeout, names)
    while True:
        reason = None
        if isinstance(action.until, ast.Address):
            if _take(fiber, action.until) is not None:
                reason = "until"
        elif action.until is not None and values.truthy(evaluate(action.until, names)):
            reason = "until"
        if reason is None and over is not None and fiber.micros >= over:
            reason = "duration"
        if reason is None and late is not None and fiber.micros >= late:
            if action.on_timeout is None:
                raise ReferenceFault("wait_timeout", "the wait took too long")
            reason = "timeout"
        if reason is not None:
            scope.vars["_wait"] = {"reason": reason}
            return action.on_timeout if reason == "timeout" else None
        deadlines = [moment for moment in (over, late) if moment is not None]
        why = "signal" if isinstance(action.until, ast.Address) else "host"
        yield ("blocked", min(deadlines) if deadlines else None, why)


def _wait_for(fiber: Fiber, action: ast.WaitFor, scope: Scope, frame: Frame) -> Steps:
    names = FrameNames(frame, scope)
    late = _deadline(fiber, action.timeout, names)
    missing = list(action.addresses)
    taken: list[dict[str, Any]] = []
    while True:
        _collect(fiber, action.mode, missing, taken)
        if not missing or (taken and action.mode == "any_of"):
            scope.vars["_signal"] = taken[-1]
            scope.vars["_signals"] = taken
            return None
        if late is not None and fiber.micros >= late:
            if isinstance(action.on_timeout, ast.FlowRef):
                found = frame.instance.flow(action.on_timeout.name or "")
                if found is None:
                    raise ReferenceFault("flow_not_found", "no such flow")
                raise FlowGoto(found, {})
            if action.on_timeout is None:
                raise ReferenceFault("wait_timeout", "the signals did not come")
            return action.on_timeout
        yield ("blocked", late, "signal")


def _collect(fiber: Fiber, mode: str, missing: list[ast.Address], taken: list[dict[str, Any]]) -> None:
    """Take matching entries out of the mailbox, in mailbox order."""
    place = 0
    while place < len(fiber.mailbox) and missing:
        match = next((one for one in missing if one.signal == fiber.mailbox[place]["name"]), None)
        if match is None:
            place += 1
            continue
        taken.append(fiber.mailbox.pop(place))
        missing.remove(match)
        if mode == "any_of":
            return


def _continuation(fiber: Fiber, action: ast.ContinuationPoint, scope: Scope, frame: Frame) -> Steps:
    deadline = fiber.micros + micros_of(evaluate(action.timeout, FrameNames(frame, scope)), 1_000)
    while fiber.micros < deadline:
        yield ("blocked", deadline, "host")
    found = frame.instance.flow(action.default_flow.name or "")
    if found is None:
        raise ReferenceFault("flow_not_found", "no such flow")
    raise FlowGoto(found, {})


def _state_update(fiber: Fiber, action: ast.StateUpdate, scope: Scope, frame: Frame) -> None:
    do_state_update(action, scope, frame)


LEAVES: dict[type[ast.Action], Callable[[Fiber, Any, Scope, Frame], Steps | None]] = {
    ast.Assign: lambda fiber, action, scope, frame: do_assign(action, scope, frame),
    ast.Increment: lambda fiber, action, scope, frame: do_increment(action, scope, frame),
    ast.Clear: lambda fiber, action, scope, frame: do_clear(action, scope, frame),
    ast.StateUpdate: _state_update,
    ast.Log: _log,
    ast.Noop: _noop,
    ast.Domain: _domain,
    ast.EmitIntent: _emit_intent,
    ast.Emit: _emit,
    ast.Wait: _wait,
    ast.WaitFor: _wait_for,
    ast.ContinuationPoint: _continuation,
}
