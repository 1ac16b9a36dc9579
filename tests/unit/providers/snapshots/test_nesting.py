"""The two forms of an archive and the plain data of bundles: there and back, and what cannot be."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abml.providers.snapshots.codec import DecodeFault
from abml.providers.snapshots.models import (
    Archive,
    ArchiveFault,
    ResourceArchive,
    ResourceBundle,
    SnapshotEntry,
    SourceFailure,
    bundle_id,
    is_id,
    milliseconds,
    moment,
    walk,
)
from abml.providers.snapshots.nesting import archive_of, bundle_of
from abml.providers.snapshots.wire import bundle_from_data, bundle_to_data
from tests.unit.providers.snapshots.snapshot_support import bundle

_data = st.dictionaries(st.text(max_size=5), st.integers(-9, 9) | st.text(max_size=5) | st.none(), max_size=3)
_types = st.sampled_from(["character-history", "character-scar", "ship-log", "pet"])


def _archives(children: Any) -> Any:
    return st.builds(
        lambda kind, data, nested: Archive(kind, "k-7", moment(5), data, tuple(nested)), _types, _data, children
    )


_trees = st.lists(
    st.recursive(_archives(st.just(())), lambda inner: _archives(st.lists(inner, max_size=3)), max_leaves=8),
    max_size=4,
    unique_by=lambda one: one.resource_type,
)


@given(_trees)
def test_res_022_nested_and_flat_forms_there_and_back(children: list[Archive]) -> None:
    archive = Archive("character", "k-7", moment(5), {}, tuple(children))
    assert isinstance(archive, ResourceArchive)
    assert archive_of(bundle_of(archive)) == archive


def test_own_data_becomes_the_base_entry() -> None:
    archive = Archive("ship", "s", moment(5), {"name": "Heron"}, (Archive("ship-log", "s", moment(5), {"n": 1}),))
    assert [entry.source_type for entry in bundle_of(archive).entries] == ["ship-base", "ship-log"]
    both = Archive("ship", "s", moment(5), {"name": "Heron"}, (Archive("ship-base", "s", moment(5), {"n": 1}),))
    assert [entry.source_type for entry in bundle_of(both).entries] == ["ship-base"]


def test_archives_that_cannot_be() -> None:
    class Loop:
        resource_type = "character"
        resource_id = "k"
        archived_at = moment(0)
        schema_version = 1
        data: dict[str, Any] = {}
        nested: list[Any] = []

    one, other = Loop(), Loop()
    one.nested = [other]
    other.nested = [one]
    with pytest.raises(ArchiveFault, match="contains itself"):
        bundle_of(one)
    # The same archive in two places is no cycle.
    leaf = Archive("pet", "p", moment(0))
    assert (
        len(list(walk(Archive("character", "k", moment(0), {}, (leaf, Archive("house", "h", moment(0), {}, (leaf,)))))))
        == 4
    )
    deep = leaf
    for _ in range(20):
        deep = Archive("pet", "p", moment(0), {}, (deep,))
    with pytest.raises(ArchiveFault, match="levels deep"):
        bundle_of(deep)
    with pytest.raises(ArchiveFault, match="contains more than"):
        bundle_of(Archive("character", "k", moment(0), {}, (leaf,) * 10_001))
    with pytest.raises(ArchiveFault, match="'pet' stands there twice"):
        bundle_of(Archive("character", "k", moment(0), {}, (leaf, leaf)))
    with pytest.raises(ArchiveFault, match="no resource type"):
        bundle_of(Archive("character", "k", moment(0), {}, (Archive("", "k", moment(0)),)))
    with pytest.raises(ArchiveFault, match="is no JSON"):
        bundle_of(Archive("character", "k", moment(0), {"x": object()}))
    with pytest.raises(DecodeFault):
        archive_of(bundle({"character-base": "@"}))
    for nested in (3, [3], [{"resourceType": "x", "data": 3}]):
        with pytest.raises(DecodeFault):
            archive_of(bundle({"character-base": {"nestedArchives": nested}}))


_texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
_times = st.integers(0, 4_000_000_000_000).map(moment)
_entries = st.builds(SnapshotEntry, _texts, _texts, _texts, _times, st.none() | st.just("sha256:00"), st.integers(1, 9))
_failures = st.builds(SourceFailure, _texts, st.sampled_from(["unavailable", "timeout"]), _texts, st.integers(0, 9))
_bundles = st.builds(
    ResourceBundle,
    st.sampled_from(["snapshot", "archive"]),
    st.uuids(),
    _texts,
    _texts,
    st.lists(_entries, max_size=3).map(tuple),
    _times,
    st.none() | _times,
    st.integers(1, 9),
    st.none() | _texts,
    st.booleans(),
    st.lists(_failures, max_size=2).map(tuple),
)


@given(_bundles)
def test_plain_data_of_bundles_there_and_back(given: ResourceBundle) -> None:
    assert bundle_from_data(bundle_to_data(given)) == given


GOOD = {"resourceType": "character", "resourceId": "k"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "dream"}, "kind: 'dream' is neither"),
        ({"resourceType": None}, "resourceType: expected a text, found None"),
        ({"resourceId": 7}, "resourceId: expected a text, found 7"),
        ({"entries": {}}, "entries: expected a list, found dict"),
        ({"entries": [3]}, r"entries\[0\] is no object"),
        ({"entries": [{}]}, r"entries\[0\].sourceType: expected a text"),
        ({"entries": [{"sourceType": "x", "schemaVersion": 0}]}, "schemaVersion: expected a whole number"),
        ({"entries": [{"sourceType": "x", "collectedAt": "soon"}]}, "collectedAt: 'soon' is no time"),
        ({"version": "2"}, "version: expected a whole number"),
        ({"bundleId": "7"}, "bundleId: '7' is no UUID"),
        ({"createdAt": {}}, "createdAt: {} is no time"),
        ({"failures": [3]}, "failures: one is no object"),
    ],
)
def test_plain_data_of_the_wrong_shape(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ArchiveFault, match=message):
        bundle_from_data({**GOOD, **change})


def test_plain_data_may_say_little() -> None:
    made = bundle_from_data({**GOOD, "entries": [{"sourceType": "x", "data": 3, "collectedAt": 5.0}]})
    assert made.kind == "snapshot" and made.entries[0].data == "" and made.entries[0].collected_at == moment(5)
    assert made.bundle_id == bundle_id("snapshot", "character", "k", 0, 1)
    dead = bundle_from_data({**GOOD, "archiveId": str(made.bundle_id), "createdAt": "2031-05-04T03:02:01"})
    assert dead.kind == "archive" and milliseconds(dead.created_at) == 1_935_630_121_000
    assert bundle_from_data({**GOOD, "createdAt": float("inf")}).created_at == moment(0)
    assert bundle_from_data({**GOOD, "failures": [{"sourceType": "x", "kind": "?", "before": -1}]}).failures == (
        SourceFailure("x", "unavailable", "", 0),
    )


def test_times_beyond_the_calendar_are_its_ends() -> None:
    assert moment(-5) == moment(0) and moment(1e300).year == 9999
    assert milliseconds(datetime(1970, 1, 1, 0, 0, 1)) == 1_000


@pytest.mark.parametrize(("value", "expected"), [("k", True), (" ", False), ("", False), (None, False), (7, False)])
def test_ids(value: object, expected: bool) -> None:
    assert is_id(value) is expected
