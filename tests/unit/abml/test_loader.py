"""Imports between documents: paths, aliases, cycles, prefixes, schemas."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from abml.diagnostics import Diagnostic, Reporter
from abml.loader import DocumentSet, load
from abml.resolver import FileResolver, MappingResolver, default_alias, normalise, project_root
from abml.source import Source

HEAD = "version: '3.0'\nmetadata: {id: harbor}\n"
LIB = HEAD + "flows: {approach: [noop]}\n"


def load_text(
    imports: str,
    files: dict[str, str] | None = None,
    path: str | None = "main.yml",
    flows: str = "flows: {main: [noop]}",
) -> tuple[DocumentSet, list[Diagnostic]]:
    source = Source(f"{HEAD}imports: {imports}\n{flows}\n", path)
    reporter = Reporter(source)
    found = load(source, reporter, resolver=MappingResolver(files or {}))
    assert found is not None
    return found, reporter.diagnostics


def codes(found: list[Diagnostic]) -> list[str]:
    return [diag.code for diag in found]


def document(imports: str = "[]") -> str:
    return f"{HEAD}imports: {imports}\nflows: {{approach: [noop]}}\n"


def test_import_by_path_and_by_mapping() -> None:
    docset, found = load_text(
        "[ lib/tugs.yml, {file: lib/pilots.yml, as: crew} ]", {"lib/tugs.yml": LIB, "lib/pilots.yml": LIB}
    )
    assert not found
    assert docset.documents[0].aliases == {"tugs": 1, "crew": 2}
    assert [doc.path for doc in docset.documents] == ["main.yml", "lib/tugs.yml", "lib/pilots.yml"]
    assert [doc.prefix for doc in docset.documents] == ["", "tugs.", "crew."]


@pytest.mark.parametrize("name", ["lib.abml.yml", "lib.abml.yaml", "lib.abml", "lib.yml", "lib.yaml"])
def test_extensions_are_tried(name: str) -> None:
    docset, found = load_text("[ lib ]", {name: LIB})
    assert not found
    assert docset.documents[1].key == name


def test_the_path_itself_comes_before_its_extensions() -> None:
    docset, _ = load_text("[ {file: lib, as: lib} ]", {"lib": LIB, "lib.yml": LIB})
    assert docset.documents[1].key == "lib"


def test_one_instance_per_path() -> None:
    files = {
        "a.yml": document("[ shared/base.yml ]"),
        "b.yml": document("[ {file: ./shared/../shared/base.yml, as: ground} ]"),
        "shared/base.yml": LIB,
    }
    docset, found = load_text("[ a.yml, b.yml ]", files)
    assert not found
    assert [doc.key for doc in docset.documents] == ["main.yml", "a.yml", "shared/base.yml", "b.yml"]
    assert docset.documents[1].aliases == {"base": 2}
    assert docset.documents[3].aliases == {"ground": 2}
    assert docset.documents[2].prefix == "a.base."


def test_shortest_alias_path_gives_the_prefix() -> None:
    files = {"a.yml": document("[ b.yml ]"), "b.yml": document("[ c.yml ]"), "c.yml": LIB}
    docset, _ = load_text("[ a.yml, {file: c.yml, as: deep} ]", files)
    assert {doc.key: doc.prefix for doc in docset.documents} == {
        "main.yml": "",
        "a.yml": "a.",
        "b.yml": "a.b.",
        "c.yml": "deep.",
    }


def test_cycle() -> None:
    docset, found = load_text("[ a.yml ]", {"a.yml": document("[ b.yml ]"), "b.yml": document("[ a.yml ]")})
    assert codes(found) == ["ABML221", "ABML225", "ABML225"]
    assert found[0].span.path == "b.yml"
    assert "a.yml -> b.yml -> a.yml" in found[0].message
    assert docset.documents[2].broken == {"a"}


def test_import_of_oneself() -> None:
    _, found = load_text("[ {file: main.yml, as: me} ]", {"main.yml": LIB})
    assert codes(found) == ["ABML221"]


def test_missing_file_names_what_was_tried() -> None:
    docset, found = load_text("[ {file: lib/gone.yml, as: gone} ]")
    assert codes(found) == ["ABML220"]
    assert "'lib/gone.yml', also with .abml.yml" in found[0].message
    assert docset.documents[0].broken == {"gone"}
    assert (found[0].span.line, found[0].span.column) == (3, 19)


@pytest.mark.parametrize("path", ["../../etc/x.yml", "/etc/x.yml", "C:/x.yml", "lib/../../x.yml", "..\\x.yml"])
def test_paths_stay_in_the_project(path: str) -> None:
    _, found = load_text(f"[ {{file: '{path}', as: x}} ]", {"x.yml": LIB})
    assert codes(found) == ["ABML506"]


def test_parent_folder_inside_the_project_is_fine() -> None:
    docset, found = load_text("[ ../base/tugs.yml ]", {"base/tugs.yml": LIB}, path="scenes/main.yml")
    assert not found
    assert docset.documents[1].path == "base/tugs.yml"


def test_errors_are_reported_where_they_are_and_at_the_import() -> None:
    _, found = load_text("[ bad.yml ]", {"bad.yml": HEAD + "flows: {a: 3}\n"})
    assert [(diag.code, diag.span.path) for diag in found] == [("ABML113", "bad.yml"), ("ABML225", "main.yml")]
    assert found[0].source_line == "flows: {a: 3}"


def test_unreadable_document_is_left_out() -> None:
    docset, found = load_text("[ bad.yml ]", {"bad.yml": "flows: ["})
    assert codes(found) == ["ABML100", "ABML225"]
    assert len(docset.documents) == 1
    assert docset.documents[0].broken == {"bad"}


ALIASES = [
    ("[ {file: a.yml, as: lib}, {file: b.yml, as: lib} ]", "ABML222"),
    ("[ a.yml, deep/a.yml ]", "ABML222"),
    ("[ '3rd.yml' ]", "ABML222"),
    ("[ {as: x} ]", "ABML223"),
    ("[ {file: '', as: x} ]", "ABML227"),
]


@pytest.mark.parametrize(("imports", "code"), ALIASES)
def test_alias_rules(imports: str, code: str) -> None:
    _, found = load_text(imports, {"a.yml": LIB, "b.yml": LIB, "deep/a.yml": LIB, "3rd.yml": LIB})
    assert codes(found) == [code]


def test_text_without_a_path_imports_nothing() -> None:
    source = Source(f"{HEAD}imports: [ lib.yml ]\nflows: {{main: [noop]}}\n")
    reporter = Reporter(source)
    assert load(source, reporter) is not None
    assert codes(reporter.diagnostics) == ["ABML220"]


def test_root_that_cannot_be_parsed() -> None:
    source = Source("flows: [")
    reporter = Reporter(source)
    assert load(source, reporter) is None
    assert reporter.has_errors


# ----------------------------------------------------------------------- schemas

OPENAPI = """
openapi: 3.0.0
components:
  schemas:
    Vessel:
      type: object
      properties: {name: {type: string}, draft: {type: number}, flag: {$ref: '#/components/schemas/Flag'}}
      additionalProperties: false
    Flag: {type: string, enum: [courier, trader]}
