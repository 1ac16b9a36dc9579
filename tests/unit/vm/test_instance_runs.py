"""Runs of one document: entry rules, time, awaited and forgotten actions, signals, ticks, limits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import abml
from abml.result import RunResult
from abml.vm.clock import VirtualClock

HEAD = 'version: "3.0"\nmetadata: {id: walk}\n'


def run(body: str, **options: Any) -> RunResult:
    return abml.run(HEAD + body, **options)


def texts(result: RunResult) -> list[str]:
    return [record.message for record in result.logs if "kind" not in record]


@pytest.mark.parametrize(
    ("flows", "named", "expected"),
    [
        ("{a: [{log: a}], main: [{log: main}]}", None, "main"),
        ("{a: [{log: a}], start: [{log: start}], on_tick: [noop]}", None, "start"),
        ("{a: [{log: a}], main: [{log: main}]}", "a", "a"),
        ("{a: [{log: a}]}", None, "a"),
    ],
)
def test_entry_rules(flows: str, named: str | None, expected: str) -> None:
    assert texts(run(f"flows: {flows}", flow=named)) == [expected]


def test_missing_entries_name_what_there_is() -> None:
    result = run("flows: {main: [noop], other: [noop]}", flow="gone")
    assert result.error.kind == "flow_not_found" and "other" in result.error.message
    result = run("flows: {greet: {triggers: [{event: hail}], actions: [noop]}}")
    assert result.error.kind == "flow_not_found" and "greet" in result.error.message


def test_waiting_costs_no_time_with_a_virtual_clock() -> None:
    body = """
flows:
  main:
    - wait: 2h
    - log: "${now()}"
    - wait: {until: "${ghost}", timeout: 1h}
      on_timeout: [{log: late}]
"""
    result = run(body)
    assert texts(result) == ["7200000", "late"]
    assert result.logs[0].at == 7_200_000


def test_a_clock_of_the_host_is_not_jumped_over() -> None:
    class Still:
        def now_us(self) -> int:
            return 5_000

    result = run("flows: {main: [{wait: 1s}]}", clock=Still())
    assert (result.status, result.reason, result.wake_at) == ("suspended", "wait", 1005)
    clock = VirtualClock(10)
    assert run("flows: {main: [{wait: 1s}]}", clock=clock).status == "completed"
    assert clock.now_ms() == 1010


def test_conditions_that_nobody_can_change_suspend() -> None:
    result = run('flows: {main: [{wait: {until: "${ghost}"}}]}')
    assert (result.status, result.wake_at) == ("suspended", None)


def test_coroutines_are_awaited() -> None:
    async def fetch(action: Any, context: Any) -> Any:
        await asyncio.sleep(0.001)
        return action.params["page"] + 1

    body = 'flows: {main: [{fetch: {page: 4}, await: true, result_variable: got}, {return: "${got}"}]}'
    assert run(body, handlers={"fetch": fetch}).value == 5

    async def inside() -> Any:
        return run(body, handlers={"fetch": fetch}).value

    assert asyncio.run(inside()) == 5


def test_coroutines_that_take_too_long_are_cancelled() -> None:
    ended: list[str] = []

    async def slow(action: Any, context: Any) -> None:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    body = "flows: {main: [{dig: {}, await: true, timeout: 0.01}]}"
    result = run(body, handlers={"dig": slow})
    assert result.error.kind == "await_timeout"
    assert ended == ["cancelled"]
    body = "flows: {main: [{dig: {}, await: true, timeout: 0.01, on_timeout: [{log: late}]}, {log: on}]}"
    assert texts(run(body, handlers={"dig": slow})) == ["late", "on"]


def test_forgotten_coroutines_end_with_the_run_and_their_failures_are_logged() -> None:
    done: list[str] = []

    async def note(action: Any, context: Any) -> None:
        await asyncio.sleep(0.001)
        done.append(action.params["what"])
        if action.params["what"] == "bad":
            raise ValueError("ink")

    result = run("flows: {main: [{note: {what: bad}}, {note: {what: good}}, {log: on}]}", handlers={"note": note})
    assert result.status == "completed" and done == ["bad", "good"]
    assert [record.message for record in result.logs if "kind" in record] == ["note: ink"]


def test_handlers_read_and_write_variables() -> None:
    def hoist(action: Any, context: Any) -> int:
        context.set("seen", context.get("sail"))
        context.log("hoisted", "debug")
        return 3

    body = 'flows: {main: [{set: {sail: jib}}, {hoist: {}, result_variable: n}, {return: "${[seen, n]}"}]}'
    result = run(body, handlers={"hoist": hoist})
    assert result.value == ["jib", 3]
    assert [(record.level, record.message) for record in result.logs] == [("debug", "hoisted")]
    assert result.effects[0]["name"] == "hoist"


def test_failing_handlers() -> None:
    from abml.vm.faults import ActionError

    def bad(action: Any, context: Any) -> None:
        raise ActionError("closed", status_code=423)

    body = 'flows: {main: [{open: {}, on_error: [{return: "${[_error.message, _error.status_code, _error.action]}"}]}]}'
    assert run(body, handlers={"open": bad}).value == ["closed", 423, "open"]


def test_unknown_and_forbidden_actions() -> None:
    assert run("flows: {main: [{dance: {}}]}").effects[0]["name"] == "dance"
    assert run("flows: {main: [{dance: {}}]}", strict=True).error.kind == "unknown_action"


def test_own_signals_are_received() -> None:
    body = 'flows: {main: [{emit: {signal: rung, payload: 2}}, {wait_for: rung}, {return: "${_signal.payload}"}]}'
    result = run(body)
    assert result.value == 2 and result.signals[0]["name"] == "rung"


def test_records_are_bounded() -> None:
    body = "flows: {main: [{repeat: {times: 40, do: [{log: x}, {dance: {}}]}}]}"
    result = run(body, limits={"max_effects": 16, "max_log_entries": 16})
    assert result.error.kind == "limit_exceeded" and len(result.effects) == 16
    assert len(run("flows: {main: [{repeat: {times: 40, do: [{log: x}]}}]}", limits={"max_log_entries": 16}).logs) == 16


def test_global_time_limit() -> None:
    result = run("flows: {main: [{wait: 10s}]}", limits={"global_timeout": "5s"})
    assert result.error.kind == "global_timeout"


def test_errors_have_their_place() -> None:
    result = run('flows:\n  main:\n    - call: deep\n  deep:\n    - set: {a: "${1 / 0}"}\n')
    error = result.error
    assert (error.kind, error.code, error.flow, error.action) == ("division_by_zero", "ABML904", "deep", "set")
    assert error.span.line == 7
    assert result.to_dict()["error"]["span"]["line"] == 7


LIFE = """
flows:
  start: [{log: start}]
  on_tick: [{log: tick}]
  on_initialized: [{log: ready}]
