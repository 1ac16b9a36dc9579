"""`abmlc templates`: generation, comparison, lists."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

SCHEMA = """\
openapi: 3.0.3
info: { title: Hives, version: "1" }
paths: {}
components:
  schemas:
    HiveMoodCompressData:
      x-resource-template: true
      x-snapshot-ttl-minutes: 20
      type: object
      properties:
        calm: { type: number }
        queen: { $ref: "#/components/schemas/Bee" }
    HiveStores:
      x-archive-type: true
      x-template-aliases: [larder]
      type: object
      properties:
        honey: { type: integer, nullable: true }
    Bee:
      type: object
      properties:
        name: { type: string }
"""
MOOD = """\
# Derived from hives.yaml by 'abmlc templates gen'; change the schema, not this file.
templates:
  - type: hive-mood
    namespace: mood
    ttl_minutes: 20
    source: "hives.yaml#/components/schemas/HiveMoodCompressData"
    paths:
      calm: float
      queen.name: string
"""
DOCUMENT = """\
version: "3.0"
metadata: { id: keeper, resource_templates: [hive-mood] }
flows:
  main:
    - load_snapshot: { resource_type: hive, resource_id: north, name: hive }
    - log: "${hive.mood.queen.nmae}"
"""


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    path = tmp_path / "hives.yaml"
    path.write_text(SCHEMA)
    return path


def test_res_028_templates_gen_makes_a_file_a_template(abmlc: Any, schema: Path, tmp_path: Path) -> None:
    out = tmp_path / "made" / "templates"
    answer = abmlc("templates", "gen", schema, "-o", out)
    assert (answer.status, answer.err) == (0, "changed 2 of 2 files\n")
    assert answer.out.splitlines() == [str(out / "hive-mood.yml"), str(out / "hive-stores.yml")]
    assert (out / "hive-mood.yml").read_text() == MOOD
    before = {path: path.read_bytes() for path in out.iterdir()}
    answer = abmlc("templates", "gen", schema, "-o", out)
    assert (answer.status, answer.out, answer.err) == (0, "", "changed 0 of 2 files\n")
    assert {path: path.read_bytes() for path in out.iterdir()} == before


def test_the_made_folder_is_what_check_takes(abmlc: Any, schema: Path, tmp_path: Path) -> None:
    document = tmp_path / "keeper.abml.yml"
    document.write_text(DOCUMENT)
    for form in ("yaml", "json"):
        out = tmp_path / form
        assert abmlc("templates", "gen", schema, "-o", out, "--format", form).status == 0
        answer = abmlc("check", document, "--templates", out)
        assert answer.status == 1
        assert "error[ABML403]" in answer.out and "'queen.name'" in answer.out
    document.write_text(DOCUMENT.replace("nmae", "name"))
    assert abmlc("check", document, "--templates", out).status == 0


def test_check_compares(abmlc: Any, schema: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    answer = abmlc("templates", "gen", schema, "-o", out, "--check")
    assert (answer.status, answer.err) == (1, "would change 2 of 2 files\n")
    assert not out.exists()
    abmlc("templates", "gen", schema, "-o", out)
    assert abmlc("templates", "gen", schema, "-o", out, "--check").status == 0
    (out / "hive-mood.yml").write_text("templates: []\n")
    answer = abmlc("templates", "gen", schema, "-o", out, "--check")
    assert (answer.status, answer.out) == (1, f"{out / 'hive-mood.yml'}\n")
    assert (out / "hive-mood.yml").read_text() == "templates: []\n"


def test_what_no_schema_makes_any_more_is_named(abmlc: Any, schema: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    abmlc("templates", "gen", schema, "-o", out)
    (out / "by-hand.yml").write_text("templates: []\n")
    schema.write_text(SCHEMA.replace("x-archive-type: true", "x-archive-type: false"))
    answer = abmlc("templates", "gen", schema, "-o", out, "--check")
    assert (answer.status, answer.out) == (1, f"{out / 'hive-stores.yml'}\n")
    answer = abmlc("templates", "gen", schema, "-o", out)
    assert answer.status == 0 and f"{out / 'hive-stores.yml'}: no schema makes this template" in answer.err
    assert (out / "hive-stores.yml").exists()


def test_without_output_the_registry_is_printed(abmlc: Any, schema: Path) -> None:
    answer = abmlc("templates", "gen", schema)
    assert answer.status == 0 and answer.err == ""
    assert answer.out.startswith(MOOD) and "aliases: [larder]" in answer.out
    answer = abmlc("templates", "gen", "-", "--format", "json", stdin=SCHEMA.encode())
    data = json.loads(answer.out)
    assert [entry["type"] for entry in data["templates"]] == ["hive-mood", "hive-stores"]
    assert data["x-derived-from"] == ["<stdin>"] or data["templates"][0]["source"].startswith("<stdin>#")


def test_one_file_for_all(abmlc: Any, schema: Path, tmp_path: Path) -> None:
    target = tmp_path / "all.json"
    assert abmlc("templates", "gen", schema, "-o", target).status == 0
    assert len(json.loads(target.read_text())["templates"]) == 2
    assert abmlc("templates", "gen", schema, "-o", target, "--check").status == 0
    answer = abmlc("templates", "gen", schema, "-o", target, "--format", "yaml")
    assert answer.status == 2 and "--format says yaml" in answer.err


def test_a_folder_is_searched(abmlc: Any, schema: Path, tmp_path: Path) -> None:
    (tmp_path / "deep" / ".hidden").mkdir(parents=True)
    schema.rename(tmp_path / "deep" / "hives.yaml")
    (tmp_path / "deep" / ".hidden" / "bad.yaml").write_text("x-resource-template: [")
    (tmp_path / "deep" / "other.yml").write_text("a: [")
    answer = abmlc("templates", "gen", tmp_path, "-o", tmp_path / "out")
    assert answer.status == 0, answer.err + answer.out
    assert (tmp_path / "out" / "hive-mood.yml").read_text() == MOOD
    (tmp_path / "empty").mkdir()
    answer = abmlc("templates", "gen", tmp_path / "empty")
    assert answer.status == 2 and "x-resource-template: true" in answer.err


def test_errors_write_nothing(abmlc: Any, schema: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    schema.write_text(SCHEMA.replace("schemas/Bee", "schemas/Be"))
    answer = abmlc("templates", "gen", schema, "-o", out)
    assert answer.status == 1
    assert f"{schema}:12:24: error[ABML423]" in answer.out
    assert "did you mean '#/components/schemas/Bee'?" in answer.out
    assert not out.exists()


def test_a_schema_without_marks_says_what_to_add(abmlc: Any, schema: Path, tmp_path: Path) -> None:
    schema.write_text(SCHEMA.replace("x-resource-template: true", "x-a: 1").replace("x-archive-type: true", "x-a: 1"))
    answer = abmlc("templates", "gen", schema)
    assert answer.status == 1 and answer.out == ""
    assert "error[ABML421]" in answer.err and "add 'x-resource-template: true'" in answer.err


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"a: [", "ABML100"),
        (b"\xff\xfea\x00", "UTF-16"),
        (b"\xe9: 1", "not UTF-8"),
        (b"[1, 2]", "ABML420"),
        (b"", "ABML42"),
        (b"[" * 500, "ABML116"),
        (b"a: &a [1,1,1,1,1,1,1,1,1,1]\n" + b"".join(
            b"%c: &%c [%s]\n" % (98 + at, 98 + at, b",".join([b"*" + bytes([97 + at])] * 10)) for at in range(8)
        ), "ABML116"),
    ],
    ids=["yaml", "utf-16", "latin-1", "list", "empty", "deep", "bomb"],
)  # fmt: skip
def test_hostile_files(abmlc: Any, tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(data)
    answer = abmlc("templates", "gen", path, "-o", tmp_path / "out")
    assert answer.status == 1
    assert says in answer.out and "bad.yaml:" in answer.out


def test_files_that_cannot_be_read_or_written(
    abmlc: Any, schema: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = abmlc("templates", "gen", tmp_path / "gone.yaml")
    assert answer.status == 2 and "gone.yaml: No such file" in answer.err
    assert abmlc("templates", "gen", "a\0b").status == 2
    (tmp_path / "file").write_text("x")
    answer = abmlc("templates", "gen", schema, "-o", tmp_path / "file")
    assert answer.status == 2 and answer.err.startswith(f"abmlc: {tmp_path / 'file'}")
    answer = abmlc("templates", "gen", schema, "--check")
    assert answer.status == 2 and "-o" in answer.err
    out = tmp_path / "out"
    abmlc("templates", "gen", schema, "-o", out)
    (out / "hive-mood.yml").write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    answer = abmlc("templates", "gen", schema, "-o", out)
    assert answer.status == 2 and "No space left" in answer.err
    assert (out / "hive-mood.yml").read_text() == "old"
    assert sorted(os.listdir(out)) == ["hive-mood.yml", "hive-stores.yml"]


def test_list_and_show(abmlc: Any, schema: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    abmlc("templates", "gen", schema, "-o", out)
    answer = abmlc("templates", "list", out)
    assert answer.out.splitlines() == [
        "TYPE         NAMESPACE  PATHS  TTL     ALIASES",
        "hive-mood    mood       2      20 min",
        "hive-stores  stores     1      -       larder",
    ]
    answer = abmlc("templates", "show", out, "LARDER")
    assert answer.out.splitlines()[0] == "hive-stores" and "  honey  int?" in answer.out
    data = json.loads(abmlc("templates", "show", out, "mood", "--format", "json").out)
    assert data["paths"] == {"calm": "float", "queen": "object", "queen.name": "string"}
    assert [item["type"] for item in json.loads(abmlc("templates", "list", out, "--format", "json").out)] == [
        "hive-mood",
        "hive-stores",
    ]
    answer = abmlc("templates", "show", out, "moood")
    assert answer.status == 2 and "did you mean 'mood'?" in answer.err
    answer = abmlc("templates", "list", schema)
    assert answer.status == 2 and "'abmlc templates gen' makes registries" in answer.err
    answer = abmlc("templates", "list", tmp_path / "gone")
    assert answer.status == 2 and "gone: No such file" in answer.err


def test_usage(abmlc: Any) -> None:
    assert abmlc("templates").status == 2
    assert "gen" in abmlc("templates", "--help").out
    assert abmlc("templates", "make").status == 2
