"""Templates: the product against the judge, drawn at random."""

from __future__ import annotations

import pytest

from tests.differential.sizes import LONG_TEMPLATES, TEMPLATES, report
from tests.differential.template_cases import difference
from tests.property.templates import templates

BLOCK = 100


@pytest.mark.parametrize("block", range(TEMPLATES // BLOCK))
def test_random_templates(block: int) -> None:
    report([difference(text, seed) for seed, text in enumerate(templates(block, BLOCK))])


@pytest.mark.long
@pytest.mark.parametrize("block", range(LONG_TEMPLATES // BLOCK))
def test_many_random_templates(block: int) -> None:
    report([difference(text, seed) for seed, text in enumerate(templates(100_000 + block, BLOCK))])
