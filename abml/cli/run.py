"""`abmlc run`: one document, one actor."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from abml.cli import inputs, options, output

if TYPE_CHECKING:
    from abml.result import RunResult


@click.command("run", context_settings=options.SETTINGS)
@click.argument("path", metavar="PATH")
@click.option("--flow", metavar="FLOW", help="The flow to start with, in place of the document's entry.")
@click.option("--ticks", type=click.IntRange(min=1), metavar="N", help="Drive the actor by N ticks.")
@options.scope
@click.option("--seed", type=int, default=0, metavar="N", help="Seed of the random functions.  [default: 0]")
@click.option("--answers", metavar="JSON|@FILE", help="What the player answers, one after the other: a JSON list.")
@click.option("--dialogue", metavar="DIR", help="Where the files of dialogue references are.")
@click.option("--locale", metavar="NAME", help="Language of spoken texts, such as es-MX.")
@options.templates
@click.option("--json", "as_json", is_flag=True, help="Print one object with the fields of RunResult.")
@click.option("--trace", is_flag=True, help="Say when each thing happened, and in which flow.")
def command(
    path: str,
    flow: str | None,
    ticks: int | None,
    scope: str | None,
    seed: int,
    answers: str | None,
    dialogue: str | None,
    locale: str | None,
    templates: str | None,
    as_json: bool,
    trace: bool,
) -> int:
    """Run one actor, and print what it did.

    PATH is a document, a compiled program (.abmc), or - for standard input.
    Waits pass at once: the clock is a virtual one. A question is answered by
    the value, the index or the label of an option; null lets its time run out.
    """
    from abml.cli.programs import load

    values = inputs.scope(scope)
    script = inputs.answers(answers)
    program = load(path, templates=templates)
    if program is None:
        return 1
    import abml

    if dialogue is not None and not os.path.isdir(dialogue):
        raise inputs.Unreadable(f"{dialogue}: no such folder")
    result = abml.run(
        program,
        flow=flow,
        scope=values,
        seed=seed,
        ticks=ticks,
        answers=script,
        dialogue=dialogue,
        locale=locale,
    )
    if as_json:
        output.write_json(result.to_dict(), indent=2)
    else:
        from abml.cli.story import tell

        tell(result, _failing_line(result), trace=trace)
    return 1 if result.status == "failed" else 0


def _failing_line(result: RunResult) -> str | None:
    """The source line of the error, when its file can be read."""
    span = None if result.error is None else result.error.get("span")
    if span is None or span.path is None:
        return None
    from abml.source import Source

    try:
        with open(span.path, encoding="utf-8-sig") as file:
            return Source(file.read(), span.path).line(span.line)
    except (OSError, ValueError):
        return None
