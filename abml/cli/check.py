"""`abmlc check`: its arguments."""

from __future__ import annotations

import click

from abml.cli import checking, inputs, options


@click.command("check", context_settings=options.SETTINGS)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@options.templates
@options.form
@click.option("--fix", is_flag=True, help="Apply the fixes that diagnostics offer, then check again.")
@click.option("--style", is_flag=True, help="Report older spellings too, and loads that are fetched ahead.")
@click.option("--watch", is_flag=True, help="Check again whenever a file changes, until Ctrl-C.")
def command(paths: tuple[str, ...], templates: str | None, form: str, fix: bool, style: bool, watch: bool) -> int:
    """Parse and analyse documents; print diagnostics.

    PATH is a file, a directory to search, or - for standard input.
    """
    if inputs.STDIN in paths and (fix or watch):
        raise click.UsageError("standard input can neither be fixed nor watched")
    if watch:
        checking.watch(paths, templates, form, fix, style)
    return checking.check_all(paths, templates, form, fix, style)
