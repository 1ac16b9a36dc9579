"""A pytest plugin: a test that takes far too long ends the process, in compiled code too."""

from __future__ import annotations

import faulthandler
import os
from collections.abc import Generator

import pytest

LIMIT_S = float(os.environ.get("ABML_TEST_LIMIT_S", "60"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, object, object]:
    """Around each test: the clock starts again."""
    faulthandler.dump_traceback_later(LIMIT_S, exit=True)
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()
