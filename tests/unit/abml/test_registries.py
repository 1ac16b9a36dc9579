"""Registries of resource templates from files and folders."""

from __future__ import annotations

from pathlib import Path

import pytest

import abml
from abml.environment import EnvironmentFault
from abml.registries import read_registry

CREW = "templates:\n  - type: tower-crew\n    paths: { size: int }\n"


def test_a_folder_with_folders(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(CREW)
    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "b.json").write_text(
        '\ufeff{"templates": [{"type": "tower-crew", "paths": {"mood": "string"}}, {"type": "tower-stores"}]}', "utf-8"
    )
    (tmp_path / "c.txt").write_text("a: [")
    (tmp_path / "d.yaml").write_text("version: '3.0'\n")
    registry = read_registry(tmp_path)
    assert {spec.type: dict(spec.paths) for spec in registry} == {"tower-crew": {"mood": "string"}, "tower-stores": {}}
    assert [spec.namespace for spec in registry] == ["crew", "stores"]


def test_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text(CREW)
    text = "version: '3.0'\nmetadata: { id: a, resource_templates: [tower-crews] }\nflows: { main: [noop] }\n"
    for given in (path, str(path), tmp_path):
        found = [diag for diag in abml.check(text, templates=given) if diag.code == "ABML405"]
        assert len(found) == 1 and found[0].help == "did you mean 'tower-crew'?"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: [", "a.yml:1:5: not valid YAML"),
        ("templates: 3", "expected a list"),
        ("templates: [3]", "expected a mapping"),
        ("templates: [{paths: {a: int}}]", "no type"),
        ("templates: [{type: a-b}, {type: c-b}]", "share the namespace 'b'"),
        ("templates: [{type: a, paths: 4}]", "templates.a.paths"),
        ("[" * 1500, "a.yml"),
        ("templates: \x07", "a.yml"),
    ],
)
def test_malformed_files_are_named(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "a.yml").write_text(text)
    with pytest.raises(EnvironmentFault) as caught:
        abml.check("version: '3.0'\n", templates=tmp_path)
    assert says in str(caught.value)
    assert "a.yml" in str(caught.value)


def test_namespaces_of_several_files(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(CREW)
    (tmp_path / "b.yml").write_text("templates: [{type: tower-b, namespace: crew}]")
    with pytest.raises(EnvironmentFault, match="share the namespace 'crew'"):
        read_registry(tmp_path)


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(abml.AbmlError):
        read_registry(tmp_path / "gone")
