"""Types and values: ABML3xx, each with the smallest failing text and a clean twin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def flow(actions: str, before: str = "") -> str:
    return f"{before}flows: {{main: [ {actions} ]}}"


def value(expression: str, before: str = "") -> str:
    return flow('{set: {y: "${' + expression + '}"}}', before)


def variable(definition: str) -> str:
    return f"variables: {{a: {definition}}}\nflows: {{main: [noop]}}"


CASES: list[tuple[int, str, str, str]] = [
    (301, "warning", value("¶'a' - 1"), value("'a' + 1")),
    (301, "warning", value("¶'6' * 2"), value("6 * 2")),
    (301, "warning", value("¶[1] * 2"), value("[1] + [2]")),
    (301, "warning", value("¶1 / 0"), value("1 / agent.n")),
    (301, "warning", value("¶-[1]"), value("-agent.n")),
    (301, "warning", value("¶-'x'"), value("-'3'")),
    (301, "warning", value("¶null.x"), value("null?.x")),
    (301, "warning", value("¶'abc' < 5"), value("'7' < 5")),
    (301, "warning", value("sum(¶5)"), value("sum([5])")),
    (301, "warning", value("abs(¶[1])"), value("abs(1)")),
    (301, "warning", value("duration(¶'soon')"), value("duration('2s')")),
    (
        301,
        "warning",
        value("¶s - n", "variables: {s: {type: string}, n: {type: int}}\n"),
        value("m - n", "variables: {m: {type: float}, n: {type: int}}\n"),
    ),
    (
        301,
        "warning",
        flow("{set: {n: ¶soon}}", "variables: {n: {type: int}}\n"),
        flow("{set: {n: 3}}", "variables: {n: {type: int}}\n"),
    ),
    (
        301,
        "warning",
        flow('{set: {n: "${¶[1]}"}}', "variables: {n: {type: string}}\n"),
        flow('{set: {n: "4711"}}', "variables: {n: {type: string}}\n"),
    ),
    (
        301,
        "warning",
        "flows: {main: [ {call: {flow: a, args: {n: ¶soon}}} ], a: {params: [ {name: n, type: int} ], do: [noop]}}",
        "flows: {main: [ {call: {flow: a, args: {n: 2}}} ], a: {params: [ {name: n, type: int} ], do: [noop]}}",
    ),
    (
        301,
        "warning",
        'functions: {f: {params: [ {name: n, type: int} ], body: "n"}}\n' + value("f(¶'x')"),
        'functions: {f: {params: [ {name: n, type: int} ], body: "n"}}\n' + value("f(2)"),
    ),
    (
        301,
        "warning",
        "functions: {f: {params: [], returns: int, body: \"¶'x'\"}}",
        'functions: {f: {params: [], returns: int, body: "2"}}',
    ),
    (301, "warning", flow('{repeat: {times: "${¶[1]}", do: [noop]}}'), flow('{repeat: {times: "${2}", do: [noop]}}')),
    (301, "warning", flow('{wait: "${¶[1]}"}'), flow('{wait: "${2}"}')),
    (
        302,
        "warning",
        flow('{cond: [ {when: "${¶1 == 1}", then: [noop]} ]}'),
        flow('{cond: [ {when: "true", then: [noop]} ]}'),
    ),
    (
        302,
        "warning",
        flow('{if: {condition: "${¶2 > 3 && agent.x}", then: [noop]}}'),
        flow('{if: {condition: "${agent.x && 2 < agent.y}", then: [noop]}}'),
    ),
    (303, "error", variable("{type: int, default: ¶soon}"), variable("{type: int, default: 3}")),
    (303, "error", variable("{type: int, default: ¶2.5}"), variable("{type: int, default: 2.0}")),
    (303, "error", variable("{type: list, default: ¶{a: 1}}"), variable("{type: list, default: [1]}")),
    (303, "error", variable("{type: duration, default: ¶soon}"), variable("{type: duration, default: 2s}")),
    (303, "error", variable("{type: bool, default: ¶maybe}"), variable("{type: bool, default: false}")),
    (303, "error", variable("{type: list<int>, default: [1, ¶x]}"), variable("{type: list<int>, default: [1, 2]}")),
    (303, "error", variable("{type: vector3, default: ¶[1, 2]}"), variable("{type: vector3, default: [1, 2, 3]}")),
    (
        303,
        "error",
        "flows: {main: {params: [ {name: n, type: int, default: ¶soon} ], actions: [noop]}}",
        "flows: {main: {params: [ {name: n, type: int, default: 1} ], actions: [noop]}}",
    ),
    (304, "error", variable("{type: ¶integerish}"), variable("{type: integer}")),
    (304, "error", variable("{type: list<¶ghost>}"), variable("{type: list<string>}")),
    (
        305,
        "error",
        variable('{type: "enum(a, b)", default: ¶c}'),
        variable('{type: "enum(a, b)", default: b}'),
    ),
    (
        305,
        "error",
        flow("{set: {mood: ¶angry}}", 'variables: {mood: {type: "enum(calm, brisk)"}}\n'),
        flow("{set: {mood: calm}}", 'variables: {mood: {type: "enum(calm, brisk)"}}\n'),
    ),
    (306, "warning", value("¶5 == '5'"), value("5 == 5.0")),
    (306, "warning", value("¶agent.x in 5"), value("agent.x in [5]")),
    (
        306,
        "warning",
        value("¶n == 'x'", "variables: {n: {type: int}}\n"),
        value("n == null", "variables: {n: {type: int}}\n"),
    ),
    (
        306,
        "warning",
        value("¶mood == 'angry'", 'variables: {mood: {type: "enum(calm, brisk)"}}\n'),
        value("mood == 'calm'", 'variables: {mood: {type: "enum(calm, brisk)"}}\n'),
    ),
    (
        308,
        "error",
        flow('{for_each: {variable: x, collection: "${¶3}", do: [noop]}}'),
        flow('{for_each: {variable: x, collection: "${range(3)}", do: [noop]}}'),
    ),
    (
        309,
        "warning",
        flow('{log: "${¶boat.name}"}', "variables: {boat: {type: object?}}\n"),
        flow('{log: "${boat?.name}"}', "variables: {boat: {type: object?}}\n"),
    ),
    (
        309,
        "warning",
        flow('{log: "${¶crew[0]}"}', 'variables: {crew: {source: "${agent.crew}"}}\n'),
        flow('{log: "${crew[0]}"}', 'variables: {crew: {source: "${agent.crew}", default: []}}\n'),
    ),
]


@pytest.mark.parametrize(("code", "severity", "bad", "good"), CASES, ids=[f"{c[0]}-{i}" for i, c in enumerate(CASES)])
def test_code(
    code: int, severity: str, bad: str, good: str, expect: Callable[..., Any], expect_not: Callable[..., None]
) -> None:
    expect(code, bad, severity)
    expect_not(code, good)


GUARDED = [
    '{log: "${boat != null && boat.name}"}',
    '{log: "${boat ? boat.name : 0}"}',
    '{log: "${is_null(boat) || boat.name}"}',
    '{log: "${boat.name}", when: "${boat}"}',
    '{if: {condition: "${boat != null}", then: [ {log: "${boat.name}"} ]}}',
    '{if: {condition: "${!boat}", then: [noop], else: [ {log: "${boat.name}"} ]}}',
    '{condition: "${boat}"}, {log: "${boat.name}"}',
    '{if: {condition: "${boat == null}", then: [return]}}, {log: "${boat.name}"}',
    '{set: {boat: {name: x}}}, {log: "${boat.name}"}',
]


@pytest.mark.parametrize("actions", GUARDED)
def test_tested_names_are_not_null(actions: str, expect_not: Callable[..., None]) -> None:
    expect_not(309, flow(actions, "variables: {boat: {type: object?}}\n"))


QUIET = [
    value("a - b"),
    value("agent.x - 'x'.length"),
    value("n - 1", "variables: {n: 3}\n"),
    value("n + 1", "variables: {n: {type: string}}\n"),
    value("n < 5", "variables: {n: {type: string}}\n"),
    value("d + 5", "variables: {d: {type: duration, default: 5s}}\n"),
    value("map(agent.l, x => x - 1)"),
    value("l.map(x => x.n * 2).sum() - 1", "variables: {l: {type: list}}\n"),
    value("true + 1"),
    value("null - 1"),
    value("agent.l | filter(x => x > 2) | count"),
    flow("{set: {n: null}}", "variables: {n: {type: int}}\n"),
    flow("{set: {n: 2.5}}", "variables: {n: {type: int}}\n"),
    flow("{local: {n: soon}}", "variables: {n: {type: int}}\n"),
    flow('{set: {n: "${agent.n}"}}', "variables: {n: {type: int}}\n"),
]


@pytest.mark.parametrize("text", QUIET)
def test_no_false_type_errors(text: str, expect_not: Callable[..., None]) -> None:
    expect_not(301, text)


def test_expressions_of_templates(expect: Callable[..., Any], expect_not: Callable[..., None]) -> None:
    expect(301, flow("{speak: \"{{ ¶'a' - 1 }}\"}"), "warning")
    expect_not(301, flow('{speak: "{% for n in agent.l %}{{ n - 1 }}{% endfor %}"}', "variables: {n: {type: list}}\n"))


def test_strict_mode_makes_type_warnings_errors(expect: Callable[..., Any]) -> None:
    expect(301, value("¶'a' - 1"), "error", strict=True)


def test_constant_condition_of_a_trigger_is_fine(expect_not: Callable[..., None]) -> None:
    expect_not(302, 'flows: {main: {triggers: [ {condition: "true"}, {condition: "${1 == 1}"} ], actions: [noop]}}')


def test_declared_type_alone_is_no_error_for_a_loop(
    expect: Callable[..., Any], expect_not: Callable[..., None]
) -> None:
    text = flow('{for_each: {variable: x, collection: "${¶n}", do: [noop]}}', "variables: {n: {type: int}}\n")
    expect(301, text, "warning")
    expect_not(308, text.replace("¶", ""))


SCHEMA = """{"$defs": {
  "Vessel": {"type": "object", "properties": {"name": {"type": "string"}}, "additionalProperties": false},
  "Mood": {"enum": ["calm", "brisk"]}}}"""


def test_schema_types(expect: Callable[..., Any], expect_not: Callable[..., None]) -> None:
    head = "imports: [ {schema: sea.json, types: [Vessel, Mood]} ]\n"
    files = {"sea.json": SCHEMA}
    expect_not(304, head + variable("{type: Vessel}"), files=files)
    expect(301, head + variable("{type: Vessel, default: {¶nam: x}}"), "warning", files=files)
    expect(305, head + variable("{type: Mood, default: ¶angry}"), "error", files=files)
    expect(301, head + flow("{set: {¶a.nam: x}}", "variables: {a: {type: Vessel}}\n"), "warning", files=files)
