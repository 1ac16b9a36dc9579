"""Names and flow: ABML2xx, each with the smallest failing text and a clean twin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

CASES: list[tuple[int, str, str, str]] = [
    (201, "error", "flows: {main: [ {goto: ¶peir} ], pier: [noop]}", "flows: {main: [ {goto: pier} ], pier: [noop]}"),
    (201, "error", "flows: {main: [ {call: {flow: ¶peir}} ]}", "flows: {main: [ {call: {flow: main}} ]}"),
    (
        201,
        "error",
        "events: [ {pattern: a.b, handler: ¶ghost} ]\nflows: {main: [noop]}",
        "events: [ {pattern: a.b, handler: main} ]\nflows: {main: [noop]}",
    ),
    (
        201,
        "error",
        "flows: {main: [ {continuation_point: {name: a, timeout: 1s, default_flow: ¶ghost}} ]}",
        "flows: {main: [ {continuation_point: {name: a, timeout: 1s, default_flow: main}} ]}",
    ),
    (
        201,
        "error",
        "flows: {main: [ {watch: {resource_type: c, resource_id: x, on_change: ¶ghost}} ]}",
        "flows: {main: [ {watch: {resource_type: c, resource_id: x, on_change: main}} ]}",
    ),
    (201, "error", "channels: {a: ¶ghost}\nflows: {main: [noop]}", "channels: {a: main}\nflows: {main: [noop]}"),
    (
        202,
        "error",
        "channels: {a: [ {wait_for: ¶'@nobody.x'} ]}",
        "channels: {a: [ {wait_for: '@b.x'} ], b: [ {emit: x} ]}",
    ),
    (202, "error", "channels: {a: [ {branch: ¶jib} ]}", "channels: {a: [ {branch: jib} ], jib: [noop]}"),
    (203, "warning", 'flows: {main: [ {log: "${¶oyl}"} ]}', 'variables: {oyl: 1}\nflows: {main: [ {log: "${oyl}"} ]}'),
    (
        204,
        "warning",
        'flows: {main: [ {set: {a: "${¶tally(agent)}"}} ]}',
        'flows: {main: [ {set: {a: "${length(agent)}"}} ]}',
    ),
    (
        205,
        "error",
        'flows: {main: [ {set: {a: "${¶clamp(1)}"}} ]}',
        'flows: {main: [ {set: {a: "${clamp(1, 0, 2)}"}} ]}',
    ),
    (205, "error", 'flows: {main: [ {set: {a: "${¶min(5)}"}} ]}', 'flows: {main: [ {set: {a: "${min([5])}"}} ]}'),
    (
        205,
        "error",
        'functions: {f: {params: [x], body: "x + 1"}}\nflows: {main: [ {set: {a: "${¶f(1, 2)}"}} ]}',
        'functions: {f: {params: [x], body: "x"}}\nflows: {main: [ {set: {a: "${f()}"}} ]}',
    ),
    (
        206,
        "error",
        "options: {social: [ {id: a, preference: 1, available: 1},\n {id: ¶a, preference: 1, available: 1} ]}",
        "options: {social: [ {id: a, preference: 1, available: 1},\n {id: b, preference: 1, available: 1} ]}",
    ),
    (
        206,
        "error",
        "functions: {tally: {params: [x], body: x},\n ¶Tally: {params: [x], body: x}}",
        "functions: {tally: {params: [x], body: x},\n count_up: {params: [x], body: x}}",
    ),
    (207, "info", "flows: {main: [noop], ¶x: [noop]}", "flows: {main: [ {call: x} ], x: [noop]}"),
    (207, "info", "flows: {main: [noop], ¶x: [ {goto: x} ]}", "flows: {main: [noop], on_gull: [noop]}"),
    (208, "info", "flows: {¶main: []}", "flows: {main: [noop]}"),
    (209, "warning", "flows: {main: [ {goto: a}, ¶noop ], a: [noop]}", "flows: {main: [ noop, {goto: a} ], a: [noop]}"),
    (
        209,
        "warning",
        "flows: {main: [ return, ¶noop ]}",
        'flows: {main: [ {return: null, when: "${agent.tired}"}, noop ]}',
    ),
    (210, "error", "flows: {main: [ ¶break ]}", "flows: {main: [ {repeat: {times: 2, do: [break]}} ]}"),
    (
        210,
        "error",
        "flows: {main: [ {repeat: {times: 2, do: [ {parallel: [ [¶break], [noop] ]} ]}} ]}",
        "flows: {main: [ {repeat: {times: 2, do: [ {if: {condition: '${agent.x}', then: [continue]}} ]}} ]}",
    ),
    (211, "warning", "flows: {main: [ {set: {¶_result: 1}} ]}", "flows: {main: [ {set: {_error_handled: true}} ]}"),
    (212, "error", 'config: {x: 1}\nflows: {main: [ {set: {"¶config.x": 1}} ]}', "flows: {main: [ {set: {x: 1}} ]}"),
    (
        212,
        "error",
        'variables: {a: {computed: "${1 + agent.x}"}}\nflows: {main: [ {increment: ¶a} ]}',
        'variables: {a: {source: "${1 + agent.x}"}}\nflows: {main: [ {increment: a} ]}',
    ),
    (
        212,
        "error",
        "variables: {a: {default: 1, readonly: true}}\nflows: {main: [ {set: {¶a: 2}} ]}",
        "variables: {a: {default: 1, readonly: true}}\nflows: {main: [ {local: {a: 2}} ]}",
    ),
    (
        212,
        "error",
        "bindings: {participants: {keeper: '${agent}'}}\nflows: {main: [ {set: {¶keeper: 2}} ]}",
        "bindings: {participants: {keeper: '${agent}'}}\nflows: {main: [ {set: {keep: 2}} ]}",
    ),
    (
        213,
        "error",
        'variables: {¶a: {computed: "${b}"}, b: {computed: "${a}"}}\nflows: {main: [noop]}',
        'variables: {a: {computed: "${b}"}, b: {default: 1}}\nflows: {main: [noop]}',
    ),
    (
        213,
        "error",
        'functions: {f: {params: [], body: "a + 1"}}\nvariables: {¶a: {computed: "${f()}"}}\nflows: {main: [noop]}',
        'functions: {f: {params: [], body: "c + 1"}}\nvariables: {a: {computed: "${f()}"}, c: 1}\nflows: {a: [noop]}',
    ),
    (
        214,
        "warning",
        'flows: {main: [ {for_each: {variable: i, collection: "${agent.l}", do: [ {set: {t: 1}} ]}}, {log: "${¶t}"} ]}',
        'flows: {main: [ {set: {t: 0}}, {for_each: {variable: i, collection: "${agent.l}", do: [ {set: {t: 1}} ]}}, '
        '{log: "${t}"} ]}',
    ),
    (
        214,
        "warning",
        'flows: {main: [ {call: a}, {log: "${¶t}"} ], a: [ {set: {t: 1}} ]}',
        'flows: {main: [ {set: {t: 0}}, {call: a}, {log: "${t}"} ], a: [ {set: {t: 1}} ]}',
    ),
    (
        214,
        "warning",
        'flows: {main: [ {goto: a} ], a: [ {set: {t: 1}}, {goto: b} ], b: [ {log: "${¶t}"} ]}',
        'flows: {main: [ {set: {t: 1}}, {goto: a} ], a: [ {goto: b} ], b: [ {log: "${t}"} ]}',
    ),
    (215, "error", "flow: ¶nowhere\nflows: {main: [noop]}", "flow: main\nflows: {main: [noop]}"),
    (216, "info", "flows: {¶patrol: [noop]}", "flow: patrol\nflows: {patrol: [noop]}"),
    (217, "error", "on_error: ¶ghost\nflows: {main: [noop]}", "on_error: main\nflows: {main: [noop]}"),
    (
        218,
        "warning",
        "flows: {main: [ {call: a} ], a: [ {call: ¶a} ]}",
        'flows: {main: [ {call: a} ], a: [ {call: a, when: "${agent.x}"} ]}',
    ),
    (
        219,
        "warning",
        "flows: {main: [ {call: b}, noop ], b: [ ¶{goto: c} ], c: [noop]}",
        "flows: {main: [ {call: b} ], b: [ {goto: c} ], c: [noop]}",
    ),
    (
        229,
        "error",
        "flows: {main: [ {continuation_point: {name: p, timeout: 1s, default_flow: a}} ],\n"
        " a: [ ¶{continuation_point: {name: p, timeout: 1s, default_flow: main}} ]}",
        "flows: {main: [ {continuation_point: {name: p, timeout: 1s, default_flow: a}} ], a: [noop]}",
    ),
    (228, "error", "flows: {main: [ {¶continuation_point: {name: a}} ]}", "flows: {main: [noop]}"),
    (
        232,
        "warning",
        'flows: {main: [ {log: "${¶_result}"}, {call: a} ], a: [noop]}',
        'flows: {main: [ {call: a}, {log: "${_result}"} ], a: [noop]}',
    ),
    (
        706,
        "error",
        "flows: {bell: [noop]}\nchannels: {¶bell: [noop]}",
        "flows: {ring: [noop]}\nchannels: {bell: [noop]}",
    ),
    (
        807,
        "info",
        "flows: {main: [ {log: x}, {goto: ¶main} ]}",
        "flows: {main: [ {wait: 1s}, {goto: main} ]}",
    ),
]


@pytest.mark.parametrize(("code", "severity", "bad", "good"), CASES, ids=[f"{c[0]}-{i}" for i, c in enumerate(CASES)])
def test_code(
    code: int, severity: str, bad: str, good: str, expect: Callable[..., Any], expect_not: Callable[..., None]
) -> None:
    expect(code, bad, severity)
    expect_not(code, good)


def test_nearest_name_is_offered(expect: Callable[..., Any]) -> None:
    diag = expect(201, "flows: {main: [ {goto: ¶peir} ], pier: [noop]}", "error")
    assert diag.help == "did you mean 'pier'?"


QUIET: list[tuple[int, str]] = [
    # What the host, the language or another flow gives.
    (203, 'flows: {main: [ {log: "${agent.name} ${personality.calm} ${_error.message} ${args.x} ${now}"} ]}'),
    (203, 'flows: {main: [ {log: "${boat}"} ], start: [ {call: {flow: main, args: {boat: 1}}} ]}'),
    (203, 'flows: {main: {params: [boat], actions: [ {log: "${boat}"} ]}}'),
    (
        203,
        'flows: {main: [ {for_each: {variable: b, index: i, collection: "${agent.l}", do: [ {log: "${b}${i}"} ]}} ]}',
    ),
    (203, 'flows: {main: [ {log: "${agent.l.map((x, at) => x.n + at)}"} ]}'),
    (203, 'flows: {main: [ {query_options: keeper}, {log: "${query_result}"} ]}'),
    (203, 'flows: {main: [ {load_snapshot: {resource_type: c, resource_id: x, name: d}}, {log: "${d.base.name}"} ]}'),
    (203, 'flows: {main: [ {speak: "{% for b in agent.l %}{{ b.name }}{{ forloop.index }}{% endfor %}"} ]}'),
    (203, 'flows: {main: [ {speak: "{% assign n = 3 %}{{ n }}"} ]}'),
    (203, 'context: {requirements: {lamp: true}}\nflows: {main: [ {log: "${lamp}"} ]}'),
    (203, 'functions: {f: {params: [x], body: "y = x\\nreturn y"}}\nflows: {main: [ {log: "${f(1)}"} ]}'),
    # A caller's variables are visible in what it calls.
    (214, 'flows: {main: [ {set: {t: 1}}, {call: a} ], a: [ {log: "${t}"} ]}'),
    (214, 'flows: {main: [ {set: {t: 1}}, {goto: a} ], a: [ {log: "${t}"} ]}'),
    (214, 'flows: {main: [ {call: a}, {log: "${t}"} ], a: [ {global: {t: 1}} ]}'),
    (
        214,
        "events: [ {pattern: x, handler: a} ]\n"
        'flows: {main: [ noop ], a: [ {set: {t: 1}}, {goto: b} ], b: [ {log: "${t}"} ]}',
    ),
    (214, 'flows: {main: [ {repeat: {times: 2, do: [ {set: {t: 1}} ]}}, {log: "${t}"} ]}'),
    # Loop variables and locals of the same name are variables of their own.
    (
        212,
        'variables: {a: {computed: "${agent.x}"}}\n'
        'flows: {main: [ {for_each: {variable: a, collection: "${agent.l}", do: [ {set: {a: 1}} ]}} ]}',
    ),
    (207, "flows: {main: [ {goto: '${agent.next}'} ], x: [noop]}"),
    (207, "flows: {helper: [noop], other: [noop]}"),
    (
        218,
        'flows: {main: [ {call: a} ], a: [ {if: {condition: "${agent.x}", then: [return]}}, {call: a} ]}',
    ),
    (232, 'flows: {main: [ {call: a} ], a: [ {log: "${_result}"} ]}'),
    (
        807,
        "flows: {main: [ {call: pause}, {goto: main} ], pause: [ {wait: 1s} ]}",
    ),
]


@pytest.mark.parametrize(("code", "text"), QUIET, ids=[f"{c[0]}-{i}" for i, c in enumerate(QUIET)])
def test_quiet(code: int, text: str, expect_not: Callable[..., None]) -> None:
    expect_not(code, text)


def test_undefined_name_is_reported_once(inspect: Callable[..., Any]) -> None:
    found, _ = inspect('flows:\n  main:\n    - log: "${oyl}"\n    - log: "${oyl}"\n    - log: "${oyl}"\n')
    hits = [diag for diag in found if diag.code == "ABML203"]
    assert len(hits) == 1
    assert hits[0].notes[0].message == "also read in lines 6, 7"


def test_declarations_do_not_see_variables_of_flows(expect: Callable[..., Any]) -> None:
    text = 'variables: {busy: {computed: "${¶count > 3}"}}\nflows: {main: [ {set: {count: 4}} ]}'
    diag = expect(203, text, "warning")
    assert "for the run" in diag.message


def test_manifest_names_are_known(expect_not: Callable[..., None]) -> None:
    text = 'flows: {main: [ {log: "${tide.level} ${has_lamp}"} ]}'
    expect_not(203, text, manifest={"providers": {"tide": "any"}, "facts": ["has_lamp"]})


def test_complete_manifest_makes_unknown_functions_errors(expect: Callable[..., Any]) -> None:
    text = 'flows: {main: [ {set: {a: "${¶tally(agent)}"}} ]}'
    expect(204, text, "error", manifest={"strict": True})


def test_host_arity(expect: Callable[..., Any], expect_not: Callable[..., None]) -> None:
    manifest = {"functions": {"tally": {"params": ["list"], "optional": 0}}}
    expect(205, 'flows: {main: [ {set: {a: "${¶tally(1, 2)}"}} ]}', "error", manifest=manifest)
    expect_not(205, 'flows: {main: [ {set: {a: "${agent.tally()}"}} ]}', manifest=manifest)
