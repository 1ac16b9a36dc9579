"""Paths through a snapshot: names, letter case, lists, pseudo keys, filters, damage."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abml.environment import TemplateRegistry, namespace_of
from abml.providers.snapshots import view as view_module
from abml.providers.snapshots.codec import DecodeLimits, encode
from abml.providers.snapshots.decoded import DecodedBundle, Reading
from abml.providers.snapshots.models import ResourceBundle, SourceFailure
from abml.providers.snapshots.naming import NO_TEMPLATES, source_type_of
from abml.providers.snapshots.view import BundleView, Problem, Subject
from abml.values import Duration
from abml.vm.clock import VirtualClock
from tests.unit.providers.snapshots.snapshot_support import DATA, REGISTRY, bundle, entry


def view(
    of: ResourceBundle | None = None,
    sources: tuple[str, ...] | None = None,
    aliases: dict[str, str] | None = None,
    warnings: list[str] | None = None,
    templates: Any = REGISTRY,
    **more: Any,
) -> BundleView:
    reading = Reading(templates, warn=None if warnings is None else warnings.append, **more)
    record = DecodedBundle(bundle() if of is None else of, reading)
    return BundleView(Subject("character", "k-7", "snapshot", sources, aliases or {}), record, VirtualClock(5_000))


def at(of: BundleView, path: str) -> Any:
    return of.get(tuple(path.split(".")) if path else ())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("personality.aggression", 0.75),
        ("history.participations.0.role", "pilot"),
        ("history.participations.[1].role", "smuggler"),
        ("encounters.recent_count", 3),
        ("base.name", "Orla"),
        ("character.name", "Orla"),
        ("character-personality.aggression", 0.75),
        ("CHARACTER-Personality.Traits.PATIENCE", 0.5),
        ("Personality.AGGRESSION", 0.75),
        ("history.participations.length", 2),
        ("history.participations.last.role", "smuggler"),
        ("personality", DATA["character-personality"]),
        ("history.participations.2", None),
        ("history.participations.-1", None),
        ("history.participations." + "9" * 5000, None),
        ("history.participations.0.role.x", None),
        ("personality.courage", None),
        ("nothing.at.all", None),
        ("quest.active_count", None),
        ("id", "k-7"),
    ],
)
def test_res_014_entries_read_as_their_own_providers(path: str, value: Any) -> None:
    assert at(view(), path) == value


def test_exact_letter_case_comes_first() -> None:
    made = view(bundle({"harbor-lamp": {"NAME": 1, "name": 2, "Name": 3}}))
    assert [at(made, f"lamp.{name}") for name in ("NAME", "name", "Name", "nAME")] == [1, 2, 3, 1]


def test_res_047_rules_of_the_archive_provider() -> None:
    made = view()
    assert at(made, "") == {namespace_of(name): data for name, data in DATA.items()}
    assert at(made, "weather.wind") is None
    assert at(made, "PERSONALITY") == DATA["character-personality"]
    assert at(made, "personality.traits.patience") == 0.5
    bare = view(bundle({"harbor-lamp": {"lit": True}}), templates=NO_TEMPLATES)
    # Without a template the full type and the namespace of the rule lead to the data.
    assert at(bare, "harbor-lamp.lit") is True
    assert at(bare, "lamp.lit") is True


def test_res_023_an_alias_of_the_document_and_the_other_names_work() -> None:
    made = view(aliases={"temper": "character-personality", "history": "character-encounter"})
    assert at(made, "temper.aggression") == at(made, "personality.aggression") == 0.75
    # What the document declares comes before the names of others.
    assert at(made, "history.recent_count") == 3
    assert at(made, "character-history.participations.0.role") == "pilot"


def test_pseudo_keys_of_a_full_snapshot() -> None:
    made = view()
    expected = {
        "_error": None,
        "_partial": False,
        "_stale": False,
        "_sources": list(DATA),
        "_missing": [],
        "_loaded_at": 0,
        "_kind": "snapshot",
        "_loaded": True,
        "_type": "character",
        "_id": "k-7",
        "_age": Duration(5_000_000),
    }
    assert {key: at(made, key) for key in view_module.PSEUDO_KEYS} == expected
    assert at(made, "_ERROR") is None and at(made, "_Id") == "k-7" and at(made, "_other") is None


def test_id_is_that_of_the_base_source_if_it_has_one() -> None:
    made = view(bundle({"character-base": {"id": "inner"}}))
    assert at(made, "id") == "inner"
    assert at(made, "_id") == "k-7"
    assert at(view(bundle({"character-base": {}})), "id") == "k-7"
    assert at(view(bundle({"character-base": {"id": "inner"}}), sources=("character-history",)), "id") == "k-7"


def test_res_018_a_filter_shows_what_it_names() -> None:
    made = view(sources=("character-personality", "character-base"))
    assert at(made, "_sources") == ["character-base", "character-personality"]
    assert at(made, "history") is None and at(made, "character-history.participations") is None
    assert at(made, "_error") is None
    assert list(at(made, "")) == ["base", "personality"]


def test_what_a_filter_names_and_nobody_has_is_missing() -> None:
    made = view(sources=("character-base", "quest", "harbor-lamp"))
    assert at(made, "_missing") == ["quest", "harbor-lamp"]
    assert at(made, "_partial") is True
    assert at(made, "_error.kind") == "partial" and at(made, "_error.source") == "quest"


def test_quest_answers_to_the_longer_name() -> None:
    made = view(bundle({"quest": {"active_count": 2}}))
    assert at(made, "quest.active_count") == at(made, "character-quest.active_count") == 2
    assert at(view(bundle({"character-storyline": {"n": 1}})), "storyline.n") == 1


def test_res_039_a_failed_source_leaves_the_rest() -> None:
    data = {name: value for name, value in DATA.items() if name != "character-history"}
    failed = SourceFailure("character-history", "unavailable", "the collector failed: down", before=2)
    made = view(bundle(data, failures=(failed,)))
    assert at(made, "personality.aggression") == 0.75
    assert at(made, "history") is None
    assert at(made, "_partial") is True and at(made, "_missing") == ["character-history"]
    assert at(made, "_error") == {
        "kind": "partial",
        "message": "character-history: the collector failed: down",
        "source": "character-history",
    }


def test_of_several_missing_the_first_in_collector_order_is_named() -> None:
    data = {"character-base": {}, "character-personality": "?", "character-encounter": {}}
    failed = SourceFailure("character-history", "timeout", "too slow", before=2)
    made = view(bundle(data, failures=(failed,)), sources=("quest", "character-history", "character-personality"))
    assert at(made, "_missing") == ["character-personality", "character-history", "quest"]
    assert at(made, "_error.source") == "character-personality"


def test_res_010_a_corrupt_entry_spares_the_others_and_is_told_once() -> None:
    warnings: list[str] = []
    made = view(bundle({**DATA, "character-history": "@@@"}), warnings=warnings)
    assert at(made, "personality.aggression") == 0.75
    assert warnings == []
    assert at(made, "history.participations") is None and at(made, "history") is None
    assert at(made, "_error.kind") == "partial" and "[base64]" in at(made, "_error.message")
    assert at(made, "_sources") == [name for name in DATA if name != "character-history"]
    assert warnings == [
        "character 'k-7', character-history: the data is no base64: Only base64 data is allowed [base64]"
    ]


def test_nothing_readable_is_a_decode_error() -> None:
    made = view(bundle({"character-base": "@", "character-history": "@"}))
    assert at(made, "_error.kind") == "decode_error" and at(made, "_error.source") is None
    assert at(made, "_loaded") is False and at(made, "_partial") is False
    assert at(made, "_missing") == ["character-base", "character-history"]
    assert at(made, "") == {}


def test_res_040_without_data_everything_is_null_but_the_reason() -> None:
    for kind in ("not_found", "unavailable", "timeout"):
        made = BundleView(
            Subject("character", "k-7", None, ("character-base",)), None, VirtualClock(), 0, Problem(kind, "why")
        )
        assert at(made, "_error") == {"kind": kind, "message": "why", "source": None}
        assert at(made, "base.name") is None and at(made, "") == {}
        assert at(made, "id") == at(made, "_id") == "k-7"
        assert (at(made, "_loaded"), at(made, "_partial"), at(made, "_age")) == (False, False, None)
        assert at(made, "_missing") == ["character-base"]


def test_res_041_a_value_of_another_type_is_null_with_a_warning() -> None:
    warnings: list[str] = []
    data = {
        "character-base": {"name": "Orla", "age": "old"},
        "character-personality": {"aggression": {"deep": 1}, "mood": "wild", "traits": {"patience": "0.5"}},
        "character-history": {"participations": [{"role": 1}, {"role": ["x"]}, 3]},
    }
    made = view(bundle(data), warnings=warnings)
    assert at(made, "base.age") is None and at(made, "base.name") == "Orla"
    assert at(made, "personality") == {"aggression": None, "mood": None, "traits": {"patience": 0.5}}
    assert at(made, "history.participations") == [{"role": 1}, {"role": None}, 3]
    assert [text.split(": ", 1)[1].split(" is ")[0] for text in warnings] == [
        "age", "aggression", "mood", "participations[].role",
    ]  # fmt: skip
    assert at(made, "_error") is None


def test_res_041_the_provider_knows_no_service() -> None:
    """It navigates plain data by tables of paths; nothing but those gives it types."""
    folder = Path(view_module.__file__).parent
    for file in sorted(folder.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            name = node.module if isinstance(node, ast.ImportFrom) else None
            if name is not None and name.startswith("abml.providers"):
                assert name.startswith(("abml.providers.snapshots", "abml.providers.stores")), f"{file.name}: {name}"


def test_entries_are_decoded_when_they_are_read_and_once() -> None:
    record = DecodedBundle(bundle(), Reading(REGISTRY))
    subject = Subject("character", "k-7", "snapshot")
    first, second = (BundleView(subject, record, VirtualClock()) for _ in range(2))
    assert not any(record.is_decoded(k) for k in range(len(record)))
    assert first.get(("personality", "aggression")) == 0.75
    assert [record.is_decoded(k) for k in range(len(record))] == [False, True, False, False]
    assert second.get(("personality",)) is first.get(("personality",))


def test_bounds_come_from_outside() -> None:
    made = view(limits=DecodeLimits(max_bytes=50))
    assert at(made, "history") is None and "[too_large]" in at(made, "_error.message")
    assert at(made, "encounters.recent_count") == 3


def test_res_022_archives_inside_archives() -> None:
    deepest = {"resourceType": "character-scar", "data": {"place": "hand"}}
    battle = {"resourceType": "character-battle", "data": {"year": 802}, "nestedArchives": [deepest]}
    made = view(bundle({"character-history": {"participations": [], "nestedArchives": [battle]}}))
    assert at(made, "history.battle.year") == 802
    assert at(made, "character-history.character-battle.character-scar.place") == "hand"
    assert at(made, "history.Battle.scar.place") == "hand"
    assert at(made, "history.participations") == [] and at(made, "history") == {"participations": []}
    assert at(made, "history.battle.year.x") is None and at(made, "history.battle.scars") is None


@pytest.mark.parametrize(
    ("nested", "code"),
    [
        ({"resourceType": "x"}, "shape"),
        ([{"data": {}}], "shape"),
        ([{"resourceType": "x", "data": []}], "shape"),
        (["x"], "shape"),
    ],
)
def test_malformed_nested_archives_are_an_entry_error(nested: Any, code: str) -> None:
    made = view(bundle({"character-base": {"nestedArchives": nested}, "character-encounter": {"recent_count": 1}}))
    assert at(made, "base") is None and f"[{code}]" in at(made, "_error.message")
    assert at(made, "encounters.recent_count") == 1


def test_archives_nested_too_deep_are_an_entry_error() -> None:
    data: dict[str, Any] = {"resourceType": "x-y", "data": {}}
    for _ in range(20):
        data = {"resourceType": "x-y", "data": {}, "nestedArchives": [data]}
    made = view(bundle({"character-base": {"nestedArchives": [data]}}))
    assert at(made, "_error.kind") == "decode_error" and "[too_large]" in at(made, "_error.message")


def versioned(version: int, **tables: Any) -> TemplateRegistry:
    """The registry with a later version of one template; `v1={...}` is the table of version 1."""
    entry = {
        "type": "character-personality",
        "schema_version": version,
        "aliases": ["nature"],
        "paths": {"traits.aggression": "float"},
        "shortcuts": {"aggression": "traits.aggression"},
        "migrations": {int(key[1:]): table for key, table in tables.items()},
    }
    return REGISTRY.merged(TemplateRegistry.from_data({"templates": [entry]}))


FIRST = {"aggression": "traits.aggression"}
SECOND = {"mood": "state.mood", "traits.patience": None}


def test_res_060_older_data_reads_through_the_newer_template() -> None:
    made = view(templates=versioned(3, v1=FIRST, v2=SECOND))
    assert at(made, "personality") == {"traits": {"aggression": 0.75}, "state": {"mood": "calm"}}
    assert at(made, "nature.traits.aggression") == 0.75
    assert at(made, "_error") is None


@pytest.mark.parametrize(
    ("version", "tables", "expected"),
    [(1, {"v1": FIRST}, "about version 3"), (1, {}, "about version 2"), (4, {}, None)],
)
def test_res_060_a_step_that_is_not_known(version: int, tables: dict[str, Any], expected: str | None) -> None:
    data = entry("character-personality", DATA["character-personality"], version)
    whole = bundle({"character-base": {}})
    whole = ResourceBundle("snapshot", whole.bundle_id, "character", "k-7", (*whole.entries, data), whole.created_at)
    made = view(whole, templates=versioned(3, **tables))
    error = at(made, "_error.message")
    if expected is None:
        assert error is None and at(made, "personality.mood") == "calm"
    else:
        assert expected in error and "[schema]" in error and at(made, "_error.kind") == "partial"


def test_res_060_data_that_does_not_fit_a_migration() -> None:
    data: dict[str, Any] = {"character-base": {}, "character-personality": {"aggression": 1, "traits": 5}}
    assert "[schema]" in at(view(bundle(data), templates=versioned(2, v1=FIRST)), "_error.message")
    out = {"tours[].captain": "captain"}
    data["character-personality"] = {"tours": [{"captain": "Isk"}]}
    assert "[schema]" in at(view(bundle(data), templates=versioned(2, v1=out)), "_error.message")


def test_res_060_lists_migrate_element_by_element() -> None:
    tours = [{"crew": [{"n": "Isk"}, 3, {}], "left": 1}, {"crew": None}, "x"]
    table = {"tours[].crew[].n": "tours[].crew[].name.first", "tours[].left": None}
    made = view(bundle({"character-personality": {"tours": tours}}), templates=versioned(2, v1=table))
    assert at(made, "personality.tours") == [{"crew": [{"name": {"first": "Isk"}}, 3, {}]}, {"crew": None}, "x"]


def test_shortcuts_of_a_template() -> None:
    data: dict[str, Any] = {"character-personality": {"traits": {"aggression": 0.25}}}
    made = view(bundle(data), templates=versioned(1))
    assert at(made, "personality.aggression") == at(made, "personality.Aggression") == 0.25
    assert at(made, "personality.traits.aggression") == 0.25
    assert at(made, "personality.traits.x") is None and at(made, "personality.x") is None
    # Data that has the short name itself comes first.
    data["character-personality"]["aggression"] = 0.5
    assert at(view(bundle(data), templates=versioned(1)), "personality.aggression") == 0.5
    # A namespace as a whole shows the data only.
    assert at(view(bundle(data), templates=versioned(1)), "personality") == data["character-personality"]


def test_values_of_maps_are_checked() -> None:
    paths = {"scores.*": "int", "crew.*.name": "string", "names": "list<string>"}
    registry = TemplateRegistry.from_data({"templates": [{"type": "harbor-lamp", "paths": paths}]})
    data = {"scores": {"a": 1, "b": []}, "crew": {"x": {"name": {}}, "y": 4}, "names": ["a", {}]}
    warnings: list[str] = []
    made = view(bundle({"harbor-lamp": data}), templates=registry, warnings=warnings)
    assert at(made, "lamp") == {"scores": {"a": 1, "b": None}, "crew": {"x": {"name": None}, "y": 4}, "names": None}
    assert len(warnings) == 3


@given(
    st.lists(
        st.lists(st.sampled_from([*DATA, "quest", "PERSONALITY", "history"]), max_size=4).map(tuple) | st.none(),
        max_size=6,
    )
)
def test_res_019_any_filters_over_one_bundle_are_naive_filtering(filters: list[tuple[str, ...] | None]) -> None:
    record = DecodedBundle(bundle(), Reading(REGISTRY))
    for wanted in filters:
        types = None if wanted is None else tuple(source_type_of(name, REGISTRY) for name in wanted)
        made = BundleView(Subject("character", "k-7", "snapshot", types), record, VirtualClock())
        naive = {name: data for name, data in DATA.items() if types is None or name in types}
        assert made.get(()) == {namespace_of(name): data for name, data in naive.items()}
        assert made.get(("_sources",)) == list(naive)
        for name in DATA:
            assert made.get((name,)) == naive.get(name)
            assert made.get((namespace_of(name),)) == naive.get(name)
        absent = [] if types is None else [name for name in dict.fromkeys(types) if name not in DATA]
        assert made.get(("_missing",)) == absent
    assert at(BundleView(Subject("character", "k-7", "snapshot"), record, VirtualClock()), "base.name") == "Orla"


def test_names_in_filters() -> None:
    assert source_type_of("character-history", REGISTRY) == "character-history"
    assert source_type_of("encounters", REGISTRY) == "character-encounter"
    assert source_type_of("character_history", REGISTRY) == "character-history"
    assert source_type_of("CHARACTER", REGISTRY) == "character-base"
    assert source_type_of("harbor-lamp", REGISTRY) == "harbor-lamp"
    both = TemplateRegistry.from_data(
        {"templates": [{"type": "a-b", "namespace": "x"}, {"type": "c-d", "namespace": "a_b"}]}
    )
    assert source_type_of("a_b", both) == "c-d"


def test_encoded_data_is_what_an_entry_holds() -> None:
    assert encode(DATA["character-base"]).data == bundle().entries[0].data
