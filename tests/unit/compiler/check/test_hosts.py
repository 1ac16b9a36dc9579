"""Host actions, intents, resource templates: ABML311, 312, 4xx of the metadata, 5xx, 806."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import abml

MANIFEST = {
    "routes": {"/ledger/append": "ledger_append"},
    "actions": {
        "ledger_append": {
            "params": {"page": {"type": "int", "required": True}, "tone": "enum(calm, brisk)"},
            "await": "none",
            "open": False,
            "document_types": ["event_brain", "behavior"],
        },
        "sound_horn": {"document_types": ["event_brain"]},
    },
}


def flow(actions: str, metadata: str = "id: a") -> str:
    return f"version: '3.0'\nmetadata: {{{metadata}}}\nflows: {{main: [ {actions} ]}}"


CASES: list[tuple[int, str, str, str]] = [
    (503, "error", flow('{¶call: "/vault/open"}'), flow('{call: "/ledger/append", with: {page: 1}}')),
    (505, "warning", flow("¶ledger_apend"), flow("{ledger_append: {page: 1}}")),
    (505, "warning", flow("¶keeper.shout_out"), flow("{keeper.ledger_append: {page: 1}}")),
    (507, "error", flow("{¶ledger_append: {tone: calm}}"), flow("{ledger_append: {page: 1}}")),
    (507, "error", flow("{¶actor_command: {target: a}}"), flow("{actor_command: {target: a, command: b}}")),
    (
        508,
        "error",
        flow('{actor_query: {target: a, query: b, into: ¶"my list"}}'),
        flow("{actor_query: {target: a, query: b, into: crew}}"),
    ),
    (509, "error", flow("{ledger_append: {page: ¶[1]}}"), flow('{ledger_append: {page: "${agent.page}"}}')),
    (509, "error", flow("{ledger_append: {page: 1, tone: ¶angry}}"), flow("{ledger_append: {page: 1, tone: calm}}")),
    (
        509,
        "error",
        flow("{prefetch_snapshots: {resource_type: c, resource_ids: ¶4}}"),
        flow('{prefetch_snapshots: {resource_type: c, resource_ids: "${agent.ids}"}}'),
    ),
    (510, "warning", flow("{ledger_append: {page: 1, ¶tune: calm}}"), flow("{ledger_append: {page: 1, tone: calm}}")),
    (511, "error", flow("{¶ledger_append: {page: 1}, await: completion}"), flow("{ledger_append: {page: 1}}")),
    (512, "error", flow("¶sound_horn"), flow("sound_horn", "id: a, type: event_brain")),
    (
        311,
        "warning",
        flow("{emit_intent: {channel: stance, action: low, urgency: ¶7}}"),
        flow("{emit_intent: {channel: stance, action: low, urgency: 1}}"),
    ),
    (311, "warning", flow("{walk_to: {target: pier, urgency: ¶-1}}"), flow("{walk_to: {target: pier, urgency: 0.5}}")),
    (
        311,
        "warning",
        flow("noop") + "\noptions: {combat: [ {actionId: a, preference: ¶3, available: true} ]}",
        flow("noop") + "\noptions: {combat: [ {actionId: a, preference: 0.3, available: true} ]}",
    ),
    (
        312,
        "warning",
        flow("{emit_intent: {channel: ¶tail, action: wag}}"),
        flow("{emit_intent: {channel: stance, action: wag}}"),
    ),
    (
        312,
        "warning",
        flow("{emit_intent: {channel: ¶speech, action: hum}}"),
        flow("{emit_intent: {channel: Speech, action: hum}}", "id: a, archetype: humanoid"),
    ),
    (
        401,
        "error",
        flow("noop", "id: a, resource_templates: [¶TowerCrew]"),
        flow("noop", "id: a, resource_templates: [tower-crew]"),
    ),
    (
        406,
        "warning",
        flow("noop", "id: a, resource_templates: [a-b, ¶a-b]"),
        flow("noop", "id: a, resource_templates: [a-b, a-c]"),
    ),
    (
        407,
        "error",
        flow("noop", "id: a, resource_templates: [ {type: a-b, alias: temper}, {type: a-c, alias: ¶temper} ]"),
        flow("noop", "id: a, resource_templates: [ {type: a-b, alias: temper}, {type: a-c, alias: mood} ]"),
    ),
    (
        407,
        "error",
        flow("noop", "id: a, resource_templates: [ tower-crew, {type: a-c, alias: ¶crew} ]"),
        flow("noop", "id: a, resource_templates: [ {type: tower-crew, alias: crew} ]"),
    ),
    (409, "error", flow("noop", "id: a, fetch_mode: ¶lazy"), flow("noop", "id: a, fetch_mode: auto")),
    (806, "info", flow("{speak: {dialogue_ref: ¶a/b}}"), flow("{speak: {dialogue_ref: a/b, text: hello}}")),
]


@pytest.mark.parametrize(("code", "severity", "bad", "good"), CASES, ids=[f"{c[0]}-{i}" for i, c in enumerate(CASES)])
def test_code(
    code: int, severity: str, bad: str, good: str, expect: Callable[..., Any], expect_not: Callable[..., None]
) -> None:
    expect(code, bad, severity, manifest=MANIFEST)
    expect_not(code, good, manifest=MANIFEST)


def test_routes_cannot_be_verified_without_a_manifest(expect: Callable[..., Any]) -> None:
    expect(504, flow('{¶call: "/vault/open"}'), "warning")


def test_any_action_goes_without_a_manifest(expect_not: Callable[..., None]) -> None:
    expect_not(505, flow("light_lamp, keeper.climb"))


def test_strict_manifest_makes_unknown_actions_errors(expect: Callable[..., Any]) -> None:
    expect(505, flow("¶light_lamp"), "error", manifest={**MANIFEST, "strict": True})


def test_standard_actions_need_no_manifest_entry(expect_not: Callable[..., None]) -> None:
    expect_not(505, flow("{walk_to: pier}, {speak: hello}, {camera.pan: {to: pier}}"), manifest=MANIFEST)


def test_channel_of_an_archetype_is_reported_once(inspect: Callable[..., Any]) -> None:
    found, _ = inspect(flow("{emit_intent: {channel: speech, action: a}}, {emit_intent: {channel: speech, action: b}}"))
    hits = [diag for diag in found if diag.code == "ABML312"]
    assert len(hits) == 1
    assert hits[0].help == "write 'archetype: humanoid' in 'metadata'"


def test_template_type_is_suggested(expect: Callable[..., Any]) -> None:
    diag = expect(401, flow("noop", "id: a, resource_templates: [¶TowerCrew]"), "error")
    assert "tower-crew" in (diag.help or "")


BRAIN = "version: '3.0'\nmetadata: {{id: god, type: {kind}}}\n{more}flows: {{main: [{{log: \"{text}\"}}]}}"


@pytest.mark.parametrize(
    ("text", "kind", "more", "count"),
    [
        ("${personality.openness}", "event_brain", "", 1),
        ("${personality.openness + personality.loyalty} ${obligations.active_count}", "event_brain", "", 2),
        ("${personality.openness}", "character_brain", "", 0),
        ("${world.time.hour} ${location.name} ${faction.count} ${agent.id}", "event_brain", "", 0),
        ("${personality.openness}", "event_brain", 'bindings: {participants: {self: "${agent.character_id}"}}\n', 0),
        ("${quest.count}", "event_brain", "variables: {quest: {count: 2}}\n", 0),
        ("${[{seed: 1}].map(seed => seed.seed)}", "event_brain", "", 0),
    ],
)
def test_res_016_an_event_brain_has_no_data_of_its_own(text: str, kind: str, more: str, count: int) -> None:
    """Live data of a character in an event brain is an error, unless it binds one as `self`."""
    found = abml.check(BRAIN.format(kind=kind, more=more, text=text))
    errors = [one for one in found if one.severity == "error"]
    assert [one.code for one in errors] == ["ABML513"] * count
    if count:
        assert (errors[0].span.line, errors[0].span.column) == (3, len('flows: {main: [{log: "${') + 1)
