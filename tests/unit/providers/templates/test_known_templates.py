"""Every template that comes with the project: its file, its names, data read through it by its paths."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import abml
from abml.diagnostics import Reporter
from abml.environment import ResourceTemplateSpec
from abml.providers.snapshots.codec import encode
from abml.providers.snapshots.decoded import DecodedBundle, Reading
from abml.providers.snapshots.models import ResourceBundle, SnapshotEntry, moment
from abml.providers.snapshots.view import BundleView, Subject
from abml.providers.templates.discovery import find_schemas
from abml.providers.templates.generation import generate
from abml.providers.templates.registry import TemplateStore
from abml.providers.templates.writing import file_name, render
from abml.registries import read_registry
from abml.resource_paths import PathNode, steps_of, table
from abml.vm.clock import VirtualClock

ROOT = Path(abml.__file__).resolve().parents[1]
SCHEMAS = ROOT / "providers/refworld/schemas"
TEMPLATES = ROOT / "providers/refworld/templates"
REGISTRY = read_registry(TEMPLATES)

_VALUES: dict[str, Any] = {
    "string": "so",
    "uuid": "1b4e28ba-2fa1-11d2-883f-0016d3cca427",
    "datetime": "2020-01-01T00:00:00Z",
    "date": "2020-01-01",
    "int": 7,
    "float": 0.25,
    "bool": True,
    "any": "anything",
    "object": {},
}


def sample(node: PathNode) -> Any:
    """Data as the paths below a point describe it."""
    if "[]" in node.children:
        return [sample(node.children["[]"])]
    if node.children:
        return {name if name != "*" else "kim": sample(below) for name, below in node.children.items()}
    text = node.text.removesuffix("?")
    if text.startswith("enum("):
        return text[5:].split(",")[0].rstrip(")")
    return {"list": [], "map": {}}.get(text.partition("<")[0], _VALUES.get(text))


def data_of(spec: ResourceTemplateSpec) -> dict[str, Any]:
    found: dict[str, Any] = sample(REGISTRY.tree(spec))
    return {name: value for name, value in found.items() if name not in spec.shortcuts}


def value_at(data: Any, path: str) -> Any:
    for step in steps_of(path.replace("*", "kim")) or ():
        data = data[step]
    return data


def view(spec: ResourceTemplateSpec, data: dict[str, Any], version: int) -> tuple[BundleView, list[str]]:
    """What a document sees of the coded data, and the warnings."""
    coded = encode(data)
    told: list[str] = []
    entry = SnapshotEntry(spec.type, "tests", coded.data, moment(0), coded.checksum, version)
    bundle = ResourceBundle("snapshot", "b-1", spec.resource_type, "k-7", (entry,), moment(0))
    record = DecodedBundle(bundle, Reading(TemplateStore(REGISTRY), warn=told.append))
    return BundleView(Subject(spec.resource_type, "k-7", "snapshot"), record, VirtualClock()), told


@pytest.mark.parametrize("spec", list(REGISTRY), ids=lambda spec: spec.type)
def test_res_046_data_is_read_by_every_path_of_a_template(spec: ResourceTemplateSpec) -> None:
    assert spec.type and spec.namespace and spec.paths
    data = data_of(spec)
    seen, told = view(spec, data, spec.schema_version)
    assert told == []
    for path in spec.paths:
        long = path
        for short, target in spec.shortcuts.items():
            if path == short or path.startswith((f"{short}.", f"{short}[")):
                long = target + path[len(short) :]
        steps = [str(step) for step in steps_of(path.replace("*", "kim")) or ()]
        for name in spec.names:
            assert seen.get((name, *steps)) == value_at(data, long), (name, path)


@pytest.mark.parametrize(
    "name", ["character-base", "character-personality", "character-history", "character-encounter"]
)
def test_res_053_the_four_templates_of_a_character(name: str) -> None:
    spec = REGISTRY.get(name)
    assert spec is not None and spec.source is not None and spec.resource_type == "character"
    seen, _ = view(spec, data_of(spec), 1)
    assert seen.get((spec.namespace,)) == data_of(spec)


def test_res_028_the_schemas_give_the_files_that_are_there() -> None:
    reporter = Reporter()
    found = find_schemas([SCHEMAS], reporter)
    specs = generate(found.inputs, reporter, searched=True)
    assert reporter.diagnostics == []
    assert {path.name for path in TEMPLATES.glob("*.yml")} == {file_name(spec, "yaml") for spec in specs}
    for spec in specs:
        assert (TEMPLATES / file_name(spec, "yaml")).read_text("utf-8") == render([spec], "yaml")


def test_res_036_how_long_data_stays_fresh() -> None:
    wanted = {
        "character-personality": 60,
        "character-history": 30,
        "character-encounter": 10,
        "storyline": 5,
        "quest": 5,
    }
    assert {name: REGISTRY.ttl_minutes(name) for name in wanted} == wanted


WATCHER = """\
version: "3.0"
metadata:
  id: lamp-oracle
  type: event_brain
  resource_templates: [character-base, { type: character-personality, alias: temper }]
context:
  variables: { candidates: { type: list, default: [] } }
flows:
  main:
    - prefetch_snapshots: { resource_type: character, resource_ids: "${candidates}" }
    - for_each:
        variable: who
        collection: "${candidates}"
        do:
          - load_snapshot: { resource_type: character, resource_id: "${who}", name: current }
          - cond:
              - when: "${current.temper.aggression} > 0.5 AND ${current.base.alive}"
                then: [ { log: "${current.base.name}: ${current.character-personality.traits.loyalty}" } ]
"""


def errors(text: str) -> list[tuple[str, int]]:
    return [(diag.code, diag.span.line) for diag in abml.check(text, templates=REGISTRY) if diag.severity != "info"]


def test_res_055_a_watcher_is_checked_against_its_templates() -> None:
    assert errors(WATCHER) == []
    assert errors(WATCHER.replace("temper.aggression", "temper.agression")) == [("ABML403", 17)]
    assert errors(WATCHER.replace("current.base.name", "current.encounters.count")) == [("ABML402", 18)]
    assert errors(WATCHER.replace("traits.loyalty", "traits.loyalty.much")) == [("ABML404", 18)]


def test_res_050_refworld_has_short_paths() -> None:
    for path in ("current.temper.aggression", "current.temper.traits.aggression"):
        assert errors(WATCHER.replace("current.temper.aggression", path)) == []


def test_tables_of_known_templates_are_valid() -> None:
    for spec in REGISTRY:
        for path, text in table(REGISTRY.tree(spec)).items():
            assert REGISTRY.validate(spec.type, path).type == text, (spec.type, path)
