"""What a loop is about to load, asked of the library at once before the first round (`abml.compiler.ahead`)."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

from .resources import Later, Snapshots

MAX_AHEAD = 1_000
"""Loops over more elements load them one by one: nobody knows how much the library keeps."""


def fetch_ahead(snapshots: Snapshots, loads: Mapping[str, Any], collection: Any, flow: str | None) -> Later[Any] | None:
    """Have the library fetch what a loop is going to load.

    Whatever is no id or cannot be had is left to the loads of the loop, which tell.

    Args:
        loads: `type` of the resources, `path` from an element to its id, `filter`.
        collection: what the loop goes over.
        flow: who loads.

    Returns:
        What has to be awaited first; None when that is done, or not worth while.
    """
    resources = snapshots.resources
    if resources is None or not isinstance(collection, list | dict) or not 1 < len(collection) <= MAX_AHEAD:
        return None
    if isinstance(collection, dict):
        collection = [{"key": key, "value": value} for key, value in collection.items()]
    ids = list(dict.fromkeys(found for item in collection if (found := _id_at(item, loads["path"])) is not None))
    if len(ids) < 2:
        return None
    try:
        counted = resources.prefetch(loads["type"], ids, snapshots.sources(flow, loads["type"], loads["filter"]))
    except Exception:
        # A cache that stays cold is no matter of the document; each load says what is wrong.
        return None
    return Later(counted, lambda _: None, lambda _: None) if isinstance(counted, Awaitable) else None


def _id_at(item: Any, path: Sequence[str]) -> str | None:
    """The id at a path below an element; None for anything else."""
    for step in path:
        item = item.get(step) if isinstance(item, dict) else None
    return item if isinstance(item, str) and item else None
