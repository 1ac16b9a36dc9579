"""The verbs of `abmlc`, and what all of them share: exit status, interrupts, closed pipes.

Nothing is imported here that `abmlc --help` does not need; click alone takes
three times as long as the bare interpreter.
"""

from __future__ import annotations

import os
import sys

# verb -> (module, help in one line). The module has a click command called `command`.
COMMANDS: dict[str, tuple[str, str]] = {
    "check": ("abml.cli.check", "Parse and analyse documents; print diagnostics."),
    "build": ("abml.cli.build", "Compile documents to .abmc."),
    "run": ("abml.cli.run", "Run one actor, and print what it did."),
    "plan": ("abml.cli.plan", "Print the plan for a goal, and why."),
    "eval": ("abml.cli.evaluate", "Print the value of an expression as JSON."),
    "dis": ("abml.cli.disassemble", "List the instructions of a document or .abmc."),
    "fmt": ("abml.cli.fmt", "Write documents in canonical form."),
    "templates": ("abml.cli.templates", "Make resource templates from schemas, and list them."),
    "explain": ("abml.cli.explain", "What a diagnostic means, with an example and its fix."),
}

INTERRUPTED = 130
CLOSED_PIPE = 141


def usage() -> str:
    """What `abmlc --help` prints."""
    verbs = "\n".join(f"  {name:<10} {text}" for name, (_, text) in COMMANDS.items())
    return f"""\
Usage: abmlc COMMAND [ARGS]...

  Compiler and tools for ABML, a YAML language for behavior.

Commands:
{verbs}

Options:
  -h, --help  Show this message, or that of a command.
  --version   Show the version.

Exit status: 0 fine, 1 the input has errors, 2 wrong usage or unreadable file."""


def run() -> None:
    """Run the command line of this process and exit: 0, 1 or 2; 130 after Ctrl-C."""
    try:
        status = _dispatch(sys.argv[1:])
        sys.stdout.flush()
    except KeyboardInterrupt:
        status = INTERRUPTED
    except BrokenPipeError:
        status = CLOSED_PIPE
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        status = _complain(f"{name}{error.strerror or error}")
    except Exception as error:
        from abml.errors import AbmlError

        if isinstance(error, AbmlError):
            # Of what was named beside the documents, such as a registry of templates.
            sys.exit(_complain(str(error)))
        # A defect of ours. Users need the sentence, we need the traceback.
        if os.environ.get("ABML_TRACEBACK") == "1":
            raise
        status = _complain(f"internal error: {type(error).__name__}: {error} (ABML_TRACEBACK=1 shows where)")
    _leave(status)


def _dispatch(args: list[str]) -> int:
    if not args:
        sys.stderr.write(usage() + "\n")
        return 2
    verb = args[0]
    if verb in ("-h", "--help"):
        sys.stdout.write(usage() + "\n")
        return 0
    if verb == "--version":
        import abml

        sys.stdout.write(f"abmlc {abml.__version__}\n")
        return 0
    if verb not in COMMANDS:
        from abml.suggest import nearest

        what = "option" if verb.startswith("-") else "command"
        known = nearest(verb, COMMANDS)
        return _complain(f"no such {what}: {verb}" + (f"; did you mean '{known}'?" if known else "; see abmlc --help"))
    return _call(verb, args[1:])


def _call(verb: str, args: list[str]) -> int:
    """Run one verb; what it has to say about its arguments goes to standard error."""
    from abml.cli import inputs

    try:
        if verb == "check":
            from abml.cli.checking import run_plain

            status = run_plain(args)
            if status is not None:
                return status
        return _call_click(verb, args)
    except inputs.Unreadable as error:
        error.show()
        return 2


def _call_click(verb: str, args: list[str]) -> int:
    """Run the click command of a verb."""
    from importlib import import_module

    import click

    command = import_module(COMMANDS[verb][0]).command
    try:
        # Not `command.main`, which takes a closed pipe for a failure of the command.
        with command.make_context(f"abmlc {verb}", args) as context:
            status = command.invoke(context)
    except click.exceptions.Exit as left:
        return left.exit_code
    except click.exceptions.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    return status if isinstance(status, int) else 0


def _complain(text: str) -> int:
    sys.stderr.write(f"abmlc: {text}\n")
    return 2


def _leave(status: int) -> None:
    """Exit; what a closed pipe no longer takes is dropped without a word."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = CLOSED_PIPE if status in (0, 1) else status
    raise SystemExit(status)
