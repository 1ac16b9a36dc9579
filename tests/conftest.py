"""What every test may use: the project root, the golden switch, the profiles of random tests."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the expected files of tests/golden again")


def pytest_configure(config: pytest.Config) -> None:
    try:
        from hypothesis import HealthCheck, settings
    except ImportError:
        return
    # Seconds in `make test`, minutes in `make fuzz`; a failing example is printed either way.
    calm = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "print_blob": True}
    settings.register_profile("test", max_examples=60, derandomize=True, **calm)
    settings.register_profile("fuzz", max_examples=3_000, **calm)
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "test"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the project."""
    return ROOT


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether expected files are to be written instead of compared."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def abmlc_path() -> str:
    """The installed console script of this environment."""
    beside = Path(sys.executable).parent / "abmlc"
    found = str(beside) if beside.exists() else shutil.which("abmlc")
    if found is None:
        pytest.skip("abmlc is not installed in this environment: make setup")
    return found
