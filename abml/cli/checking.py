"""What `abmlc check` does: diagnostics of documents, once, again at every change, or with their fixes applied.

The usual command lines are read here and not by click, which takes longer to
start than a small document to check. Whatever looks unusual is left to click,
so that its messages and its help are the only ones.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, NoReturn

from abml.cli import inputs, output

if TYPE_CHECKING:
    from abml.diagnostics import Diagnostic
    from abml.environment import Environment

FORMATS = ("text", "json", "sarif", "github")
WATCH_EVERY_S = 0.3


def run_plain(args: list[str]) -> int | None:
    """Run `abmlc check` with plain arguments: paths, `--format F` and `--templates DIR`.

    Returns:
        The exit status, or None for arguments that click has to look at.
    """
    paths: list[str] = []
    values: dict[str, str] = {}
    rest = iter(args)
    for arg in rest:
        if arg == inputs.STDIN or not arg.startswith("-"):
            paths.append(arg)
            continue
        value = next(rest, "-") if arg in ("--format", "--templates") else "-"
        if value.startswith("-"):
            return None
        values[arg] = value
    form = values.get("--format", "text")
    if not all(paths) or not paths or form not in FORMATS:
        return None
    return check_all(tuple(paths), values.get("--templates"), form, False)


def check_all(given: tuple[str, ...], templates: str | None, form: str, fix: bool, style: bool = False) -> int:
    """Check documents and print what was found; the exit status.

    Args:
        given: files, directories to search, `-` for standard input.
        templates: folder of resource templates.
        form: one of `FORMATS`.
        fix: apply the fixes first.
        style: report older spellings and loads that are fetched ahead too.
    """
    from abml.arguments import environment_of
    from abml.cli.findings import Findings

    environment = environment_of(templates)
    findings = Findings()
    files = inputs.paths(given)
    for path in files:
        try:
            findings.add(*_check_one(path, environment, fix, style))
        except inputs.Unreadable as error:
            error.show()
    found = findings.all()
    output.show(found, form)
    if form == "text":
        output.summary(found, findings.files)
    if findings.files < len(files):
        return 2
    return 1 if any(d.severity == "error" for d in found) else 0


def _check_one(path: str, environment: Environment, fix: bool, style: bool) -> tuple[list[Diagnostic], list[str]]:
    """What is wrong with one document, and the paths that it imports."""
    from abml.engine import inspect

    source = inputs.read(path)
    found, imported = inspect(source.data, environment, path=source.name, style=style)
    if fix:
        from abml.cli.fixes import mend

        before = source.data
        source, found = mend(source, found, lambda data: inspect(data, environment, path=source.name, style=style)[0])
        if source.data != before:
            output.write_file(path, source.data)
            sys.stderr.write(f"fixed {path}\n")
    return found, imported


def watch(given: tuple[str, ...], templates: str | None, form: str, fix: bool, style: bool = False) -> NoReturn:
    """Check once, and again after every change, until the process is interrupted."""
    while True:
        # Looked at before the check, so that a change during the check counts.
        seen = _stamps(given)
        check_all(given, templates, form, fix, style)
        sys.stdout.flush()
        while _stamps(given) == seen:
            time.sleep(WATCH_EVERY_S)
        sys.stderr.write("\n")


def _stamps(given: tuple[str, ...]) -> dict[str, tuple[int, int]]:
    """Time of change and size of every watched file; a file that is gone has none."""
    stamps: dict[str, tuple[int, int]] = {}
    try:
        for path in inputs.paths(given):
            info = os.stat(path)
            stamps[path] = (info.st_mtime_ns, info.st_size)
    except (OSError, inputs.Unreadable):
        # Editors replace files: between removal and renaming there is nothing to look at.
        return stamps
    return stamps
