"""The execution vectors of the language reference, appendix D, as documents with their outcome.

Left out are the rows that need channels (D22 to D29, D37, D39, D43, D44). A row is
the document, what the host gives, and what must be seen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

HEAD = 'version: "3.0"\nmetadata: {id: vector}\n'


@dataclass(frozen=True)
class Vector:
    """One row.

    Attributes:
        text: the document, without head when it has no `metadata`.
        run: keyword arguments of `abml.run`; `fails` names actions whose handler
            raises; `files` are what imports find.
        logs, status, kind, value: what the result must show; None looks at nothing.
        scope: part of the result's scope.
        error: part of the error.
    """

    id: str
    text: str
    run: dict[str, Any] = field(default_factory=dict)
    fails: tuple[str, ...] = ()
    files: dict[str, str] = field(default_factory=dict)
    logs: tuple[str, ...] | None = None
    status: str = "completed"
    kind: str | None = None
    error: dict[str, Any] = field(default_factory=dict)
    scope: dict[str, Any] = field(default_factory=dict)

    @property
    def document(self) -> str:
        return self.text if "metadata" in self.text else HEAD + self.text


def flows(text: str) -> str:
    """A document of flows; the text is the mapping's body."""
    return "flows:\n" + "\n".join("  " + line for line in text.strip("\n").splitlines())


LIBRARY = HEAD.replace("vector", "lib")

