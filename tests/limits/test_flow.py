"""How far and how long a run may go: calls, gotos, loops, instructions, time."""

from __future__ import annotations

import abml

from .support import HEAD, action, outcome

NESTED = """\
flows:
  main: [ {{call: {{flow: dig, args: {{n: {n}}}}}}} ]
  dig:
    - cond: [ {{when: "${{n > 0}}", then: [ {{call: {{flow: dig, args: {{n: "${{n - 1}}"}}}}}} ]}} ]
"""
RECURSIVE = """\
functions: {{dig: {{params: [n], body: "n <= 0 ? 0 : 1 + dig(n - 1)"}}}}
flows: {{main: [ {{set: {{x: "${{dig({n})}}"}}}} ]}}
"""
CIRCLE = """\
context: {{variables: {{n: 0}}}}
flows:
  main:
    - increment: n
    - cond: [ {{when: "${{n <= {n}}}", then: [ {{goto: main}} ]}} ]
"""


def test_max_call_depth_of_flows() -> None:
    limits = {"max_call_depth": 16}
    # `main` is one frame, and `dig` one more than its argument.
    assert outcome(NESTED.format(n=14), limits=limits) == "completed"
    assert outcome(NESTED.format(n=15), limits=limits) == "limit_exceeded"


def test_max_call_depth_of_functions() -> None:
    limits = {"max_call_depth": 16}
    assert outcome(RECURSIVE.format(n=14), limits=limits) == "completed"
    assert outcome(RECURSIVE.format(n=15), limits=limits) == "limit_exceeded"


def test_max_gotos() -> None:
    limits = {"max_gotos": 10}
    assert outcome(CIRCLE.format(n=10), limits=limits) == "completed"
    assert outcome(CIRCLE.format(n=11), limits=limits) == "limit_exceeded"


def test_max_gotos_counts_from_the_last_pause() -> None:
    text = CIRCLE.format(n=30).replace("- increment: n", "- increment: n\n    - wait: 1s")
    assert outcome(text, limits={"max_gotos": 2}) == "completed"


def test_max_loop_iterations() -> None:
    limits = {"max_loop_iterations": 10}
    for count, expected in ((10, "completed"), (11, "limit_exceeded")):
        each = f'{{for_each: {{variable: i, collection: "${{range({count})}}", do: [noop]}}}}'
        assert action(each, limits=limits) == expected
        assert action(f"{{repeat: {{times: {count}, do: [noop]}}}}", limits=limits) == expected
        assert action('{repeat: {times: "${n}", do: [noop]}}', limits=limits, scope={"n": count}) == expected
        assert (
            action('{repeat: {times: "${n}", variable: i, do: [noop]}}', limits=limits, scope={"n": count}) == expected
        )
        items = ", ".join(["1"] * count)
        assert action(f"{{for_each: {{variable: i, collection: [{items}], do: [noop]}}}}", limits=limits) == expected


def test_max_loop_iterations_is_of_each_loop() -> None:
    inner = "{repeat: {times: 10, do: [ {repeat: {times: 10, do: [noop]}} ]}}"
    assert action(inner, limits={"max_loop_iterations": 10}) == "completed"


def test_a_loop_that_is_left_in_time_is_fine() -> None:
    text = '{repeat: {times: 100, variable: i, do: [ {cond: [ {when: "${i == 5}", then: [break]} ]} ]}}'
    assert action(text, limits={"max_loop_iterations": 10}) == "completed"


def test_max_instructions_per_tick() -> None:
    text = '{{repeat: {{times: {n}, do: [ {{set: {{x: "${{(x ?? 0) + 1}}"}}}} ]}}}}'
    limits = {"max_instructions_per_tick": 1000}
    assert action(text.format(n=100), limits=limits) == "completed"
    assert action(text.format(n=1000), limits=limits) == "limit_exceeded"


def test_limit_exceeded_is_not_caught() -> None:
    text = HEAD + (
        "on_error: late\nflows:\n"
        "  main: [ {repeat: {times: 11, do: [noop]}, on_error: [ {log: caught} ]} ]\n"
        "  late: [ {log: late} ]\n"
    )
    result = abml.run(text, limits={"max_loop_iterations": 10})
    assert result.status == "failed" and result.error is not None and not result.logs
    assert result.error.code.endswith("921")


def test_global_timeout() -> None:
    text = "flows: {main: [ {wait: 1s}, {wait: %s} ]}"
    assert outcome(text % "1s", limits={"global_timeout": 3}) == "completed"
    assert outcome(text % "3s", limits={"global_timeout": 3}) == "global_timeout"


def test_wait_timeout() -> None:
    waits = "channels:\n  a: [ {wait_for: '@b.bell'} ]\n  b: [ {wait: %s}, {emit: bell} ]\n"
    assert outcome(waits % "1s", limits={"wait_timeout": "2s"}) == "completed"
    assert outcome(waits % "3s", limits={"wait_timeout": "2s"}) == "wait_timeout"


def test_a_timeout_of_its_own_comes_before_the_wait_timeout() -> None:
    waits = "channels:\n  a: [ {wait_for: {signal: '@b.bell', timeout: 9s}} ]\n  b: [ {wait: 3s}, {emit: bell} ]\n"
    assert outcome(waits, limits={"wait_timeout": "2s"}) == "completed"


def test_max_instructions_per_turn() -> None:
    # A turn ends with an action that is no control; in this loop there is none.
    text = 'channels:\n  a: [ {repeat: {times: %d, do: [ {cond: [ {when: "${n == 1}", then: [noop]} ]} ]}} ]\n'
    limits = {"max_instructions_per_turn": 1000}
    assert outcome(text % 50, limits=limits, scope={"n": 2}) == "completed"
    assert outcome(text % 2000, limits=limits, scope={"n": 2}) == "limit_exceeded"
    assert outcome(text % 2000, limits=limits, scope={"n": 1}) == "completed"