"""


def test_schema_types() -> None:
    docset, found = load_text("[ {schema: sea.yaml, types: [Vessel, Flag]} ]", {"sea.yaml": OPENAPI})
    assert not found
    vessel, flag = docset.documents[0].types["Vessel"], docset.documents[0].types["Flag"]
    assert (vessel.kind, vessel.closed) == ("object", True)
    assert vessel.properties == {"name": "string", "draft": "float", "flag": "string"}
    assert flag.members == ("courier", "trader")


@pytest.mark.parametrize(
    "text",
    [
        '{"$defs": {"Flag": {"enum": ["a"]}}}',
        '{"definitions": {"Flag": {"enum": ["a"]}}}',
        '{"title": "Flag", "type": "string", "enum": ["a"]}',
    ],
)
def test_schema_forms(text: str) -> None:
    docset, found = load_text("[ {schema: sea.json, types: [Flag]} ]", {"sea.json": text})
    assert not found
    assert docset.documents[0].types["Flag"].members == ("a",)


def test_unknown_type() -> None:
    _, found = load_text("[ {schema: sea.yaml, types: [Vesel]} ]", {"sea.yaml": OPENAPI})
    assert codes(found) == ["ABML226"]
    assert found[0].help == "did you mean 'Vessel'?"


@pytest.mark.parametrize("text", [None, "{", "[1]", "a: [", "&a [*a]"])
def test_unreadable_schema(text: str | None) -> None:
    files = {} if text is None else {"sea.json": text}
    _, found = load_text("[ {schema: sea.json, types: [A]} ]", files)
    assert codes(found) == ["ABML230"]


# ------------------------------------------------------------------- file system


def test_project_root_is_marked(tmp_path: Path) -> None:
    (tmp_path / "abml.toml").write_text("")
    scenes = tmp_path / "scenes" / "deep"
    scenes.mkdir(parents=True)
    assert project_root(str(scenes / "main.yml")) == str(tmp_path)


def test_files_of_sibling_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "abml.toml").write_text("")
    for name in ("scenes", "base"):
        (tmp_path / name).mkdir()
    (tmp_path / "base" / "tugs.yml").write_text(LIB)
    main = tmp_path / "scenes" / "main.yml"
    main.write_text(f"{HEAD}imports: [ ../base/tugs.yml ]\nflows: {{main: [noop]}}\n")
    monkeypatch.chdir(tmp_path)
    source = Source(main.read_text(), os.path.join("scenes", "main.yml"))
    reporter = Reporter(source)
    docset = load(source, reporter)
    assert docset is not None
    assert not reporter.diagnostics
    assert docset.documents[1].path == "base/tugs.yml"


def test_links_do_not_leave_the_root(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "secret.yml").write_text(LIB)
    (tmp_path / "inside" / "link.yml").symlink_to(tmp_path / "secret.yml")
    assert FileResolver(str(tmp_path / "inside")).read("link.yml") is None
    assert FileResolver(str(tmp_path)).read("inside/link.yml") == LIB


def test_an_entry_behind_a_link_belongs_to_the_project_it_lies_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    project.mkdir()
    elsewhere.mkdir()
    (project / "lib.yml").write_text(LIB)
    (project / "main.yml").write_text(f"{HEAD}imports: [ lib.yml ]\nflows: {{main: [noop]}}\n")
    (elsewhere / "link").symlink_to(project)
    monkeypatch.chdir(elsewhere)
    path = os.path.join("link", "main.yml")
    source = Source((project / "main.yml").read_text(), path)
    reporter = Reporter(source)
    assert load(source, reporter) is not None
    assert not reporter.diagnostics


def test_unreadable_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "lib.yml").write_bytes(b"\xff\xfe\x00bad")
    source = Source(f"{HEAD}imports: [ lib.yml ]\nflows: {{main: [noop]}}\n", str(tmp_path / "main.yml"))
    reporter = Reporter(source)
    assert load(source, reporter, resolver=FileResolver(str(tmp_path))) is not None
    assert codes(reporter.diagnostics) == ["ABML220"]


def test_paths() -> None:
    assert normalise("a/b", "../c.yml") == "a/c.yml"
    assert normalise("", "./c.yml") == "c.yml"
    assert normalise("", "../c.yml") is None
    assert [default_alias(name) for name in ("x/gulls.abml.yml", "gulls.yaml", "gulls.abml", "gulls")] == ["gulls"] * 4
