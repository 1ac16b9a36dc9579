"""`abmlc eval`: the value of one expression."""

from __future__ import annotations

import json

import click

from abml.cli import inputs, options, output


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
    except abml.AbmlError as error:
        click.echo(f"abmlc: {error}", err=True)
        return 1
    output.write(json.dumps(jsonable(value), ensure_ascii=False))
    return 0
