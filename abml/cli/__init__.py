"""The console script `abmlc`."""

from __future__ import annotations

import gc

# New objects before the collector looks for cyclic garbage. Below this are the modules of a start, which stay.
_COLLECT_AFTER = 50_000


def main() -> None:
    """Run `abmlc` with the arguments of this process, and exit with its status."""
    gc.set_threshold(_COLLECT_AFTER, 20, 20)
    try:
        from abml.cli.main import run

        run()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    finally:
        # The interpreter's last search would walk all that the system is about to take back.
        gc.freeze()
