"""The machine survives every program that the verifier accepts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_changed_programs_never_break_the_machine() -> None:
    count = 20_000 if os.environ.get("HYPOTHESIS_PROFILE") == "fuzz" else 800
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.hostile", "0", str(count)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
    )
    last = done.stdout.strip().splitlines()[-2:]
    assert done.returncode == 0, f"the machine broke after {last}: {done.stderr[-500:]}"
    ran = int(last[-1].split()[1])
    assert ran > count // 10
