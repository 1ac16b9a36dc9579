"""The registry of a host: names, clashes, paths, how long data stays fresh."""

from __future__ import annotations

from pathlib import Path

import pytest

from abml.environment import EnvironmentFault, ResourceTemplateSpec, TemplateRegistry
from abml.providers.templates.registry import TemplateStore
from abml.resource_paths import steps_of, table

ORCHARD = {
    "templates": [
        {
            "type": "tree-health",
            "namespace": "health",
            "aliases": ["vigor"],
            "ttl_minutes": 30,
            "paths": {
                "sap.pressure": "float",
                "branches": "list",
                "branches[].age": "int",
                "branches[].buds[].open": "bool",
                "marks": "list<string>",
                "readings": "map<string, float>",
                "guests": "map",
                "guests.*.species": "string",
                "notes": "any",
                "kind": "enum(apple, pear)?",
            },
            "shortcuts": {"pressure": "sap.pressure", "twig": "branches[].buds[]"},
        },
        {"type": "tree-owner", "paths": {"name": "string"}},
    ]
}


def store() -> TemplateStore:
    return TemplateStore(TemplateRegistry.from_data(ORCHARD))


def test_names_ignore_letter_case() -> None:
    templates = store()
    for name in ("tree-health", "TREE-Health", "health", "Health", "VIGOR"):
        found = templates.resolve(name)
        assert found is not None and found.type == "tree-health", name
    assert templates.get("Tree-Owner") is templates.resolve("owner")
    assert templates.get("vigor") is None and templates.resolve("gone") is None
    assert templates.get("tree-owner").resource_type == "tree"  # type: ignore[union-attr]


CLASHES = [
    ResourceTemplateSpec("tree-owner", "other"),
    ResourceTemplateSpec("barn-owner", "Owner"),
    ResourceTemplateSpec("barn-health", "barn", aliases=("x", "VIGOR")),
    ResourceTemplateSpec("barn-health", "tree-Health"),
    ResourceTemplateSpec("vigor", "v"),
    ResourceTemplateSpec("barn-doors", ""),
    ResourceTemplateSpec("", "doors"),
    ResourceTemplateSpec("barn-doors", "doors", aliases=("",)),
]


@pytest.mark.parametrize("spec", CLASHES, ids=str)
def test_a_refused_registration_changes_nothing(spec: ResourceTemplateSpec) -> None:
    templates = store()
    before = templates.registry
    with pytest.raises(EnvironmentFault, match="templates: "):
        templates.register_all([ResourceTemplateSpec("barn-roof", "roof"), spec])
    assert templates.registry is before
    assert templates.resolve("roof") is None
    templates.register(ResourceTemplateSpec("barn-roof", "roof", {"tiles": "int"}))
    assert templates.validate("ROOF", "tiles").type == "int"
    assert len(templates) == 3


PATHS = {
    "": "object",
    "sap": "object",
    "sap.pressure": "float",
    "Sap.PRESSURE": "float",
    "pressure": "float",
    "branches": "list",
    "branches[0]": "object",
    "branches.0": "object",
    "branches[0].age": "int",
    "branches.12.age": "int",
    "branches[].buds[3].open": "bool",
    "branches.first.age": "int",
    "branches.length": "int",
    "twig.open": "bool",
    "marks[1]": "string",
    "marks.is_empty": "bool",
    "readings.noon": "float",
    "readings.noon.odd": None,
    "guests.fox": "object",
    "guests.fox.species": "string",
    "guests.fox.spices": None,
    "notes.anything[3].else": "any",
    "kind": "enum(apple, pear)?",
    "kind.tone": None,
    "sap.presure": None,
    "branches.age": None,
    "branches[0].agee": None,
    "branches[x]": None,
    "branches[0": None,
    "branches]0[": None,
    "sap..pressure": None,
    ".": None,
    "sap.": None,
}


@pytest.mark.parametrize(("path", "expected"), PATHS.items())
def test_validate(path: str, expected: str | None) -> None:
    found = store().validate("health", path)
    assert found.type == expected
    assert found.is_valid is (expected is not None)
    if expected is None:
        assert "sap.pressure" in found.known and "branches[].age" in found.known
    else:
        assert found.known == ()


def test_unknown_templates_cannot_be_asked() -> None:
    with pytest.raises(KeyError):
        store().validate("gone", "a")


def test_steps_of_paths() -> None:
    assert steps_of("a.b[2].c") == ["a", "b", 2, "c"]
    assert steps_of("a[][1]") == ["a", 0, 1]
    assert steps_of("a[99999999999]") is None


@pytest.mark.parametrize(
    ("kind", "namespace"),
    [
        ("character-base", "base"),
        ("character-personality", "personality"),
        ("character-history", "history"),
        ("character-encounter", "encounters"),
        ("quest", "quest"),
        ("storyline", "storyline"),
        ("tower-crew-roster", "crew-roster"),
    ],
)
def test_default_namespaces(kind: str, namespace: str) -> None:
    registry = TemplateRegistry.from_data({"templates": [{"type": kind}]})
    assert registry.namespace(kind) == namespace
    assert TemplateRegistry().namespace(kind) == namespace