"""


def test_lifecycle_by_ticks() -> None:
    assert texts(run(LIFE, ticks=2)) == ["start", "ready", "tick", "tick"]
    assert texts(run(LIFE)) == ["start"]
    brain = HEAD.replace("id: walk", "id: walk, type: event_brain")
    assert texts(abml.run(brain + LIFE)) == ["start", "ready", "tick"]
    assert texts(abml.run(brain + LIFE, flow="on_tick")) == ["tick"]


def test_gotos_go_round_once_per_tick() -> None:
    body = "variables: {n: 0}\nflows: {main: [{increment: n}, {goto: main}]}"
    result = run(body, ticks=3)
    assert (result.status, result.scope["n"]) == ("suspended", 3)
    assert run(body).error.kind == "limit_exceeded"


def test_the_first_failed_run_ends_the_ticks() -> None:
    body = 'variables: {n: 0}\nflows: {main: [{increment: n}, {set: {x: "${1 / (2 - n)}"}}]}'
    result = run(body, ticks=5)
    assert result.error.kind == "division_by_zero" and result.scope["n"] == 2


def test_interrupts_reach_the_caller() -> None:
    def stop(action: Any, context: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run("flows: {main: [{halt: {}}]}", handlers={"halt": stop})


def test_without_a_seed_the_document_has_its_own_or_the_result_names_the_one_it_had() -> None:
    body = "metadata: {id: harbour-watch, deterministic: %s}\nflows: {main: [{return: '${random()}'}]}\n"
    own = abml.run('version: "3.0"\n' + body % "true", seed=None)
    assert (own.seed, own.value) == (0x90E586_06F8_F55F6, 0.9444424668089624)
    drawn = abml.run('version: "3.0"\n' + body % "false", seed=None)
    again = abml.run('version: "3.0"\n' + body % "false", seed=drawn.seed)
    assert drawn.value == again.value and drawn.seed != abml.run('version: "3.0"\n' + body % "false", seed=None).seed
