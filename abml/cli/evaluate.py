"""`abmlc eval`: the value of one expression."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from abml.cli import inputs, options, output

if TYPE_CHECKING:
    from abml.errors import AbmlRuntimeError


@click.command("eval", context_settings={**options.SETTINGS, "ignore_unknown_options": True})
@click.argument("expression", metavar="EXPR")
@options.scope
@click.option("--seed", type=int, help="Seed of the random functions.")
def command(expression: str, scope: str | None, seed: int | None) -> int:
    """Print the value of an expression as JSON.

    EXPR may stand in ${ } or not; - reads it from standard input.
    """
    import abml
    from abml.result import jsonable

    values = inputs.scope(scope)
    if expression == inputs.STDIN:
        try:
            expression = inputs.read(expression).data.decode("utf-8-sig").strip()
        except UnicodeDecodeError:
            raise inputs.Unreadable("standard input: not UTF-8 text") from None
    try:
        value = abml.evaluate(expression, values, seed=seed)
    except abml.AbmlSyntaxError as error:
        output.show(error.diagnostics, stream=sys.stderr)
        return 1
    except abml.AbmlRuntimeError as error:
        _show_failure(error, expression)
        return 1
    output.write_json(jsonable(value))
    return 0


def _show_failure(error: AbmlRuntimeError, expression: str) -> None:
    """Say what failed, and mark the part of the expression that did."""
    output.write(f"abmlc: {error.kind}[{error.code}]: {error.message}", sys.stderr)
    if error.span is None:
        return
    from abml.cli.story import marked
    from abml.source import Source

    for line in marked(Source(expression).line(error.span.line), error.span):
        output.write(f"  {line}", sys.stderr)
