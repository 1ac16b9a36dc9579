"""Source text and the places in it: `Source`, `Span`."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple


class Span(NamedTuple):
    """A half-open range of a source text.

    Lines and columns are 1-based and counted in code points; `end_column` is
    the column after the last character. A point has equal start and end.
    """

    path: str | None
    line: int
    column: int
    end_line: int
    end_column: int

    def to(self, other: Span) -> Span:
        """The range from the start of this span to the end of `other`."""
        return Span(self.path, self.line, self.column, other.end_line, other.end_column)


NOWHERE = Span(None, 1, 1, 1, 1)


class Source:
    """One text with its path, able to turn offsets into positions.

    Attributes:
        path: as the user named it; None for text without a file.
        text: decoded, without a byte order mark.
    """

    __slots__ = ("path", "text", "_starts")

    def __init__(self, text: str, path: str | None = None) -> None:
        self.path = path
        self.text = text
        starts = [0]
        find = text.find
        at = find("\n")
        while at != -1:
            starts.append(at + 1)
            at = find("\n", at + 1)
        self._starts = starts

    def position(self, offset: int) -> tuple[int, int]:
        """(line, column), both 1-based, of a code point offset."""
        row = bisect_right(self._starts, offset)
        return row, offset - self._starts[row - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """The inverse of `position`; clipped to the text."""
        row = min(max(line, 1), len(self._starts))
        return min(self._starts[row - 1] + column - 1, len(self.text))

    def span(self, start: int, end: int) -> Span:
        """The span of the code points start..end (end excluded)."""
        line, column = self.position(start)
        end_line, end_column = self.position(end)
        return Span(self.path, line, column, end_line, end_column)

    def line(self, number: int) -> str:
        """The text of a 1-based line without its line break; empty outside."""
        if not 1 <= number <= len(self._starts):
            return ""
        start = self._starts[number - 1]
        end = self._starts[number] - 1 if number < len(self._starts) else len(self.text)
        return self.text[start:end].rstrip("\r")
