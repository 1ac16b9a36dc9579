"""Rules 1 to 7 of language 11.5, from every place where a path may stand, and the requirements behind them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import abml
from abml.diagnostics import Diagnostic

TEMPLATES = {
    "templates": [
        {
            "type": "character-personality",
            "paths": {
                "traits.aggression": "float",
                "traits.patience": "float?",
                "style": "enum(calm, brisk)",
                "born": "date",
                "tags": "list<string>",
                "scores": "map<string, float>",
                "quirks": "list",
                "quirks[].name": "string",
                "quirks[].since": "int",
                "ties": "map",
                "ties.*.strength": "float",
                "notes": "any",
                "motto": "string",
                "calm": "bool",
            },
            "shortcuts": {"aggression": "traits.aggression"},
        },
        {"type": "character-history", "paths": {"roles": "list", "roles[].title": "string"}},
        {"type": "tower-crew", "aliases": ["hands"], "paths": {"size": "int"}},
    ]
}
HEAD = "version: '3.0'\nmetadata: {id: a, type: event_brain, fetch_mode: %s, resource_templates: %s}\n"
LOAD = "{load_snapshot: {resource_type: character, resource_id: '${world.who}', name: dossier}}"


def document(*actions: str, declared: str = "[character-personality]", mode: str = "explicit", more: str = "") -> str:
    lines = "".join(f"    - {action}\n" for action in actions)
    return HEAD % (mode, declared) + f"flows:\n  main:\n{lines}{more}"


def reading(expression: str, declared: str = "[character-personality]") -> str:
    """A document that loads `dossier` and evaluates one expression."""
    return document(LOAD, f"{{log: \"${{{expression}}}\"}}", declared=declared)  # fmt: skip


def of_resources(found: list[Diagnostic]) -> list[str]:
    return [diag.code for diag in found if diag.code.startswith("ABML4") and diag.code != "ABML408"]


# A misspelled path in every kind of place; `%s` is the path.
PLACES = {
    "text": (LOAD, '{log: "so ${%s} it is"}'),
    "template": (LOAD, '{log: "{{ %s | upcase }}"}'),
    "template condition": (LOAD, '{log: "{% if %s %}yes{% endif %}"}'.replace("{% ", "{%% ").replace(" %}", " %%}")),
    "condition": (LOAD, '{cond: [{when: "${%s > 1}", then: [noop]}]}'),
    "bare condition": (LOAD, '{cond: [{when: "${%s} > 1 AND ${world.open}", then: [noop]}]}'),
    "switch": (LOAD, '{switch: {value: "${%s}", cases: {1: [noop]}}}'),
    "guard": (LOAD, '{condition: "${%s > 1}"}'),
    "when": (LOAD, '{log: hello, when: "${%s > 1}"}'),
    "assignment": (LOAD, '{set: {kept: "${%s}"}}'),
    "list": (LOAD, '{set: {kept: [1, {a: "${%s}"}]}}'),
    "nested parameter": (LOAD, '{ring: {a: {b: [{c: "at ${%s}"}]}}}'),
    "argument": (LOAD, '{log: "${max(1, [%s, 2] | first)}"}'),
    "lambda": (LOAD, '{log: "${world.all.map(w => w + %s)}"}'),
    "lambda of a lambda": (LOAD, '{log: "${world.all.map(w => w.map(v => v + %s))}"}'),
    "default": (LOAD, '{log: "${%s ?? 1}"}'),
    "conditional": (LOAD, '{log: "${world.open ? %s : 1}"}'),
    "computed step": (LOAD, '{log: "${world.names[%s]}"}'),
    "loop list": (LOAD, '{for_each: {variable: x, collection: "${[%s]}", do: [noop]}}'),
    "inside a loop": (LOAD, '{for_each: {variable: x, collection: "${world.all}", do: [{log: "${%s}"}]}}'),
    "repeat": (LOAD, '{repeat: {times: "${%s}", do: [noop]}}'),
    "parallel": (LOAD, '{parallel: [[{log: "${%s}"}], [noop]]}'),
    "on_error": (LOAD, '{ring: {}, on_error: [{log: "${%s}"}]}'),
    "intent": (LOAD, '{emit_intent: {channel: stance, action: stand, urgency: "${%s}"}}'),
    "call": (LOAD, '{call: {flow: other, with: {a: "${%s}"}}}'),
    "return": (LOAD, '{return: "${%s}"}'),
    "until": (LOAD, '{ring: {until: "${%s > 1}", timeout: 1s}}'),
    "id of another": (
        LOAD,
        '{load_snapshot: {resource_type: tower, resource_id: "${%s}", name: second, filter: [hands]}}',
    ),
    "watched": (LOAD.replace("load_snapshot", "watch"), '{log: "${%s}"}'),
    "older spelling": (
        "{resource_snapshot: {entity_type: character, entity_id: x, result_variable: dossier}}",
        '{log: "${%s}"}',
    ),
}
OTHER = "  other: {params: [a], actions: [{log: '${a}'}]}\n"


@pytest.mark.parametrize("place", PLACES)
def test_paths_are_checked_everywhere(place: str, inspect: Callable[..., Any]) -> None:
    load, action = PLACES[place]
    more = OTHER if "other" in action else ""
    declared = "[character-personality, tower-crew]" if "hands" in action else "[character-personality]"
    found, _ = inspect(
        document(load, action % "dossier.personality.traits.agression", declared=declared, more=more),
        templates=TEMPLATES,
    )
    hits = [diag for diag in found if diag.code == "ABML403"]
    assert len(hits) == 1, [str(diag) for diag in found]
    assert hits[0].help is not None and "'traits.aggression'" in hits[0].help
    found, _ = inspect(
        document(load, action % "dossier.personality.traits.aggression", declared=declared, more=more),
        templates=TEMPLATES,
    )
    assert [code for code in of_resources(found) if code != "ABML410"] == [], [str(diag) for diag in found]


SPELLINGS = [
    "dossier.personality.%s",
    "dossier.character-personality.%s",
    "dossier.temper.%s",
    "dossier['personality'].%s",
    "dossier?.personality?.%s",
    "dossier['character-personality']?.%s",
    "(dossier.personality).%s",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_res_023_every_name_of_a_template_leads_to_its_paths(spelling: str, inspect: Callable[..., Any]) -> None:
    declared = "[{type: character-personality, alias: temper}]"
    found, _ = inspect(reading(spelling % "traits.agression", declared), templates=TEMPLATES)
    assert of_resources(found) == ["ABML403"], [str(diag) for diag in found]
    found, _ = inspect(reading(spelling % "traits.aggression", declared), templates=TEMPLATES)
    assert of_resources(found) == []


@pytest.mark.parametrize(
    "declared",
    [
        "[{type: character-personality, alias: t}, {type: character-history, alias: ¶x}]".replace("¶x", "t"),
        "[{type: character-personality, alias: T}, {type: character-history, alias: t}]",
        "[{type: character-personality, alias: history}, character-history]",
        "[{type: character-personality, alias: character-history}, character-history]",
        "[{type: character-personality, alias: hands}, tower-crew]",
        "[{type: character-personality, alias: HANDS}, tower-crew]",
        "[{type: character-personality, alias: _error}]",
        "[{type: character-personality, alias: id}]",
    ],
)
def test_res_023_an_alias_means_one_thing(declared: str, inspect: Callable[..., Any]) -> None:
    found, _ = inspect(document("noop", declared=declared), templates=TEMPLATES)
    assert [diag.code for diag in found if diag.is_error] == ["ABML407"], [str(diag) for diag in found]


def test_an_alias_may_repeat_its_own_namespace(inspect: Callable[..., Any]) -> None:
    declared = "[{type: character-personality, alias: personality}, {type: tower-crew, alias: hands}]"
    found, _ = inspect(document("noop", declared=declared), templates=TEMPLATES)
    assert [diag.code for diag in found if diag.is_error] == []


def test_aliases_of_the_registry_are_names_too(inspect: Callable[..., Any]) -> None:
    load = LOAD.replace("character", "tower")
    found, _ = inspect(document(load, '{log: "${dossier.hands.size}"}', declared="[tower-crew]"), templates=TEMPLATES)
    assert of_resources(found) == []
    found, _ = inspect(document(load, '{log: "${dossier.hands.sise}"}', declared="[tower-crew]"), templates=TEMPLATES)
    assert of_resources(found) == ["ABML403"]


def test_res_017_only_declared_templates_compile(expect: Callable[..., Diagnostic]) -> None:
    for templates in (TEMPLATES, {"templates": TEMPLATES["templates"][:1]}):
        found = expect(402, reading("dossier.¶history.participations"), "error", templates=templates)
        assert found.help is not None and "'character-history'" in found.help
    expect(402, reading("dossier.¶character-history.roles"), "error", templates=TEMPLATES)
    expect(402, reading("dossier.¶HISTORY.roles"), "error", templates={"templates": TEMPLATES["templates"][:1]})


def test_res_027_a_field_that_does_not_exist(expect: Callable[..., Diagnostic]) -> None:
    found = expect(403, reading("dossier.personality.¶nonexistent_field"), "error", templates=TEMPLATES)
    assert "nonexistent_field" in found.message
    found = expect(403, reading("dossier.personality.¶agression"), "error", templates=TEMPLATES)
    assert found.help == "did you mean 'aggression' or 'traits.aggression'?"
    assert found.fix is not None and found.fix.replacement == "aggression"


def test_pseudo_keys_are_compared_with_pseudo_keys(expect: Callable[..., Diagnostic]) -> None:
    """Nothing of a snapshot but those begins with `_`, whatever the registry knows."""
    for templates in (TEMPLATES, None):
        found = expect(403, reading("dossier.¶_erorr.kind"), "error", templates=templates)
        assert found.help == "did you mean '_error'?"
        assert found.fix is not None and found.fix.replacement == "_error"


def test_a_path_without_its_namespace(expect: Callable[..., Diagnostic]) -> None:
    found = expect(403, reading("dossier.¶traits.aggression"), "error", templates=TEMPLATES)
    assert found.help == "did you mean 'dossier.personality.traits'?"
    # What may not be read is no help.
    found = expect(403, reading("dossier.¶roles[0].title"), "error", templates=TEMPLATES)
    assert found.help is None


def test_a_template_that_is_named_by_its_type(expect: Callable[..., Diagnostic]) -> None:
    found = expect(402, reading("dossier.¶tower-crew.size"), "error", templates=TEMPLATES)
    assert found.message == "'tower-crew' is a template, which this document does not declare"
    load = LOAD.replace("name:", "filter: [history], name:")
    text = document(load, '{log: "${dossier.¶character-personality.calm}"}', declared="[]")
    found = expect(402, text, "error", templates=TEMPLATES)
    assert found.message == "'character-personality' is a template, which the filter of 'dossier' leaves out"


@pytest.mark.parametrize("templates", [TEMPLATES, None])
def test_what_a_filter_names_may_be_read_without_a_registration(templates: Any, inspect: Callable[..., Any]) -> None:
    load = LOAD.replace("name:", "filter: [guest-manners], name:")
    paths = "${dossier.manners.tips} ${dossier.guest-manners.tips}"
    found, _ = inspect(document(load, f'{{log: "{paths}"}}', declared="[]"), templates=templates)
    assert [str(diag) for diag in found if diag.severity != "info"] == []
    other = document(load, '{log: "${dossier.moods.tips}"}', declared="[]")
    assert of_resources(inspect(other, templates=TEMPLATES)[0]) == ["ABML403"]


@pytest.mark.parametrize("name", ["watch", "unwatch", "load_snapshot", "prefetch_snapshots"])
def test_a_single_value_is_no_parameter(name: str, expect: Callable[..., Diagnostic]) -> None:
    found = expect(163, document(f"{{{name}: ¶guest}}", declared="[]"), "warning")
    assert found.message == f"'{name}' takes its parameters by name, not a single value"
    assert found.help == f"write '{name}: {{ resource_type: ... }}'"


def test_res_050_the_short_and_the_long_form(inspect: Callable[..., Any]) -> None:
    for path in ("aggression", "traits.aggression"):
        found, _ = inspect(reading(f"dossier.personality.{path}"), templates=TEMPLATES)
        assert of_resources(found) == []
    personality = {key: value for key, value in TEMPLATES["templates"][0].items() if key != "shortcuts"}  # type: ignore[attr-defined]
    found, _ = inspect(reading("dossier.personality.traits.aggression"), templates={"templates": [personality]})
    assert of_resources(found) == []
    found, _ = inspect(reading("dossier.personality.aggression"), templates={"templates": [personality]})
    assert of_resources(found) == ["ABML403"]


def test_res_022_hyphenated_steps_are_names(inspect: Callable[..., Any]) -> None:
    found, _ = inspect(reading("dossier.character-personality.aggression * 2 - 1"), templates=TEMPLATES)
    assert of_resources(found) == [] and "ABML137" not in [diag.code for diag in found]


RULES: list[tuple[str, str, list[str]]] = [
    # 1: nothing declared: every registered template, no 402 and no 412
    ("[]", "dossier.history.roles[0].title", []),
    ("[]", "dossier.history.roles[0].titel", ["ABML403"]),
    ("[]", "dossier.crew.size.x", ["ABML404"]),
    # 3: beginnings are objects, letter case, open types, lists, leaves
    ("[character-personality]", "dossier.personality", []),
    ("[character-personality]", "dossier.personality.traits", []),
    ("[character-personality]", "dossier.personality.traits.keys", []),
    ("[character-personality]", "dossier.Personality.Traits.aggression", ["ABML413", "ABML413"]),
    ("[character-personality]", "dossier.personality.notes.x[1].y", []),
    ("[character-personality]", "dossier.personality.scores.noon", []),
    ("[character-personality]", "dossier.personality.scores.noon.x", ["ABML404"]),
    ("[character-personality]", "dossier.personality.ties.kim.strength", []),
    ("[character-personality]", "dossier.personality.ties.kim.strenght", ["ABML403"]),
    ("[character-personality]", "dossier.personality.ties['kim'].strenght", ["ABML403"]),
    ("[character-personality]", "dossier.personality.ties[world.who].strenght", []),
    ("[character-personality]", "dossier.personality.quirks[0].name", []),
    ("[character-personality]", "dossier.personality.quirks.0.name", []),
    ("[character-personality]", "dossier.personality.quirks[0].nmae", ["ABML403"]),
    ("[character-personality]", "dossier.personality.quirks.first.nmae", ["ABML403"]),
    ("[character-personality]", "dossier.personality.quirks.length", []),
    ("[character-personality]", "dossier.personality.quirks.nmae", ["ABML403"]),
    ("[character-personality]", "dossier.personality.tags[0].x", ["ABML404"]),
    ("[character-personality]", "dossier.personality.style.x", ["ABML404"]),
    ("[character-personality]", "dossier.personality.style.length", []),
    ("[character-personality]", "dossier.personality.born.year", ["ABML404"]),
    ("[character-personality]", "dossier.personality.traits.patience.x", ["ABML404"]),
    # 4: computed steps end the check
    ("[character-personality]", "dossier.personality[world.key].agression", []),
    ("[character-personality]", "dossier[world.key].agression", []),
    ("[character-personality]", "dossier.personality.quirks[world.at].nmae", []),
    # pseudo-keys
    ("[character-personality]", "dossier._error.message", []),
    ("[character-personality]", "dossier._partial && dossier._stale && dossier.id != ''", []),
    ("[character-personality]", "dossier._eror.message", ["ABML403"]),
    # a snapshot is no map: its properties are data or nothing
    ("[character-personality]", "dossier.length", ["ABML403"]),
    ("[character-personality]", "keys(dossier)", []),
    # 7: lambdas over lists of a template
    ("[character-personality]", "dossier.personality.quirks.map(q => q.nmae)", ["ABML403"]),
    ("[character-personality]", "dossier.personality.quirks.filter(q => q.since > 1).map(q => q.sinec)", ["ABML403"]),
    ("[character-personality]", "dossier.personality.quirks | sort_by('sinec')", ["ABML403"]),
    ("[character-personality]", "dossier.personality.quirks.reduce((sum, q) => sum + q.sinec, 0)", ["ABML403"]),
    ("[character-personality]", "world.all.map(dossier => dossier.personality.agression)", ["ABML414"]),
]


@pytest.mark.parametrize(("declared", "expression", "expected"), RULES)
def test_rules(declared: str, expression: str, expected: list[str], inspect: Callable[..., Any]) -> None:
    found, _ = inspect(reading(expression, declared), templates=TEMPLATES)
    assert of_resources(found) == expected, [str(diag) for diag in found]


def looped(body: str, mode: str) -> str:
    prefetch = "{prefetch_snapshots: {resource_type: character, resource_ids: '${world.all.map(k => k.id)}'}}"
    loop = f'{{for_each: {{variable: keeper, collection: "${{world.all}}", do: [{{log: "${{{body}}}"}}]}}}}'
    return document(prefetch, loop, mode=mode)


@pytest.mark.parametrize(
    ("mode", "body", "expected"),
    [
        ("explicit", "keeper.personality.aggression", ["ABML414"]),
        ("track_on_store", "keeper.history.roles", ["ABML414"]),
        ("explicit", "keeper.name", []),
        ("explicit", "keeper.id", []),
        ("auto", "keeper.personality.aggression", []),
        ("auto", "keeper.personality.agression", ["ABML403"]),
        ("all", "keeper.character-personality.calm.x", ["ABML404"]),
        ("all", "keeper.history.roles", ["ABML402"]),
        ("auto", "keeper.name.anything", []),
    ],
)
def test_rule_2_candidates(mode: str, body: str, expected: list[str], inspect: Callable[..., Any]) -> None:
    found, _ = inspect(looped(body, mode), templates=TEMPLATES)
    assert of_resources(found) == expected, [str(diag) for diag in found]


def test_rule_6_the_filter_of_a_load(inspect: Callable[..., Any]) -> None:
    declared = "[{type: character-personality, alias: temper}, character-history]"
    for entry in ("character-history", "history", "character_history", "HISTORY"):
        load = LOAD.replace("name:", f"filter: [{entry}], name:")
        found, _ = inspect(
            document(load, '{log: "${dossier.temper.calm} ${dossier.history.roles}"}', declared=declared),
            templates=TEMPLATES,
        )
        assert of_resources(found) == ["ABML402"], (entry, [str(diag) for diag in found])


LIBRARY = """\
version: '3.0'
metadata: {id: lib, resource_templates: [{type: character-personality, alias: temper}]}
flows:
  show: [ {log: "${dossier.temper.agression}"} ]
  tell: [ {log: "${dossier.crew.size}"} ]
