"""The console script `abmlc`."""

from __future__ import annotations


def main() -> None:
    """Run `abmlc` with the arguments of this process, and exit with its status."""
    from abml.cli.main import main as run

    run()
