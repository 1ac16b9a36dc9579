"""One generated program of several files, run by the product and by the judge."""

from __future__ import annotations

from tests.differential.channel_cases import compared
from tests.property.documents import given
from tests.property.libraries import program


def difference(seed: int) -> str | None:
    """A report when the two disagree about the program of a seed, else None."""
    text, files = program(seed)
    found = compared(text, files, seed=seed, scope=given(seed))
    return None if found is None else f"seed: {seed}\n{found}"
