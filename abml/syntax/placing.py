"""Where the characters of a scalar stand in the source: decoded text offsets to raw offsets.

A YAML scalar is read through quotes, escapes, folded lines and indentation. An
error in column 12 of an expression must still point at the right character, so
each style is walked again, over the raw slice, when somebody asks.
"""

from __future__ import annotations

_BLANKS = " \t"
# How many characters follow the backslash of a numeric escape.
_HEX_ESCAPES = {"x": 2, "u": 4, "U": 8}


def text_offsets(raw: str, text: str, style: str) -> list[int] | None:
    """For each character of `text` its offset in `raw`, and one more for the end.

    Args:
        raw: the scalar as written, with quotes or block header.
        text: the scalar as decoded.
        style: plain, single, double, literal or folded.

    Returns:
        len(text) + 1 offsets, or None when the walk does not reproduce the text.
    """
    if style in ("literal", "folded"):
        return _block_offsets(raw, text)
    offsets = _flow_offsets(raw, style)
    return offsets if len(offsets) == len(text) + 1 else None


def _flow_offsets(raw: str, style: str) -> list[int]:
    """Offsets of a plain or quoted scalar, which may run over several lines."""
    at, end = (0, len(raw)) if style == "plain" else (1, len(raw) - 1)
    offsets: list[int] = []
    # Blanks before a line break belong to the fold and vanish, unless escaped.
    solid = 0
    while at < end:
        char = raw[at]
        if char in "\r\n":
            del offsets[solid:]
            at = _fold(raw, at, end, offsets)
            solid = len(offsets)
            continue
        offsets.append(at)
        if char == "'" and style == "single":
            at += 2
        elif char == "\\" and style == "double":
            escape = raw[at + 1] if at + 1 < end else ""
            if escape and escape in "\r\n":
                # An escaped line break joins the lines; the next one loses its indentation.
                offsets.pop()
                at = _skip_blanks(raw, _skip_break(raw, at + 1), end)
            else:
                at += 2 + _HEX_ESCAPES.get(escape, 0)
            solid = len(offsets)
            continue
        else:
            at += 1
        if char not in _BLANKS:
            solid = len(offsets)
    offsets.append(end)
    return offsets


def _fold(raw: str, at: int, end: int, offsets: list[int]) -> int:
    """Fold the line breaks from `at` on: one gives a blank, each further one a line break."""
    first = at
    breaks = []
    while at < end and raw[at] in "\r\n":
        breaks.append(at)
        at = _skip_blanks(raw, _skip_break(raw, at), end)
    offsets.extend(breaks[1:] or (first,))
    return at


def _skip_break(raw: str, at: int) -> int:
    return at + 2 if raw.startswith("\r\n", at) else at + 1


def _skip_blanks(raw: str, at: int, end: int) -> int:
    while at < end and raw[at] in _BLANKS:
        at += 1
    return at


def _block_offsets(raw: str, text: str) -> list[int] | None:
    """Offsets of a literal or folded block scalar, found by laying its lines beside the text."""
    lines = raw.splitlines(keepends=True)
    offsets: list[int] = []
    at = len(lines[0]) if lines else 0
    indent = -1
    cursor = 0
    for line in lines[1:]:
        content = line.rstrip("\r\n")
        if indent < 0 and content.strip(" "):
            # The first line with content tells the indentation: what the text lacks of it.
            first = text[cursor:].lstrip("\n")
            indent = _indent_of(content, first)
            if indent < 0:
                return None
        piece = content[indent:] if indent >= 0 else ""
        if piece:
            # Breaks before this line: a run of line breaks, or the one blank of a fold.
            while cursor < len(text) and text[cursor] == "\n":
                offsets.append(at - 1)
                cursor += 1
            if not text.startswith(piece, cursor):
                if text[cursor : cursor + 1] != " " or not text.startswith(piece, cursor + 1):
                    return None
                offsets.append(at - 1)
                cursor += 1
            offsets.extend(range(at + indent, at + indent + len(piece)))
            cursor += len(piece)
        at += len(line)
    last = offsets[-1] + 1 if offsets else at
    while cursor < len(text) and text[cursor] == "\n":
        offsets.append(last)
        cursor += 1
    if cursor != len(text):
        return None
    offsets.append(min(last, len(raw)))
    return offsets


def _indent_of(content: str, text: str) -> int:
    """The indentation that turns the raw line into the beginning of the text; -1 when none does."""
    blanks = len(content) - len(content.lstrip(" "))
    for indent in range(blanks, -1, -1):
        if text.startswith(content[indent:]):
            return indent
    return -1
