"""What commands print: colors, and diagnostics as text, JSON, SARIF or GitHub annotations."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Sequence

    from abml.diagnostics import Diagnostic


def has_color(stream: Any = None) -> bool:
    """Colors only for a terminal, and never with NO_COLOR (https://no-color.org) or a dumb terminal."""
    stream = sys.stdout if stream is None else stream
    return (
        not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
        and bool(getattr(stream, "isatty", lambda: False)())
    )


def style(text: str, color: str | None = None, *, bold: bool = False, dim: bool = False) -> str:
    """The text in a color when standard output takes colors, else the text."""
    if not has_color():
        return text
    import click

    return click.style(text, fg=color, bold=bold or None, dim=dim or None)


def write(text: str, stream: TextIO | None = None) -> None:
    """Print one or more lines; characters the terminal lacks come out as `?` instead of an error.

    Args:
        stream: None is standard output.
    """
    stream = sys.stdout if stream is None else stream
    try:
        stream.write(text + "\n")
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        stream.write(text.encode(encoding, "replace").decode(encoding) + "\n")


def write_json(value: Any, indent: int | None = None) -> None:
    """Print a value as JSON; where the terminal lacks a character, all that are not ASCII come out escaped."""
    import json

    try:
        sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=indent) + "\n")
    except UnicodeEncodeError:
        sys.stdout.write(json.dumps(value, indent=indent) + "\n")


def write_file(path: str, data: bytes) -> None:
    """Replace a file; a failed write leaves the old one.

    Raises:
        Unreadable: it cannot be written.
    """
    from abml.cli.inputs import Unreadable
    from abml.files import write_atomically

    try:
        write_atomically(path, data)
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror or error}") from None


def show(diagnostics: Sequence[Diagnostic], form: str = "text", stream: TextIO | None = None) -> None:
    """Print diagnostics in one of `abml.cli.checking.FORMATS`.

    Args:
        stream: of text; None is standard output. Where findings are not what the
            command prints, they belong on standard error.
    """
    if form == "text":
        if diagnostics:
            from abml.diagnostics.render_text import render_diagnostic

            color = has_color(stream)
            for diag in diagnostics:
                write(render_diagnostic(diag, color=color), stream)
        return
    from abml.diagnostics import render_data

    render = {
        "json": render_data.render_json,
        "sarif": render_data.render_sarif,
        "github": render_data.render_github,
    }[form]
    text = render(diagnostics)
    if text:
        write(text.rstrip("\n"))


def summary(diagnostics: Sequence[Diagnostic], files: int) -> None:
    """One closing line on standard error, so that standard output holds nothing but findings.

    Args:
        files: how many were read; of none there is nothing to say.
    """
    if not files:
        return
    counts = [
        _counted(sum(d.severity == "error" for d in diagnostics), "error"),
        _counted(sum(d.severity == "warning" for d in diagnostics), "warning"),
    ]
    sys.stderr.write(f"{', '.join(counts)} in {_counted(files, 'file')}\n")


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"
