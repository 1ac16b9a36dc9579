"""What the parser reports, and at which text: each case marks the place with `«»`."""

# ruff: noqa: E501  # a row of a table stands in one line

from __future__ import annotations

import pytest

from abml.diagnostics import Reporter
from abml.environment import Manifest
from abml.source import Source
from abml.syntax.parser import parse_document

HEAD = 'version: "3.0"\nmetadata: {id: quay}\n'
FLOW = HEAD + "flows:\n  main:\n"


def report(text, **more):
    source = Source(text, "quay.abml.yml")
    reporter = Reporter(source)
    parse_document(source, reporter, **more)
    found = []
    for diag in reporter.sorted():
        span = diag.span
        start = source.offset(span.line, span.column)
        found.append((int(diag.code[4:]), text[start : source.offset(span.end_line, span.end_column)].strip()))
    return [item for item in found if item[0] not in (103, 608, 609)]


def unmark(text):
    """The text without marks, and the marked parts."""
    parts = text.split("«")
    marked = [part.split("»")[0] for part in parts[1:]]
    return text.replace("«", "").replace("»", ""), marked


ACTIONS = [
    (160, "- «[1]»"),
    (160, "- «3»"),
    (160, "- «two words»"),
    (160, "- «{}»"),
    (160, "- «{when: '${a}'}»"),
    (161, "- {log: a, «goto»: b}"),
    (161, "- {ring: {}, «wave»: {}}"),
    (161, "- call: {flow: a, args: {}, «with»: {}}"),
    (161, "- call: {flow: a, into: x}\n  «result»: y"),
    (161, "- log: {message: a, on_error: [noop]}\n  «on_error»: [noop]"),
    (102, "- log: {message: a, «message»: b}"),
    (162, "- «set»: {variable: a}"),
    (162, "- «set»: {value: 1}"),
    (162, "- «set»:"),
    (162, "- «goto»:"),
    (162, "- «goto»"),
    (162, "- «call»: {}"),
    (162, "- «local»: {variable: x}"),
    (162, "- «increment»: {by: 1}"),
    (162, "- «emit»: {payload: 1}"),
    (162, "- «sync»: {}"),
    (162, "- «wait»: {}"),
    (162, "- «repeat»: {times: 2}"),
    (162, "- «for_each»: {variable: i, do: []}"),
    (162, "- «if»: {then: [noop]}"),
    (162, "- «switch»: {value: x}"),
    (162, "- «speak»: {tone: low}"),
    (162, "- «log»: {level: warn}"),
    (162, "- «state_update»: {operation: set}"),
    (162, "- choice: {options: [«{value: 3}»]}"),
    (163, "- repeat: {times: 2, do: [], «dow»: []}"),
    (163, "- goto: {flow: a, «arg»: {}}"),
    (163, "- log: a\n  «timeout»: 3"),
    (163, "- noop: {«x»: 1}"),
    (163, "- load_snapshot: {resource_type: a, resource_id: b, name: c, «fliter»: [a-b]}"),
    (164, "- repeat: {times: «0», do: []}"),
    (164, "- repeat: {times: «'${0}'», do: []}"),
    (164, "- log: {message: a, level: «loud»}"),
    (164, "- log: «[a]»"),
    (164, "- state_update: {path: a, operation: «move», value: 1}"),
    (164, "- break: «3»"),
    (164, "- parallel: [[noop, «return»]]"),
    (164, "- parallel: [{repeat: {times: 2, do: [{«goto»: a}]}}]"),
    (164, "- wait_for: «a.b»"),
    (164, "- ring: {await: «soon»}"),
    (164, "- wait_for: {signals: [a], mode: «some»}"),
    (165, "- «cond»: []"),
    (165, "- «cond»:"),
    (165, "- «cond»: [{else: [noop]}]"),
    (166, "- cond: [«{when: '${a}'}»]"),
    (166, "- cond: [{when: '${a}', «then»: }]"),
    (166, "- «if»: {condition: '${a}'}"),
    (167, "- «otherwise»: []"),
    (167, "- noop\n- «else»: [noop]"),
    (167, "- if a: [noop]\n- else: [noop]\n- «else»: [noop]"),
    (167, "- if a: [noop]\n- else: [noop]\n- «elif b»: [noop]"),
    (167, "- cond: [{when: '${a}', then: []}, {else: [noop]}, {«else»: [noop]}]"),
    (167, "- cond: [{else: [noop]}, {«when»: '${a}', then: []}]"),
    (168, "- set: {«3a»: 1}"),
    (168, "- set: {'«${x}»': 1, y: 2}"),
    (168, "- set: {'«a + b»': 1, y: 2}"),
    (168, "- set: {«true»: 1}"),
    (168, "- clear: «a?.b»"),
    (168, "- set: {variable: «[a]», value: 1}"),
    (169, "- set: «oil 3»"),
    (169, "- set: a = 1, «b»"),
    (169, "- set: «a == 1»"),
    (169, "- set: «= 1»"),
    (169, "- set: «a =»"),
    (169, "- set: «3»"),
    (170, "- repeat: {times: 2, do: {«tone»: low, «weight»: 3}}"),
    (171, "- «for_each»: {collection: '${l}', do: []}"),
    (112, "- for_each: {variable: «two words», collection: '${l}', do: []}"),
    (112, "- «two words»: 3"),
    (130, "- condition: '${oil >«}»'"),
    (132, "- condition: «''»"),
    (132, "- cond: [{when: «''», then: [noop]}]"),
    (228, "- «continuation_point»: {name: a, timeout: 3}"),
    (307, "- wait: «fast»"),
    (307, "- wait: «-1»"),
    (307, "- wait: «'-2s'»"),
    (307, "- wait: {duration: «[1]»}"),
    (307, "- wait: «'${x}s'»"),
    (307, "- camera.sweep: {duration: «soon»}"),
    (313, "- «emit_intent»: {channel: stance}"),
    (313, "- multi_emit: {emissions: [«{channel: stance}»]}"),
    (501, "- «http_call»: {url: x}"),
    (501, "- «Service_Call»: {url: x}"),
    (501, "- «ledger.api_call»"),
    (502, "- «publish_event»: {x: 1}"),
    (502, "- publish: {«topic»: a.b, event: x}"),
    (507, "- «actor_command»: {target: a}"),
    (507, "- «actor_command»: {command: a}"),
    (507, "- «actor_query»: {target: a, query: b}"),
    (507, "- «load_snapshot»: {resource_type: a, resource_id: b}"),
    (507, "- «list_watchers»: {}"),
    (508, "- actor_query: {target: a, query: b, into: «my list»}"),
    (508, "- actor_command: {target: a, command: «rm -rf»}"),
    (508, "- load_snapshot: {resource_type: a, resource_id: b, name: «'${x}'»}"),
    (509, "- prefetch_snapshots: {resource_type: a, resource_ids: «4»}"),
    (509, "- actor_command: {target: a, command: b, urgency: «high»}"),
    (509, "- actor_command: {target: a, command: b, params: «[1]»}"),
    (510, "- stop_watcher: {watcher_id: a, «watcher»: x}"),
    (704, "- «wait_for»: {timeout: 2s}"),
    (704, "- «wait_for»: []"),
]


