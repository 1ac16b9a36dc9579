"""What single texts become: values, targets, durations, handlers, sections."""

from __future__ import annotations

import textwrap

import pytest

from abml.diagnostics import Reporter
from abml.environment import Limits
from abml.source import Source
from abml.syntax import ast
from abml.syntax.parser import parse_document
from abml.values import Duration

HEAD = 'version: "3.0"\nmetadata: {id: quay}\n'


def parse(text, **more):
    reporter = Reporter(Source(text, "quay.abml.yml"))
    return parse_document(reporter.source, reporter, **more), reporter


def document(text):
    doc, reporter = parse(HEAD + textwrap.dedent(text))
    assert not reporter.diagnostics, [str(diag) for diag in reporter.diagnostics]
    return doc


def action(text):
    doc = document("flows:\n  main:\n" + textwrap.indent(textwrap.dedent(text).strip("\n"), "    ") + "\n")
    return doc.flows["main"].actions.items[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("'7'", 7),
        ("007", "007"),
        ("+5", "+5"),
        ("yes", "yes"),
        ("'true'", True),
        ("0.5", 0.5),
        ("|\n    a b\n", "a b\n"),
        (">\n    a\n    b\n", "a b"),
        ("weary", "weary"),
    ],
)
def test_values(text, value):
    literal = document(f"config:\n  a: {text}\nflows: {{m: [noop]}}\n").config["a"]
    assert isinstance(literal, ast.Literal) and literal.value == value and type(literal.value) is type(value)


def test_string_targets_keep_digits():
    doc = document(
        "variables: {a: {type: string, default: '007'}, b: {type: string, default: '7'}}\nflows: {m: [noop]}\n"
    )
    assert doc.variables["b"].default.value == "7"
    ring = action("- actor_command: {target: '12', command: go}")
    assert ring.params[0].value.value == "12"


def test_lists_and_maps_are_expressions():
    value = document("config: {a: [1, '${b}', {c: d}]}\nflows: {m: [noop]}\n").config["a"]
    assert [type(item) for item in value.items] == [ast.Literal, ast.Name, ast.MapExpr]


def test_x_keys_are_kept_only_in_domain_parameters():
    assert [argument.name for argument in action("- ring: {x-tone: low, a: {x-b: 1}}").params] == ["x-tone", "a"]
    assert len(action("- set: {a: 1, x-b: 2}").assignments) == 1
    assert action("- x-note: 3\n  log: a").name == "log"


@pytest.mark.parametrize(
    ("text", "name", "steps"),
    [
        ("oil", "oil", []),
        ("crew.mood", "crew", ["mood"]),
        ("crew[0].mood", "crew", [0, "mood"]),
        ("crew.0.mood", "crew", [0, "mood"]),
        ("crew['a b']", "crew", ["a b"]),
        ("crew.${k}.b", "crew", ["k", "b"]),
        ("crew[k].b", "crew", ["k", "b"]),
    ],
)
def test_targets(text, name, steps):
    target = action(f'- set: {{"{text}": 1, other: 2}}').assignments[0].target
    assert target.name == name
    assert [step.name if isinstance(step, ast.Name) else step.value for step in target.steps] == steps


def test_assignment_operators():
    found = action("- set: a += 1, b -= 2, c *= 3, d /= 4, e = x == y")
    assert [item.op for item in found.assignments] == ["+=", "-=", "*=", "/=", "="]
    assert isinstance(found.assignments[4].value, ast.Binary)


def test_durations():
    wait = action("- wait: {duration: 1m30s, timeout: '${limit}', until: x}")
    assert wait.duration.value == Duration(90_000_000)
    assert isinstance(wait.timeout, ast.Name)
    point = action("- continuation_point: {name: a, timeout: 250, default_flow: main}")
    assert point.timeout.value == Duration(250_000)
    query = action("- actor_query: {target: a, query: b, into: c, timeout: 250}")
    assert query.params[-1].value.value == Duration(250_000) and query.timeout is None


def test_timeout_is_a_parameter_of_what_is_not_awaited():
    assert [argument.name for argument in action("- ring: {timeout: 3}").params] == ["timeout"]
    assert action("- ring: {timeout: 3, await: true}").timeout.value == Duration(3_000_000)
    assert action("- wait_for_arrival: {timeout: 3}").timeout.value == Duration(3_000_000)
    assert action("- ring: {await: completion}\n  timeout: 3").timeout.value == Duration(3_000_000)


def test_everyday_names_inside_are_parameters():
    found = action("- ring: {with: a, when: b, id: c, description: d, args: e}")
    assert [argument.name for argument in found.params] == ["with", "when", "id", "description", "args"]
    assert found.when is None and found.id is None


def test_modifiers_of_every_action():
    found = action("- log: a\n  when: '${b}'\n  id: first\n  description: says a\n  on_error: noop")
    assert isinstance(found.when, ast.Name)
    assert (found.id, found.description) == ("first", "says a")
    assert [item.name for item in found.on_error.items] == ["noop"]


def test_until_takes_a_signal_or_a_condition():
    assert action("- ring: {until: '@a.b'}").until.channel == "a"
    assert isinstance(action("- ring: {until: 'x > 3'}").until, ast.Binary)


def test_routes():
    found = action('- call: "/ledger/append"\n  with: {page: 3}\n  into: receipt')
    assert isinstance(found, ast.Domain)
    assert (found.name, found.route, found.result.name) == ("/ledger/append", "/ledger/append", "receipt")
    assert [argument.name for argument in found.params] == ["page"]


