"""Fragments: which checks need the surroundings of a text and are off, and which stay on."""

from __future__ import annotations

import pytest

import abml

# Codes that a text gives as a document and not as a fragment.
OFF: list[tuple[int, str]] = [
    (104, "metadata: {id: a}\nflows: {main: [noop]}"),
    (106, "version: '3.0'\nflows: {main: [noop]}"),
    (107, "version: '3.0'\nmetadata: {type: behavior}\nflows: {main: [noop]}"),
    (115, "version: '3.0'\nmetadata: {id: a}"),
    (201, "version: '3.0'\nmetadata: {id: a}\nflows: {main: [ {call: gone} ]}"),
    (201, "version: '3.0'\nmetadata: {id: a}\nflows: {main: [noop]}\nevents: [ {pattern: a, handler: gone} ]"),
    (202, "version: '3.0'\nmetadata: {id: a}\nchannels: {a: [ {branch: gone} ]}"),
    (203, "version: '3.0'\nmetadata: {id: a}\nflows: {main: [ {log: '${oil}'} ]}"),
    (204, "version: '3.0'\nmetadata: {id: a}\nflows: {main: [ {log: '${tally(1)}'} ]}"),
    (210, "version: '3.0'\nmetadata: {id: a}\nflows: {main: [break]}"),
    (215, "version: '3.0'\nmetadata: {id: a}\nflow: gone\nflows: {main: [noop]}"),
    (216, "version: '3.0'\nmetadata: {id: a}\nflows: {patrol: [noop]}"),
    (217, "version: '3.0'\nmetadata: {id: a}\non_error: gone\nflows: {main: [noop]}"),
    (207, "version: '3.0'\nmetadata: {id: a}\nflows: {main: [noop], other: [noop]}"),
    (214, "version: '3.0'\nmetadata: {id: a}\nflows: {main: [ {call: b}, {log: '${t}'} ], b: [ {set: {t: 1}} ]}"),
    (232, "version: '3.0'\nmetadata: {id: a}\nflows: {main: [ {log: '${_result}'} ]}"),
    (
        605,
        "version: '3.0'\nmetadata: {id: a}\nflows: {main: [noop]}\ngoals: {g: {priority: 1, conditions: {x: '> 1'}}}",
    ),
]


@pytest.mark.parametrize(("code", "text"), OFF)
def test_off(code: int, text: str) -> None:
    assert f"ABML{code}" in {diag.code for diag in abml.check(text)}
    assert f"ABML{code}" not in {diag.code for diag in abml.check(text, fragment=True)}


# Fragments of every shape that are fine.
FINE = [
    "- noop\n- log: hi\n- call: elsewhere\n",
    "log: hi",
    "noop",
    "- set: {oil: 3}",
    "cond:\n  - when: '${a.b > 3}'\n    then: [break]\n",
    "condition: '${a > 1}'\ncondition: '${b > 1}'\n",
    "metadata:\n  id: lamp\n  fetch_mode: auto\n",
    "id: lamp\nresource_templates: [tower-crew]\n",
    "resource_templates:\n  - { type: tower-crew, alias: crew }\n",
    "evening:\n  - log: dusk\nmorning:\n  - call: evening\n",
    "evening:\n  triggers: [ {event: dusk} ]\n  actions: [noop]\n",
    "flows:\n  main: [noop]\n",
    "goals:\n  rest: { priority: 3, conditions: { tired: '== false' } }\n",
    "options:\n  combat:\n    - { actionId: hide, preference: 0.4, available: '${cover}' }\n",
    "perception_filter:\n  - event: 'a.*'\n    conditions: [ { check: '${event.x} > 1' } ]\n",
    "${candidate.personality.aggression}",
    "oil > 3 and not lit",
    "- noop\ncondition: '${a > 1}'\n- noop\n",
]


@pytest.mark.parametrize("text", FINE)
def test_fine(text: str) -> None:
    found = [diag for diag in abml.check(text, fragment=True) if diag.severity != "info"]
    assert not found, "\n".join(map(str, found))


# (code, fragment that gives it)
ON: list[tuple[int, str]] = [
    (100, "- log: {"),
    (105, "version: '9'\nflows: {main: [noop]}"),
    (110, "flows: 4"),
    (130, "- log: '${1 +}'"),
    (130, "${1 +}"),
    (142, "- set: {x: '{{ a }}'}"),
    (160, "- 4"),
    (162, "- for_each: {variable: a, do: [noop]}"),
    (164, "- cond: 4"),
    (167, "- else: [noop]"),
    (205, "- log: '${min(5)}'"),
    (209, "- goto: pier\n- noop"),
    (304, "variables: {x: {type: nope}}"),
    (401, "resource_templates: [TowerCrew]"),
    (409, "metadata: {id: a, fetch_mode: lazy}"),
    (501, "- http_call: {url: x}"),
    (501, "api_call: {endpoint: /a}"),
    (502, "- publish: {topic: a.b}"),
    (507, "- actor_command: {target: a}"),
    (508, "- actor_query: {target: a, query: b, into: 'my list'}"),
]


@pytest.mark.parametrize(("code", "text"), ON)
def test_on(code: int, text: str) -> None:
    found = abml.check(text, fragment=True)
    assert f"ABML{code}" in {diag.code for diag in found}, "\n".join(map(str, found)) or "nothing found"
