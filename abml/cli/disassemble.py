"""`abmlc dis`: the instructions of a program."""

from __future__ import annotations

import click

from abml.cli import options, output
from abml.cli.programs import load


@click.command("dis", context_settings=options.SETTINGS)
@click.argument("path", metavar="PATH")
@options.templates
def command(path: str, templates: str | None) -> int:
    """List the instructions of a document or .abmc."""
    program = load(path, templates=templates)
    if program is None:
        return 1
    output.write(program.disassemble().rstrip("\n"))
    return 0
