"""Templates from schemas: paths, types, references, names, bounds."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

from abml.diagnostics import Diagnostic, Reporter
from abml.environment import ResourceTemplateSpec
from abml.providers.templates import shapes
from abml.providers.templates.discovery import find_schemas
from abml.providers.templates.generation import SchemaInput, generate
from abml.providers.templates.paths import MAX_DEPTH, MAX_PATHS
from abml.providers.templates.writing import render
from abml.resolver import MappingResolver
from abml.source import Source


def made(
    text: str, files: Mapping[str, str] | None = None, path: str = "api/lake.yaml"
) -> tuple[list[ResourceTemplateSpec], list[Diagnostic]]:
    reporter = Reporter()
    specs = generate([SchemaInput(Source(textwrap.dedent(text), path), MappingResolver(files or {}))], reporter)
    return specs, reporter.sorted()


def paths(text: str, files: Mapping[str, str] | None = None) -> dict[str, str]:
    """The paths of the template `lake-depth`: its schema, indented, then further `$defs`."""
    head = "$defs:\n  LakeDepth:\n    x-resource-template: true\n"
    specs, found = made(head + textwrap.indent(_flat(text), "  "), files)
    assert [str(diag) for diag in found] == []
    (spec,) = specs
    return dict(spec.paths)


def _flat(text: str) -> str:
    """The text with its schema two columns in, whatever the indentation of the test."""
    flat = textwrap.dedent(text)
    return flat if flat.startswith("  ") else textwrap.indent(flat, "  ")


def codes(found: list[Diagnostic]) -> list[str]:
    return [diag.code for diag in found]


def test_res_049_every_property_path_with_its_type() -> None:
    assert paths(
        """\
          type: object
          properties:
            name: {type: string}
            id: {type: string, format: uuid}
            seen: {type: string, format: date-time}
            day: {type: string, format: date}
            map: {type: string, format: byte}
            deepest: {type: number}
            islands: {type: integer}
            frozen: {type: boolean}
            mood: {type: string, enum: [calm, rough]}
            owner: {$ref: "#/$defs/Person"}
            boats: {type: array, items: {$ref: "#/$defs/Boat"}}
            tags: {type: array, items: {type: string}}
            grid: {type: array, items: {type: array, items: {type: number}}}
            levels: {type: object, additionalProperties: {type: number}}
            guests: {type: object, additionalProperties: {$ref: "#/$defs/Person"}}
            notes: {type: object, additionalProperties: true}
            blob: {type: object}
            whatever: {}
        Person:
          type: object
          properties: {name: {type: string}, age: {type: integer, nullable: true}}
        Boat:
          type: object
          properties:
            crew: {type: array, items: {$ref: "#/$defs/Person"}}
        """
    ) == {
        "name": "string",
        "id": "uuid",
        "seen": "datetime",
        "day": "date",
        "map": "bytes",
        "deepest": "float",
        "islands": "int",
        "frozen": "bool",
        "mood": "enum(calm, rough)",
        "owner.name": "string",
        "owner.age": "int?",
        "boats": "list",
        "boats[].crew": "list",
        "boats[].crew[].name": "string",
        "boats[].crew[].age": "int?",
        "tags": "list<string>",
        "grid": "list<list<float>>",
        "levels": "map<string, float>",
        "guests": "map",
        "guests.*.name": "string",
        "guests.*.age": "int?",
        "notes": "map",
        "blob": "object",
        "whatever": "any",
    }


PARTS: list[tuple[str, dict[str, str]]] = [
    # allOf, and what stands beside it
    (
        """\
          allOf: [{$ref: "#/$defs/Base"}, {properties: {b: {type: integer}}}]
          properties: {c: {type: boolean}}
        Base: {properties: {a: {type: string}}}
        """,
        {"a": "string", "b": "int", "c": "bool"},
    ),
    # one base on two ways
    (
        """\
          allOf: [{$ref: "#/$defs/P"}, {$ref: "#/$defs/Q"}]
        P: {allOf: [{$ref: "#/$defs/Base"}], properties: {p: {$ref: "#/$defs/Base"}}}
        Q: {allOf: [{$ref: "#/$defs/Base"}], properties: {q: {type: integer}}}
        Base: {properties: {a: {type: string}}}
        """,
        {"a": "string", "p.a": "string", "q": "int"},
    ),
    # a base that comes again below is no cycle
    (
        """\
          allOf: [{$ref: "#/$defs/Named"}]
          properties: {mentor: {allOf: [{$ref: "#/$defs/Named"}, {properties: {since: {type: integer}}}]}}
        Named: {properties: {name: {type: string}}}
        """,
        {"name": "string", "mentor.name": "string", "mentor.since": "int"},
    ),
    # oneOf and anyOf: the union
    (
        """\
          properties:
            either: {oneOf: [{properties: {a: {type: string}}}, {properties: {b: {type: integer}, a: {type: string}}}]}
            some: {anyOf: [{type: integer}, {type: "null"}]}
            mixed: {anyOf: [{type: integer}, {type: string}]}
            number: {oneOf: [{type: integer}, {type: number}]}
            maybe: {oneOf: [{type: string}, {properties: {a: {type: string}}}]}
        """,
        {
            "either.a": "string",
            "either.b": "int",
            "some": "int?",
            "mixed": "any",
            "number": "float",
            "maybe": "any",
            "maybe.a": "string",
        },
    ),
    # null in its three spellings
    (
        """\
          properties:
            a: {type: [string, "null"]}
            b: {type: string, nullable: true}
            c: {enum: [x, null]}
            d: {type: [integer, null]}
            e: {type: array, nullable: true, items: {type: integer, nullable: true}}
        """,
        {"a": "string?", "b": "string?", "c": "enum(x)?", "d": "int?", "e": "list<int?>?"},
    ),
    # enums of anything
    (
        """\
          properties:
            a: {enum: [1, 2]}
            b: {const: fixed}
            c: {enum: ["in, out", "it's"]}
            f: {enum: ["far off", near-by]}
            d: {enum: ["both ' and \\""]}
            e: {type: array, items: {enum: [up, down]}}
        """,
        {
            "a": "int",
            "b": "enum(fixed)",
            "c": "string",
            "f": "enum(far off, near-by)",
            "d": "string",
            "e": "list<enum(up, down)>",
        },
    ),
    # an enum that is one choice of several, and one that is all there is
    (
        """\
          properties:
            open: {anyOf: [{type: string}, {enum: [a, b]}]}
            id: {oneOf: [{type: string, format: uuid}, {$ref: "#/$defs/Word"}]}
            both: {oneOf: [{$ref: "#/$defs/Word"}, {enum: [c]}]}
            typed: {type: string, anyOf: [{enum: [a]}, {enum: [b]}]}
            all: {allOf: [{type: string}, {enum: [a, b]}]}
        Word: {type: string, enum: [a, b]}
        """,
        {
            "open": "string",
            "id": "string",
            "both": "enum(a, b, c)",
            "typed": "enum(a, b)",
            "all": "enum(a, b)",
        },
    ),
    # schemas that contain themselves
    (
        """\
          properties: {next: {$ref: "#/$defs/LakeDepth"}, kids: {type: array, items: {$ref: "#/$defs/Node"}}}
        Node: {properties: {value: {type: integer}, kids: {type: array, items: {$ref: "#/$defs/Node"}}}}
        """,
        {"next": "object", "kids": "list", "kids[].value": "int", "kids[].kids": "list<object>"},
    ),
    ("  allOf: [{$ref: '#/$defs/LakeDepth'}]\n  properties: {a: {type: string}}\n", {"a": "string"}),
    # maps at the root, patterns, fixed places of a list
    ("  additionalProperties: {type: integer}\n", {"*": "int"}),
    ("  type: object\n  additionalProperties: true\n", {"*": "any"}),
    (
        """\
          properties:
            a: {patternProperties: {"^x": {type: integer}}}
            b: {prefixItems: [{type: integer}, {type: number}]}
            c: {properties: {known: {type: string}}, additionalProperties: {type: integer}}
            d: {properties: {known: {type: string}}, additionalProperties: false}
        """,
        {
            "a": "map<string, int>",
            "b": "list<float>",
            "c": "map",
            "c.*": "int",
            "c.known": "string",
            "d.known": "string",
        },
    ),
    ("  properties: {a: true, b: false}\n", {"a": "any", "b": "any"}),
]


@pytest.mark.parametrize(("text", "expected"), PARTS)
def test_combined_schemas(text: str, expected: dict[str, str]) -> None:
    assert paths(text) == expected


def test_deeper_than_ten_steps_is_an_object() -> None:
    lines = ["  properties: {a: {$ref: '#/$defs/L0'}}"]
    lines += [f"L{at}: {{properties: {{a: {{$ref: '#/$defs/L{at + 1}'}}, v: {{type: integer}}}}}}" for at in range(20)]
    lines.append("L20: {properties: {v: {type: integer}}}")
    found = paths("\n".join(lines) + "\n")
    deepest = max(found, key=lambda path: path.count("."))
    assert deepest.count(".") + 1 == MAX_DEPTH
    assert found[".".join("a" * MAX_DEPTH)] == "object"


def test_v_r11_cycles_arrays_and_all_of_twice_the_same_bytes() -> None:
    text = """\
        $defs:
          B:
            x-resource-template: true
            x-source-type: lake-b
            allOf: [{$ref: "#/$defs/Base"}]
            properties: {z: {type: array, items: {$ref: "#/$defs/B"}}, a: {type: array, items: {$ref: "#/$defs/Base"}}}
          A: {x-resource-template: true, x-source-type: lake-a, properties: {b: {$ref: "#/$defs/B"}}}
          Base: {properties: {y: {type: integer}, x: {type: string}}}
        """
    specs, found = made(text)
    assert found == [] and [spec.type for spec in specs] == ["lake-a", "lake-b"]
    for form in ("yaml", "json"):
        assert render(specs, form) == render(made(text)[0][::-1], form)
    assert list(specs[1].paths) == sorted(specs[1].paths)


def test_references_across_files() -> None:
    files = {
        "shared/people.yaml": (
            "$defs:\n  Person: {properties: {home: {$ref: '../api/places.json#/$defs/Place'}, lake: "
            "{$ref: '../api/lake.yaml#/$defs/LakeDepth'}}}\n"
        ),
        "api/places.json": '{\n\t"$defs": {"Place": {"properties": {"a~b/c": {"type": "string"}}}}}',
    }
    head = "$defs:\n  LakeDepth:\n    x-resource-template: true\n"
    specs, found = made(
        head
        + "    properties:\n"
        + "      owner: {$ref: '../shared/people.yaml#/$defs/Person'}\n"
        + "      odd: {$ref: 'places.json#/$defs/Place/properties/a~0b~1c'}\n",
        files,
    )
    assert found == []
    assert dict(specs[0].paths) == {"owner.home.a~b/c": "string", "owner.lake": "object", "odd": "string"}


REFERENCES = {
    "#/$defs/Gone": "there is no 'Gone' in '#/$defs'",
    "#Gone": "after '#' a path",
    "../../out.yaml#/a": "leaves the project",
    "..%2F..%2Fout.yaml#/a": "leaves the project",
    "/etc/passwd": "only files of the project",
    "C:\\\\x.yaml": "only files of the project",
    "https://example.org/a.yaml": "only files of the project",
    "file:///etc/passwd": "only files of the project",
    "gone.yaml#/a": "there is no file 'api/gone.yaml'",
    "broken.yaml#/a": "'api/broken.yaml' cannot be read",
    "#/$defs/LakeDepth/properties/a/x": "there is no 'x'",
}


@pytest.mark.parametrize(("reference", "reason"), REFERENCES.items())
def test_references_that_lead_nowhere(reference: str, reason: str) -> None:
    text = f'$defs:\n  LakeDepth:\n    x-resource-template: true\n    properties: {{a: {{$ref: "{reference}"}}}}\n'
    _, found = made(text, {"api/broken.yaml": "a: [", "out.yaml": "a: {}"})
    own = [diag for diag in found if diag.code == "ABML423"]
    assert len(own) == 1 and reason in own[0].message
    assert (own[0].span.path, own[0].span.line, own[0].span.column) == ("api/lake.yaml", 4, 28)
    assert own[0].is_error


def test_a_link_out_of_the_project_names_no_file(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "abml.toml").write_text("")
    (tmp_path / "secret.yaml").write_text("properties: {a: {type: string}}\n")
    (project / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (project / "lake.yaml").write_text("x-resource-template: true\ntitle: LakeDepth\n$ref: link.yaml\n")
    reporter = Reporter()
    generate(find_schemas([project / "lake.yaml"], reporter).inputs, reporter)
    assert "there is no file 'link.yaml'" in next(d for d in reporter.diagnostics if d.code == "ABML423").message


CALLBACK = """\
openapi: 3.1.0
{top}
paths:
  /lake-depth/get-compress-data:
    post:
      {inside}
      responses:
        "200": {{content: {{application/json: {{schema: {{$ref: "#/components/schemas/Sounding"}}}}}}}}
components:
  schemas:
    Sounding:
      x-resource-template: true
      {mark}
      properties: {{a: {{type: string}}}}
"""
NAMED = "sourceType: lake-soundings, templateNamespace: soundings"


@pytest.mark.parametrize(
    ("top", "inside", "mark", "kind", "namespace"),
    [
        ("x-a: 1", "x-a: 1", "type: object", "sounding", "sounding"),
        ("x-a: 1", f"x-compression-callback: {{{NAMED}}}", "type: object", "lake-soundings", "soundings"),
        (
            f"x-compression-callback: [{{{NAMED}, compressEndpoint: /lake-depth/get-compress-data}}]",
            "x-a: 1",
            "type: object",
            "lake-soundings",
            "soundings",
        ),
        (
            "x-compression-callback: {sourceType: lake-depths, endpoint: /lake-depth/get-compress-data}",
            "x-a: 1",
            "x-template-namespace: own",
            "lake-depths",
            "own",
        ),
        ("x-a: 1", f"x-compression-callback: {{{NAMED}}}", "x-source-type: pond-own", "pond-own", "soundings"),
        ("x-a: 1", "x-a: 1", f"x-compression-callback: {{{NAMED}}}", "lake-soundings", "soundings"),
    ],
)
def test_names_of_templates(top: str, inside: str, mark: str, kind: str, namespace: str) -> None:
    specs, found = made(CALLBACK.format(top=top, inside=inside, mark=mark))
    assert found == []
    assert [(spec.type, spec.namespace) for spec in specs] == [(kind, namespace)]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("LakeDepthCompressData", "lake-depth"),
        ("LakeArchive", "lake"),
        ("Archive", "archive"),
        ("lake_depth", "lake-depth"),
        ("HTTPLake", "httplake"),
    ],
)
def test_types_from_names_of_schemas(name: str, kind: str) -> None:
    specs, _ = made(f"definitions: {{{name}: {{x-archive-type: true, properties: {{a: {{type: string}}}}}}}}")
    assert [spec.type for spec in specs] == [kind]


def test_a_root_schema_has_its_title() -> None:
    specs, found = made("title: LakeDepth\nx-resource-template: true\nproperties: {a: {type: string}}\n")
    assert found == [] and specs[0].type == "lake-depth" and specs[0].source == "lake.yaml#"


def test_marks_inside_examples_and_names_of_properties_are_none() -> None:
    _, found = made("example: {x-resource-template: true}\nproperties: {x-resource-template: {type: boolean}}\n")
    assert codes(found) == ["ABML421"]


def test_everything_a_mark_may_say() -> None:
    specs, found = made(
        """\
        $defs:
          LakeDepth:
            x-resource-template: true
            x-template-namespace: soundings
            x-template-aliases: [fathoms, depths]
            x-snapshot-ttl-minutes: 2.5
            x-template-schema-version: 2
            x-template-migrations: {"1": {deep: bottom.deepest, gone: null}}
            x-template-shortcuts: {deepest: bottom.deepest}
            properties: {bottom: {properties: {deepest: {type: number}}}}
        """
    )
    assert found == []
    (spec,) = specs
    assert (spec.namespace, spec.aliases, spec.ttl_minutes, spec.schema_version) == (
        "soundings",
        ("fathoms", "depths"),
        2.5,
        2,
    )
    assert spec.migrations == {1: {"deep": "bottom.deepest", "gone": None}}
    assert dict(spec.paths) == {"bottom.deepest": "float", "deepest": "float"}
    assert spec.source == "lake.yaml#/$defs/LakeDepth"


WRONG_MARKS = [
    "x-resource-template: perhaps",
    "x-resource-template: {}",
    "x-template-namespace: a.b",
    "x-template-namespace: 3",
    "x-template-namespace: _error",
    "x-template-aliases: fathoms",
    "x-template-aliases: [a b]",
    "x-snapshot-ttl-minutes: -1",
    "x-snapshot-ttl-minutes: true",
    "x-snapshot-ttl-minutes: 1e300",
    f"x-snapshot-ttl-minutes: {10**400}",
    "x-snapshot-ttl-minutes: [1]",
    "x-source-type: LakeDepth",
    "x-template-schema-version: 0",
    "x-template-migrations: {a: {}}",
    "x-template-migrations: {1: {a: 3}}",
    "x-template-migrations: 3",
    "x-template-shortcuts: [a]",
    "x-template-shortcuts: {b: c}",
    "x-template-shortcuts: {a: a}",
    "x-template-shortcut: {b: a}",
    "x-compression-callback: 3",
    "x-compression-callback: {sourceType: X}",
    "x-compression-callback: {templateNamespace: [a]}",
]


@pytest.mark.parametrize("mark", WRONG_MARKS)
def test_malformed_marks(mark: str) -> None:
    head = "" if mark.startswith("x-resource-template") else "    x-resource-template: true\n"
    _, found = made(f"$defs:\n  LakeDepth:\n{head}    {mark}\n    properties: {{a: {{type: string}}}}\n")
    assert codes(found) == ["ABML422"], [str(diag) for diag in found]
    assert found[0].is_error and found[0].span.line in (3, 4)


@pytest.mark.parametrize(
    ("mark", "column", "message"),
    [
        ("x-template-aliases: [fathoms, a b]", 35, "'a b' is not a single name"),
        ("x-template-aliases: [fathoms, [b]]", 35, "an alias is a text, not a list"),
        ('x-template-shortcuts: {b: a, "a b": a}', 34, "the shortcut 'a b' is not a single name"),
        ("x-template-shortcuts: {b: a, c: [a]}", 37, "the shortcut 'c' has to be a path, and is a list"),
        ("x-template-shortcuts: {b: a, c: d}", 37, "the shortcut 'c' leads to 'd', which is no path of 'lake-depth'"),
    ],
)
def test_what_is_wrong_inside_a_mark(mark: str, column: int, message: str) -> None:
    """The finding is at the entry that is wrong, and no mapping is told to be a mapping."""
    _, found = made(
        f"$defs:\n  LakeDepth:\n    x-resource-template: true\n    {mark}\n    properties: {{a: {{type: string}}}}\n"
    )
    assert [(diag.code, diag.message, diag.span.line, diag.span.column) for diag in found] == [
        ("ABML422", message, 4, column)
    ]


@pytest.mark.parametrize(
    "schema",
    [
        "properties: 3",
        "properties: {a: 3}",
        "properties: {a: {type: strng}}",
        "properties: {a: {type: 3}}",
        "properties: {a: {allOf: 3}}",
        "properties: {a: {$ref: 3}}",
        "properties: {}",
        "type: string",
        "properties: {a: null}",
    ],
)
def test_malformed_schemas(schema: str) -> None:
    _, found = made(f"$defs: {{LakeDepth: {{x-resource-template: true, {schema}}}}}")
    assert set(codes(found)) == {"ABML420"}, [str(diag) for diag in found]


def test_names_that_two_templates_have() -> None:
    text = "$defs:\n  LakeDepth: {x-resource-template: true, properties: {a: {type: string}}}\n"
    _, found = made(text + "  PondDepth: {x-resource-template: true, properties: {a: {type: string}}}\n")
    assert codes(found) == ["ABML424"] and found[0].span.line == 3
    assert found[0].notes[0].span is not None and found[0].notes[0].span.line == 2
    more = "  PondDepth: {x-resource-template: true, x-template-namespace: x, x-template-aliases: [Lake-Depth],"
    _, found = made(text + more + " properties: {a: {type: string}}}\n")
    assert codes(found) == ["ABML424"]


def test_a_property_that_no_path_can_name_is_left_out() -> None:
    specs, found = made('$defs: {A: {x-resource-template: true, properties: {"a.b": {type: string}, "": {}, c: {}}}}')
    assert codes(found) == ["ABML426", "ABML426"] and dict(specs[0].paths) == {"c": "any"}


def test_tens_of_thousands_of_properties_are_refused() -> None:
    many = ", ".join(f'"p{at}": {{"type": "string"}}' for at in range(25_000))
    _, found = made(f'{{"title": "Big", "x-resource-template": true, "properties": {{{many}}}}}', path="big.json")
    assert codes(found) == ["ABML425"] and f"{MAX_PATHS:,}" in found[0].message


def test_schemas_that_combine_without_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "MAX_WORK", 10_000)
    twice = "properties: {{a: {{$ref: '#/$defs/A{0}'}}, b: {{$ref: '#/$defs/A{0}'}}}}"
    lines = ["$defs:", f"  A0: {{x-resource-template: true, {twice.format(1)}}}"]
    parts = ", ".join("{description: x}" for _ in range(50))
    lines += [f"  A{at}: {{allOf: [{parts}], {twice.format(at + 1)}}}" for at in range(1, 9)]
    lines.append("  A9: {}")
    _, found = made("\n".join(lines))
    assert codes(found) == ["ABML425"] and "too many ways" in found[0].message


def test_a_reference_to_itself_ends() -> None:
    _, found = made("$defs: {A: {x-resource-template: true, $ref: '#/$defs/A'}}")
    assert codes(found) == ["ABML420"]
    _, found = made("$defs: {A: {x-resource-template: true, $ref: '#/$defs/B'}, B: {$ref: '#/$defs/A'}}")
    assert codes(found) == ["ABML420"]


def test_folders_are_searched(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    marked = {"title": "LakeDepth", "x-resource-template": True, "properties": {"a": {"type": "string"}}}
    (tmp_path / "deep" / "lake.json").write_text(json.dumps(marked))
    (tmp_path / "other.yaml").write_text("properties: {}\n")
    reporter = Reporter()
    found = find_schemas([tmp_path], reporter)
    assert found.searched and [given.source.path for given in found.inputs] == [str(tmp_path / "deep" / "lake.json")]
    assert [spec.type for spec in generate(found.inputs, reporter, searched=True)] == ["lake-depth"]
    assert reporter.diagnostics == []


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    file = tmp_path / "lake.json"
    file.write_text('{"title": "Lake", "x-resource-template": true, "properties": {"a": {}}}')
    (tmp_path / "link.json").symlink_to(file)
    reporter = Reporter()
    found = find_schemas([file, tmp_path, tmp_path / "." / "lake.json", tmp_path / "link.json"], reporter)
    assert [spec.type for spec in generate(found.inputs, reporter)] == ["lake"]
    assert reporter.diagnostics == []
