"""Kinds of fields of a world's file: how each is read from YAML, and written back.

A record is a dataclass whose fields carry their kind; reading and writing both
follow it, so that a world that is saved is read back as it was.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from abml.diagnostics import Diagnostic
from abml.source import Source, Span
from abml.suggest import nearest
from abml.syntax.cst_nodes import CstMapping, CstNode, CstScalar, CstSequence

from .calendar import Calendar
from .findings import finding

MISSING: Any = object()
"""What reading gives for a value that was reported."""

_KEY = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
KEY_RULE = "a name is lower-case letters and digits with single - or _ between, such as old-mill"
_LONGEST = 400


class Reference(NamedTuple):
    """A name that has to exist in a table once all tables are read."""

    table: str
    key: str
    span: Span
    where: str


@dataclasses.dataclass(slots=True)
class Reading:
    """One file on its way in.

    Attributes:
        calendar: of the world, for moments.
        found: what is wrong so far.
        references: names to be looked up at the end.
        places: (table, key) -> where the entry is defined.
    """

    source: Source
    calendar: Calendar = dataclasses.field(default_factory=Calendar)
    found: list[Diagnostic] = dataclasses.field(default_factory=list)
    references: list[Reference] = dataclasses.field(default_factory=list)
    places: dict[tuple[str, str], Span] = dataclasses.field(default_factory=dict)

    def report(self, code: str, span: Span, where: str, **fields: str) -> Any:
        """Add a finding; gives `MISSING`."""
        self.found.append(finding(code, self.source, span, where=where, **fields))
        return MISSING

    def wrong_shape(self, node: CstNode, where: str, expected: str) -> Any:
        """Report that the node is of another kind; gives `MISSING`."""
        return self.report("ABMLW101", node.span, where, expected=expected, found=_shown(node))


def _shown(node: CstNode) -> str:
    if isinstance(node, CstMapping):
        return "a mapping"
    if isinstance(node, CstSequence):
        return "a list"
    if node.value is None:
        return "nothing"
    text = f"'{node.text}'" if isinstance(node.value, str) else node.text
    return text if len(text) <= 40 else text[:37] + "..."


class Kind(Protocol):
    """How the value of a field is read and written."""

    example: str

    def read(self, node: CstNode, reading: Reading, where: str) -> Any:
        """The value, or `MISSING` after a report."""
        ...

    def write(self, value: Any, calendar: Calendar) -> Any:
        """The plain data that reads back as the value."""
        ...


class _Plain:
    """A kind whose values are written as they are."""

    example = ""

    def write(self, value: Any, calendar: Calendar) -> Any:
        return value


class Text(_Plain):
    """A text; numbers and words of YAML are taken as they are written."""

    example = "a text"

    def read(self, node: CstNode, reading: Reading, where: str) -> Any:
        if not isinstance(node, CstScalar) or node.value is None:
            return reading.wrong_shape(node, where, "a text")
        if len(node.text) > _LONGEST:
            rule = f"texts have at most {_LONGEST} characters"
            return reading.report("ABMLW106", node.span, where, found=f"a text of {len(node.text)}", rule=rule)
        return node.text


class Word(_Plain):
    """A text of the form of a key that need not be defined anywhere."""

    example = "word"

    def read(self, node: CstNode, reading: Reading, where: str) -> Any:
        if not isinstance(node, CstScalar) or not isinstance(node.value, str):
            return reading.wrong_shape(node, where, "a word")
        if _KEY.fullmatch(node.text.lower()) is None or len(node.text) > _LONGEST:
            return reading.report("ABMLW105", node.span, where, key=node.text[:40], rule=KEY_RULE)
        return node.text


class Choice(_Plain):
    """One of a few words."""

    def __init__(self, *words: str) -> None:
        self.words = words
        self.example = words[0]

    def read(self, node: CstNode, reading: Reading, where: str) -> Any:
        if not isinstance(node, CstScalar) or not isinstance(node.value, str):
            return reading.wrong_shape(node, where, f"one of {', '.join(self.words)}")
        if node.text not in self.words:
            rule = f"it is one of {', '.join(self.words)}"
            close = nearest(node.text, self.words)
            rule = f"did you mean '{close}'?" if close is not None else rule
            return reading.report("ABMLW106", node.span, where, found=f"'{node.text[:40]}'", rule=rule)
        return node.text


class Number(_Plain):
    """A number between two bounds, both included."""

    def __init__(self, low: float, high: float, is_whole: bool = False) -> None:
        self.low, self.high, self.is_whole = low, high, is_whole
        self.example = f"{int(low) if is_whole else low}"

    def read(self, node: CstNode, reading: Reading, where: str) -> Any:
        expected = "a whole number" if self.is_whole else "a number"
        if not isinstance(node, CstScalar) or isinstance(node.value, bool) or not isinstance(node.value, int | float):
            return reading.wrong_shape(node, where, expected)
        value = node.value
        if self.is_whole and not isinstance(value, int):
            return reading.wrong_shape(node, where, expected)
        # A number that is none, such as nan, is not between anything.
        if not self.low <= value <= self.high:
            rule = f"it is from {self.low:g} to {self.high:g}"
            return reading.report("ABMLW106", node.span, where, found=node.text[:40], rule=rule)
        return value if self.is_whole else float(value)


def Whole(low: int, high: int) -> Number:
    """A whole number between two bounds, both included."""
    return Number(low, high, is_whole=True)


class Flag(_Plain):
    """true or false."""

    example = "true"

    def read(self, node: CstNode, reading: Reading, where: str) -> Any:
        if not isinstance(node, CstScalar) or not isinstance(node.value, bool):
            return reading.wrong_shape(node, where, "true or false")
        return node.value


class When:
    """A moment of the world's calendar."""

    example = "'312-04-17 08:30'"

    def read(self, node: CstNode, reading: Reading, where: str) -> Any:
        if not isinstance(node, CstScalar) or node.value is None:
            return reading.wrong_shape(node, where, "a moment")
        try:
            return reading.calendar.parse(node.text)
        except ValueError as error:
            example = reading.calendar.text(reading.calendar.join(312))
            return reading.report("ABMLW107", node.span, where, reason=str(error), example=example)

    def write(self, value: Any, calendar: Calendar) -> Any:
        return calendar.text(value)