VECTORS: tuple[Vector, ...] = (
    Vector(
        "D1",
        flows('main: [ {set: {x: "5"}}, {increment: {variable: x, by: 3}}, {log: "x=${x}"} ]'),
        logs=("x=8",),
    ),
    Vector("D2", flows('main: [ {set: {x: 1}}, {clear: x}, {log: "${x}"} ]'), logs=("null",)),
    Vector(
        "D3",
        flows('main: [ {set: {i: 1}}, {for_each: {variable: i, collection: [8, 9], do: [noop]}}, {log: "${i}"} ]'),
        logs=("1",),
    ),
    Vector(
        "D4",
        flows('main: [ {set: {x: 1}}, {call: f}, {log: "${x} ${y}"} ]\nf: [ {set: {x: 2}}, {set: {y: 3}} ]'),
        logs=("2 null",),
    ),
    Vector("D5", flows('main: [ {set: {x: 1}}, {call: f}, {log: "${x}"} ]\nf: [ {local: {x: 2}} ]'), logs=("1",)),
    Vector("D6", flows('main: [ {call: f}, {log: "${g}"} ]\nf: [ {call: h} ]\nh: [ {global: {g: 7}} ]'), logs=("7",)),
    Vector(
        "D7",
        flows(
            'main: [ {call: four}, {log: "${_result}"}, {call: none}, {log: "${_result}"} ]\n'
            "four: [ {return: 4} ]\nnone: [ noop ]"
        ),
        logs=("4", "null"),
    ),
    Vector("D8", flows("main: [ {call: a}, {log: after} ]\na: [ {goto: b} ]\nb: [ {log: b} ]"), logs=("b",)),
    Vector("D9", flows('main: [ {goto: {flow: b, args: {v: 2}}} ]\nb: [ {log: "${v} ${args.v}"} ]'), logs=("2 2",)),
    Vector(
        "D10 null",
        flows('main: [ {for_each: {variable: i, collection: "${null}", do: [ {log: x} ]}}, {log: done} ]'),
        logs=("done",),
    ),
    Vector(
        "D10 number",
        flows('main: [ {set: {n: 5}}, {for_each: {variable: i, collection: "${n}", do: [ {log: x} ]}} ]'),
        status="failed",
        kind="not_iterable",
    ),
    Vector(
        "D11",
        flows("main: [ boom ]"),
        fails=("boom",),
        status="failed",
        kind="action_failed",
        error={"message": "boom broke"},
    ),
    Vector(
        "D12",
        flows("main: [ {boom: {}, on_error: [ {log: caught} ]}, {log: next} ]"),
        fails=("boom",),
        logs=("caught",),
    ),
    Vector(
        "D13",
        flows("main: [ {boom: {}, on_error: [ {log: caught}, {set: {_error_handled: true}} ]}, {log: next} ]"),
        fails=("boom",),
        logs=("caught", "next"),
    ),
    Vector(
        "D14",
        flows('main: [ {boom: {}, on_error: [ {log: caught}, {set: {_error_handled: "yes"}} ]}, {log: next} ]'),
        fails=("boom",),
        logs=("caught",),
    ),
    Vector(
        "D15",
        flows("main:\n  on_error: [ {log: flow} ]\n  actions: [ {boom: {}, on_error: [ {log: action} ]} ]"),
        fails=("boom",),
        logs=("action",),
    ),
    Vector(
        "D16",
        flows(
            'main:\n  on_error: [ {log: "${_error.kind} ${_error.action}"} ]\n'
            "  actions: [ {boom: {}, on_error: [ {goto: nowhere} ]} ]"
        ),
        run={"lenient": True},
        fails=("boom",),
        logs=("action_failed boom",),
    ),
    Vector(
        "D17",
        "on_error: mend\n" + flows("main: [ {log: one}, boom, {log: three} ]\nmend: [ {set: {_error_handled: true}} ]"),
        fails=("boom",),
        logs=("one", "three"),
    ),
    Vector(
        "D18",
        "on_error: ghost\n" + flows("main: [ boom ]"),
        run={"lenient": True},
        fails=("boom",),
        status="failed",
        kind="action_failed",
    ),
    Vector(
        "D19",
        "on_error: mend\n"
        + flows('main: [ {call: a} ]\na: [ {call: b} ]\nb: [ boom ]\nmend: [ {log: "${_error.flow}"} ]'),
        fails=("boom",),
        logs=("b",),
    ),
    Vector(
        "D20",
        flows(
            "main: [ {boom: {}, on_error: [ {log: first}, {set: {_error_handled: true}} ]},"
            " {boom: {}, on_error: [ {log: second} ]}, {log: after} ]"
        ),
        fails=("boom",),
        logs=("first", "second"),
    ),
    Vector(
        "D21",
        flows(
            'main:\n  on_error: [ {log: "${_error.kind}"} ]\n'
            '  actions: [ {set: {z: 0}}, {cond: [ {when: "${1 / z}", then: [ noop ]} ]} ]'
        ),
        logs=("division_by_zero",),
    ),
    Vector(
        "D30",
        flows("main: [ {continuation_point: {name: p, timeout: 500, default_flow: calm}} ]\ncalm: [ {log: calm} ]"),
        logs=("calm",),
    ),
    Vector(
        "D32",
        "imports: [ {file: lib.yml, as: lib} ]\n" + flows('main: [ {set: {x: 1}}, {call: lib.f}, {log: "${x} ${y}"} ]'),
        files={"lib.yml": LIBRARY + flows("f: [ {set: {x: 2}}, {set: {y: 3}} ]")},
        logs=("2 null",),
    ),
    Vector(
        "D33",
        "imports: [ {file: a.yml, as: a} ]\n" + flows("main: [ {call: a.entry} ]"),
        files={
            "a.yml": LIBRARY + "imports: [ {file: b.yml, as: b} ]\n" + flows("entry: [ {call: b.help} ]"),
            "b.yml": LIBRARY + flows("help: [ {log: helped} ]"),
        },
        logs=("helped",),
    ),
    Vector(
        "D35 run",
        flows("main: [ {goto: main} ]"),
        status="failed",
        kind="limit_exceeded",
    ),
    Vector(
        "D36",
        "variables: {mode: calm}\n" + flows('main: [ {log: "${mode}"} ]'),
        run={"scope": {"mode": "stormy"}},
        logs=("stormy",),
    ),
    Vector(
        "D38",
        'context: {variables: {tide: 0, high: {computed: "${tide > 1}"}}}\n'
        + flows('main: [ {local: {tide: 5}}, {log: "${high}"} ]'),
        logs=("false",),
    ),
    Vector(
        "D40",
        'context: {variables: {tag: {type: string, default: "7"}, free: {default: "7"}}}\n'
        + flows('main: [ {log: "${kind_of(tag)}"}, {log: "${kind_of(free)}"} ]'),
        logs=("string", "int"),
    ),
    Vector(
        "D41",
        flows(
            "main: [ {set: {a: +5}}, {set: {b: .5}}, {set: {c: 0x1F}},"
            ' {log: "${kind_of(a)}"}, {log: "${kind_of(b)}"}, {log: "${kind_of(c)}"} ]'
        ),
        logs=("string", "string", "string"),
    ),
    Vector(
        "D42",
        flows('main: [ {emit: {signal: rung, payload: 2}}, {wait_for: rung}, {log: "${_signal.payload}"} ]'),
        logs=("2",),
    ),
    Vector("D46", flows('main: [ {goto: a} ]\na: [ {set: {x: 1}}, {goto: b} ]\nb: [ {log: "${x}"} ]'), logs=("null",)),
    Vector(
        "D47",
        "imports: [ {file: lib.yml, as: a}, {file: lib.yml, as: b} ]\n"
        + flows('main: [ {call: a.bump}, {log: "${b.n}"} ]'),
        files={"lib.yml": LIBRARY + "variables: {n: 4}\n" + flows("bump: [ {increment: n} ]")},
        logs=("5",),
    ),
    Vector(
        "D48 ticks",
        flows("start: [ {log: start} ]\nmain: [ {log: main} ]\non_tick: [ {log: tick} ]"),
        run={"ticks": 2},
        logs=("start", "tick", "tick"),
    ),
    Vector(
        "D48 run", flows("start: [ {log: start} ]\nmain: [ {log: main} ]\non_tick: [ {log: tick} ]"), logs=("main",)
    ),
    Vector(
        "D50",
        flows(
            'main: [ {set: {n: 0}}, {goto: round} ]\nround: [ {if: {condition: "${n == 5000}", then: [ {return: "${n}"} ]}},'
            " {increment: n}, {goto: round} ]"
        ),
        logs=(),
    ),
    Vector(
        "D51 patrol",
        flows("greet: {triggers: [ {event: met} ], actions: [ {log: hello} ]}\npatrol: [ {log: patrol} ]"),
        logs=("patrol",),
    ),
    Vector(
        "D51 nothing",
        flows("greet: {triggers: [ {event: met} ], actions: [ {log: hello} ]}"),
        status="failed",
        kind="flow_not_found",
        error={"message": "greet"},
    ),
    Vector(
        "D52 plain",
        'version: "3.0"\nmetadata: {id: brain, type: event_brain}\n'
        + flows("start: [ {log: start} ]\non_tick: [ {log: tick} ]"),
        logs=("start", "tick"),
    ),
    Vector(
        "D52 three",
        'version: "3.0"\nmetadata: {id: brain, type: event_brain}\n'
        + flows("start: [ {log: start} ]\non_tick: [ {log: tick} ]"),
        run={"ticks": 3},
        logs=("start", "tick", "tick", "tick"),
    ),
    Vector(
        "D52 named",
        'version: "3.0"\nmetadata: {id: brain, type: event_brain}\n'
        + flows("start: [ {log: start} ]\non_tick: [ {log: tick} ]"),
        run={"flow": "on_tick"},
        logs=("tick",),
    ),
    Vector(
        "D53",
        flows("main: [ {log: round}, {goto: main} ]"),
        run={"ticks": 3},
        status="suspended",
        logs=("round", "round", "round"),
    ),
    Vector(
        "D54 unchecked",
        "context: {services: [ {name: ledger, required: true} ]}\n" + flows("main: [ {log: on} ]"),
        logs=("on",),
    ),
    Vector(
        "D54 missing",
        "context: {services: [ {name: ledger, required: true} ]}\n" + flows("main: [ {log: on} ]"),
        run={"services": {"tide"}},
        status="failed",
        kind="requirement_not_met",
    ),
    Vector(
        "D55",
        "functions: {pick: {params: [l], body: \"return 'document'\"}}\n"
        + flows('main: [ {log: "${pick([1])}"}, {log: "${floor(2.5)}"} ]'),
        run={"functions": {"pick": lambda items: "host", "floor": lambda x: "host floor"}},
        logs=("document", "host floor"),
    ),
    Vector(
        "D56",
        'context: {variables: {lit: {source: "${world.lit}"}}}\n' + flows("main: [ {set: {lit: false}} ]"),
        run={"scope": {"world": {"lit": True}}},
        scope={"lit": False},
    ),
    Vector(
        "D57",
        'context: {requirements: {ready: "${world.ready}"}}\n' + flows("main: [ {log: on} ]"),
        run={"scope": {"world": {"ready": True}}},
        logs=("on",),
    ),
)
