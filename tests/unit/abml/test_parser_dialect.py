"""Every row of the dialect table: the accepted text means what the canonical text means."""

# ruff: noqa: E501  # a row of a table stands in one line

from __future__ import annotations

import textwrap

import pytest

from abml.diagnostics import Reporter
from abml.source import Source
from abml.syntax.dump import dump
from abml.syntax.parser import parse_document

HEAD = 'version: "3.0"\nmetadata: {id: quay}\n'


def parse(text, **more):
    source = Source(text, "quay.abml.yml")
    reporter = Reporter(source)
    doc = parse_document(source, reporter, **more)
    return doc, reporter


def codes(reporter, ignore=("ABML103", "ABML608", "ABML609")):
    return [diag.code for diag in reporter.sorted() if diag.code not in ignore]


def document(body):
    return HEAD + textwrap.dedent(body).lstrip("\n")


def actions(body):
    return HEAD + "flows:\n  main:\n" + textwrap.indent(textwrap.dedent(body).strip("\n"), "    ") + "\n"


def dumped(text, warnings=()):
    doc, reporter = parse(text)
    assert codes(reporter) == list(warnings), [str(diag) for diag in reporter.diagnostics]
    return dump(doc)


DOCUMENTS = {
    "A1 number": (
        "version: 2.0\nmetadata: {id: a}\nflow: x\nflows: {x: [noop]}",
        'version: "2.0"\nmetadata: {id: a}\nflow: x\nflows: {x: [noop]}',
    ),
    "A1 whole": (
        "abml: 3\nmetadata: {id: a}\nflows: {x: [noop]}",
        'version: "3.0"\nmetadata: {id: a}\nflows: {x: [noop]}',
    ),
    "A2": (
        'version: "3.0"\nmeta: {id: a}\nflows: {x: [noop]}',
        'version: "3.0"\nmetadata: {id: a}\nflows: {x: [noop]}',
    ),
    "A3": (
        "variables: {oil: 3, wick: {default: 2}}\nflows: {x: [noop]}",
        "context: {variables: {oil: 3, wick: {default: 2}}}\nflows: {x: [noop]}",
    ),
    "A4": ("variables: {glow: 3}\nflows: {x: [noop]}", "variables: {glow: {default: 3}}\nflows: {x: [noop]}"),
    "A4 map": (
        "variables: {glow: {red: 3}}\nflows: {x: [noop]}",
        "variables: {glow: {default: {red: 3}}}\nflows: {x: [noop]}",
    ),
    "A5": ("entry: x\nflows: {x: [noop]}", "flow: x\nflows: {x: [noop]}"),
    "A6": (
        "variables: {a: {type: array}, b: {type: boolean}, c: {type: number}, d: {type: str}, e: {type: guid}}\nflows: {x: [noop]}",
        "variables: {a: {type: list}, b: {type: bool}, c: {type: float}, d: {type: string}, e: {type: entity_ref}}\nflows: {x: [noop]}",
    ),
    "A8": ("flows: {x: {actions: [noop]}}", "flows: {x: [noop]}"),
    "A9": ("flows: {x: {steps: [noop]}, y: {do: [noop]}}", "flows: {x: [noop], y: [noop]}"),
    "A10": (
        'flows: {x: {when: {event: a.b}, actions: []}, y: {when: "${oil}", actions: []}}',
        'flows: {x: {triggers: [{event: a.b}], actions: []}, y: {triggers: [{condition: "${oil}"}], actions: []}}',
    ),
    "A11": (
        "imports: [gulls.yml]\nflows: {x: [noop]}",
        "imports: [{file: gulls.yml}]\nflows: {x: [noop]}",
    ),
    "A12": (
        "actions: {refill: {preconditions: {oil: '>= 1'}, effects: {lit: true}, cost: 2, steps: [pour]}}",
        "flows: {refill: {goap: {preconditions: {oil: '>= 1'}, effects: {lit: true}, cost: 2}, actions: [pour]}}",
    ),
    "A12 modifiers": (
        "actions: {a: {violations: theft, action_type: take, tags: quiet, cost_modifiers: {add: 2}, steps: [b]}}",
        "flows: {a: {goap: {violations: [theft], action_type: take, cost_modifiers: [{add: 2}]}, tags: [quiet], actions: [b]}}",
    ),
    "A13": ("channels: {x: {actions: [noop]}}", "channels: {x: [noop]}"),
    "A14": (
        "flows: {x: {tags: quiet, params: oil, triggers: [{event: [a, b]}], actions: [{wait_for: {signals: hooked}}]}}",
        "flows: {x: {tags: [quiet], params: [oil], triggers: [{event: a}, {event: b}], actions: [{wait_for: {signals: [hooked]}}]}}",
    ),
    "A15": (
        "config: {subscriptions: [a.b], depth: 3}\nflows: {x: [noop]}",
        "config: {depth: 3}\nsubscriptions: [a.b]\nflows: {x: [noop]}",
    ),
    "A16": (
        "options: {work: [{id: a, preference: 1, available: true, cooldown_ms: 5}, {action_id: b, preference: 1, available: true}]}",
        "options: {work: [{actionId: a, preference: 1, available: true, cooldownMs: 5}, {actionId: b, preference: 1, available: true}]}",
    ),
    "R9": (
        "goals: {g: {conditions: ['oil >= 2', lit: true, lamp is clean]}}",
        "goals: {g: {conditions: {oil: '>= 2', lit: true, lamp_is_clean: true}}}",
    ),
    "R9 effects": (
        "flows: {x: {goap: {effects: ['oil += 2', 'at = pier', lamp is clean]}, actions: []}}",
        "flows: {x: {goap: {effects: {oil: '+2', at: pier, lamp_is_clean: true}}, actions: []}}",
    ),
    "R7": (
        "goals: {g: {conditions: {a: '> 3', b: true, c: pier, d: 3}}}",
        "goals: {g: {conditions: {a: '> 3', b: '== true', c: '== pier', d: '== 3'}}}",
    ),
    "R8": (
        "flows: {x: {goap: {effects: {a: +2, b: -2, c: 2}}, actions: []}}",
        "flows: {x: {goap: {effects: {a: '+2', b: '-2', c: '= 2'}}, actions: []}}",
    ),
}


