"""Documents that load snapshots: runs of the product against runs of the judge, drawn at random.

The product's library gives some answers at once and some when they are awaited; the judge has all data at hand.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import pytest

import abml
from abml.vm.protocols import SnapshotRequest
from tests.differential.compare import plain, same_value
from tests.differential.document_cases import log_of, shown, visible
from tests.differential.sizes import DOCUMENTS, LONG_DOCUMENTS, report
from tests.property.resources import DATA, resource_document
from tests.reference.reading import document as read
from tests.reference.run import run_document
from tests.unit.vm.resources_support import Library, View

BLOCK = 25


class Mixed(Library):
    """Every third answer has to be awaited; a view shows the sources of its request only."""

    def __init__(self) -> None:
        super().__init__({})
        self.gate.is_open = True

    def fetch(self, request: SnapshotRequest) -> View | Awaitable[View]:
        self.is_slow = len(self.requests) % 3 == 0
        return super().fetch(request)

    def view(self, request: SnapshotRequest) -> View:
        found = DATA.get((request.resource_type, request.resource_id))
        self.data = {} if found is None else {
            request.resource_id: {
                kind: data for kind, data in found.items() if request.sources is None or kind in request.sources
            }
        }  # fmt: skip
        return super().view(request)

    def prefetch(self, resource_type: str, resource_ids: Any, sources: Any) -> Any:
        self.data = {one: {} for kind, one in DATA if kind == resource_type}
        return super().prefetch(resource_type, resource_ids, sources)


def difference(seed: int) -> str | None:
    """A report when the two disagree about the document of a seed, else None."""
    text = resource_document(seed)
    try:
        actual = abml.run(text, resources=Mixed(), seed=seed)
    except abml.CompileError as error:
        return f"seed: {seed}\nproduct refuses the document:\n{error}\n{text}"
    expected = run_document(read(text), resources=DATA, seed=seed)
    mine, theirs = _outcome(expected), _outcome(actual)
    mine["logs"] = [log_of(record) for record in expected.logs]
    parts = [key for key in mine if not same_value(mine[key], theirs[key])]
    if not parts:
        return None
    told = "\n".join(f"--- {key}\njudge:   {shown(mine[key])}\nproduct: {shown(theirs[key])}" for key in parts)
    return f"seed: {seed}\n{text}\n{told}"


def _outcome(result: Any) -> dict[str, Any]:
    error = result.error
    return {
        "status": result.status,
        "error": None if error is None else {key: error.get(key) for key in ("kind", "flow", "action")},
        "logs": [[record["level"], record["message"], plain(record["data"])] for record in result.logs],
        "effects": [[record["name"], plain(record["params"])] for record in result.effects],
        "scope": visible(plain(result.scope)),
    }


def level_difference(seed: int) -> str | None:
    """A report when a run that fetches ahead and one that does not differ, else None."""
    text = resource_document(seed)
    results = [abml.run(abml.compile(text, optimize=level), resources=Mixed(), seed=seed) for level in (0, 1)]
    plainly, ahead = (
        (one.status, one.error and one.error["kind"], one.logs, one.effects, one.intents, one.scope) for one in results
    )
    return None if plainly == ahead else f"seed: {seed}\n{text}\nlevel 0: {plainly}\nlevel 1: {ahead}"


@pytest.mark.parametrize("block", range(DOCUMENTS // BLOCK))
def test_res_058_fetching_ahead_changes_no_run(block: int) -> None:
    report([level_difference(seed) for seed in range(block * BLOCK, (block + 1) * BLOCK)])


@pytest.mark.parametrize("block", range(DOCUMENTS // BLOCK))
def test_random_loads(block: int) -> None:
    report([difference(seed) for seed in range(block * BLOCK, (block + 1) * BLOCK)])


@pytest.mark.long
@pytest.mark.parametrize("block", range(LONG_DOCUMENTS // BLOCK))
def test_many_random_loads(block: int) -> None:
    first = 1_000_000 + block * BLOCK
    report([difference(seed) for seed in range(first, first + BLOCK)])