@pytest.mark.parametrize(("code", "marked"), ACTIONS, ids=[f"{code} {text}" for code, text in ACTIONS])
def test_actions(code, marked):
    indented = "\n".join("    " + line for line in marked.splitlines())
    text, places = unmark(FLOW + indented + "\n")
    found = [item for item in report(text) if item[0] not in (510, 502) or item[0] == code]
    assert found == [(code, place) for place in places]


DOCUMENTS = [
    (104, "metadata: {id: a}\nflows: {a: [noop]}"),
    (105, "version: «1.0»\nmetadata: {id: a}\nflows: {a: [noop]}"),
    (105, "version: «'3.1'»\nmetadata: {id: a}\nflows: {a: [noop]}"),
    (105, "version: «latest»\nmetadata: {id: a}\nflows: {a: [noop]}"),
    (106, "version: '3.0'\nflows: {a: [noop]}"),
    (106, "version: '3.0'\nmetadata: «[a]»\nflows: {a: [noop]}"),
    (107, "version: '3.0'\n«metadata»: {type: behavior}\nflows: {a: [noop]}"),
    (107, "version: '3.0'\nmetadata: {id: «two words»}\nflows: {a: [noop]}"),
    (101, "«»"),
    (101, "«[a, b]»"),
    (101, "«flows»"),
    (115, "«version: '3.0'\nmetadata: {id: a}»"),
]


