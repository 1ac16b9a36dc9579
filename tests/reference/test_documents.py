"""The judge against the execution vectors that need no channels and no ticks."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reference.reading import document
from tests.reference.run import ReferenceResult, run_document

HEAD = 'version: "3.0"\nmetadata: { id: sample }\n'


def run(body: str, files: dict[str, str] | None = None, **options: Any) -> ReferenceResult:
    documents = {path: document(HEAD + text) for path, text in (files or {}).items()}
    return run_document(document(HEAD + body), documents=documents, **options)


def messages(result: ReferenceResult) -> list[str]:
    return [record["message"] for record in result.logs]


def logs(body: str, files: dict[str, str] | None = None, **options: Any) -> list[str]:
    result = run(body, files, **options)
    assert result.status == "completed", result.error
    return messages(result)


def fails(params: dict[str, Any]) -> Any:
    raise RuntimeError("the host says no")


FAILING = {"snap": fails}


def test_d1_increment_of_a_numeric_text() -> None:
    body = """
flows:
  main:
    - set: { x: "${'5'}" }
    - increment: { variable: x, by: 3 }
    - log: "x=${x}"
"""
    assert logs(body) == ["x=8"]


def test_d2_clear() -> None:
    assert logs('flows: { main: [ { set: { x: 1 } }, { clear: x }, { log: "${x}" } ] }') == ["null"]


def test_d3_the_loop_variable_shadows() -> None:
    body = """
flows:
  main:
    - set: { i: 1 }
    - for_each: { variable: i, collection: "${[8, 9]}", do: [ { log: "${i}" } ] }
    - log: "${i}"
"""
    assert logs(body) == ["8", "9", "1"]


def test_d4_d5_scopes_of_a_call() -> None:
    body = """
flows:
  main:
    - set: { x: old }
    - call: shield
    - log: "${x}"
    - call: change
    - log: "${x} ${y}"
  shield: [ { local: { x: own } } ]
  change: [ { set: { x: new, y: 2 } } ]
"""
    assert logs(body) == ["old", "new null"]


def test_d6_global_from_two_calls_deep() -> None:
    body = """
flows:
  main: [ { call: a }, { log: "${g}" } ]
  a: [ { call: b } ]
  b: [ { global: { g: 5 } } ]
"""
    result = run(body)
    assert messages(result) == ["5"] and result.scope["g"] == 5


def test_d7_results_of_calls() -> None:
    body = """
flows:
  main:
    - call: { flow: four, into: got }
    - log: "${_result} ${got}"
    - call: silent
    - log: "${_result}"
  four: [ { return: { value: 4 } } ]
  silent: [ noop ]
"""
    assert logs(body) == ["4 4", "null"]


def test_d8_goto_abandons_the_callers() -> None:
    body = """
flows:
  main: [ { call: a }, { log: never } ]
  a: [ { goto: b } ]
  b: [ { log: here } ]
"""
    assert logs(body) == ["here"]


def test_d9_goto_with_arguments() -> None:
    body = """
flows:
  main: [ { goto: { flow: b, args: { v: 2 } } } ]
  b: [ { log: "${v} ${args.v}" } ]
"""
    assert logs(body) == ["2 2"]


def test_d10_loops_over_null_and_scalars() -> None:
    body = 'flows: { main: [ { for_each: { variable: i, collection: "${%s}", do: [ { log: i } ] } } ] }'
    assert logs(body % "null") == []
    failed = run(body % "5")
    assert failed.status == "failed" and failed.error is not None
    assert failed.error["kind"] == "not_iterable"


def test_d11_an_unhandled_failure() -> None:
    result = run("flows: { main: [ snap, { log: never } ] }", handlers=FAILING)
    assert result.status == "failed" and result.error is not None
    assert (result.error["kind"], result.error["message"]) == ("action_failed", "the host says no")
    assert result.error["flow"] == "main" and result.error["action"] == "snap"
    assert [effect["name"] for effect in result.effects] == ["snap"]


@pytest.mark.parametrize(
    ("flag", "expected"),
    [(None, ["handled"]), ("true", ["handled", "after"]), ('"yes"', ["handled"]), ("1", ["handled"])],
)
def test_d12_to_d14_the_flag_decides(flag: str | None, expected: list[str]) -> None:
    acknowledge = f", {{ set: {{ _error_handled: {flag} }} }}" if flag else ""
    body = f"""
flows:
  main:
    - snap: {{}}
      on_error: [ {{ log: handled }}{acknowledge} ]
    - log: after
"""
    assert logs(body, handlers=FAILING) == expected


def test_d15_the_action_handler_comes_before_the_flow_handler() -> None:
    body = """
flows:
  main:
    on_error: [ { log: flow } ]
    actions:
      - snap: {}
        on_error: [ { log: action } ]
"""
    assert logs(body, handlers=FAILING) == ["action"]


def test_d16_a_failing_handler_passes_the_original_error_on() -> None:
    body = """
