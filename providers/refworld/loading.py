"""Worlds from YAML: read whole and checked, or not at all."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass
from typing import Any

from abml.diagnostics import Diagnostic, Reporter
from abml.diagnostics.model import position_key
from abml.files import read_file
from abml.source import Source, Span
from abml.suggest import nearest
from abml.syntax.cst import CstMapping, CstNode, read
from abml.syntax.decoding import decode

from .calendar import Calendar, Month
from .consistency import contradictions
from .fields import KEY_RULE, MISSING, Kind, ListOf, Reading, Record, Text, When, Whole, Word, has
from .findings import WorldError
from .model import KINDS, ONE, TABLES
from .world import MAX_ENTRIES, RefWorld


@dataclass(frozen=True, slots=True)
class WorldLimits:
    """How large a file may be; the names are those of `abml.environment.Limits`."""

    max_document_bytes: int = 64 * 1024 * 1024
    max_nodes: int = 4_000_000


@dataclass(slots=True)
class Header:
    name: str = has(Text(), "world")
    now: int = has(When(), 0)
    count: int = has(Whole(0, 10**12), 0)


@dataclass(slots=True)
class MonthEntry:
    name: str = has(Word())
    days: int = has(Whole(1, 1000))
    season: str = has(Word())


@dataclass(slots=True)
class CalendarEntry:
    hours: int = has(Whole(1, 240), 24)
    sunrise: int = has(Whole(0, 240), 6)
    sunset: int = has(Whole(0, 240), 20)
    months: list[MonthEntry] = has(ListOf(Record(MonthEntry), least=1), list)


HEADER: Kind = Record(Header)
CALENDAR: Kind = Record(CalendarEntry)
SECTIONS = ("world", "calendar", *TABLES)


def load(path: str | os.PathLike[str]) -> RefWorld:
    """The world of a YAML file.

    Raises:
        WorldError: it has mistakes; all of them, with their places.
        AbmlFileError: it cannot be read.
    """
    return loads(read_file(path), os.fspath(path))


def loads(text: str | bytes, path: str | None = None) -> RefWorld:
    """The world of a YAML text.

    Args:
        path: the name that findings use.

    Raises:
        WorldError: it has mistakes; all of them, with their places.
    """
    reporter = Reporter()
    source = decode(text, path, reporter) if isinstance(text, bytes) else Source(text, path)
    if reporter.source is None:
        reporter.source = source
    node = None if source is None else read(source, reporter, WorldLimits())
    found = [diag for diag in reporter.sorted() if diag.severity == "error"]
    if source is None or node is None or found:
        raise WorldError(found or reporter.sorted())
    reading = Reading(source)
    world = _world(node, reading)
    if reading.found or world is None:
        raise WorldError(_without_repeats(sorted(reading.found, key=position_key)))
    return world


def _without_repeats(found: list[Diagnostic]) -> list[Diagnostic]:
    return list(dict.fromkeys(found))


def _world(node: CstNode, reading: Reading) -> RefWorld | None:
    sections = _sections(node, reading)
    if sections is None:
        return None
    calendar = CALENDAR.read(sections["calendar"], reading, "calendar") if "calendar" in sections else CalendarEntry()
    if calendar is MISSING:
        # Moments of another calendar would all be wrong; the rest is still worth a look.
        calendar = CalendarEntry()
    months = tuple(Month(one.name, one.days, one.season) for one in calendar.months) or Calendar().months
    reading.calendar = Calendar(calendar.hours, calendar.sunrise, calendar.sunset, months)
    header = HEADER.read(sections["world"], reading, "world") if "world" in sections else Header()
    if header is MISSING:
        header = Header()
    world = RefWorld(header.name, header.now, header.count, reading.calendar)
    entries = {name: _table(name, sections[name], reading) for name in TABLES if name in sections}
    _references(reading, {name: set(table) for name, table in entries.items()})
    is_whole = not reading.found
    for name, table in entries.items():
        for key, entry in table.items():
            if entry is MISSING:
                continue
            entry.id = _id(world, name, entry, reading)
            if (other := world.owner_of_id(entry.id)) is not None:
                where, place = f"{name}.{key}", reading.places[name, key]
                reading.report("ABMLW203", place, where, other=".".join(other), id=entry.id)
            else:
                world.add(name, entry)
    if is_whole and not reading.found:
        for table_name, key, reason, hint in contradictions(world):
            place = reading.places[table_name, key]
            reading.report("ABMLW202", place, f"{table_name}.{key}", reason=reason, hint=hint)
    return world


def _sections(node: CstNode, reading: Reading) -> dict[str, CstNode] | None:
    if not isinstance(node, CstMapping):
        reading.wrong_shape(node, "the file", f"a mapping of {', '.join(SECTIONS)}")
        return None
    found: dict[str, CstNode] = {}
    for key, value in node.entries:
        if key.text not in SECTIONS:
            close = nearest(key.text, SECTIONS)
            known = f"did you mean '{close}'?" if close is not None else ", ".join(SECTIONS)
            reading.report("ABMLW102", key.span, "the file", key=key.text[:40], known=known)
        elif key.text in found:
            reading.report("ABMLW104", key.span, "the file", key=key.text)
        else:
            found[key.text] = value
    return found


def _table(name: str, node: CstNode, reading: Reading) -> dict[str, Any]:
    if not isinstance(node, CstMapping):
        reading.wrong_shape(node, name, f"a mapping of keys to {name}")
        return {}
    if len(node.entries) > MAX_ENTRIES:
        reading.report("ABMLW301", node.span, name, count=str(len(node.entries)), limit=str(MAX_ENTRIES))
        return {}
    made: dict[str, Any] = {}
    for key, value in node.entries:
        if key.text in made:
            reading.report("ABMLW104", key.span, name, key=key.text)
            continue
        if Word().read(key, Reading(reading.source), name) is MISSING:
            reading.report("ABMLW105", key.span, name, key=key.text[:40], rule=KEY_RULE)
        reading.places[name, key.text] = key.span
        made[key.text] = KINDS[name].read(value, reading, f"{name}.{key.text}", key=key.text)
    return made


def _references(reading: Reading, known: dict[str, set[str]]) -> None:
    for table, key, span, where in reading.references:
        keys = known.get(table, set())
        if key not in keys:
            close = nearest(key, keys) if len(keys) <= 5_000 else None
            hint = f"did you mean '{close}'?" if close is not None else f"define it in {table}"
            reading.report("ABMLW201", span, where, kind=ONE[table], key=key[:40], hint=hint)


def _id(world: RefWorld, table: str, entry: Any, reading: Reading) -> str:
    if not entry.id:
        return world.id_for(table, entry.key)
    try:
        return str(uuid.UUID(entry.id))
    except ValueError:
        span: Span = reading.places[table, entry.key]
        rule = "an id is a UUID, or left out"
        reading.report("ABMLW106", span, f"{table}.{entry.key}.id", found=f"'{entry.id[:40]}'", rule=rule)
        return world.id_for(table, entry.key)