@pytest.mark.parametrize(("code", "marked"), DOCUMENTS, ids=[text for _, text in DOCUMENTS])
def test_documents(code, marked):
    text, places = unmark(marked)
    found = report(text)
    assert [item[0] for item in found] == [code]
    if places:
        assert found[0][1] == places[0]


SECTIONS = [
    (102, "flows: {a: [noop], «a»: [noop]}"),
    (108, "«flow_s»: {}\nflows: {a: [noop]}"),
    (110, "options: {combat: «{}»}\nflows: {a: [noop]}"),
    (110, "flows: {a: [noop]}\nchannels: «[x]»"),
    (110, "flows: {a: [noop]}\ncontext: «3»"),
    (110, "variables: {a: {computed: '${b}', «default»: 3}}\nflows: {a: [noop]}"),
    (110, "on_error: «[noop]»\nflows: {a: [noop]}"),
    (110, "bindings: {props: «[a]»}\nflows: {a: [noop]}"),
    (112, "flows: {«two words»: []}"),
    (112, "flows: {«a.b»: []}"),
    (112, "variables: {«a-b»: 1}\nflows: {a: [noop]}"),
    (112, "goals: {«a b»: {}}"),
    (113, "flows: {a: «3»}"),
    (113, "flows: {«a»: }"),
    (132, "variables: {a: {computed: «''»}}\nflows: {a: [noop]}"),
    (161, "flow: a\n«entry»: a\nflows: {a: [noop]}"),
    (162, "events: [«{pattern: a.b}»]\nflows: {a: [noop]}"),
    (163, "flows: {a: {actions: [], «trigers»: []}}"),
    (163, "channels: {a: {actions: [], «begin»: auto}}"),
    (164, "flows: {a: {triggers: [{time_range: «always»}], actions: []}}"),
    (164, "flows: {a: {triggers: [{schedule: «'61 * * * *'»}], actions: []}}"),
    (164, "channels: {a: {actions: [], start: «later»}}"),
    (
        206,
        "options: {combat: [{actionId: a, preference: 1, available: true}, {actionId: «a», preference: 1, available: true}]}",
    ),
    (206, "variables: {«a»: 1}\ncontext: {variables: {a: 1}}\nflows: {a: [noop]}"),
    (206, "flows: {a: [noop]}\nactions: {«a»: {steps: []}}"),
    (206, "flows: {a: {params: [x, «x»], actions: []}}"),
    (206, "functions: {tally: {body: a}, «Tally»: {body: b}}"),
    (112, "flows: {a: [{emit: «two words»}]}"),
    (206, "bindings: {props: {a: 1}, locations: {«a»: 1}}\nflows: {a: [noop]}"),
    (310, "options: {combat: [«{actionId: a, preference: 1}»]}"),
    (603, "flows: {a: {goap: {cost: «-1»}, actions: []}}"),
    (603, "flows: {a: {goap: {cost: «cheap»}, actions: []}}"),
    (607, "goals: {g: {priority: «high»}}"),
    (602, "flows: {a: {goap: {effects: [oil += 1, «oil = 3»]}, actions: []}}"),
    (603, "flows: {a: {goap: {cost: «1e999»}, actions: []}}"),
    (603, "flows: {a: {goap: {cost_modifiers: [{add: «dear»}]}, actions: []}}"),
    (603, "flows: {a: {goap: {cost_modifiers: [{add: «[1]»}]}, actions: []}}"),
    (110, "flows: {a: {goap: {cost_modifiers: «3»}, actions: []}}"),
    (110, "flows: {a: {goap: {cost_modifiers: [«3»]}, actions: []}}"),
    (110, "flows: {a: {goap: {violations: [«[theft]»]}, actions: []}}"),
    (110, "flows: {a: {goap: {tags: «{a: 1}»}, actions: []}}"),
    (130, "flows: {a: {goap: {cost_modifiers: [{when: 'a >«»', add: 1}]}, actions: []}}"),
    (162, "flows: {a: {goap: {cost_modifiers: [«{when: x}»]}, actions: []}}"),
    (163, "flows: {a: {goap: {cost_modifiers: [{add: 1, «wen»: x}]}, actions: []}}"),
    (163, "flows: {a: {goap: {«violation»: x}, actions: []}}"),
    (164, "flows: {a: {goap: {action_type: «[x]»}, actions: []}}"),
    (607, "goals: {g: {priority: «1.5»}}"),
    (607, "goals: {g: {priority: «0»}}"),
    (607, "goals: {g: {priority: «101»}}"),
    (601, "goals: {g: {preconditions: {oil: '«>=»'}}}"),
    (163, "goals: {g: {«precondition»: {oil: 1}}}"),
    (108, "«wold_state»: {oil: 1}\nflows: {a: [noop]}"),
    (110, "world_state: «[oil]»\nflows: {a: [noop]}"),
    (110, "world_state: {oil: «[1]»}\nflows: {a: [noop]}"),
    (110, "world_state: {oil: «{a: 1}»}\nflows: {a: [noop]}"),
    (112, "world_state: {«' '»: 1}\nflows: {a: [noop]}"),
    (206, "world_state: {oil: 1, «' oil'»: 2}\nflows: {a: [noop]}"),
    (601, "goals: {g: {conditions: {oil: '«>=»'}}}"),
    (602, "flows: {a: {goap: {effects: {oil: '«+lots»'}}, actions: []}}"),
    (610, "actions: {a: {actions: [], «steps»: []}}"),
]