flows:
  main:
    on_error: [ { log: "${_error.kind} ${_error.handler_error != null}" } ]
    actions:
      - snap: {}
        on_error: [ { goto: "${'nowhere'}" } ]
"""
    assert logs(body, handlers=FAILING) == ["action_failed true"]


def test_d17_the_document_handler_continues() -> None:
    body = """
on_error: rescue
flows:
  main: [ { log: one }, snap, { log: three } ]
  rescue: [ { set: { _error_handled: true } } ]
"""
    assert logs(body, handlers=FAILING) == ["one", "three"]


def test_d19_the_document_handler_sees_the_innermost_flow() -> None:
    body = """
on_error: rescue
flows:
  main: [ { call: a }, { log: never } ]
  a: [ { call: b } ]
  b: [ { set: { inner: 1 } }, { local: { deep: 7 } }, snap ]
  rescue: [ { log: "${_error.flow} ${deep}" } ]
"""
    assert logs(body, handlers=FAILING) == ["b 7"]


def test_d20_the_flag_is_reset_for_each_handler() -> None:
    body = """
flows:
  main:
    - snap: {}
      on_error: [ { set: { _error_handled: true } } ]
    - snap: {}
      on_error: [ { log: second } ]
    - log: never
"""
    assert logs(body, handlers=FAILING) == ["second"]


def test_d21_errors_of_conditions_reach_the_flow_handler() -> None:
    body = """
flows:
  main:
    on_error: [ { log: "${_error.kind} ${_error.action}" } ]
    actions:
      - cond:
          - { when: "${1 / ghost > 2}", then: [ { log: never } ] }
"""
    assert logs(body) == ["division_by_zero cond"]


def test_d30_a_continuation_point_times_out() -> None:
    body = """
flows:
  main: [ { continuation_point: { name: p, timeout: 500ms, default_flow: other } }, { log: never } ]
  other: [ { log: "${now()}" } ]
"""
    assert logs(body) == ["500"]


def test_d32_a_library_changes_what_the_caller_has() -> None:
    files = {"lib.yml": "flows: { work: [ { set: { x: 2, fresh: 1 } } ] }"}
    body = """
imports: [ { file: lib.yml, as: lib } ]
flows: { main: [ { set: { x: 1 } }, { call: lib.work }, { log: "${x} ${fresh}" } ] }
"""
    assert logs(body, files) == ["2 null"]


def test_d33_references_resolve_where_they_stand() -> None:
    files = {
        "a.yml": "imports: [ { file: b.yml, as: b } ]\nflows: { enter: [ { call: b.help } ] }",
        "b.yml": 'flows: { help: [ { log: "helped" }, snap ] }',
    }
    body = "imports: [ { file: a.yml, as: a } ]\nflows: { main: [ { call: a.enter } ] }"
    result = run(body, files, handlers=FAILING)
    assert messages(result) == ["helped"]
    assert result.error is not None and result.error["flow"] == "a.b.help"


def test_d35_d50_gotos_of_a_run_to_completion() -> None:
    spin = run("flows: { main: [ { goto: main } ] }")
    assert spin.error is not None and spin.error["kind"] == "limit_exceeded"
    body = """
variables: { n: 0 }
flows:
  main:
    - increment: n
    - cond: [ { when: "${n < 5000}", then: [ { goto: main } ] } ]
"""
    result = run(body)
    assert result.status == "completed" and result.scope["n"] == 5000


def test_d36_given_values_replace_defaults() -> None:
    body = 'variables: { mood: { default: calm } }\nflows: { main: [ { log: "${mood}" } ] }'
    assert logs(body, scope={"mood": "stormy"}) == ["stormy"]


def test_d38_computed_does_not_see_locals() -> None:
    body = """
variables:
  tide: 0
  high: { computed: "${tide > 1}" }
flows: { main: [ { local: { tide: 5 } }, { log: "${high}" } ] }
"""
    assert logs(body) == ["false"]


def test_d40_d41_numbers_and_texts() -> None:
    body = """
variables:
  tag: { type: string, default: "7" }
  free: { default: "7" }
flows:
  main:
    - set: { a: +5, b: .5, c: 0x1F, tag: "8" }
    - log: "${kind_of(tag)} ${kind_of(free)} ${kind_of(a)} ${kind_of(b)} ${kind_of(c)}"
"""
    assert logs(body) == ["string int string string string"]


def test_d42_a_fiber_hears_its_own_signals() -> None:
    body = """
flows:
  main:
    - emit: { signal: rung, payload: 2 }
    - wait_for: rung
    - log: "${_signal.payload}"
"""
    assert logs(body) == ["2"]


def test_d46_locals_of_a_goto_target_end_with_it() -> None:
    body = """
flows:
  main: [ { goto: a } ]
  a: [ { set: { x: 1 } }, { goto: b } ]
  b: [ { log: "${x}" } ]
"""
    assert logs(body) == ["null"]


def test_d47_one_instance_under_two_aliases() -> None:
    files = {"lib.yml": "variables: { n: 1 }\nflows: { bump: [ { increment: n } ] }"}
    body = """
