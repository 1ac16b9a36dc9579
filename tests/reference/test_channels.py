"""The judge against the execution vectors of channels, extensions and ticks."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reference.reading import document
from tests.reference.run import ReferenceResult, run_document

HEAD = 'version: "3.0"\nmetadata: { id: sample, type: %s }\n'


def run(body: str, kind: str = "cutscene", **options: Any) -> ReferenceResult:
    return run_document(document(HEAD % kind + body), **options)


def messages(result: ReferenceResult) -> list[str]:
    return [record["message"] for record in result.logs]


def logs(body: str, kind: str = "cutscene", **options: Any) -> list[str]:
    result = run(body, kind, **options)
    assert result.status == "completed", result.error
    return messages(result)


def fault(result: ReferenceResult) -> str:
    assert result.status == "failed" and result.error is not None
    kind: str = result.error["kind"]
    return kind


def test_d22_turns_of_one_leaf_action() -> None:
    body = "channels: { a: [ { log: A1 }, { log: A2 } ], b: [ { log: B1 }, { log: B2 } ] }"
    assert logs(body) == ["A1", "B1", "A2", "B2"]


def test_d23_a_receiver_in_front_of_the_sender() -> None:
    body = """
channels:
  receiver: [ { log: R }, { wait_for: "@sender.go" }, { log: G } ]
  sender: [ { log: S }, { emit: go } ]
"""
    assert logs(body) == ["R", "S", "G"]


def test_d24_d43_deadlocks() -> None:
    body = "channels: { a: [ { wait_for: x }, { emit: y } ], b: [ { wait_for: y }, { emit: x } ] }"
    assert fault(run(body)) == "deadlock"
    body = 'channels: { a: [ noop ], b: [ { wait_for: { any_of: ["@a.gone"] %s } } ] }'
    assert fault(run(body % "")) == "deadlock"
    assert fault(run(body % ", timeout: 2s")) == "wait_timeout"


def test_d25_a_barrier() -> None:
    track = "[ %s { sync: mark }, { log: %s } ]"
    body = f"""
channels:
  a: {track % ("{ log: x },", "a")}
  b: {track % ("{ log: x }, { wait: 2s },", "b")}
  c: {track % ("", "c")}
  d: [ {{ log: d }} ]
"""
    assert messages(run(body)) == ["x", "x", "d", "c", "a", "b"]


def test_d26_other_signals_stay() -> None:
    body = """
channels:
  a: [ { emit: b }, { emit: a } ]
  r: [ { wait_for: "@a.a" }, { log: one }, { wait_for: "@a.b" }, { log: two } ]
"""
    assert logs(body) == ["one", "two"]


def test_d27_payload_and_source() -> None:
    body = """
channels:
  a: [ { emit: { signal: s, payload: { n: 3 } } } ]
  r: [ { wait_for: s }, { log: "${_signal.payload.n} ${_signal.source}" } ]
"""
    result = run(body)
    assert messages(result) == ["3 a"] and result.signals[0]["source"] == "a"
    assert result.channel_results == {"a": None, "r": None}


def test_d28_d37_d39_copies() -> None:
    body = """
variables: { x: 0, crew: { default: { mood: calm } } }
channels:
  a: [ { set: { x: 1 } }, { set: { "crew.mood": grim } }, { set: { fuel: 9 } }, { log: "${x} ${crew.mood} ${fuel}" } ]
  b: [ { set: { x: 2 } }, { log: "${x} ${crew.mood} ${fuel}" }, noop, { log: "${x} ${crew.mood} ${fuel}" } ]
"""
    result = run(body, scope={"fuel": 3})
    assert messages(result) == ["2 calm 3", "1 grim 9", "2 calm 3"]
    assert result.scope == {"fuel": 3, "x": 0, "crew": {"mood": "calm"}}


def test_d29_the_failing_channel_is_named() -> None:
    result = run("channels: { a: [ { wait: 9s } ], b: [ { goto: \"${'nowhere'}\" } ] }")
    assert fault(result) == "flow_not_found" and result.failed_channel == "b"


def test_d30_d31_d45_extensions() -> None:
    body = """