@pytest.mark.parametrize(("code", "marked"), SECTIONS, ids=[text for _, text in SECTIONS])
def test_sections(code, marked):
    text, places = unmark(HEAD + marked + "\n")
    assert report(text) == [(code, place) for place in places]


METADATA = [
    (109, "«colour»: red"),
    (110, "tags: [a, «[b]»]"),
    (111, "type: «opera»"),
    (409, "fetch_mode: «lazy»"),
    (307, "estimated_duration: «soon»"),
    (110, "deterministic: «perhaps»"),
    (110, "drama: «dark»"),
    (110, "violation_map: «theft»"),
]


@pytest.mark.parametrize(("code", "marked"), METADATA, ids=[text for _, text in METADATA])
def test_metadata(code, marked):
    text, places = unmark(f'version: "3.0"\nmetadata: {{id: a, {marked}}}\nflows: {{a: [noop]}}\n')
    assert report(text) == [(code, place) for place in places]


def body(lines):
    return HEAD + "functions:\n  f:\n    body: |\n" + "\n".join("      " + line for line in lines) + "\n"


FUNCTIONS = [
    ["«a = 1»"],
    ["a = 1", "«b»", "return a"],
    ["return 1", "«b = 2»"],
    ["«a =»", "return 1"],
    ["«return»"],
]


@pytest.mark.parametrize("lines", FUNCTIONS)
def test_function_bodies(lines):
    text, places = unmark(body(lines))
    assert report(text) == [(240, places[0])]


def test_function_without_body():
    assert report(HEAD + "functions: {f: {params: [a]}}") == [(240, "f")]


def test_many_reports_in_one_run():
    text = FLOW + "    - goto\n    - set: {3a: 1}\n    - wait: fast\n    - http_call: {url: x}\n    - [1]\n"
    assert [code for code, _ in report(text)] == [162, 168, 307, 501, 160]


def test_hints_name_the_nearest():
    source = Source(HEAD + "flow_s: {}\nflows: {main: [{repeat: {times: 2, do: [], dow: []}}]}\n")
    reporter = Reporter(source)
    parse_document(source, reporter)
    assert [diag.help for diag in reporter.sorted()] == ["did you mean 'flows'?", "did you mean 'do'?"]


def test_manifest_parameters():
    manifest = Manifest.from_data(
        {
            "actions": {
                "dim": {
                    "params": {"by": {"type": "number", "required": True}, "note": {"type": "string"}},
                    "open": False,
                    "primary": "by",
                }
            },
            "routes": {"/lamp/dim": "dim"},
        }
    )
    check = lambda line: report(FLOW + "    - " + line + "\n", manifest=manifest)  # noqa: E731
    assert check("dim: 3") == []
    assert check("lamp.dim: {by: 3, note: 7}") == []
    assert check("dim: {note: a}") == [(507, "dim")]
    assert check("dim: {by: low}") == [(509, "low")]
    assert check("dim: {by: 3, color: red}") == [(510, "color")]
    assert check("{call: /lamp/dim, with: {hue: 3}}") == [(507, "call"), (510, "hue")]