"""


def test_imported_documents_are_checked_by_their_own_declarations(inspect: Callable[..., Any]) -> None:
    text = document(
        LOAD, "{call: lib.show}", "{call: lib.tell}", '{log: "${dossier.crew.size} ${dossier.temper.calm}"}',
        declared="[tower-crew]",
    ).replace("flows:", "imports: [{file: lib.yml, as: lib}]\nflows:")  # fmt: skip
    found, _ = inspect(text, files={"lib.yml": LIBRARY}, templates=TEMPLATES)
    told = [(diag.code, diag.span.path, diag.span.line) for diag in found if diag.code in ("ABML402", "ABML403")]
    # The alias of the library is unknown outside of it, and what it did not declare is unknown inside.
    assert told == [("ABML403", "lib.yml", 4), ("ABML402", "lib.yml", 5), ("ABML403", "main.yml", 9)]


TYPES = [
    ("dossier.personality.style - 1", 301),
    ("dossier.personality.born * 2", 301),
    ("dossier.personality.tags / 2", 301),
    ("dossier.personality.quirks[0].name - 1", 301),
    ("dossier.personality?.motto - 1", 301),
    ("dossier.personality.quirks.map(q => q.name - 1)", 301),
    ("dossier.personality.scores.noon - 'x'", 301),
    ("dossier.personality.traits * 2", 301),
    ("abs(dossier.personality.tags)", 301),
    ("sum(dossier.personality.motto)", 301),
    ("dossier.personality.style == 'wild'", 306),
    ("'wild' == dossier.personality.style", 306),
    ("dossier.personality.calm == 'yes'", 306),
    ("dossier.personality.aggression == 'high'", 306),
]


@pytest.mark.parametrize(("expression", "code"), TYPES)
def test_types_of_paths_reach_the_checks_of_types(expression: str, code: int, inspect: Callable[..., Any]) -> None:
    found, _ = inspect(reading(expression), templates=TEMPLATES)
    assert [diag.code for diag in found] == [f"ABML{code}"], [str(diag) for diag in found]
    assert found[0].severity == "warning"


@pytest.mark.parametrize(
    "expression",
    [
        "dossier.personality.aggression + 'x'",
        "dossier.personality.traits.patience * 2",
        "dossier.personality.traits.patience ?? 0",
        "dossier.personality.style == 'calm'",
        "dossier.personality.style == null",
        "dossier.personality == null",
        "dossier.personality.tags + ['x']",
        "dossier.personality.notes * 2",
        "dossier.personality.notes.x == 'wild'",
        "dossier.personality.quirks.length - 1",
        "dossier.personality.scores['noon'] - 1",
        "dossier.personality.aggression == 1",
        "dossier.personality.born == '2020-01-01'",
        "length(dossier.personality.tags)",
    ],
)
def test_what_fits_is_not_told(expression: str, inspect: Callable[..., Any]) -> None:
    found, _ = inspect(reading(expression), templates=TEMPLATES)
    assert [str(diag) for diag in found] == []


def test_assignments_know_the_type_of_a_path(expect: Callable[..., Diagnostic]) -> None:
    head = "context: {variables: {count: {type: int, default: 0}}}\nflows:"
    text = document(LOAD, '{set: {count: "${¶dossier.personality.motto}"}}').replace("flows:", head)
    expect(301, text, "warning", templates=TEMPLATES)


REGISTRY = """\
templates:
  - type: character-personality
    source: "personality-api.yaml#/components/schemas/Personality"
    paths:
      calm: bool
      traits.aggression: float
  - type: character-history
    paths: { roles: list }
