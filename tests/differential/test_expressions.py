"""Expressions: the product against the judge, drawn at random."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.differential.expression_cases import difference
from tests.differential.sizes import EXPRESSIONS, LONG_EXPRESSIONS, report
from tests.property.expressions import Writer, expressions

BLOCK = 250


@pytest.mark.parametrize("block", range(EXPRESSIONS // BLOCK))
def test_random_expressions(block: int) -> None:
    texts = expressions(block, BLOCK)
    report([difference(text, seed) for seed, text in enumerate(texts)])


@pytest.mark.long
@pytest.mark.parametrize("block", range(LONG_EXPRESSIONS // BLOCK))
def test_many_random_expressions(block: int) -> None:
    texts = expressions(100_000 + block, BLOCK, depth=5)
    report([difference(text, seed) for seed, text in enumerate(texts)])


@settings(max_examples=150, derandomize=True, deadline=None, database=None)
@given(st.randoms(use_true_random=False), st.integers(1, 4), st.integers(0, 2**64 - 1))
def test_expressions_that_shrink(rng: random.Random, depth: int, seed: int) -> None:
    """The same texts under a search that makes a failing one small."""
    found = difference(Writer(rng).expression("any", depth), seed)
    assert found is None, found
