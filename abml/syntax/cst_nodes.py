"""The nodes of the concrete syntax tree: scalars, mappings and lists of YAML, with exact places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abml.source import Source, Span

from .placing import text_offsets

if TYPE_CHECKING:
    from collections.abc import Iterator


class Point:
    """A place in the source as a node keeps it: offset, line and column, all from 0.

    Nodes read straight from libyaml keep the scanner's own marks, which look the same.
    """

    __slots__ = ("column", "index", "line")

    def __init__(self, index: int, line: int, column: int) -> None:
        self.index = index
        self.line = line
        self.column = column


def point(source: Source, offset: int) -> Point:
    """The point at an offset of the source."""
    line, column = source.position(offset)
    return Point(offset, line - 1, column - 1)


_new_tuple = tuple.__new__


class _Node:
    """What all nodes have: a source and a range of it."""

    __slots__ = ("first", "last", "source")

    # Points, or marks of the scanner. The span is made when it is asked for:
    # nobody asks for that of most keys, and a document has thousands.
    first: Point
    last: Point
    source: Source

    @property
    def span(self) -> Span:
        """The range of the node."""
        first, last = self.first, self.last
        # The generated constructor of a named tuple costs twice as much as this.
        return _new_tuple(Span, (self.source.path, first.line + 1, first.column + 1, last.line + 1, last.column + 1))

    @property
    def start(self) -> int:
        """The offset of its first character in the source text."""
        return self.first.index

    @property
    def end(self) -> int:
        """The offset behind its last character in the source text."""
        return self.last.index


class CstScalar(_Node):
    """A word, number or text; its range is the scalar as written, with quotes or block header.

    Attributes:
        value: None, bool, int, float or str by the YAML profile of the language.
        text: the decoded text, also of numbers and null.
        style: plain, single, double, literal or folded.
    """

    __slots__ = ("_map", "style", "text", "value")

    def __init__(
        self, value: bool | int | float | str | None, text: str, style: str, first: Point, last: Point, source: Source
    ) -> None:
        self.value = value
        self.text = text
        self.style = style
        self.first = first
        self.last = last
        self.source = source
        self._map: int | list[int] | None = None

    def place(self, start: int, end: int) -> Span:
        """The span of the characters start..end of `text`.

        Exact for all styles; a scalar that cannot be followed gives its whole span.
        """
        found = self._map
        if found is None:
            found = self._map = self._mapping()
        if isinstance(found, int):
            first = self.first
            line, column = first.line + 1, first.column + found
            return Span(self.source.path, line, column + start, line, column + end)
        if not found:
            return self.span
        last = len(found) - 1
        start = min(max(start, 0), last)
        end = min(max(end, start), last)
        begin = found[start]
        if end == start:
            return self.source.span(begin, begin)
        # Up to the next character, so that an escape counts whole, but never over a line break.
        stop = found[end - 1] + 1
        between = self.source.text[stop : found[end]]
        if "\n" not in between and "\r" not in between:
            stop = max(stop, found[end])
        # The line break that ends a block scalar lies outside its range.
        return self.source.span(min(begin, self.end), min(stop, self.end))

    def _mapping(self) -> int | list[int]:
        """A shift from offset to 1-based column for a text that stands in one line as it is, else offsets."""
        start = self.start
        raw = self.source.text[start : self.end]
        if self.first.line == self.last.line:
            if raw == self.text:
                return 1
            if raw[1:-1] == self.text and self.style in ("single", "double"):
                return 2
        offsets = text_offsets(raw, self.text, self.style)
        return [] if offsets is None else [start + offset for offset in offsets]

    def __repr__(self) -> str:
        return f"CstScalar({self.text!r}, {self.style}, {self.span.line}:{self.span.column})"


class CstMapping(_Node):
    """A mapping in its written order; repeated keys are kept.

    Attributes:
        entries: pairs of key and value.
        flow: whether it is written with braces.
    """

    __slots__ = ("entries", "flow")

    def __init__(self, entries: list[tuple[CstScalar, CstNode]], first: Point, source: Source, flow: bool) -> None:
        self.entries = entries
        self.first = self.last = first
        self.source = source
        self.flow = flow

    def with_entries(self, entries: list[tuple[CstScalar, CstNode]]) -> CstMapping:
        """A mapping at the same place with other entries."""
        other = CstMapping(entries, self.first, self.source, self.flow)
        other.last = self.last
        return other

    def get(self, key: str) -> CstNode | None:
        """The value of the first entry with this key."""
        for name, value in self.entries:
            if name.text == key:
                return value
        return None

    def __iter__(self) -> Iterator[tuple[CstScalar, CstNode]]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __repr__(self) -> str:
        return f"CstMapping({[key.text for key, _ in self.entries]})"


class CstSequence(_Node):
    """A list.

    Attributes:
        items: its nodes.
        flow: whether it is written with brackets.
    """

    __slots__ = ("flow", "items")

    def __init__(self, items: list[CstNode], first: Point, source: Source, flow: bool) -> None:
        self.items = items
        self.first = self.last = first
        self.source = source
        self.flow = flow

    def __iter__(self) -> Iterator[CstNode]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        return f"CstSequence({len(self.items)} items)"


CstNode = CstScalar | CstMapping | CstSequence
