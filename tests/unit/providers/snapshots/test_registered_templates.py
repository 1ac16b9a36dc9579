"""Every registered template: data of its schema is encoded, read by all its paths, and loses what does not fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import abml.providers.refworld as refworld
from abml.providers.snapshots.decoded import DecodedBundle, Reading
from abml.providers.snapshots.view import BundleView, Subject
from abml.registries import read_registry
from abml.resource_templates import ResourceTemplateSpec, TemplateRegistry
from abml.vm.clock import VirtualClock
from tests.unit.providers.snapshots.snapshot_support import REGISTRY, bundle

WORLD = read_registry(Path(refworld.__file__).parent / "templates")
TEMPLATES = [(registry, spec) for registry in (REGISTRY, WORLD) for spec in registry]

_SAMPLES: dict[str, Any] = {
    "int": 3,
    "float": 0.5,
    "bool": True,
    "list": [],
    "map": {},
    "object": {},
    "any": "anything",
}


def sample(type_text: str) -> Any:
    word = type_text.rstrip("?")
    if word.startswith("enum("):
        return word[5:-1].split(",")[0].strip()
    return _SAMPLES.get(word.partition("<")[0], "text")


def steps_of(path: str) -> list[str]:
    return path.replace("[]", ".0").replace("*", "key").strip(".").split(".")


def put(data: Any, steps: list[str], value: Any) -> None:
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        end = following is None
        inner: Any = value if end else [] if following == "0" else {}
        if isinstance(data, list):
            if not data:
                data.append(inner)
            data = data[0]
        elif end:
            # A list or map whose elements are registered too has got them by then.
            data.setdefault(step, inner)
        else:
            data = data.setdefault(step, inner)


def data_of(spec: ResourceTemplateSpec) -> tuple[dict[str, Any], dict[str, Any]]:
    """(data, path -> value) with a value for each registered path that has one of its own."""
    data: dict[str, Any] = {}
    values: dict[str, Any] = {}
    own = {path: text for path, text in spec.paths.items() if path and path.split(".")[0] not in spec.shortcuts}
    for path in sorted(own, key=lambda one: -len(steps_of(one))):
        put(data, steps_of(path), sample(own[path]))
        if not any(other != path and other.startswith((f"{path}.", f"{path}[")) for other in own):
            values[path] = sample(own[path])
    return data, values


def view(
    registry: TemplateRegistry, spec: ResourceTemplateSpec, data: dict[str, Any], warnings: list[str]
) -> BundleView:
    record = DecodedBundle(bundle({spec.type: data}), Reading(registry, warn=warnings.append))
    return BundleView(Subject("character", "k-7", "snapshot"), record, VirtualClock())


@pytest.mark.parametrize(("registry", "spec"), TEMPLATES, ids=lambda one: getattr(one, "type", ""))
def test_res_046_each_registered_path_reads_its_value(registry: TemplateRegistry, spec: ResourceTemplateSpec) -> None:
    data, values = data_of(spec)
    warnings: list[str] = []
    made = view(registry, spec, data, warnings)
    assert values and registry.get(spec.type) is spec
    for name in spec.names:
        assert made.get((name,)) == data
        for path, value in values.items():
            assert made.get((name, *steps_of(path))) == value, path
    for short, path in spec.shortcuts.items():
        assert made.get((spec.namespace, short)) == made.get((spec.namespace, *path.split(".")))
    assert warnings == [] and made.get(("_error",)) is None


@pytest.mark.parametrize(("registry", "spec"), TEMPLATES, ids=lambda one: getattr(one, "type", ""))
def test_res_041_values_of_wrong_types_are_null(registry: TemplateRegistry, spec: ResourceTemplateSpec) -> None:
    """One value at a time is spoilt; it alone reads as null, and one warning names its path."""
    for path, value in data_of(spec)[1].items():
        if spec.paths[path].rstrip("?") == "any":
            continue
        data, values = data_of(spec)
        steps = steps_of(path)
        holder: Any = data
        for step in steps[:-1]:
            holder = holder[int(step) if isinstance(holder, list) else step]
        holder[int(steps[-1]) if isinstance(holder, list) else steps[-1]] = 7 if value in ([], {}) else ["wrong"]
        warnings: list[str] = []
        made = view(registry, spec, data, warnings)
        assert made.get((spec.type, *steps)) is None, path
        for other, kept in values.items():
            if other != path:
                assert made.get((spec.type, *steps_of(other))) == kept
        assert len(warnings) == 1 and f": {path} is " in warnings[0]