def test_the_base_of_a_character_has_a_second_name() -> None:
    registry = TemplateRegistry.from_data({"templates": [{"type": "character-base"}]})
    assert registry.resolve("character") is registry.resolve("base")
    registry = TemplateRegistry.from_data({"templates": [{"type": "character-base", "aliases": []}]})
    assert registry.resolve("character") is None
    assert TemplateRegistry.from_data(registry.to_data()).resolve("character") is None


def test_res_035_the_template_says_how_long_else_the_host() -> None:
    templates = store()
    assert templates.ttl_minutes("health") == 30
    assert templates.ttl_minutes("owner") == templates.ttl_minutes("unheard-of") == 5
    assert TemplateStore(templates.registry, default_ttl_minutes=2).ttl_minutes("owner") == 2


def test_res_059_each_type_has_its_own_time() -> None:
    times = {"a-quick": 0.5, "a-slow": 60, "a-plain": None}
    entries = [{"type": kind, "ttl_minutes": minutes} for kind, minutes in times.items()]
    registry = TemplateRegistry.from_data({"templates": entries})
    assert [registry.ttl_minutes(kind) for kind in times] == [0.5, 60, 5]


def test_data_comes_back_as_it_went() -> None:
    registry = store().registry
    data = registry.to_data()
    again = TemplateRegistry.from_data(data)
    assert again.templates == registry.templates
    assert again.to_data() == data
    assert "pressure" not in data["templates"][0]["paths"]


def test_the_table_has_beginnings_too() -> None:
    registry = store().registry
    spec = registry.get("tree-health")
    assert spec is not None
    found = table(registry.tree(spec))
    assert found["sap"] == "object" and found["branches[]"] == "object" and found["twig.open"] == "bool"
    assert list(found) == sorted(found)
    for path in spec.paths:
        assert found[path] == spec.paths[path]


def test_loading_replaces_and_is_all_or_nothing(tmp_path: Path) -> None:
    templates = store()
    file = tmp_path / "more.yml"
    file.write_text("templates:\n- {type: tree-owner, paths: {age: int}}\n- {type: barn-roof}\n")
    assert templates.load(file) == 2
    assert templates.validate("owner", "age").is_valid and not templates.validate("owner", "name").is_valid
    before = templates.registry
    file.write_text("templates:\n- {type: barn-doors}\n- {type: barn-owner}\n")
    with pytest.raises(EnvironmentFault, match="share the namespace 'owner'"):
        templates.load(tmp_path)
    assert templates.registry is before


WRONG = [
    ({"type": "TreeHealth"}, "did you mean 'tree-health'"),
    ({"type": "a-b", "namspace": "x"}, "did you mean 'namespace'"),
    ({"type": "a-b", "namespace": "x.y"}, "not a single name"),
    ({"type": "a-b", "namespace": "_error"}, "a key '_error' of its own"),
    ({"type": "a-b", "aliases": ["id"]}, "a key 'id' of its own"),
    ({"type": "a-b", "aliases": 3}, "expected a list of names"),
    ({"type": "a-b", "ttl_minutes": 0}, "minutes above 0"),
    ({"type": "a-b", "ttl_minutes": True}, "minutes above 0"),
    ({"type": "a-b", "ttl_minutes": float("nan")}, "minutes above 0"),
    ({"type": "a-b", "ttl_minutes": 10**400}, "minutes above 0"),
    ({"type": "a-b", "schema_version": 10**400}, "a whole number from 1"),
    ({"type": "a-b", "schema_version": 0}, "a whole number from 1"),
    ({"type": "a-b", "paths": {"c": {"d": "int"}}}, "write its parts as 'c.name'"),
    ({"type": "a-b", "paths": {"c": ["int"]}}, "expected a type"),
    ({"type": "a-b", "paths": {"c": "int"}, "shortcuts": {"d": "e"}}, "no path 'e'"),
    ({"type": "a-b", "paths": {"c": "int"}, "shortcuts": {"c": "c"}}, "has a path of that name"),
    ({"type": "a-b", "paths": {"c": "int"}, "shortcuts": {"d.e": "c"}}, "not a single name"),
    ({"type": "a-b", "migrations": {"x": {}}}, "a whole number from 1"),
    ({"type": "a-b", "migrations": {1: {"c": 4}}}, "a path or null"),
]


@pytest.mark.parametrize(("entry", "says"), WRONG)
def test_malformed_entries(entry: dict[str, object], says: str) -> None:
    with pytest.raises(EnvironmentFault) as caught:
        TemplateRegistry.from_data({"templates": [{"type": "first-one"}, entry]})
    assert says in str(caught.value)
    assert caught.value.at[:2] == ("templates", 1)
