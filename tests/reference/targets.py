"""Assignments: `set`, `local`, `global`, `increment`, `clear`, `state_update`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from abml import values
from abml.syntax import ast

from .expressions import evaluate
from .faults import ReferenceFault
from .instance import Frame, FrameNames, is_text, take_text
from .scopes import (
    ChannelScope,
    DocumentScope,
    Scope,
    channel_scope,
    key_text,
    own_view,
    position,
    read_below,
    store,
)

_COMPOUND: dict[str, Callable[[Any, Any], Any]] = {
    "+=": values.add,
    "-=": values.subtract,
    "*=": values.multiply,
    "/=": values.divide,
}


def _holder(frame: Frame, scope: Scope, name: str, mode: str) -> Scope:
    """The scope an assignment of a plain name writes to."""
    if mode == "local":
        return scope
    if mode == "global":
        return frame.instance.program.root.scope
    found = _existing(frame, scope, name)
    if found is not None:
        return found
    if name in frame.instance.program.bindings or name in ("config", "bindings", "args", "document"):
        raise ReferenceFault("readonly_target", f"'{name}' cannot be assigned")
    return scope


def _existing(frame: Frame, scope: Scope, name: str) -> Scope | None:
    found = scope.find(name)
    if found is None and name in frame.instance.scope.declared:
        return own_view(scope, frame.instance.scope, name)
    return found


def copies_into(frame: Frame, scope: Scope, holder: Scope) -> Scope | None:
    """The scope in which a channel keeps its own copy of what a holder has; None when it writes to the holder."""
    channel = channel_scope(scope)
    program = frame.instance.program
    if channel is None or not (isinstance(holder, DocumentScope) or holder is program.given):
        return None
    if holder is program.root.scope or holder is program.given:
        return channel
    return channel.libraries.setdefault(holder, Scope(None))


def _check_writable(holder: Scope, name: str) -> None:
    if isinstance(holder, DocumentScope):
        holder.writable(name)


def keys_of(target: ast.Target, names: FrameNames) -> list[Any]:
    return [evaluate(step, names) for step in target.steps]


def assign(frame: Frame, scope: Scope, target: ast.Target, value: Any, mode: str = "set") -> None:
    """Write a value to a target."""
    write(frame, scope, target.name, keys_of(target, FrameNames(frame, scope)), value, mode)


def write(frame: Frame, scope: Scope, name: str, keys: list[Any], value: Any, mode: str = "set") -> None:
    holder = _holder(frame, scope, name, mode)
    own = copies_into(frame, scope, holder) if mode not in ("local", "global") else None
    if own is not None:
        _check_writable(holder, name)
        if keys:
            copied = values.copy_value(holder.get(name))
            copied = {} if copied is None else copied
            store(copied, keys, value)
            value = copied
        elif holder.has(name) and value is holder.get(name):
            # Otherwise later writes would reach what all channels share.
            value = values.copy_value(value)
        own.put(name, value)
        return
    if not keys:
        holder.put(name, value)
        return
    _check_writable(holder, name)
    root = holder.get(name) if holder.has(name) else None
    if root is None:
        root = {}
        store(root, keys, value)
        holder.put(name, root)
    else:
        store(root, keys, value)


def _old(frame: Frame, scope: Scope, name: str, keys: list[Any]) -> Any:
    return read_below(FrameNames(frame, scope).lookup(name), keys)


def do_assign(action: ast.Assign, scope: Scope, frame: Frame) -> None:
    names = FrameNames(frame, scope)
    for one in action.assignments:
        root = frame.instance.program.root.document
        declared = frame.instance.document.variables.get(one.target.name) or root.variables.get(one.target.name)
        as_text = declared is not None and is_text(declared.type) and not one.target.steps
        if one.op == "=":
            value = take_text(one.value, as_text, names)
            assign(frame, scope, one.target, value, action.name)
            continue
        keys = keys_of(one.target, names)
        old = _old(frame, scope, one.target.name, keys)
        value = _COMPOUND[one.op](old, evaluate(one.value, names))
        write(frame, scope, one.target.name, keys, value, action.name)


def as_int(value: int | float) -> int | float:
    """An int when the number is integral and in range."""
    if isinstance(value, float) and value.is_integer() and values.INT_MIN <= value < 2.0**63:
        return int(value)
    return value


def do_increment(action: ast.Increment, scope: Scope, frame: Frame) -> None:
    names = FrameNames(frame, scope)
    keys = keys_of(action.target, names)
    by = 1 if action.by is None else evaluate(action.by, names)
    _change(frame, scope, action.target.name, keys, by, action.name == "decrement")


def _change(frame: Frame, scope: Scope, name: str, keys: list[Any], by: Any, down: bool) -> None:
    old, step = values.num(_old(frame, scope, name, keys)), values.num(by)
    changed = values.subtract(old, step) if down else values.add(old, step)
    write(frame, scope, name, keys, as_int(changed))


def do_clear(action: ast.Clear, scope: Scope, frame: Frame) -> None:
    found = _existing(frame, scope, action.target.name)
    if found is None:
        return
    name = action.target.name
    if not action.target.steps:
        own = copies_into(frame, scope, found)
        if own is None:
            _clear(frame, found, name)
            return
        _check_writable(found, name)
        if not isinstance(found, DocumentScope) or name not in found.declared or found.declared[name].source is None:
            own.put(name, None)
        return
    keys = keys_of(action.target, FrameNames(frame, scope))
    holder, last = read_below(found.get(name), keys[:-1]), keys[-1]
    # What is not there has no effect.
    if (isinstance(holder, dict) and key_text(last) in holder) or (
        isinstance(holder, list) and position(holder, last) < len(holder)
    ):
        write(frame, scope, name, keys, None)


def _clear(frame: Frame, found: Scope, name: str) -> None:
    """A channel's copy of a `source` variable gives way to the binding."""
    declared = frame.instance.program.root.scope.declared.get(name)
    if isinstance(found, ChannelScope) and declared is not None and declared.source is not None:
        del found.vars[name]
    else:
        found.clear(name)


