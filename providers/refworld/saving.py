"""Worlds to YAML: the same world gives the same bytes, and reads back as it was."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from abml.files import write_atomically

from .calendar import Calendar
from .loading import CALENDAR, HEADER, CalendarEntry, Header, MonthEntry
from .model import KINDS, TABLES
from .world import RefWorld

# Words that mean themselves to every reader of YAML; everything else is quoted.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[ '_-][A-Za-z0-9]+)*")
_OTHER_MEANING = frozenset("true false null yes no on off y n nan inf".split())
_WIDTH = 110


def save(world: RefWorld, path: str | os.PathLike[str]) -> None:
    """Write a world to a file; a failed write leaves the old one.

    Raises:
        OSError: it cannot be written.
    """
    write_atomically(os.fspath(path), dumps(world).encode("utf-8"))


def dumps(world: RefWorld) -> str:
    """The YAML text of a world: everything but its archives and events."""
    calendar = world.calendar
    sections: dict[str, Any] = {
        "world": {"name": world.name, **HEADER.write(Header(world.name, world.now, world.count), calendar)}
    }
    if calendar != Calendar():
        months = [MonthEntry(*month) for month in calendar.months]
        sections["calendar"] = CALENDAR.write(
            CalendarEntry(calendar.hours, calendar.sunrise, calendar.sunset, months), calendar
        )
    for name in TABLES:
        entries = {}
        for key, entry in world.table(name).items():
            written = KINDS[name].write(entry, calendar)
            # An id that follows from the key is not worth a line.
            if written.get("id") == world.id_for(name, key):
                del written["id"]
            entries[key] = written
        if entries:
            sections[name] = entries
    return "\n".join("\n".join(_block(key, value, 0)) + "\n" for key, value in sections.items())


def _block(key: str, value: Any, depth: int) -> Iterator[str]:
    indent = "  " * depth
    flow = f"{indent}{_scalar(key)}: {_flow(value)}"
    is_table = depth == 0 and isinstance(value, dict) and value
    if (len(flow) <= _WIDTH or not isinstance(value, dict | list) or not value) and not is_table:
        yield flow
        return
    yield f"{indent}{_scalar(key)}:"
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _block(name, item, depth + 1)
    else:
        for item in value:
            yield f"{indent}  - {_flow(item)}"


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    text = str(value)
    if _PLAIN.fullmatch(text) is not None and text.lower() not in _OTHER_MEANING:
        return text
    return '"' + "".join(_escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    code = ord(char)
    if char in '"\\':
        return "\\" + char
    if code < 32 or 0x7F <= code < 0xA0 or code in (0x2028, 0x2029, 0xFEFF) or 0xD800 <= code < 0xE000:
        return f"\\u{code:04x}"
    return char
