"""`abmlc check`: diagnostics of documents, once, again at every change, or with their fixes applied."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import click

from abml.cli import inputs, options, output

if TYPE_CHECKING:
    from abml.diagnostics import Diagnostic

WATCH_EVERY_S = 0.3


@click.command("check", context_settings=options.SETTINGS)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@options.templates
@options.form
@click.option("--fix", is_flag=True, help="Apply the fixes that diagnostics offer, then check again.")
@click.option("--watch", is_flag=True, help="Check again whenever a file changes, until Ctrl-C.")
def command(paths: tuple[str, ...], templates: str | None, form: str, fix: bool, watch: bool) -> int:
    """Parse and analyse documents; print diagnostics.

    PATH is a file, a directory to search, or - for standard input.
    """
    if inputs.STDIN in paths and (fix or watch):
        raise click.UsageError("standard input can neither be fixed nor watched")
    status = _check_all(paths, templates, form, fix)
    if watch:
        _watch(paths, templates, form, fix)
    return status


def _check_all(given: tuple[str, ...], templates: str | None, form: str, fix: bool) -> int:
    found: list[Diagnostic] = []
    unreadable = False
    files = inputs.paths(given)
    for path in files:
        try:
            found.extend(_check_one(path, templates, fix))
        except inputs.Unreadable as error:
            error.show()
            unreadable = True
    output.show(found, form)
    if form == "text":
        output.summary(found, len(files))
    if unreadable:
        return 2
    return 1 if any(d.severity == "error" for d in found) else 0


def _check_one(path: str, templates: str | None, fix: bool) -> list[Diagnostic]:
    import abml

    source = inputs.read(path)
    found = abml.check(source.data, path=source.name, templates=templates)
    if fix:
        from abml.cli.fixes import fixed

        for _ in range(10):
            data = fixed(source, found)
            if data == source.data:
                break
            from abml.files import write_atomically

            write_atomically(path, data)
            source = source._replace(data=data)
            # A fix may uncover what it hid, so look again.
            found = abml.check(source.data, path=source.name, templates=templates)
    return found


def _watch(given: tuple[str, ...], templates: str | None, form: str, fix: bool) -> None:
    before = _stamps(given)
    while True:
        time.sleep(WATCH_EVERY_S)
        now = _stamps(given)
        if now != before:
            before = now
            click.echo("", err=True)
            _check_all(given, templates, form, fix)
            before = _stamps(given)


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
