"""The console script `abmlc`."""

from __future__ import annotations


def main() -> None:
    """Run `abmlc` with the arguments of this process, and exit with its status."""
    try:
        from abml.cli.main import run
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    run()
