"""Where a text of a document stands: the place protocol and places for plain texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from abml.source import Source, Span

_new_tuple = tuple.__new__


class Place(Protocol):
    """Anything that maps offsets in a text to spans of the source; a CST scalar is one."""

    def place(self, start: int, end: int) -> Span: ...


class TextPlace:
    """The place of a text that is (part of) a source itself, such as a stand-alone expression."""

    __slots__ = ("offset", "source")

    def __init__(self, source: Source, offset: int = 0) -> None:
        self.source = source
        self.offset = offset

    def place(self, start: int, end: int) -> Span:
        return self.source.span(self.offset + start, self.offset + end)


class ShiftedPlace:
    """The place of a part of another text, `offset` code points into it."""

    __slots__ = ("inner", "offset")

    def __init__(self, inner: Place, offset: int) -> None:
        self.inner = inner
        self.offset = offset

    def place(self, start: int, end: int) -> Span:
        return self.inner.place(self.offset + start, self.offset + end)


def span_maker(place: Place, length: int) -> Callable[[int, int], Span]:
    """A fast form of `place.place` for a text of `length` code points.

    A text that takes exactly as many columns of one line as it has code points
    maps by adding; escapes and line breaks only ever need more columns.
    """
    whole = place.place(0, length)
    path, line, column, end_line, end_column = whole
    if end_line != line or end_column - column != length:
        return place.place

    def make(start: int, end: int) -> Span:
        return _new_tuple(Span, (path, line, column + start, line, column + end))

    return make
