"""Leaf actions: variables, log, signals sent, domain actions, intents.

Each takes (fiber, action, scope, frame) and does its work at once, or returns
steps when it can wait; steps may end with an action list to run (`on_timeout`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from abml import values
from abml.syntax import ast

from .expressions import evaluate, interpolate, to_text
from .faults import ReferenceFault
from .fiber import Fiber
from .instance import Frame, FrameNames, snapshot
from .scopes import Scope
from .targets import assign, do_assign, do_clear, do_increment, do_state_update
from .waiting import do_continuation, do_sync, do_wait, do_wait_for

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
    fiber.run.log({"level": action.level, "message": text, "data": data})


def _noop(fiber: Fiber, action: ast.Noop, scope: Scope, frame: Frame) -> None:
    return None


def _domain(fiber: Fiber, action: ast.Domain, scope: Scope, frame: Frame) -> None:
    names = FrameNames(frame, scope)
    params = {param.name: evaluate(param.value, names) for param in action.params}
    fiber.run.effect({"name": action.name, "params": snapshot(params), "channel": fiber.name})
    handler = fiber.run.handlers.get(action.name)
    value = None
    shelf = fiber.run.machine.shelf
    if shelf is not None and action.name == "load_snapshot":
        shelf.load(params)
    elif shelf is not None and action.name == "prefetch_snapshots":
        told = shelf.prefetch(params)
        if told is not None:
            fiber.run.log({"level": "debug", "message": told, "data": None})
    if handler is not None:
        try:
            value = snapshot(handler(snapshot(params)))
        except Exception as error:
            raise ReferenceFault("action_failed", str(error), {"type": type(error).__name__}) from None
    if action.result is not None:
        assign(frame, scope, action.result, value)


def _channel_name(fiber: Fiber, name: str) -> str:
    archetype = (fiber.run.program.root.document.metadata.archetype or "").lower()
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
        fiber.run.intent(snapshot(record))


def _emit(fiber: Fiber, action: ast.Emit, scope: Scope, frame: Frame) -> None:
    names = FrameNames(frame, scope)
    name = action.signal.name
    if name is None:
        assert action.signal.dynamic is not None
        name = to_text(evaluate(action.signal.dynamic, names))
    payload = None if action.payload is None else evaluate(action.payload, names)
    fiber.run.signals.append(snapshot({"name": name, "payload": payload, "source": fiber.name}))
    fiber.run.deliver(name, payload, fiber)


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
    ast.Wait: do_wait,
    ast.WaitFor: do_wait_for,
    ast.Sync: do_sync,
    ast.ContinuationPoint: do_continuation,
}
