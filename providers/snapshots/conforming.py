"""Data of a source against the paths of its template: what has the wrong type reads as null."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from abml.values import describe
from abml.vm.core.conversion import convert

# Text in JSON, whatever it stands for.
_TEXTS = {"uuid": "string", "datetime": "string", "date": "string", "bytes": "string"}
_ELEMENTS = "[]"
_VALUES = "*"


def conform(data: dict[str, Any], paths: Mapping[str, str], warn: Callable[[str], None]) -> None:
    """Put null where a registered path has a value of another type; convert where nothing is lost.

    Args:
        data: changed in place. Steps are found as in paths of documents: exactly, else without letter case.
        paths: path -> type text, with `[]` for the elements of a list and `*` for the values of a map.
            Unknown types admit every value.
        warn: told once of each path that has a wrong value.
    """
    for path, type_text in paths.items():
        steps = path.replace(_ELEMENTS, f".{_ELEMENTS}").strip(".").split(".") if path else []
        if steps:
            wrong = _conform(data, steps, 0, _json_type(type_text))
            if wrong is not None:
                warn(f"{path} is {describe(wrong[0])}, not {type_text}; it reads as null")


def find_key(holder: Mapping[str, Any], step: str) -> str | None:
    """The key that a step means: the same text, else the first that differs in letter case only."""
    if step in holder:
        return step
    key = step.casefold()
    for name in holder:
        if name.casefold() == key:
            return name
    return None


def _json_type(text: str) -> str:
    text = text.strip()
    optional = text.endswith("?")
    name = _TEXTS.get(text.rstrip("? "), text)
    return f"{name}?" if optional and not name.endswith("?") else name


def _conform(holder: Any, steps: list[str], at: int, type_text: str) -> tuple[Any] | None:
    """Check what the steps lead to; the first wrong value in a tuple, or None."""
    step = steps[at]
    places: Any
    if step == _ELEMENTS:
        if not isinstance(holder, list):
            return None
        places = range(len(holder))
    elif step == _VALUES:
        if not isinstance(holder, dict):
            return None
        places = holder
    else:
        key = find_key(holder, step) if isinstance(holder, dict) else None
        if key is None:
            return None
        places = (key,)
    wrong: tuple[Any] | None = None
    for place in places:
        if at + 1 < len(steps):
            found = _conform(holder[place], steps, at + 1, type_text)
        else:
            found = _leaf(holder, place, type_text)
        wrong = wrong or found
    return wrong


def _leaf(holder: Any, place: Any, type_text: str) -> tuple[Any] | None:
    value = holder[place]
    if value is None:
        return None
    converted, fits = convert(value, type_text)
    if not fits:
        holder[place] = None
        return (value,)
    # Lists and numbers stay what they are: a whole number is an int, also where the template says float.
    if isinstance(value, str) and type(converted) is not str:
        holder[place] = converted
    return None
