"""Whatever comes in (bundles as plain data, answers, data, paths, events): a value or a fault, never a crash."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from abml.providers.snapshots.backends import Outcome, outcome_of
from abml.providers.snapshots.codec import encode
from abml.providers.snapshots.decoded import DecodedBundle, Reading
from abml.providers.snapshots.events import EventMapping, EventMappings, MappingFault
from abml.providers.snapshots.models import ArchiveFault, ResourceBundle
from abml.providers.snapshots.naming import names_of
from abml.providers.snapshots.view import PSEUDO_KEYS, BundleView, Subject
from abml.providers.snapshots.watching import WatchRegistry
from abml.providers.snapshots.wire import bundle_from_data, bundle_to_data
from abml.vm.clock import VirtualClock
from tests.unit.providers.snapshots.snapshot_support import DATA, REGISTRY, bundle

_leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["character", "k-7"])
)
_keys = st.text(max_size=4) | st.sampled_from(
    ["kind", "resourceType", "resourceId", "entries", "sourceType", "data", "createdAt", "version", "failures"]
    + ["nestedArchives", "archiveId", "x-lifecycle", "components", "schemas", "x-resource-mapping", "topic", "events"]
)
_anything = st.recursive(
    _leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_keys, inner, max_size=5), max_leaves=10
)
_objects = st.dictionaries(_keys, _anything, max_size=6)


@given(_objects)
def test_plain_data_is_a_bundle_or_a_fault(data: dict[str, Any]) -> None:
    try:
        made = bundle_from_data({"resourceType": "character", "resourceId": "k-7", **data})
    except ArchiveFault as fault:
        assert str(fault)
        return
    assert bundle_from_data(bundle_to_data(made)).resource_id == made.resource_id
    record = DecodedBundle(made, Reading(REGISTRY))
    view = BundleView(Subject("character", "k-7", "snapshot"), record, VirtualClock())
    assert isinstance(view.get(()), dict)


class Odd:
    """Half an archive."""

    resource_type = "character"
    resource_id = "k-7"
    archived_at = None
    schema_version = "x"
    data = 3
    nested: Any = ()


class Odder(Odd):
    nested = 7


@given(
    _anything
    | st.sampled_from([Odd(), Odder(), Odd, KeyboardInterrupt, OSError("x"), RecursionError(), b"x", object()])
)
def test_any_answer_of_a_backend_has_an_outcome(answer: Any) -> None:
    outcome = outcome_of(answer, "snapshot", "character", "k-7")
    assert isinstance(outcome, Outcome)
    assert (outcome.bundle is None) == (outcome.kind is not None)
    assert outcome.kind in (None, "not_found", "unavailable", "timeout", "decode_error")


@given(st.dictionaries(st.sampled_from([*DATA, "quest", "harbor-lamp"]), _objects, max_size=4), st.data())
def test_any_path_of_any_data_is_a_plain_value(entries: dict[str, Any], draw: st.DataObject) -> None:
    coded = {name: data for name, data in entries.items() if _is_json(data)}
    record = DecodedBundle(bundle(coded), Reading(REGISTRY))
    view = BundleView(Subject("character", "k-7", "snapshot"), record, VirtualClock())
    names = [name for kind in coded for name in names_of(kind, REGISTRY)] + list(PSEUDO_KEYS) + ["id", "x"]
    steps = _keys | st.sampled_from(["0", "[0]", "[]", "[", "-1", "length", "first", "keys", "²", "١"])
    for _ in range(4):
        path = (draw.draw(st.sampled_from(names)), *draw.draw(st.lists(steps, max_size=4)))
        value = view.get(path)
        assert value is None or type(value).__name__ in ("bool", "int", "float", "str", "list", "dict", "Duration")


def _is_json(data: Any) -> bool:
    try:
        encode(data)
    except ValueError:
        return False
    return True


@given(_objects, st.text(max_size=8) | st.just("resource.compressed"), _anything)
def test_any_schema_and_any_event(schema: dict[str, Any], topic: str, payload: Any) -> None:
    mappings = EventMappings([EventMapping("t", "character", "a.b")])
    try:
        mappings.load(schema)
    except MappingFault as fault:
        assert str(fault)
    for change in mappings.changes(topic, payload, 0):
        assert change.change.resource_id


@given(st.lists(_objects, max_size=3))
def test_any_saved_watches(saved: list[dict[str, Any]]) -> None:
    watches = WatchRegistry()
    try:
        entries = watches.restore("g", saved, lambda change: None)
    except ValueError as error:
        assert str(error) and len(watches) == 0
        return
    assert len(watches) == len({(entry.resource_type, entry.resource_id) for entry in entries})


def test_bundles_of_the_wrong_parts() -> None:
    good = bundle()
    for wrong in (
        ResourceBundle("snapshot", good.bundle_id, "character", "k-7", [], good.created_at),  # type: ignore[arg-type]
        ResourceBundle("snapshot", good.bundle_id, "character", "k-7", (3,), good.created_at),  # type: ignore[arg-type]
        ResourceBundle("snapshot", good.bundle_id, "character", "k-7", (), good.created_at, failures=(3,)),  # type: ignore[arg-type]
    ):
        assert outcome_of(wrong, "snapshot", "character", "k-7").kind == "decode_error"
