"""Text rendering of diagnostics: `path:line:column: severity[code]: message`, source line, carets, notes, help."""

from __future__ import annotations

from collections.abc import Iterable
from unicodedata import category, east_asian_width

from abml.source import Source, Span

from .model import Diagnostic

# Escape sequences of ANSI terminals; used only with color=True.
_COLORS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "info": "\x1b[1;36m"}
_BOLD = "\x1b[1m"
_DIM = "\x1b[2m"
_RESET = "\x1b[0m"

# A source line longer than this is cut around the span, so that one long line
# (a minified file, a hostile one) cannot flood a terminal.
_LINE_LIMIT = 160
_LINE_CONTEXT = 60


def _place(path: str | None, span: Span) -> str:
    return f"{path or '<text>'}:{span.line}:{span.column}"


def _shown(char: str) -> str:
    """How a character of a source line is printed: no control character reaches the terminal."""
    if char == "\t":
        return "    "
    if category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return "\N{REPLACEMENT CHARACTER}"
    return char


def _width(char: str) -> int:
    """Terminal cells of a character as printed by `_shown`."""
    if char == "\t":
        return 4
    if category(char) in ("Mn", "Me"):
        return 0
    return 2 if east_asian_width(char) in ("W", "F") else 1


def caret_lines(line: str, span: Span) -> tuple[str, str]:
    """The source line as printed, and the line of carets below it.

    A span over several lines is underlined to the end of its first line; an
    empty span gets one caret.
    """
    start = min(span.column - 1, len(line))
    end = min(span.end_column - 1, len(line)) if span.end_line == span.line else len(line)
    end = max(end, start)
    before, after = "", ""
    if len(line) > _LINE_LIMIT:
        left = max(0, start - _LINE_CONTEXT)
        right = min(len(line), max(end, start + 1) + _LINE_CONTEXT, left + _LINE_LIMIT)
        before = "… " if left else ""
        after = " …" if right < len(line) else ""
        line = line[left:right]
        start, end = start - left, min(end - left, len(line))
    pad = len(before) + sum(map(_width, line[:start]))
    carets = max(1, sum(map(_width, line[start:end])))
    shown = before + "".join(map(_shown, line)) + after
    return shown, " " * pad + "^" * carets


def render_diagnostic(diag: Diagnostic, *, color: bool = False, source: Source | None = None) -> str:
    """One diagnostic as several lines of text, without a line break at the end.

    Args:
        color: use ANSI colors.
        source: where the source line comes from when the diagnostic has none.
    """
    hue, bold, dim, reset = (_COLORS.get(diag.severity, ""), _BOLD, _DIM, _RESET) if color else ("", "", "", "")
    place = _place(diag.span.path, diag.span)
    parts = [f"{bold}{place}:{reset} {hue}{diag.severity}[{diag.code}]{reset}: {bold}{diag.message}{reset}"]
    line = diag.source_line
    if line is None and source is not None and source.path == diag.span.path:
        line = source.line(diag.span.line)
    if line is not None and line.strip():
        shown, carets = caret_lines(line, diag.span)
        number = str(diag.span.line)
        parts.append(f"{dim}  {number} |{reset} {shown}")
        parts.append(f"{dim}  {' ' * len(number)} |{reset} {hue}{carets}{reset}")
    for note in diag.notes:
        where = f" ({_place(note.span.path, note.span)})" if note.span is not None else ""
        parts.append(f"  {bold}note:{reset} {note.message}{where}")
    if diag.help:
        parts.append(f"  {bold}help:{reset} {diag.help}")
    return "\n".join(parts)


def render_text(diagnostics: Iterable[Diagnostic], *, color: bool = False, source: Source | None = None) -> str:
    """All diagnostics, one after the other, ending in a line break; empty for none.

    Args:
        color: use ANSI colors; the caller decides (a terminal, no `NO_COLOR`).
        source: gives source lines to diagnostics of its path that carry none.
    """
    return "".join(render_diagnostic(diag, color=color, source=source) + "\n" for diag in diagnostics)
