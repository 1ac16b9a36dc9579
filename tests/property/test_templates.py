"""Laws of generated resource templates: the paths of a schema, what is valid, what a misspelling gives."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import abml
from abml.diagnostics import Reporter
from abml.environment import EnvironmentFault, ResourceTemplateSpec, TemplateRegistry
from abml.providers.templates.generation import SchemaInput, generate
from abml.providers.templates.writing import FORMATS, render
from abml.registries import plain, read_data
from abml.resource_paths import steps_of, table
from abml.source import Source
from abml.suggest import distance

from .schemas import documents, walk

COMMON = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def generated(document: dict[str, Any]) -> ResourceTemplateSpec:
    reporter = Reporter()
    (spec,) = generate([SchemaInput(Source(json.dumps(document), "lake.json"))], reporter)
    assert [str(diag) for diag in reporter.diagnostics] == []
    return spec


def registry_of(spec: ResourceTemplateSpec) -> TemplateRegistry:
    return TemplateRegistry({spec.type: spec})


@COMMON
@given(documents())
def test_the_table_is_what_an_independent_walk_finds(document: dict[str, Any]) -> None:
    spec = generated(document)
    found = table(registry_of(spec).tree(spec))
    assert set(found) == walk(document)


@COMMON
@given(documents())
def test_every_path_is_valid_and_every_beginning_is(document: dict[str, Any]) -> None:
    spec = generated(document)
    registry = registry_of(spec)
    for path, text in spec.paths.items():
        assert registry.validate(spec.type, path).type == text, path
        steps = path.replace("[]", ".[]").split(".")
        for end in range(1, len(steps)):
            beginning = ".".join(steps[:end]).replace(".[]", "[]")
            kind = registry.validate("depth", beginning).type
            registered = spec.paths.get(beginning)
            assert kind is not None
            if registered is not None:
                assert kind == registered
            elif not steps[end].startswith("[]"):
                assert kind.startswith(("object", "map", "any", "list")), (beginning, kind)
        assert steps_of(path) is not None


@COMMON
@given(documents())
def test_files_come_back_and_are_the_same_bytes(document: dict[str, Any]) -> None:
    spec = generated(document)
    assert generated(document) == spec
    shuffled = {"$defs": dict(reversed(list(document["$defs"].items())))}
    assert generated(shuffled).paths == spec.paths
    for form in FORMATS:
        text = render([spec], form)
        reporter = Reporter()
        node = read_data(Source(text, f"a.{form}"), reporter)
        assert node is not None and reporter.diagnostics == []
        again = TemplateRegistry.from_data(plain(node)).get(spec.type)
        assert again is not None and again.paths == spec.paths
        assert render([again], form) == text


def reading(path: str) -> str:
    steps = steps_of(path) or []
    shown = "".join(f"[{step}]" if isinstance(step, int) else f"[{step!r}]" for step in steps)
    return (
        "version: '3.0'\nmetadata: {id: a, resource_templates: [lake-depth]}\nflows:\n  main:\n"
        "    - load_snapshot: {resource_type: lake, resource_id: x, name: lake}\n"
        f'    - log: "${{lake.depth{shown}}}"\n'
    )


@COMMON
@given(documents(), st.data())
def test_a_misspelled_path_is_an_error_with_the_right_one(document: dict[str, Any], data: st.DataObject) -> None:
    spec = generated(document)
    registry = registry_of(spec)
    path = data.draw(st.sampled_from(sorted(spec.paths)))
    assert [diag.code for diag in abml.check(reading(path), templates=registry) if diag.is_error] == []
    last = (steps_of(path) or [0])[-1]
    assume(isinstance(last, str) and last != "*" and "*" not in path and len(last) > 3)
    assert isinstance(last, str)
    at = data.draw(st.integers(0, len(last) - 1))
    other = data.draw(
        st.sampled_from([last[:at] + last[at + 1 :], last[:at] + "q" + last[at:], last[:at] + "q" + last[at + 1 :]])
    )
    assert distance(last, other, 2) <= 2
    wrong = path[: len(path) - len(last)] + other
    assume(not registry.validate(spec.type, wrong).is_valid)
    found = [diag for diag in abml.check(reading(wrong), templates=registry) if diag.is_error]
    assert [diag.code for diag in found] == ["ABML403"], [str(diag) for diag in found]
    assert found[0].help is not None
    if "." not in path and "[" not in path:
        assert f"'{path}'" in found[0].help


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=6)
KEYS = st.sampled_from(
    [
        *("$defs", "A", "properties", "items", "allOf", "oneOf", "$ref", "type", "enum", "nullable", "title"),
        *("additionalProperties", "x-resource-template", "x-template-shortcuts", "x-template-aliases"),
        *("x-compression-callback", "x-template-migrations", "paths", "responses", "200", "content", "schema"),
    ]
)
NEARLY_SCHEMAS = st.recursive(
    SCALARS | st.sampled_from(["#/$defs/A", "#", "x.yaml", "object"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)


@COMMON
@given(NEARLY_SCHEMAS)
def test_nothing_that_looks_like_a_schema_raises(document: Any) -> None:
    reporter = Reporter()
    specs = []
    for data in (document, {"x-resource-template": True, "title": "B", "d": document, "properties": document}):
        specs += generate([SchemaInput(Source(json.dumps(data), "a.json"))], reporter)
    if not reporter.has_errors:
        render(specs, "yaml")


ENTRY_KEYS = st.sampled_from(
    [
        *("templates", "type", "namespace", "aliases", "ttl_minutes", "schema_version", "paths", "shortcuts"),
        *("migrations", "source", "x-more", "1", "a", "a.b", "a[]", "a[].*.b", "", "list<int>"),
    ]
)
WORDS = st.sampled_from(
    ["tower-crew", "crew", "int", "list<int>", "map<string, int>", "a", "enum(", "<<", "[]", "*", "?"]
)
NEARLY_REGISTRIES = st.recursive(
    SCALARS | WORDS | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ENTRY_KEYS, inner, max_size=6),
    max_leaves=25,
)


@COMMON
@given(NEARLY_REGISTRIES, NEARLY_REGISTRIES)
def test_what_is_no_registry_is_refused_with_words(data: Any, entry: Any) -> None:
    more = entry if isinstance(entry, dict) else {}
    for given_data in (data, {"templates": data}, {"templates": [{**more, "type": "tower-crew"}]}):
        try:
            registry = TemplateRegistry.from_data(given_data)
        except EnvironmentFault as fault:
            assert str(fault)
            continue
        for spec in registry:
            for path in (*table(registry.tree(spec)), *spec.paths):
                registry.validate(spec.type, path)
            render([spec], "yaml")
            text = reading("crw[0].a.length.x").replace("lake-depth", spec.type).replace("depth", spec.namespace)
            abml.check(text, templates=registry)