"""


@pytest.mark.parametrize(
    ("path", "code", "line", "says"),
    [
        ("personality.traits.agression", 403, 6, "'traits.aggression' is registered here, generated from "),
        ("personality.zzzzzz", 403, 2, "'character-personality' is registered here"),
        ("personality.calm.x", 404, 5, "'calm' is registered here"),
        ("history.roles", 402, 7, "'character-history' is registered here"),
    ],
)  # fmt: skip
def test_findings_say_where_a_path_is_registered(path: str, code: int, line: int, says: str, tmp_path: Path) -> None:
    file = tmp_path / "registry.yml"
    file.write_text(REGISTRY)
    found = [diag for diag in abml.check(reading(f"dossier.{path}"), templates=file) if diag.is_error]
    assert [diag.code for diag in found] == [f"ABML{code}"]
    (note,) = found[0].notes
    assert note.message.startswith(says)
    assert note.span is not None and (note.span.path, note.span.line) == (str(file), line)
    assert f"registry.yml:{line}:" in str(found[0])


def test_res_032_the_modes_of_fetching(inspect: Callable[..., Any]) -> None:
    for mode in ("auto", "explicit", "track_on_store", "all"):
        found, _ = inspect(document("noop", declared="[]", mode=mode), templates=TEMPLATES)
        assert of_resources(found) == []
    found, _ = inspect(document("noop", declared="[]", mode="lazy"), templates=TEMPLATES)
    assert [(diag.code, diag.severity) for diag in found if diag.is_error] == [("ABML409", "error")]


OLDER = [
    ("{load_resource_snapshot: {type: character, id: x, as: dossier}}", "load_snapshot"),
    (
        "{resource_snapshot: {entity_type: character, entity_id: x, include: [personality], result_variable: d}}",
        "load_snapshot",
    ),
    ("{prefetch: {type: character, ids: [x]}}", "prefetch_snapshots"),
]


@pytest.mark.parametrize(("action", "name"), OLDER)
def test_res_051_earlier_names_are_told_and_rewritten(action: str, name: str) -> None:
    text = document(action)
    found = [diag for diag in abml.check(text, style=True) if diag.code == "ABML114"]
    assert found and f"'{name}'" in found[0].message and found[0].fix is not None
    assert found[0].fix.replacement == name
    again = abml.format(text)
    assert f"{name}:" in again and abml.format(again) == again
    assert [diag.code for diag in abml.check(again, style=True) if diag.code == "ABML114"] == []


def test_res_013_the_superseded_command_names_load_snapshot() -> None:
    text = document(*PLACES["older spelling"]) % "dossier._error"
    found = [diag for diag in abml.check(text, style=True) if diag.span.line == 5 and diag.span.column == 8]
    assert [diag.code for diag in found] == ["ABML114"]
    assert found[0].message == "'resource_snapshot' is an older spelling of 'load_snapshot'"


def test_many_wrong_paths_of_a_large_template_take_bounded_time(inspect: Callable[..., Any]) -> None:
    """Not each is compared with each: beyond a number of comparisons there are findings without suggestions."""
    large = {"type": "character-personality", "paths": {f"group{at % 90}.value{at}": "int" for at in range(6_000)}}
    reads = "".join(f" ${{dossier.personality.wrong{at}}}" for at in range(100))
    found, _ = inspect(document(LOAD, f'{{log: "{reads}"}}'), templates={"templates": [large]})
    hits = [diag for diag in found if diag.code == "ABML403"]
    assert len(hits) == 100 and hits[-1].help is None


def test_many_unknown_names_beside_a_large_registry_take_bounded_time(inspect: Callable[..., Any]) -> None:
    large = [{"type": f"guest-mood{at}", "paths": {"calm": "bool"}} for at in range(2_000)]
    reads = "".join(f" ${{dossier.wrong{at}.calm}}" for at in range(100))
    found, _ = inspect(document(LOAD, f'{{log: "{reads}"}}', declared="[]"), templates={"templates": large})
    hits = [diag for diag in found if diag.code == "ABML403"]
    assert len(hits) == 100 and hits[-1].help is None
    reads = reads.replace("wrong", "moot")
    found, _ = inspect(document(LOAD, f'{{log: "{reads}"}}', declared="[]"), templates={"templates": large})
    assert found[0].help is not None and "'mood1'" in found[0].help