variables: { mine: 1 }
flows:
  main: [ { continuation_point: { name: p, timeout: 500ms, default_flow: other } }, { log: never } ]
  other: [ { log: "${now()}" } ]
"""
    assert logs(body, "behavior") == ["500"]
    other = """
variables: { mine: 7, own: 2 }
flows: { main: [ { log: "${mine} ${own}" }, { global: { g: 1 } } ] }
"""
    extension = document(HEAD % "behavior" + other)
    result = run(body, "behavior", extensions={"p": extension})
    assert messages(result) == ["1 2"] and result.scope["g"] == 1


def test_d44_no_channels() -> None:
    assert fault(run("flows: { main: [ noop ] }", channels={})) == "no_channels"


def test_host_starts_flows_as_channels() -> None:
    body = 'flows: { f: [ { log: "${x}" }, { return: { value: 1 } } ], main: [ { log: m } ] }'
    result = run(body, channels={"one": "f", "main": "main"})
    assert messages(result) == ["null", "m"] and result.channel_results == {"one": 1, "main": None}


def test_branches_keep_their_identity() -> None:
    body = """
channels:
  a: [ { branch: outcome }, { log: never } ]
  outcome: [ { emit: done }, { log: out } ]
  b: [ { wait_for: { all_of: ["@a.done"] } }, { log: a } ]
  c: [ { wait_for: { all_of: ["@outcome.done"] } }, { log: "${_signal.source}" } ]
"""
    assert sorted(logs(body)) == ["a", "a", "out"]


def test_unqualified_addresses_are_for_others() -> None:
    body = "channels: { a: [ { emit: s }, { wait_for: %s } ] }"
    assert fault(run(body % "s")) == "deadlock"
    assert run(body % '"@a.s"').status == "completed"


def test_timeouts_may_branch() -> None:
    body = """
channels:
  a: [ { wait_for: { any_of: ["@b.s"], timeout: 1s, on_timeout: late } }, { log: never } ]
  b: [ noop ]
  late: [ { log: "${now()}" } ]
"""
    assert logs(body) == ["1000"]


def test_errors_of_channels_reach_the_document() -> None:
    body = """
on_error: rescue
channels:
  a: [ { wait: "${'x' * 2}" }, { log: on } ]
  b: [ { log: b } ]
flows:
  rescue: [ { log: "${_error.channel} ${_error.flow}" }, { set: { _error_handled: true } } ]
"""
    assert logs(body) == ["b", "a a", "on"]


def test_barriers_forget_who_finished() -> None:
    body = """
channels:
  a: [ { sync: m }, { log: a } ]
  b: [ { wait: 1s }, { condition: "${false}" }, { sync: m } ]
"""
    assert logs(body) == ["a"]


@pytest.mark.parametrize(("ticks", "expected"), [(None, ["s", "t"]), (3, ["s", "t", "t", "t"])])
def test_d52_brains(ticks: int | None, expected: list[str]) -> None:
    body = "flows: { start: [ { log: s } ], on_tick: [ { log: t } ] }"
    assert logs(body, "event_brain", ticks=ticks) == expected
    assert logs(body, "event_brain", flow="on_tick") == ["t"]


def test_d35_d53_a_round_each_tick() -> None:
    result = run('flows: { main: [ { log: "${now()}" }, { goto: main } ] }', "behavior", ticks=3)
    assert result.status == "suspended" and messages(result) == ["0", "100", "200"]


def test_a_circle_without_a_pause() -> None:
    body = "channels: { a: [ { log: x }, { branch: b } ], b: { start: manual, actions: [ noop, { branch: b } ] } }"
    assert fault(run(body)) == "limit_exceeded"