@pytest.mark.parametrize(("accepted", "canonical"), DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_document_rows(accepted, canonical):
    first, second = (text if "version" in text or "abml:" in text else HEAD + text for text in (accepted, canonical))
    assert dumped(first) == dumped(second)


def test_resource_templates_mixed():
    doc, reporter = parse(
        'version: "3.0"\nmetadata: {id: a, resource_templates: [tower-crew, {type: lamp-oil, alias: oil}]}\nflows: {x: [noop]}'
    )
    assert not codes(reporter)
    assert [(t.type, t.alias) for t in doc.metadata.resource_templates] == [("tower-crew", None), ("lamp-oil", "oil")]


# Rows of action items: accepted, canonical, codes the accepted text reports.
ACTIONS = {
    "B1": ("- wave_flag\n- noop", "- wave_flag: {}\n- noop: {}", ()),
    "B2": ("- ring: 3\n- speak: Ahoy", "- ring: {value: 3}\n- speak: {text: Ahoy}", ()),
    "B2 list": ("- ring: [3, 4]", "- ring: {value: [3, 4]}", ()),
    "B3": ("- repeat: {times: 2, do: {goto: pier}}", "- repeat: {times: 2, do: [{goto: pier}]}", ()),
    "B4": ("- repeat: {times: 2, do: noop}", "- repeat: {times: 2, do: [noop]}", ()),
    "B5": (
        "- repeat: {times: 2, do: {tone: grave, weight: 2, ring: {strokes: 1}}}",
        "- repeat: {times: 2, do: [{set: {tone: grave}}, {set: {weight: 2}}, {ring: {strokes: 1}}]}",
        ("ABML170", "ABML170"),
    ),
    "B5 one": (
        "- repeat: {times: 2, do: {tone: low}}",
        "- repeat: {times: 2, do: [{set: {tone: low}}]}",
        ("ABML170",),
    ),
    "B6 call": ("- call: reef\n  with: {depth: 4}\n  into: x", "- call: {flow: reef, args: {depth: 4}, into: x}", ()),
    "B6 domain": ("- ring: {strokes: 3}\n  with: {tone: low}", "- ring: {strokes: 3, tone: low}", ()),
    "B7": (
        "- ring: {result: x}\n- ring: {into: x}\n- ring: {result_var: x}\n- call: {flow: a, result: x}",
        "- ring: {result_variable: x}\n- ring: {result_variable: x}\n- ring: {result_variable: x}\n- call: {flow: a, into: x}",
        (),
    ),
    "B8": ("- wait_for_arrival: {}\n- wait_for_arrival:", "- wait_for_arrival\n- wait_for_arrival", ()),
    "C2": (
        '- cond: [{when: "${a}", then: [noop]}, {otherwise: [noop]}]\n- cond: [{when: "${a}", then: [noop]}, {default: [noop]}]',
        '- cond: [{when: "${a}", then: [noop]}, {else: [noop]}]\n- cond: [{when: "${a}", then: [noop]}, {else: [noop]}]',
        (),
    ),
    "C3": (
        '- cond: [{if: "${a}", then: [noop]}, {condition: "${b}", then: [noop]}]',
        '- cond: [{when: "${a}", then: [noop]}, {when: "${b}", then: [noop]}]',
        (),
    ),
    "C4": (
        '- cond: {if: "${a}", then: [noop], else: [wave]}',
        '- cond: [{when: "${a}", then: [noop]}, {else: [wave]}]',
        (),
    ),
    "C5": (
        '- cond: {if: "${a}", then: [noop], if: "${b}", then: [wave], otherwise: [hum]}',
        '- cond: [{when: "${a}", then: [noop]}, {when: "${b}", then: [wave]}, {else: [hum]}]',
        ("ABML102",),
    ),
    "C6": (
        '- if: {when: "${a}", then: [noop]}\n- if: {test: "${a}", then: [noop], else: [wave]}',
        '- if: {condition: "${a}", then: [noop]}\n- if: {condition: "${a}", then: [noop], else: [wave]}',
        (),
    ),
    "C7": (
        '- if: {condition: "${a}", then: [noop], elif: [{condition: "${b}", then: [wave]}], else: [hum]}',
        '- cond: [{when: "${a}", then: [noop]}, {when: "${b}", then: [wave]}, {else: [hum]}]',
        (),
    ),
    "C7 names": (
        '- if: {condition: "${a}", then: [noop], else_if: [{condition: "${b}", then: [wave]}]}',
        '- if: {condition: "${a}", then: [noop], elseif: [{condition: "${b}", then: [wave]}]}',
        (),
    ),
    "C8": ("- if oil < 2: [noop]", '- if: {condition: "${oil < 2}", then: [noop]}', ()),
    "C8 then": (
        "- if oil < 2: {then: [noop], else: [wave]}",
        '- if: {condition: "${oil < 2}", then: [noop], else: [wave]}',
        (),
    ),
    "C8 body": (
        "- if oil < 2:\n    tone: grave",
        '- if: {condition: "${oil < 2}", then: [{set: {tone: grave}}]}',
        ("ABML170",),
    ),
    "C9": (
        "- if oil < 2: [noop]\n- elif oil < 4: [wave]\n- else: [hum]",
        '- cond: [{when: "${oil < 2}", then: [noop]}, {when: "${oil < 4}", then: [wave]}, {else: [hum]}]',
        (),
    ),
    "C9 cond": (
        '- cond: [{when: "${a}", then: [noop]}]\n- otherwise: [hum]',
        '- cond: [{when: "${a}", then: [noop]}, {else: [hum]}]',
        (),
    ),
    "C10": ('- cond: [{when: "${a}"}]', '- cond: [{when: "${a}", then: []}]', ("ABML166",)),
    "C11": ('- condition: "${gulls.count} > 4"', '- condition: "${gulls.count > 4}"', ()),
    "C12": ('- condition: "gulls.count > 4"', '- condition: "${gulls.count > 4}"', ()),
    "C13": (
        '- condition: "${a.x} == 1 AND ${b.y}"\n- condition: |\n    ${a.x} == 1\n    AND ${b.y}',
        '- condition: "${a.x == 1 && b.y}"\n- condition: "${a.x == 1 && b.y}"',
        (),
    ),
    "C14": (
        '- switch: {on: "${t}", cases: {a: [noop]}, else: [wave]}\n- switch: {expression: "${t}", cases: {a: [noop]}, otherwise: [wave]}',
        '- switch: {value: "${t}", cases: {a: [noop]}, default: [wave]}\n- switch: {value: "${t}", cases: {a: [noop]}, default: [wave]}',
        (),
    ),
    "C15": (
        "- switch: {value: t, cases: [{when: x, do: [noop]}, {is: [y, z], actions: [wave]}]}",
        "- switch: {value: t, cases: [{case: x, then: [noop]}, {case: [y, z], then: [wave]}]}",
        (),
    ),
    "L1": (
        '- foreach: {variable: x, collection: "${l}", do: []}\n- forEach: {variable: x, collection: "${l}", do: []}',
        '- for_each: {variable: x, collection: "${l}", do: []}\n- for_each: {variable: x, collection: "${l}", do: []}',
        (),
    ),
    "L2-L4": (
        '- for_each: {as: x, in: "${l}", actions: [noop]}\n- for_each: {item: x, over: "${l}", then: [noop]}\n- for_each: {var: x, items: "${l}", do: [noop]}',
        "\n".join(['- for_each: {variable: x, collection: "${l}", do: [noop]}'] * 3),
        (),
    ),
    "L5": ("- repeat: 3\n  do: [noop]", "- repeat: {times: 3, do: [noop]}", ()),
    "L6": ("- repeat: {count: 3, do: [noop]}", "- repeat: {times: 3, do: [noop]}", ()),
    "T1": ("- goto: pier", "- goto: {flow: pier}", ()),
    "T2": ("- call: pier", "- call: {flow: pier}", ()),
    "T3": (
        "- call: {flow: a, with: {x: 1}}\n- goto: {flow: a, params: {x: 1}}",
        "- call: {flow: a, args: {x: 1}}\n- goto: {flow: a, args: {x: 1}}",
        (),
    ),
    "T4": ("- return\n- return:\n- return: {}", "- return\n- return\n- return", ()),
    "T5": ('- return: "${x}"\n- return: {a: 1}', '- return: {value: "${x}"}\n- return: {value: {a: 1}}', ()),
    "T7": ("- branch: jib", "- branch: {channel: jib}", ()),
    "V1": ("- set: {variable: oil, value: 3}", "- set: {oil: 3}", ()),
    "V3": ("- set: oil = 3\n- set: a = 1, b = 2", '- set: {oil: "${3}"}\n- set: {a: "${1}", b: "${2}"}', ()),
    "V3 commas": (
        "- set: \"a = max(1, 2), b = 'x, y', c = [1, 2]\"",
        '- set: {a: "${max(1, 2)}", b: "${\'x, y\'}", c: "${[1, 2]}"}',
        (),
    ),
    "V5": ("- set: >\n    oil = 3,\n    wick = 4", '- set: "oil = 3, wick = 4"', ()),
    "V6": ("- local: oil = 3\n- global: {variable: oil, value: 3}", '- local: {oil: "${3}"}\n- global: {oil: 3}', ()),
    "V7": (
        "- increment: oil\n- increment: {name: oil}\n- decrement: {variable: oil, by: 2}",
        '- increment: {variable: oil}\n- increment: {variable: oil}\n- decrement: {variable: oil, by: "${2}"}',
        (),
    ),
    "V8": ("- clear: oil\n- unset: oil", "- clear: {variable: oil}\n- clear: {variable: oil}", ()),
    "V9": (
        "- log: hi\n- log: {text: hi, level: warning}\n- log: {msg: hi}",
        "- log: {message: hi}\n- log: {message: hi, level: warn}\n- log: {message: hi, level: info}",
        (),
    ),
    "S1": (
        "- emit: hooked\n- emit: {name: hooked, data: {x: 1}}",
        "- emit: {signal: hooked}\n- emit: {signal: hooked, payload: {x: 1}}",
        (),
    ),
    "S2": (
        '- wait_for: @crane.hooked\n- wait_for: {signal: "@crane.hooked"}',
        '- wait_for: "@crane.hooked"\n- wait_for: "@crane.hooked"',
        (),
    ),
    "S3": (
        "- wait_for: {signals: [a, b], mode: all_of}\n- wait_for: {signals: [a, b], mode: any_of}",
        "- wait_for: {all_of: [a, b]}\n- wait_for: {any_of: [a, b]}",
        (),
    ),
    "S4": ("- wait_for: [a, b]", "- wait_for: {all_of: [a, b]}", ()),
    "S5": ("- sync: mark", "- sync: {point: mark}", ()),
    "S6": (
        "- wait: 2s\n- wait: {duration: 2}\n- delay: 2s",
        "- wait: {duration: 2s}\n- wait: {duration: 2s}\n- wait: {duration: 2s}",
        (),
    ),
    "S7": ("- wait: 1500ms\n- wait: 1.5\n- wait: 1m30s", "- wait: 1.5s\n- wait: 1.5s\n- wait: 90s", ()),
    "S8": ("- parallel: [{a: {}}, [{b: {}}, {c: {}}]]", "- parallel: [[a], [b, c]]", ()),
    "S9": ("- qte: {prompt: Now, on_success: {branch: jib}}", "- qte: {prompt: Now, on_success: [{branch: jib}]}", ()),
    "R1 R2": (
        "- load_resource_snapshot: {type: character, id: c, as: d, include: [a-b]}\n- resource_snapshot: {entity_type: character, entity_id: c, into: d, sources: a-b}",
        "\n".join(["- load_snapshot: {resource_type: character, resource_id: c, name: d, filter: [a-b]}"] * 2),
        (),
    ),
    "R3": (
        '- prefetch: {type: character, ids: "${l}"}',
        '- prefetch_snapshots: {resource_type: character, resource_ids: "${l}"}',
        (),
    ),
    "R4": (
        "- watch: {type: tower, id: t, as: w, sources: [a-b], on_change: main}",
        "- watch: {resource_type: tower, resource_id: t, name: w, sources: [a-b], on_change: main}",
        (),
    ),
    "R5": (
        "- actor_command: {target: a, command: b, data: {x: 1}}",
        "- actor_command: {target: a, command: b, params: {x: 1}}",
        (),
    ),
    "R6": ("- actor_query: {target: a, query: q, result: x}", "- actor_query: {target: a, query: q, into: x}", ()),
    "R10": (
        "- emit_intent: {intent: wag}\n- emit_intent: {channel: stance, stance: low}",
        "- emit_intent: {action: wag}\n- emit_intent: {channel: stance, action: low}",
        (),
    ),
    "R11": (
        "- trigger_goap_replan: {urgency: high}\n- trigger_goap_replan: {urgency: Low}",
        "- trigger_goap_replan: {urgency: 0.9}\n- trigger_goap_replan: {urgency: 0.2}",
        (),
    ),
    "R12": (
        "- schedule_event: {event_type: e, delay_seconds: 2}\n- schedule_event: {event_type: e, delay: 2s}",
        "\n".join(["- schedule_event: {event_type: e, delay_ms: 2000}"] * 2),
        (),
    ),
    "R13": (
        "- publish: {event: lamp.lit, data: {by: me}}\n- publish: {event: lamp.lit}",
        "- emit_event: {template: lamp.lit, by: me}\n- emit_event: lamp.lit",
        (),
    ),
}


@pytest.mark.parametrize(("accepted", "canonical", "warnings"), ACTIONS.values(), ids=ACTIONS.keys())
def test_action_rows(accepted, canonical, warnings):
    assert dumped(actions(accepted), warnings) == dumped(actions(canonical), ())


def test_style_reports_older_spellings():
    text = actions("- foreach: {as: x, in: l, do: []}\n- unset: oil")
    _, reporter = parse(text, style=True)
    assert [diag.message.split("'")[1] for diag in reporter.sorted()] == ["foreach", "as", "in", "unset"]
    assert {diag.code for diag in reporter.diagnostics} == {"ABML114"}
    assert reporter.sorted()[0].fix.replacement == "for_each"