imports: [ { file: lib.yml, as: a }, { file: lib.yml, as: b } ]
flows: { main: [ { call: a.bump }, { log: "${b.n}" } ] }
"""
    assert logs(body, files) == ["2"]


def test_d51_no_entry() -> None:
    body = 'flows: { greet: { triggers: [ { event: "gull" } ], actions: [ { log: hi } ] }, patrol: [ { log: round } ] }'
    assert logs(body) == ["round"]
    failed = run('flows: { greet: { triggers: [ { event: "gull" } ], actions: [ { log: hi } ] } }')
    assert failed.error is not None and failed.error["kind"] == "flow_not_found" and "greet" in failed.error["message"]


def test_d54_services() -> None:
    body = "context: { services: [ { name: ledger, required: true } ] }\nflows: { main: [ noop ] }"
    assert run(body).status == "completed"
    failed = run(body, services={"tide"})
    assert failed.error is not None and failed.error["kind"] == "requirement_not_met"


def test_d55_document_then_host_then_built_in_functions() -> None:
    body = """
functions: { pick: { params: [x], body: "'own'" } }
flows: { main: [ { log: "${pick([1])} ${floor(2.5)}" } ] }
"""
    functions = {"pick": lambda x: "host", "floor": lambda x: "host floor"}
    assert logs(body, functions=functions) == ["own host floor"]


def test_d56_an_assigned_source_shows_its_value() -> None:
    body = """
variables: { lit: { source: "${world.lit}" } }
flows: { main: [ { log: "${lit}" }, { set: { lit: false } }, { log: "${lit}" } ] }
"""
    result = run(body, scope={"world": {"lit": True}})
    assert messages(result) == ["true", "false"] and result.scope["lit"] is False


def test_d57_requirements_see_given_values() -> None:
    body = 'context: { requirements: { ready: "${world.ready}" } }\nflows: { main: [ noop ] }'
    assert run(body, scope={"world": {"ready": True}}).status == "completed"
    failed = run(body, scope={"world": {}})
    assert failed.error is not None and failed.error["kind"] == "requirement_not_met"


def test_d58_modifier_words_are_parameters_inside() -> None:
    result = run("flows: { main: [ { hail: { with: keeper, when: dusk, id: 7 } } ] }")
    assert result.effects == [{"name": "hail", "params": {"with": "keeper", "when": "dusk", "id": 7}, "channel": None}]


@pytest.mark.parametrize(("channel", "expected"), [("Locomotion", "locomotion"), ("tail", "tail")])
def test_d60_channels_of_intents(channel: str, expected: str) -> None:
    text = f"""version: "3.0"
metadata: {{ id: cart, archetype: object }}
flows: {{ main: [ {{ emit_intent: {{ channel: {channel}, action: roll, speed: 2 }} }} ] }}
"""
    (intent,) = run_document(document(text)).intents
    assert intent["channel"] == expected and intent["urgency"] == 1.0 and intent["data"] == {"speed": 2}


def test_path_targets() -> None:
    body = """
flows:
  main:
    - set: { "a.b.c": 1, "rows": "${[1]}" }
    - set: { "rows[1]": 2, "rows[0]": 9 }
    - set: { "rows[5]": 0 }
      on_error: [ { log: "${_error.kind}" }, { set: { _error_handled: true } } ]
    - set: { "a.b.c.d": 0 }
      on_error: [ { log: "${_error.kind}" }, { set: { _error_handled: true } } ]
"""
    result = run(body)
    assert messages(result) == ["index_out_of_range", "type_error"]
    assert result.scope["a"] == {"b": {"c": 1}} and result.scope["rows"] == [9, 2]


def test_guards_and_loop_control() -> None:
    body = """
flows:
  main:
    - repeat:
        times: 5
        variable: i
        do:
          - condition: "${i != 1}"
          - cond: [ { when: "${i == 3}", then: [ break ] } ]
          - log: "${i}"
    - log: after
    - condition: "${false}"
    - log: never
"""
    assert logs(body) == ["0", "2", "after"]


def test_a_log_keeps_a_failing_part_as_written() -> None:
    assert logs('flows: { main: [ { log: "a ${1 / 0} b ${2}" } ] }') == ["a ${1 / 0} b 2"]


def test_parallel_arms_alternate() -> None:
    body = """
flows:
  main:
    - parallel:
        - [ { log: a1 }, { log: a2 } ]
        - [ { log: b1 }, { wait: 1s }, { log: b2 } ]
    - log: "${now()}"
"""
    assert logs(body) == ["a1", "b1", "a2", "b2", "1000"]


def test_waits_jump_the_clock() -> None:
    body = """
flows:
  main:
    - wait: 2s
    - log: "${now()} ${_wait.reason}"
    - wait: { until: "${false}", timeout: 500ms, on_timeout: [ { log: late } ] }
    - log: "${_wait.reason}"
"""
    assert logs(body) == ["2000 duration", "late", "timeout"]
