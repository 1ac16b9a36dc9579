"""The conformance suite beside this project, where it exists."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
SUITE = HERE.parents[2] / "shared" / "conformance"
# A case that contradicts the language reference is named in KNOWN, with the place that decides.
SUITES = (
    "expressions",
    "coercion",
    "execution",
    "templates",
    "options",
    "documents",
    "compile_run",
    "goap",
    "dialogue",
)
KNOWN: dict[str, str] = {}

pytestmark = pytest.mark.skipif(
    not (SUITE / "run.py").exists(), reason="the conformance suite is not beside this project (../shared/conformance)"
)


@pytest.mark.parametrize("suite", SUITES)
def test_suite(suite: str) -> None:
    command = [sys.executable, str(SUITE / "run.py"), "--adapter", str(HERE / "outside_adapter.py")]
    done = subprocess.run([*command, "--suite", suite, "--json", "--min-pass", "0"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)["suites"][suite]
    failed = {f["id"]: f["reason"] for f in report["failures"] if not f["contested"] and f["id"] not in KNOWN}
    assert failed == {}
    assert report["passed"] > 0