class Ref(_Plain):
    """The key of an entry of a table."""

    def __init__(self, table: str) -> None:
        self.table = table
        self.example = f"a key of {table}"

    def read(self, node: CstNode, reading: Reading, where: str) -> Any:
        if not isinstance(node, CstScalar) or node.value is None:
            return reading.wrong_shape(node, where, f"a key of {self.table}")
        reading.references.append(Reference(self.table, node.text, node.span, where))
        return node.text


class ListOf:
    """A list of one kind."""

    def __init__(self, kind: Kind, least: int = 0) -> None:
        self.kind, self.least = kind, least
        self.example = f"[{kind.example}]"

    def read(self, node: CstNode, reading: Reading, where: str) -> Any:
        if not isinstance(node, CstSequence):
            return reading.wrong_shape(node, where, "a list")
        values = [self.kind.read(item, reading, f"{where}[{n}]") for n, item in enumerate(node.items)]
        if len(values) < self.least:
            rule = f"at least {self.least} are needed"
            return reading.report("ABMLW106", node.span, where, found=f"a list of {len(values)}", rule=rule)
        return MISSING if any(value is MISSING for value in values) else values

    def write(self, value: Any, calendar: Calendar) -> Any:
        return [self.kind.write(item, calendar) for item in value]


class MapOf:
    """A mapping of keys to values of one kind.

    Args:
        table: the table whose keys these are; None for free words.
    """

    def __init__(self, kind: Kind, table: str | None = None, words: Sequence[str] = ()) -> None:
        self.kind, self.table, self.words = kind, table, words
        self.example = "{}"

    def read(self, node: CstNode, reading: Reading, where: str) -> Any:
        if not isinstance(node, CstMapping):
            return reading.wrong_shape(node, where, "a mapping")
        made: dict[str, Any] = {}
        for key, item in node.entries:
            if key.text in made:
                reading.report("ABMLW104", key.span, where, key=key.text)
            elif self.words and key.text not in self.words:
                reading.report("ABMLW102", key.span, where, key=key.text[:40], known=", ".join(self.words))
            elif self.table is not None:
                reading.references.append(Reference(self.table, key.text, key.span, where))
            elif _KEY.fullmatch(key.text.lower()) is None:
                reading.report("ABMLW105", key.span, where, key=key.text[:40], rule=KEY_RULE)
            made[key.text] = self.kind.read(item, reading, f"{where}.{key.text}")
        return MISSING if any(value is MISSING for value in made.values()) else made

    def write(self, value: Any, calendar: Calendar) -> Any:
        return {key: self.kind.write(item, calendar) for key, item in value.items()}


class Record:
    """A mapping with the fields of a dataclass."""

    example = "{...}"

    def __init__(self, cls: type) -> None:
        self.cls = cls
        known = [one for one in dataclasses.fields(cls) if "kind" in one.metadata]
        self.fields = {one.name: (one, one.metadata["kind"]) for one in known}

    def read(self, node: CstNode, reading: Reading, where: str, **given: Any) -> Any:
        if not isinstance(node, CstMapping):
            return reading.wrong_shape(node, where, "a mapping")
        values: dict[str, Any] = {}
        is_whole = True
        for key, item in node.entries:
            known = self.fields.get(key.text)
            if known is None:
                close = nearest(key.text, self.fields)
                names = ", ".join(self.fields) + (f"; did you mean '{close}'?" if close is not None else "")
                reading.report("ABMLW102", key.span, where, key=key.text[:40], known=names)
            elif key.text in values:
                reading.report("ABMLW104", key.span, where, key=key.text)
            else:
                values[key.text] = value = known[1].read(item, reading, f"{where}.{key.text}")
                is_whole = is_whole and value is not MISSING
        for name, (one, kind) in self.fields.items():
            has_default = one.default is not dataclasses.MISSING or one.default_factory is not dataclasses.MISSING
            if name not in values and not has_default:
                is_whole = False
                reading.report("ABMLW103", node.span, where, key=name, example=kind.example)
        return self.cls(**given, **values) if is_whole else MISSING

    def write(self, value: Any, calendar: Calendar) -> Any:
        made: dict[str, Any] = {}
        for name, (one, kind) in self.fields.items():
            item = getattr(value, name)
            if item != _default(one):
                made[name] = kind.write(item, calendar)
        return made


def _default(one: dataclasses.Field[Any]) -> Any:
    if one.default_factory is not dataclasses.MISSING:
        return one.default_factory()
    return one.default


def has(kind: Kind, default: Any = dataclasses.MISSING) -> Any:
    """A field of a record: of a kind, required unless it has a default; a callable default is a factory."""
    if callable(default):
        factory: Callable[[], Any] = default
        return dataclasses.field(default_factory=factory, metadata={"kind": kind})
    return dataclasses.field(default=default, metadata={"kind": kind})
