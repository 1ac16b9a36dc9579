"""The command group `abmlc`, and what all commands share: exit status, interrupts, closed pipes."""

from __future__ import annotations

import os
import sys

import click

import abml

# name -> (module, help in one line). The module is imported when the command is used, so that
# `abmlc --help` and `abmlc check` start fast; each has a click command of the name.
COMMANDS: dict[str, tuple[str, str]] = {
    "check": ("abml.cli.check", "Parse and analyse documents; print diagnostics."),
    "build": ("abml.cli.build", "Compile documents to .abmc."),
    "run": ("abml.cli.run", "Run one actor, and print what it did."),
    "eval": ("abml.cli.evaluate", "Print the value of an expression as JSON."),
    "dis": ("abml.cli.disassemble", "List the instructions of a document or .abmc."),
    "explain": ("abml.cli.explain", "What a diagnostic means, with an example and its fix."),
}

INTERRUPTED = 130
CLOSED_PIPE = 141


class Commands(click.Group):
    """A group that knows its commands by name and loads the one that is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module

        command = getattr(import_module(COMMANDS[cmd_name][0]), "command")
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from abml.suggest import nearest

            known = nearest(args[0], COMMANDS)
            hint = f" Did you mean {known!r}?" if known else ""
            raise click.UsageError(f"No such command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit status: 0 fine, 1 the input has errors, 2 wrong usage or unreadable file.",
)
@click.version_option(abml.__version__, prog_name="abmlc", message="%(prog)s %(version)s")
def abmlc() -> None:
    """Compiler and tools for ABML, a YAML language for behavior."""


def run() -> None:
    """Run the command line of this process and exit: 0, 1 or 2; 130 after Ctrl-C."""
    try:
        status = abmlc.main(prog_name="abmlc", standalone_mode=False)
        sys.stdout.flush()
    except (KeyboardInterrupt, click.exceptions.Abort):
        _leave(INTERRUPTED)
    except BrokenPipeError:
        _leave(CLOSED_PIPE)
    except click.ClickException as error:
        error.show()
        _leave(error.exit_code)
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        click.echo(f"abmlc: {name}{error.strerror or error}", err=True)
        _leave(2)
    except Exception as error:
        # A defect of ours. Users need the sentence, we need the traceback.
        if os.environ.get("ABML_TRACEBACK") == "1":
            raise
        click.echo(f"abmlc: internal error: {type(error).__name__}: {error} (ABML_TRACEBACK=1 shows where)", err=True)
        _leave(2)
    _leave(status if isinstance(status, int) else 0)


def _leave(status: int) -> None:
    """Exit; what a closed pipe no longer takes is dropped without a word."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = CLOSED_PIPE if status in (0, 1) else status
    raise SystemExit(status)
