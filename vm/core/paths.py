"""Writing through a path: `crew.mood`, `crew[0].name`, and the operations of `state_update`.

Works on plain values. Containers are changed in place, so that every holder
sees it; a root that is null or missing becomes a new map.
"""

from __future__ import annotations

from typing import Any

from abml.environment import Limits
from abml.values import ValueFault, describe, equal, index, member, num, to_text, wrap_int


def write(root: Any, steps: list[Any], operation: str, value: Any, name: str, limits: Limits) -> Any:
    """Apply an operation at the end of a path.

    Args:
        root: value of the variable; None when it has none.
        steps: names and indexes after it; empty for the variable itself.
        operation: `set clear append increment decrement merge remove`.
        name: the target as written, for messages.

    Returns:
        The variable's value: `root` itself when it was changed in place.

    Raises:
        ValueFault: `type_error`, `index_out_of_range`, `limit_exceeded`.
    """
    if not steps:
        return _combine(root, operation, value, name, limits)
    if operation == "clear":
        _clear(root, steps, name)
        return root
    if operation == "remove":
        # Nothing is made on the way to what shall go.
        holder = _reach(root, steps[:-1])
        if holder is not None:
            _remove_at(holder, steps[-1], value, name)
        return root
    if root is None:
        root = {}
    holder = root
    for step in steps[:-1]:
        holder = _descend(holder, step, name, limits)
    last = steps[-1]
    if operation != "set":
        old = _read(holder, last)
        changed = _combine(old, operation, value, name, limits)
        if changed is old and isinstance(old, list | dict):
            return root
        value = changed
    _put(holder, last, value, name, limits)
    return root


def _key(holder: dict[str, Any], step: Any) -> str:
    return step if isinstance(step, str) else to_text(step)


def _position(step: Any, name: str) -> int:
    if isinstance(step, bool) or not isinstance(step, int | float) or step - step != 0 or int(step) != step:
        raise ValueFault("type_error", f"{name}: {describe(step)} is not the index of a list")
    return int(step)


def _descend(holder: Any, step: Any, name: str, limits: Limits) -> Any:
    """The container below `step`; a missing or null one becomes a map."""
    if isinstance(holder, dict):
        key = _key(holder, step)
        below = holder.get(key)
        if below is None:
            below = {}
            _put(holder, key, below, name, limits)
        return below
    if isinstance(holder, list):
        at = _position(step, name)
        if not 0 <= at <= len(holder):
            raise ValueFault("index_out_of_range", f"{name}: index {at} of a list of {len(holder)}")
        below = holder[at] if at < len(holder) else None
        if below is None:
            below = {}
            _put(holder, at, below, name, limits)
        return below
    raise ValueFault("type_error", f"{name}: {describe(holder)} has no place for '{to_text(step)}'")


def _put(holder: Any, step: Any, value: Any, name: str, limits: Limits) -> None:
    if isinstance(holder, dict):
        key = _key(holder, step)
        if key not in holder and len(holder) >= limits.max_map:
            raise ValueFault("limit_exceeded", f"a map has more than {limits.max_map} entries")
        holder[key] = value
    elif isinstance(holder, list):
        at = _position(step, name)
        if not 0 <= at <= len(holder):
            raise ValueFault("index_out_of_range", f"{name}: index {at} of a list of {len(holder)}")
        if at < len(holder):
            holder[at] = value
        elif len(holder) >= limits.max_list:
            raise ValueFault("limit_exceeded", f"a list is longer than {limits.max_list} elements")
        else:
            holder.append(value)
    else:
        raise ValueFault("type_error", f"{name}: {describe(holder)} has no place for '{to_text(step)}'")


def _read(holder: Any, step: Any) -> Any:
    if isinstance(holder, dict):
        return holder.get(_key(holder, step))
    return index(holder, step) if isinstance(holder, list) else None


def _reach(root: Any, steps: list[Any]) -> Any:
    """What the steps lead to; None where they lead nowhere."""
    for step in steps:
        if root is None:
            return None
        root = member(root, step) if isinstance(step, str) else index(root, step)
    return root


def _clear(root: Any, steps: list[Any], name: str) -> None:
    """Null at the end of a path; nothing where it leads nowhere."""
    holder = _reach(root, steps[:-1])
    last = steps[-1]
    if isinstance(holder, dict):
        key = _key(holder, last)
        if key in holder:
            holder[key] = None
    elif isinstance(holder, list):
        at = _position(last, name)
        if 0 <= at < len(holder):
            holder[at] = None


def _combine(old: Any, operation: str, value: Any, name: str, limits: Limits) -> Any:
    """What an operation makes of an old value."""
    if operation == "append":
        if not isinstance(old, list):
            return [value]
        if len(old) >= limits.max_list:
            raise ValueFault("limit_exceeded", f"a list is longer than {limits.max_list} elements")
        old.append(value)
        return old
    if operation in ("increment", "decrement"):
        left, right = num(old), num(1 if value is None else value)
        result = left + right if operation == "increment" else left - right
        if isinstance(result, float):
            return int(result) if result.is_integer() and -(2.0**63) <= result < 2.0**63 else result
        return wrap_int(result)
    if operation == "merge":
        if not isinstance(value, dict):
            raise ValueFault("type_error", f"{name}: only a map can be merged, got {describe(value)}")
        if not isinstance(old, dict):
            return dict(value)
        if len(old) + len(value) > limits.max_map and len(old.keys() | value.keys()) > limits.max_map:
            raise ValueFault("limit_exceeded", f"a map has more than {limits.max_map} entries")
        old.update(value)
        return old
    if operation == "remove":
        _remove_from(old, value)
        return old
    return None if operation == "clear" else value


def _remove_from(old: Any, value: Any) -> None:
    """Delete a key of a map or the first equal element of a list."""
    if isinstance(old, dict):
        old.pop(value if isinstance(value, str) else to_text(value), None)
    elif isinstance(old, list):
        for i, element in enumerate(old):
            if equal(element, value):
                del old[i]
                return


def _remove_at(holder: Any, step: Any, value: Any, name: str) -> None:
    """`remove` with a path: what it leads to loses `value`; without a value the last step itself goes."""
    below = _read(holder, step)
    if value is not None and isinstance(below, list | dict):
        _remove_from(below, value)
    elif isinstance(holder, dict):
        holder.pop(_key(holder, step), None)
    elif isinstance(holder, list):
        at = _position(step, name)
        if 0 <= at < len(holder):
            del holder[at]
