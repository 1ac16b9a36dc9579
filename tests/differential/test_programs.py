"""Programs of several files: runs of the product against runs of the judge, drawn at random."""

from __future__ import annotations

import pytest

from tests.differential.program_cases import difference
from tests.differential.sizes import LONG_PROGRAMS, PROGRAMS, report

BLOCK = 25


@pytest.mark.parametrize("block", range(PROGRAMS // BLOCK))
def test_random_programs(block: int) -> None:
    report([difference(seed) for seed in range(block * BLOCK, (block + 1) * BLOCK)])


@pytest.mark.long
@pytest.mark.parametrize("block", range(LONG_PROGRAMS // BLOCK))
def test_many_random_programs(block: int) -> None:
    first = 1_000_000 + block * BLOCK
    report([difference(seed) for seed in range(first, first + BLOCK)])
