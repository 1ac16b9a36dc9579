"""Documents: runs of the product against runs of the judge, drawn at random."""

from __future__ import annotations

import pytest

from tests.differential.document_cases import difference
from tests.differential.sizes import DOCUMENTS, LONG_DOCUMENTS, report

BLOCK = 25


@pytest.mark.parametrize("block", range(DOCUMENTS // BLOCK))
def test_random_documents(block: int) -> None:
    report([difference(seed) for seed in range(block * BLOCK, (block + 1) * BLOCK)])


@pytest.mark.long
@pytest.mark.parametrize("block", range(LONG_DOCUMENTS // BLOCK))
def test_many_random_documents(block: int) -> None:
    first = 1_000_000 + block * BLOCK
    report([difference(seed) for seed in range(first, first + BLOCK)])
