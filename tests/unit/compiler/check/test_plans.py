"""GOAP, channels, determinism, writing: ABML135, 137, 142, 6xx, 7xx, 8xx."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from abml.environment import Limits


def determined(expression: str) -> str:
    return (
        "version: '3.0'\nmetadata: {id: a, deterministic: true}\n"
        'flows: {main: [ {set: {y: "${' + expression + '}"}} ]}'
    )


def goap(annotation: str) -> str:
    return f"flows: {{main: {{goap: {{{annotation}}}, actions: [noop]}}}}"


CASES: list[tuple[int, str, str, str]] = [
    (135, "warning", 'flows: {main: [ {set: {y: "¶x + 1"}} ]}', 'flows: {main: [ {set: {y: "${agent.x + 1}"}} ]}'),
    (
        135,
        "warning",
        "flows: {main: [ {set: {y: ¶agent.x > 3}} ]}",
        "flows: {main: [ {set: {y: dialogue/guard/hail}} ]}",
    ),
    (135, "warning", "flows: {main: [ {set: {y: '¶min(a, 3)'}} ]}", "flows: {main: [ {set: {y: Who goes (there)}} ]}"),
    (
        135,
        "warning",
        "variables: {oil: 1}\nflows: {main: [ {pour: {amount: ¶oil}} ]}",
        "flows: {main: [ {pour: {amount: oil}} ]}",
    ),
    (
        135,
        "warning",
        "variables: {oil: 1}\nflows: {main: [ {pour: {amount: ¶oil - wick}} ]}",
        "variables: {oil: 1}\nflows: {main: [ {pour: {amount: well-oiled wick}} ]}",
    ),
    (
        137,
        "warning",
        'flows: {main: [ {set: {y: "${agent.¶max-weight}"}} ]}',
        'flows: {main: [ {set: {y: "${agent.max - weight}"}} ]}',
    ),
    (142, "warning", 'flows: {main: [ {set: {a: "¶{{ agent.b }}"}} ]}', 'flows: {main: [ {speak: "{{ agent.b }}"} ]}'),
    (
        142,
        "warning",
        'flows: {main: [ {set: {a: "¶{{ b }} ${agent.c}"}} ]}',
        'flows: {main: [ {log: "{{ b }} ${agent.c}"} ]}',
    ),
    (604, "warning", "goals: {¶g: {priority: 1}}", "goals: {g: {priority: 1, conditions: {moon: true}}}"),
    (
        605,
        "warning",
        "goals: {¶g: {conditions: {moon: true}}}\n" + goap("effects: {sun: true}"),
        "goals: {g: {conditions: {sun: true, moon: true}}}\n" + goap("effects: {sun: true}"),
    ),
    (
        606,
        "info",
        goap("preconditions: {oil: ¶true}, effects: {sun: true}"),
        goap("preconditions: {oil: true}, effects: {oil: true}"),
    ),
    (
        606,
        "info",
        "world_state: {tar: 1}\n" + goap("preconditions: {oil: ¶true}, effects: {sun: true}"),
        "world_state: {oil: 1}\n" + goap("preconditions: {oil: true}, effects: {sun: true}"),
    ),
    (
        607,
        "warning",
        "goals: {g: {priority: ¶200, conditions: {sun: true}}}\n" + goap("effects: {sun: true}"),
        "goals: {g: {priority: 100, conditions: {sun: true}}}\n" + goap("effects: {sun: true}"),
    ),
    (
        203,
        "warning",
        goap('cost_modifiers: [{add: "${¶wnid}"}]'),
        goap('cost_modifiers: [{add: "${personality.wind}"}]'),
    ),
    (203, "warning", goap('cost_modifiers: [{when: "${¶wnid}", add: 1}]'), goap("cost_modifiers: [{add: 1}]")),
    (
        203,
        "warning",
        'world_state: {gold: "${¶purse.gold}"}\nflows: {main: [noop]}',
        'world_state: {gold: "${currency.gold}"}\nflows: {main: [noop]}',
    ),
    (
        609,
        "warning",
        goap('effects: {oil: "¶+1 or -1"}'),
        goap('effects: {oil: "+1"}'),
    ),
    (
        701,
        "warning",
        'channels: {a: [ {wait_for: ¶"@bell.rnug"} ], bell: [ {emit: rung} ]}',
        'channels: {a: [ {wait_for: "@bell.rung"} ], bell: [ {emit: rung} ]}',
    ),
    (
        701,
        "warning",
        'channels: {a: [ {emit: x}, {wait_for: ¶"@bell.x"} ], bell: [ noop ]}',
        'channels: {a: [ {wait_for: "@bell.x"} ], bell: [ {call: ring} ]}\nflows: {ring: [ {emit: x} ]}',
    ),
    (702, "info", "channels: {a: [ {emit: ¶x} ]}", "channels: {a: [ {emit: x} ], b: [ {wait_for: x} ]}"),
    (
        703,
        "warning",
        'channels: {a: [ ¶{wait_for: "@b.x"}, {emit: y} ], b: [ {wait_for: "@a.y"}, {emit: x} ]}',
        'channels: {a: [ {wait_for: "@b.x"}, {emit: y} ], b: [ {emit: x}, {wait_for: "@a.y"} ]}',
    ),
    (
        704,
        "error",
        "channels: {a: [ {¶wait_for: {timeout: 2s}} ]}",
        "channels: {a: [ {wait_for: {signal: x, timeout: 2s}} ]}",
    ),
    (
        705,
        "warning",
        "channels: {a: [ ¶{sync: alone} ], b: [noop]}",
        "channels: {a: [ {sync: alone} ], b: [ {sync: alone} ]}",
    ),
    (
        707,
        "warning",
        "flows: {main: [ ¶{branch: c} ]}\nchannels: {c: [noop]}",
        "flows: {go: [ {branch: c} ]}\nchannels: {a: [ {call: go} ], c: [noop]}",
    ),
    (
        708,
        "info",
        "channels: {a: [ {branch: c} ], ¶c: [noop]}",
        "channels: {a: [ {branch: c} ], c: {start: auto, actions: [noop]}}",
    ),
    (
        709,
        "warning",
        "variables: {oil: 1}\nchannels: {a: [ {set: {¶oil: 2}} ]}",
        "variables: {oil: 1}\nchannels: {a: [ {global: {oil: 2}} ]}",
    ),
    (
        709,
        "warning",
        "variables: {crew: {default: {}}}\nchannels: {a: [ {set: {¶crew.mood: calm}} ]}",
        "variables: {crew: {default: {}}}\nchannels: {a: [ {set: {mood: calm}} ]}",
    ),
    (801, "warning", determined("¶now()"), determined("agent.now")),
    (801, "warning", determined("¶now"), determined("agent.now")),
    (803, "info", determined("¶random()"), determined("agent.n")),
    (
        805,
        "warning",
        "flows: {main: [ {repeat: {times: ¶99999999, do: [noop]}} ]}",
        "flows: {main: [ {repeat: {times: 99, do: [noop]}} ]}",
    ),
]


@pytest.mark.parametrize(("code", "severity", "bad", "good"), CASES, ids=[f"{c[0]}-{i}" for i, c in enumerate(CASES)])
def test_code(
    code: int, severity: str, bad: str, good: str, expect: Callable[..., Any], expect_not: Callable[..., None]
) -> None:
    expect(code, bad, severity)
    expect_not(code, good)


PROSE = [
    "rock and roll",
    "Halt - thief",
    "well-known",
    "dialogue/guard/hail",
    "2024-01-02",
    "16/9",
    "Who goes there?",
    "Hold on! Help is coming!",
    "fight or flight",
    "patrol_route",
    "08:00-16:00",
    "sword in hand",
    "yes/no",
    "combat",
    "100%",
    "a, b",
    "*",
    "-",
    "->",
]


@pytest.mark.parametrize("text", PROSE)
def test_prose_is_no_expression(text: str, expect_not: Callable[..., None]) -> None:
    expect_not(135, f"flows: {{main: [ {{say: {{what: '{text}'}}}} ]}}")


FIXES = [
    ("flows: {main: [ {set: {y: agent.x > 3}} ]}", 'flows: {main: [ {set: {y: "${agent.x > 3}"}} ]}'),
    ("flows: {main: [ {set: {y: 'agent.x > 3'}} ]}", "flows: {main: [ {set: {y: '${agent.x > 3}'}} ]}"),
    ('flows: {main: [ {set: {y: "agent.x > 3"}} ]}', 'flows: {main: [ {set: {y: "${agent.x > 3}"}} ]}'),
]


@pytest.mark.parametrize(("before", "after"), FIXES)
def test_fix_wraps_the_text(before: str, after: str, inspect: Callable[..., Any]) -> None:
    found, _ = inspect(before)
    fix = next(diag.fix for diag in found if diag.code == "ABML135")
    span = fix.span
    # The text stands in the first line below the two lines of the head.
    assert span.line == 3
    assert before[: span.column - 1] + fix.replacement + before[span.end_column - 1 :] == after


def test_determinism_of_host_functions(expect: Callable[..., Any], expect_not: Callable[..., None]) -> None:
    manifest = {"functions": {"tally": {"params": [], "deterministic": False}}}
    expect(802, determined("¶tally()"), "error", manifest=manifest)
    expect_not(802, determined("length('a')"), manifest=manifest)


def test_limits_of_flows_and_locals(inspect: Callable[..., Any]) -> None:
    flows = ", ".join(f"f{n}: [noop]" for n in range(17))
    found, _ = inspect(f"flows: {{{flows}}}", limits=Limits(max_flows=16))
    assert any(diag.code == "ABML804" for diag in found)
    sets = ", ".join(f"v{n}: 1" for n in range(33))
    found, _ = inspect(f"flows: {{main: [ {{set: {{{sets}}}}} ]}}", limits=Limits(max_locals=32))
    assert any(diag.code == "ABML804" for diag in found)


def test_host_may_send_any_unqualified_signal(expect: Callable[..., Any], expect_not: Callable[..., None]) -> None:
    text = "channels: {a: [ {wait_for: ¶bell} ]}"
    expect_not(701, text.replace("¶", ""))
    expect(701, text, "warning", manifest={"strict": True})
    expect_not(701, text.replace("¶", ""), manifest={"strict": True, "external_signals": ["bell"]})


def test_declared_facts_come_from_the_world(expect_not: Callable[..., None]) -> None:
    expect_not(606, goap("preconditions: {oil: true}"), manifest={"facts": ["oil"]})
    expect_not(606, "variables: {oil: 1}\n" + goap("preconditions: {oil: true}"))