def test_dynamic_references():
    assert isinstance(action("- goto: '${next}'").flow.dynamic, ast.Name)
    assert action("- wait_for: '${next}'").addresses[0].dynamic is not None


def test_intents():
    found = action("- emit_intent: {channel: stance, stance: low, urgency: 0.5, style: odd, data: {x: 1}}").intents[0]
    assert found.channel.name == "stance" and found.action.value == "low" and found.urgency.value == 0.5
    assert [argument.name for argument in found.extra] == ["style"]


def test_names_of_channels_after_a_timeout():
    doc = document(
        """
        channels:
          a:
            - wait_for: {all_of: [x], timeout: 2, on_timeout: b}
            - wait: {until: y, timeout: 2, on_timeout: b}
            - qte: {prompt: Now, on_success: b, on_failure: hum}
          b: [noop]
        """
    )
    first, second, third = doc.channels["a"].actions.items
    assert first.on_timeout.name == "b"
    assert isinstance(second.on_timeout.items[0], ast.BranchTo)
    assert isinstance(third.on_success.items[0], ast.BranchTo)
    assert third.on_failure.items[0].name == "hum"


def test_function_bodies():
    doc = document(
        """
        functions:
          watch_worth:
            params: [sea, { name: night, type: bool, default: false }]
            returns: float
            body: |
              # busy water needs more eyes after dark
              base = clamp(sea.swell / 4,
                0, 1)
              let more = base +
                0.25

              return night ? min(more, 1) : base
          plain: { params: a, body: a + 1 }
          long: { body: "${ a }" }
          lines:
            body: |
              a
              + b
        """
    )
    worth = doc.functions["watch_worth"]
    assert [name for name, _ in worth.lets] == ["base", "more"]
    assert isinstance(worth.result, ast.Conditional)
    assert worth.params[1].default.value is False
    assert doc.functions["plain"].params[0].name == "a"
    assert isinstance(doc.functions["lines"].result, ast.Binary)


def test_goap_values():
    doc = document(
        "goals: {g: {priority: '95', conditions: {a: '>= ${b}'}}}\n"
        "flows: {m: {goap: {effects: {b: -2}}, actions: []}}\n"
    )
    assert doc.goals["g"].priority.value == 95
    assert isinstance(doc.goals["g"].conditions[0].value, ast.Expr)
    effect = doc.flows["m"].goap.effects[0]
    assert (effect.op, effect.value) == ("-", 2)


def test_requirements_and_services():
    doc = document(
        "context: {requirements: {a: true, b: '${c} > 2'}, services: [x, {name: y, required: true}]}\n"
        "flows: {m: [noop]}\n"
    )
    assert [(item.name, item.is_condition) for item in doc.requirements] == [("a", False), ("b", True)]
    assert [(item.name, item.required) for item in doc.services] == [("x", False), ("y", True)]


def test_imports_are_kept_for_the_loader():
    doc = document(
        "imports: [a.yml, {file: b.yml, as: c}, {schema: d.json, types: T}, {file: ''}]\nflows: {m: [noop]}\n"
    )
    assert [(item.file, item.alias, item.schema, item.types) for item in doc.imports] == [
        ("a.yml", None, None, []),
        ("b.yml", "c", None, []),
        (None, None, "d.json", ["T"]),
        ("", None, None, []),
    ]


def test_ignored_codes():
    doc = document("x-abml-ignore: [203, ABML214]\nflows: {m: {x-abml-ignore: 207, actions: [noop]}}\n")
    assert doc.ignored == {203, 214}
    assert doc.flows["m"].ignored == {207}


def test_metadata_for_the_host_is_plain_data():
    doc, reporter = parse('version: "2.0"\nmetadata: {id: a, drama: {act: 2}, colour: [red]}\nflows: {m: [noop]}\n')
    assert doc.metadata.fields == {"drama": {"act": 2}, "colour": ["red"]}
    assert [diag.code for diag in reporter.diagnostics] == ["ABML109"]


def test_switch_keys_keep_their_text():
    found = action("- switch: {value: '${t}', cases: {1: [noop], 'true': [noop], pier: [noop]}}")
    assert [(case.matches[0].value, case.matches[0].raw, case.from_key) for case in found.cases] == [
        (1, "1", True),
        (True, "true", True),
        ("pier", "pier", True),
    ]


def test_spans():
    text = HEAD + "flows:\n  main:\n    - set: {crew.mood: calm}\n"
    doc, _ = parse(text)
    found = doc.flows["main"].actions.items[0]
    assert found.name_span[1:] == (5, 7, 5, 10)
    assert found.assignments[0].target.span[1:] == (5, 13, 5, 22)
    assert found.assignments[0].value.span[1:] == (5, 24, 5, 28)


def test_deep_nesting_is_refused_not_raised():
    body = "noop"
    for _ in range(40):
        body = "[{repeat: {times: 2, do: " + body + "}}]"
    _, reporter = parse(HEAD + "flows: {m: " + body + "}\n")
    assert "ABML116" in {diag.code for diag in reporter.diagnostics}


def test_expression_depth_follows_the_limit():
    text = HEAD + "flows: {m: [{condition: '" + "(" * 20 + "a" + ")" * 20 + "'}]}\n"
    assert not parse(text)[1].diagnostics
    assert parse(text, limits=Limits(max_expression_depth=16))[1].diagnostics[0].code == "ABML139"
