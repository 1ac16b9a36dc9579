"""Getting a program from an argument, whether it names a document or a compiled one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from abml.cli import inputs, output

if TYPE_CHECKING:
    from abml.compiler.bytecode.program import Program


def load(path: str, **options: Any) -> Program | None:
    """The program behind a path or `-`; None when it has errors, which are then printed.

    Args:
        options: handed to `abml.compile` for a document.
    """
    import abml

    source = inputs.read(path)
    try:
        if inputs.is_program(source.data):
            return abml.Program.from_bytes(source.data)
        return abml.compile(source.data, path=source.name, **options)
    except abml.CompileError as error:
        output.show([diag for diag in error.diagnostics if diag.severity != "info"], stream=sys.stderr)
    except abml.ProgramFormatError as error:
        click.echo(f"abmlc: {source.name}: {error}", err=True)
    return None