def do_state_update(action: ast.StateUpdate, scope: Scope, frame: Frame) -> None:
    """Apply the change; in a channel to a copy of what all channels share."""
    name = action.target.name
    found = _existing(frame, scope, name)
    own = None if found is None else copies_into(frame, scope, found)
    if own is None or found is None:
        _update(action, scope, frame)
        return
    _check_writable(found, name)
    before = found.get(name)
    own.vars[name] = values.copy_value(before)
    try:
        _update(action, scope, frame)
    except (ReferenceFault, values.ValueFault):
        del own.vars[name]
        raise
    if action.operation == "remove" and own.vars[name] == before:
        # Nothing was changed, so nothing is copied.
        del own.vars[name]


def _update(action: ast.StateUpdate, scope: Scope, frame: Frame) -> None:
    names = FrameNames(frame, scope)
    name, keys = action.target.name, keys_of(action.target, names)
    value = evaluate(action.value, names) if action.value is not None else None
    operation = action.operation
    current = _old(frame, scope, name, keys) if operation != "set" else None
    if operation == "set":
        write(frame, scope, name, keys, value)
    elif operation in ("increment", "decrement"):
        _change(frame, scope, name, keys, 1 if value is None else value, operation == "decrement")
    elif operation == "append":
        if isinstance(current, list):
            current.append(value)
        else:
            write(frame, scope, name, keys, [value])
    elif operation == "merge":
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise ReferenceFault("type_error", "merge needs a map")
        if isinstance(current, dict):
            current.update(value)
        else:
            write(frame, scope, name, keys, dict(value))
    elif operation == "remove":
        if keys and (value is None or not isinstance(current, (dict, list))):
            # Nothing to look for, or nowhere to look: the last step itself goes.
            holder = read_below(names.lookup(name), keys[:-1])
            if isinstance(holder, dict):
                holder.pop(key_text(keys[-1]), None)
            elif isinstance(holder, list) and 0 <= position(holder, keys[-1]) < len(holder):
                del holder[position(holder, keys[-1])]
        else:
            _remove(current, value)


def _remove(current: Any, value: Any) -> None:
    if isinstance(current, dict):
        current.pop(key_text(value), None)
    elif isinstance(current, list):
        for place, element in enumerate(current):
            if values.equal(element, value):
                del current[place]
                return
