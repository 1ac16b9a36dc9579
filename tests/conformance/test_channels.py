"""Channels by the language reference: section 7, its decisions, and rows D22 to D29, D37, D39, D42 to D44 of appendix D."""

from __future__ import annotations

from typing import Any

import pytest

import abml
from abml.result import RunResult

HEAD = 'version: "3.0"\nmetadata: {id: tracks, type: cutscene}\n'


def run(text: str, **options: Any) -> RunResult:
    return abml.run(HEAD + text, **options)


def told(text: str, **options: Any) -> list[str]:
    """The log of a run that completes."""
    result = run(text, **options)
    assert result.status == "completed", result.error
    return [log.message for log in result.logs if log.level != "warn"]


def fault(text: str, **options: Any) -> Any:
    """The error of a run that fails."""
    result = run(text, **options)
    assert result.status == "failed"
    return result.error


# ------------------------------------------------------------- appendix D


def test_d22_one_leaf_action_each_turn() -> None:
    assert told("channels: {a: [{log: A1}, {log: A2}], b: [{log: B1}, {log: B2}]}") == ["A1", "B1", "A2", "B2"]


def test_d23_a_receiver_declared_before_its_sender() -> None:
    text = """
channels:
  receiver: [ {log: R}, {wait_for: go}, {log: G} ]
  sender: [ {log: S}, {emit: go} ]
"""
    assert told(text) == ["R", "S", "G"]


def test_d24_each_waits_for_the_other() -> None:
    error = fault("channels: {a: [{wait_for: x}, {emit: y}], b: [{wait_for: y}, {emit: x}]}")
    assert error.kind == "deadlock"
    for part in ("'a' waits for the signal 'x'", "'b' waits for the signal 'y'"):
        assert part in error.message


def test_d25_three_channels_meet() -> None:
    text = """
channels:
  a: [ {sync: mark}, {log: a} ]
  b: [ {log: b0}, {log: b1}, {sync: mark}, {log: b} ]
  c: [ {log: c0}, {sync: mark}, {log: c} ]
"""
    assert told(text) == ["b0", "c0", "b1", "c", "a", "b"]


def test_d26_signals_in_another_order() -> None:
    text = "channels: {s: [{emit: b}, {emit: a}], r: [{wait_for: a}, {log: a}, {wait_for: b}, {log: b}]}"
    assert told(text) == ["a", "b"]


def test_d27_payload_and_source() -> None:
    text = """
channels:
  s: [ {emit: {signal: rung, payload: {height: 4}}} ]
  r: [ {wait_for: rung}, {log: "${_signal.payload.height} ${_signal.source} ${_signal.name} ${_signals.length}"} ]
"""
    assert told(text) == ["4 s rung 1"]


def test_d28_each_its_own_copy() -> None:
    text = """
context: {variables: {x: 1}}
channels:
  a: [ {set: {x: 2}}, {log: "a ${x}"} ]
  b: [ {set: {x: 3}}, {log: "b ${x}"} ]
"""
    result = run(text)
    assert [log.message for log in result.logs] == ["a 2", "b 3"]
    assert result.scope == {"x": 1}


def test_d29_the_failing_channel_is_named() -> None:
    text = 'channels: {a: [{log: 1}, {goto: "${nowhere}"}], b: [{log: 2}, {log: 3}, {log: 4}]}'
    result = run(text, scope={"nowhere": "gone"})
    assert (result.status, result.failed_channel) == ("failed", "a")
    assert result.error is not None
    assert (result.error.kind, result.error.channel, result.error.action) == ("flow_not_found", "a", "goto")
    assert [log.message for log in result.logs] == ["1", "2"]


def test_d34_a_cancelled_run_has_no_handlers() -> None:
    text = """
channels:
  a: {on_error: [ {log: handled} ], actions: [ {repeat: {times: 9, do: [ {log: a} ]}} ]}
"""
    result = run(text, cancelled=True)
    assert result.error is not None
    assert (result.status, result.error.kind, result.failed_channel, result.logs) == ("failed", "cancelled", None, [])


def test_d37_given_values_are_copied_too() -> None:
    text = 'channels: {a: [{set: {fuel: 9}}, {log: "${fuel}"}], b: [{log: b}, {log: "${fuel}"}]}'
    result = run(text, scope={"fuel": 3})
    assert [log.message for log in result.logs] == ["b", "9", "3"]
    assert result.scope == {"fuel": 3}


def test_d39_a_path_copies_the_whole_value() -> None:
    text = """
context: {variables: {crew: {default: {mood: calm, gear: {rope: 1}}}}}
channels:
  a: [ {set: {"crew.mood": grim}}, {set: {"crew.gear.rope": 2}}, {log: "${crew.mood} ${crew.gear.rope}"} ]
  b: [ {log: b}, {log: b}, {log: "${crew.mood} ${crew.gear.rope}"} ]
"""
    result = run(text)
    assert [log.message for log in result.logs] == ["b", "b", "grim 2", "calm 1"]
    assert result.scope == {"crew": {"mood": "calm", "gear": {"rope": 1}}}


def test_d42_without_channels_a_run_hears_itself() -> None:
    text = 'flows: {main: [{emit: {signal: rung, payload: 2}}, {wait_for: rung}, {log: "${_signal.payload}"}]}'
    assert told(text) == ["2"]


def test_d43_who_ended_emits_no_more() -> None:
    text = 'channels: {a: [{log: a}], b: [{wait_for: {any_of: ["@a.gone"] %s}}]}'
    assert fault(text % "").kind == "deadlock"
    error = fault(text % ", timeout: 2s")
    assert (error.kind, error.channel) == ("wait_timeout", "b")


def test_d44_no_channels() -> None:
    error = fault("flows: {main: [{log: a}]}", channels={})
    assert (error.kind, error.message) == ("no_channels", "no channels")


# ------------------------------------------------------ 7.1 and 7.2: starting


def test_channels_in_every_form() -> None:
    text = """
flows: {hum: [ {log: flow} ]}
channels:
  list: [ {log: list} ]
  full: {description: all keys, start: auto, on_error: [ {log: no} ], actions: [ {log: full} ]}
  named: hum
"""
    assert told(text) == ["list", "full", "flow"]


def test_flows_started_as_channels() -> None:
    text = 'flows: {f: [{log: "f1"}, {return: 1}], g: {params: [{name: n, default: 5}], actions: [{log: "g ${n}"}]}}'
    result = run(text, channels={"f": "f", "x": "f", "y": "g"})
    assert [log.message for log in result.logs] == ["f1", "f1", "g 5"]
    assert result.channel_results == {"f": 1, "x": 1, "y": None}
    assert fault(text, channels={"a": "nowhere"}).kind == "flow_not_found"


def test_a_channel_of_a_missing_flow_fails() -> None:
    error = fault("channels: {a: nowhere}", lenient=True)
    assert (error.kind, error.channel) == ("flow_not_found", "a")


def test_targets_of_branches_wait_to_be_chosen() -> None:
    text = """
channels:
  main: [ {log: main}, {branch: won} ]
  won: [ {log: won} ]
  lost: {start: manual, actions: [ {log: lost} ]}
  late: [ {wait_for: {any_of: ["@main.x"], timeout: 1s, on_timeout: over}} ]
  over: [ {log: over} ]
  both: {start: auto, actions: [ {log: both} ]}
"""
    assert told(text) == ["main", "both", "won", "over"]


def test_all_channels_wait_to_be_chosen() -> None:
    assert fault("channels: {a: {start: manual, actions: [ {log: a} ]}}").kind == "no_channels"


def test_branch_keeps_the_identity_and_its_scope() -> None:
    text = """
channels:
  jib: [ {set: {side: port}}, {call: turn}, {log: never} ]
  tack: [ {log: "${side}"}, {emit: done}, {log: tack} ]
  a: [ {wait_for: "@jib.done"}, {log: "a ${_signal.source}"} ]
  b: [ {wait_for: "@tack.done"}, {log: "b ${_signal.source}"} ]
flows: {turn: [ {branch: tack} ]}
"""
    assert told(text) == ["port", "a jib", "b jib", "tack"]


def test_a_dynamic_branch() -> None:
    text = """
channels:
  a: [ {branch: "${where}"} ]
  c: {start: manual, actions: [ {log: channel}, {return: 1} ]}
flows: {f: [ {log: flow}, {return: 2} ]}
"""
    assert run(text, scope={"where": "c"}).channel_results == {"a": 1}
    assert run(text, scope={"where": "f"}).channel_results == {"a": 2}
    error = fault(text, scope={"where": "nowhere"})
    assert (error.kind, error.channel) == ("channel_not_found", "a")
    assert fault(text, scope={"where": 4}).kind == "channel_not_found"


def test_branch_to_a_flow_is_goto_and_outside_channels_a_channel_runs_like_a_flow() -> None:
    assert told("channels: {a: [{branch: f}, {log: no}]}\nflows: {f: [{log: f}]}", lenient=True) == ["f"]
    text = "flows: {main: [{branch: c}, {log: no}]}\nchannels: {c: [{log: c}]}"
    assert told(text, flow="main", lenient=True) == ["c"]
    assert fault("channels: {a: [{branch: nowhere}]}", lenient=True).kind == "channel_not_found"


# ------------------------------------------------------------- 7.3: signals


def test_signals_reach_the_host() -> None:
    result = run("channels: {a: [{emit: {signal: up, payload: [1]}}], b: [{log: b}]}")
    assert [(one.name, one.payload, one.source) for one in result.signals] == [("up", [1], "a")]


def test_an_unqualified_wait_is_never_met_by_the_waiting_channel() -> None:
    assert fault("channels: {a: [{emit: x}, {wait_for: x}]}").kind == "deadlock"
    assert fault('channels: {a: [{emit: x}, {wait_for: "@x"}]}').kind == "deadlock"
    assert told('channels: {a: [{emit: x}, {wait_for: "@a.x"}, {log: own}]}') == ["own"]


def test_signals_that_do_not_match_stay() -> None:
    text = """
channels:
  s: [ {emit: {signal: n, payload: 1}}, {emit: m}, {emit: {signal: n, payload: 2}} ]
  r: [ {wait_for: m}, {wait_for: n}, {log: "${_signal.payload}"}, {wait_for: n}, {log: "${_signal.payload}"} ]
"""
    assert told(text) == ["1", "2"]


def test_all_of_takes_a_signal_for_each_address() -> None:
    text = """
channels:
  s: [ {emit: a}, {emit: a}, {emit: b} ]
  r: [ {wait_for: {all_of: [a, b, a]}}, {log: "${_signals.map(s => s.name) | join(' ')} last ${_signal.name}"} ]
"""
    assert told(text) == ["a a b last b"]


def test_any_of_is_in_mailbox_order_and_ties_go_to_the_first_address() -> None:
    text = """
channels:
  s: [ {emit: b}, {emit: a} ]
  r: [ {wait: 1s}, {wait_for: {any_of: [a, b]}}, {log: "${_signal.name}"}, {wait_for: a}, {log: rest} ]
"""
    assert told(text) == ["b", "rest"]


def test_payloads_are_shared_between_the_channels() -> None:
    text = """
channels:
  s: [ {set: {box: {n: 1}}}, {emit: {signal: here, payload: "${box}"}}, {wait_for: "@r.done"}, {log: "${box.n}"} ]
  r: [ {wait_for: here}, {set: {got: "${_signal.payload}"}}, {set: {"got.n": 2}}, {emit: done} ]
"""
    assert told(text) == ["2"]


def test_every_channel_has_its_own_mailbox() -> None:
    text = "channels: {s: [{emit: x}], a: [{wait_for: x}, {log: a}], b: [{wait_for: x}, {log: b}]}"
    assert told(text) == ["a", "b"]


def test_timeouts_lead_to_actions_channels_and_flows() -> None:
    text = """
channels:
  a: [ {wait_for: {any_of: ["@b.x"], timeout: 1s, on_timeout: [ {log: late} ]}}, {log: on} ]
  b: [ {wait_for: {any_of: ["@a.x"], timeout: 2s, on_timeout: other}}, {log: no} ]
  c: [ {wait_for: {any_of: ["@a.x"], timeout: 3s, on_timeout: f}}, {log: no} ]
  other: [ {log: other} ]
flows: {f: [ {log: "f ${now() / 1000}"} ]}
"""
    assert told(text) == ["late", "on", "other", "f 3"]


def test_a_timeout_can_be_caught() -> None:
    text = """
channels:
  a: [ {wait_for: {any_of: ["@b.x"], timeout: 1s}, on_error: [{log: "${_error.kind}"}, {set: {_error_handled: true}}]}, {log: on} ]
  b: [ {log: b} ]
"""
    assert told(text) == ["b", "wait_timeout", "on"]


def test_the_oldest_signal_gives_way() -> None:
    text = """
channels:
  s: [ {repeat: {times: 10, variable: i, do: [ {emit: {signal: n, payload: "${i}"}} ]}}, {emit: end} ]
  r: [ {wait_for: end}, {wait_for: n}, {log: "${_signal.payload}"} ]
"""
    result = run(text, limits={"max_mailbox": 8})
    assert [log.message for log in result.logs if log.level == "info"] == ["3"]
    assert any("mailbox" in log.message for log in result.logs if log.level == "warn")


# ------------------------------------------------------------------- barriers


def test_who_never_mentions_a_barrier_does_not_hold_it_up() -> None:
    text = (
        "channels: {a: [{call: meet}, {log: a}], b: [{sync: p}, {log: b}], c: [{log: c}]}\nflows: {meet: [{sync: p}]}"
    )
    assert told(text) == ["c", "a", "b"]


def test_named_participants() -> None:
    text = """
channels:
  a: [ {sync: {point: p, participants: [a, b]}}, {log: a} ]
  b: [ {sync: {point: p, participants: [a, b]}}, {log: b} ]
  c: [ {wait: 1s}, {sync: q}, {log: c} ]
"""
    assert told(text) == ["a", "b", "c"]


def test_a_barrier_is_cyclic() -> None:
    text = """
channels:
  a: [ {repeat: {times: 2, do: [ {sync: p}, {log: a} ]}} ]
  b: [ {repeat: {times: 2, do: [ {log: b}, {sync: p} ]}} ]
"""
    assert told(text) == ["b", "a", "b", "a"]


def test_who_ended_is_not_waited_for() -> None:
    text = """
channels:
  a: [ {sync: p}, {log: a} ]
  b: [ {log: b}, {return: 1}, {sync: p} ]
"""
    assert told(text, lenient=True) == ["b", "a"]


def test_a_lonely_barrier_never_blocks() -> None:
    assert told("channels: {a: [{sync: p}, {log: a}], b: [{log: b}]}") == ["b", "a"]
    assert told("flows: {main: [{sync: p}, {log: a}]}", flow="main") == ["a"]


def test_a_barrier_in_time_or_not() -> None:
    text = """
channels:
  a: [ {sync: {point: p, timeout: 1s %s}}, {log: a} ]
  b: [ {wait: 2s}, {sync: p}, {log: b} ]
"""
    assert fault(text % "").kind == "wait_timeout"
    assert told(text % ", on_timeout: [ {log: late} ]") == ["late", "a", "b"]


def test_barriers_can_deadlock() -> None:
    error = fault("channels: {a: [{sync: p}, {sync: q}], b: [{sync: q}, {sync: p}]}")
    assert error.kind == "deadlock"
    assert "'a' waits for the barrier 'p' (not there: b)" in error.message


# --------------------------------------------------------- 7.4: turns and scope


def test_control_actions_take_no_turn() -> None:
    text = """
channels:
  a:
    - if: {condition: "${true}", then: [ {for_each: {variable: i, collection: [1, 2], do: [ {log: "a${i}"} ]}} ]}
    - switch: {value: 1, cases: {1: [ {call: f} ]}}
    - log: a4
  b: [ {log: b1}, {log: b2}, {log: b3}, {log: b4} ]
flows: {f: [ {condition: "${true}"}, {log: a3} ]}
"""
    assert told(text) == ["a1", "b1", "a2", "b2", "a3", "b3", "a4", "b4"]


def test_what_is_skipped_takes_no_turn_and_noop_does() -> None:
    text = """
channels:
  a: [ {log: no, when: "${false}"}, {log: a1}, {log: no, when: "${false}"}, noop, {log: a2} ]
  b: [ {log: b1}, {log: b2}, {log: b3} ]
"""
    assert told(text) == ["a1", "b1", "b2", "a2", "b3"]


def test_a_failing_action_takes_its_turn() -> None:
    text = """
channels:
  a: [ {set: {x: "${1 / 0}"}, on_error: [ {log: caught}, {set: {_error_handled: true}} ]}, {log: on} ]
  b: [ {log: b1}, {log: b2}, {log: b3}, {log: b4} ]
"""
    assert told(text) == ["b1", "caught", "b2", "b3", "on", "b4"]


def test_a_signal_wakes_later_channels_in_the_same_cycle() -> None:
    text = """
channels:
  before: [ {wait_for: go}, {log: before} ]
  s: [ {log: s}, {emit: go}, {log: s2} ]
  after: [ {wait_for: go}, {log: after} ]
"""
    assert told(text) == ["s", "after", "before", "s2"]


def test_global_is_seen_by_all_who_have_no_copy() -> None:
    text = """
context: {variables: {n: 0, m: 0}}
channels:
  a: [ {global: {n: 5}}, {global: {fresh: 1}}, {global: {"m": 2}} ]
  b: [ {set: {n: 1}}, {log: b}, {log: "b ${n} ${fresh} ${m}"} ]
  c: [ {log: c}, {log: c}, {log: "c ${n} ${fresh} ${m}"} ]
"""
    result = run(text)
    assert [log.message for log in result.logs] == ["c", "b", "c", "b 1 1 2", "c 5 1 2"]
    assert result.scope == {"n": 5, "m": 2, "fresh": 1}


def test_flows_that_a_channel_calls_write_its_copy() -> None:
    text = """
context: {variables: {n: 1, list: [1]}}
channels:
  a: [ {call: up}, {log: "a ${n} ${list.length}"}, {goto: more} ]
  b: [ {log: b}, {log: b}, {log: "b ${n} ${list.length}"} ]
flows:
  up: [ {increment: n}, {state_update: {path: list, operation: append, value: 2}} ]
  more: [ {increment: n}, {log: "more ${n}"} ]
"""
    result = run(text)
    assert [log.message for log in result.logs] == ["b", "b", "a 2 2", "b 1 1", "more 3"]
    assert result.scope == {"n": 1, "list": [1]}


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        ("set: {n: 7}", "7"),
        ("set: n += 2", "5"),
        ("increment: n", "4"),
        ("decrement: {variable: n, by: 3}", "0"),
        ("clear: n", "null"),
        ("call: {flow: f, into: n}", "9"),
        ("state_update: {path: n, operation: increment, value: 4}", "7"),
        ("ask: {}\n      result: n", "8"),
        ("local: {n: 6}", "6"),
        ('set: {n: "${double(n)}"}', "6"),
    ],
)
def test_every_way_to_write_makes_a_copy(write: str, expected: str) -> None:
    text = f"""
context: {{variables: {{n: 3}}}}
functions: {{double: {{params: [x], body: "return x * 2"}}}}
flows: {{f: [ {{return: 9}} ]}}
channels:
  a:
    - {write}
    - log: "a ${{n}}"
  b: [ {{wait: 1s}}, {{log: "b ${{n}}"}} ]
"""
    result = run(text, handlers={"ask": lambda action, context: 8})
    assert [log.message for log in result.logs] == [f"a {expected}", "b 3"]
    assert result.scope == {"n": 3}


def test_handlers_write_the_channels_copy() -> None:
    def paint(action: Any, context: Any) -> None:
        context.set("n", context.get("n") + 1)

    text = 'context: {variables: {n: 1}}\nchannels: {a: [paint, {log: "${n}"}], b: [{wait: 1s}, {log: "${n}"}]}'
    result = run(text, handlers={"paint": paint})
    assert [log.message for log in result.logs] == ["2", "1"]
    assert [(effect.name, effect.channel) for effect in result.effects] == [("paint", "a")]


def test_source_and_computed_never_see_a_copy() -> None:
    text = """
context:
  variables:
    tide: 0
    high: {computed: "${tide > 1}"}
    sea: {source: "${world.sea}"}
channels:
  a: [ {set: {tide: 5}}, {log: "${tide} ${high}"}, {set: {sea: 2}}, {log: "${sea}"}, {clear: sea}, {log: "${sea}"} ]
  b: [ {wait: 1s}, {log: "${tide} ${high} ${sea}"} ]
"""
    result = run(text, scope={"world": {"sea": 1}})
    assert [log.message for log in result.logs] == ["5 false", "2", "1", "0 false 1"]


def test_library_variables_are_copied_too() -> None:
    from abml.resolver import MappingResolver

    library = 'version: "3.0"\nmetadata: {id: lib}\ncontext: {variables: {n: 1}}\nflows: {up: [ {increment: n} ]}\n'
    text = """
imports: [ {file: lib.yml, as: lib} ]
channels:
  a: [ {call: lib.up}, {log: "a ${lib.n}"} ]
  b: [ {wait: 1s}, {log: "b ${lib.n}"} ]
"""
    assert told(text, path="main.yml", resolver=MappingResolver({"lib.yml": library})) == ["a 2", "b 1"]


def test_time_passes_for_all() -> None:
    text = """
channels:
  a: [ {wait: 2s}, {log: "a ${now()}"}, {wait: 2s}, {log: "a ${now()}"} ]
  b: [ {wait: 3s}, {log: "b ${now()}"} ]
"""
    assert told(text) == ["a 2000", "b 3000", "a 4000"]


# ------------------------------------------------------------------ 7.5: parallel


def test_arms_take_turns_within_the_turn() -> None:
    text = """
channels:
  a: [ {parallel: [ {log: x1}, [ {log: y1}, {log: y2} ] ]}, {log: after} ]
  b: [ {log: b1}, {log: b2}, {log: b3} ]
"""
    assert told(text) == ["x1", "y1", "b1", "y2", "b2", "after", "b3"]


def test_arms_of_a_plain_run() -> None:
    text = """
flows:
  main:
    - set: {n: 1}
    - parallel:
        - [ {set: {n: 2}}, {local: {n: 7}}, {log: "x ${n}"}, {set: {fresh: 1}} ]
        - [ {log: y}, {wait: 1s}, {log: "y ${n} ${fresh}"} ]
    - log: "${n}"
    - return: "${now()}"
"""
    result = run(text)
    assert [log.message for log in result.logs] == ["y", "x 7", "y 2 null", "2"]
    assert (result.value, result.scope) == (1000, {"n": 2})


def test_arms_share_mailbox_and_identity() -> None:
    text = """
channels:
  a:
    - parallel:
        - [ {wait_for: "@a.hey"}, {log: "one ${_signal.source}"} ]
        - [ {log: two}, {emit: hey} ]
  b: [ {wait_for: hey}, {log: "b ${_signal.source}"} ]
"""
    assert told(text) == ["two", "b a", "one a"]
    text = "flows: {main: [{parallel: [[{wait_for: hey}, {log: heard}], {emit: hey}]}]}"
    assert told(text) == ["heard"]


def test_an_error_in_an_arm_cancels_the_others() -> None:
    text = """
channels:
  a:
    - parallel:
        - [ {log: x}, {set: {n: "${1 / 0}"}} ]
        - [ {log: y}, {log: y}, {log: never} ]
      on_error: [ {log: "${_error.kind} ${_error.channel}"}, {set: {_error_handled: true}} ]
    - log: on
"""
    assert told(text) == ["x", "y", "division_by_zero a", "on"]


def test_an_arm_settles_its_own_errors() -> None:
    text = """
channels:
  a:
    - parallel:
        - [ {set: {n: "${1 / 0}"}, on_error: [ {log: caught}, {set: {_error_handled: true}} ]}, {log: on} ]
        - [ {log: y} ]
    - log: after
"""
    assert told(text) == ["y", "caught", "on", "after"]


def test_a_handler_in_an_arm_that_stops_ends_the_flow() -> None:
    text = """
channels:
  a: [ {call: f}, {log: "after ${_result}"} ]
flows:
  f:
    - parallel: [ [ {set: {n: "${1 / 0}"}, on_error: [ {log: stops} ]}, {log: never} ], [ {wait: 9s}, {log: never} ] ]
    - log: never
"""
    assert told(text) == ["stops", "after null"]


def test_nested_arms_and_loops_in_arms() -> None:
    text = """
flows:
  main:
    - parallel:
        - for_each: {variable: i, collection: [1, 2], do: [ {parallel: [ {log: "a${i}"}, {log: "b${i}"} ]} ]}
        - [ {log: c1}, {log: c2} ]
        - []
    - parallel: []
    - log: end
"""
    assert told(text, lenient=True) == ["a1", "b1", "c1", "a2", "b2", "c2", "end"]


def test_transfers_out_of_an_arm_are_refused() -> None:
    found = abml.check(HEAD + "channels: {a: [{parallel: [{return: 1}, {goto: f}, {branch: a}]}]}\nflows: {f: [noop]}")
    assert [d.code for d in found if d.severity == "error"].count("ABML164") == 3


def test_recursion_through_parallel_ends() -> None:
    text = "flows: {main: [{call: f}], f: [%s {parallel: [{call: f}, {call: f}]}]}"
    assert fault(text % "", lenient=True).kind == "limit_exceeded"
    assert fault(text % "{log: x},", lenient=True).kind == "limit_exceeded"


# ------------------------------------------- 7.6: completion, errors, deadlock


def test_results_of_channels() -> None:
    result = run(
        "channels: {a: [{return: {left: 1}}], b: [{log: b}], c: [{call: f}, {return: 3}]}\nflows: {f: [{return: 2}]}"
    )
    assert result.channel_results == {"a": {"left": 1}, "b": None, "c": 3}
    assert result.value is None


def test_the_handler_of_the_document() -> None:
    text = """
on_error: mend
channels:
  a: [ {log: a1}, {set: {x: "${1 / 0}"}}, {log: a3} ]
  b: [ {log: b} ]
flows: {mend: [ {log: "${_error.kind} in ${_error.channel}"}, {set: {_error_handled: %s}} ]}
"""
    assert told(text % "true") == ["a1", "b", "division_by_zero in a", "a3"]
    assert told(text % "1") == ["a1", "b", "division_by_zero in a"]


def test_an_unhandled_error_cancels_the_others() -> None:
    text = 'channels: {a: [{log: a}, {log: a}, {log: never}], b: [noop, {set: {x: "${1 / 0}"}}], c: [{log: c}, {log: never}]}'
    result = run(text)
    assert (result.status, result.failed_channel) == ("failed", "b")
    assert [log.message for log in result.logs] == ["a", "c", "a"]
    assert result.channel_results == {}


def test_a_handler_of_the_channel() -> None:
    text = """
channels:
  a:
    on_error: [ {log: "${_error.channel}"}, {set: {_error_handled: true}} ]
    actions: [ {call: f}, {log: on} ]
flows: {f: [ {set: {x: "${1 / 0}"}} ]}
"""
    assert told(text) == ["a", "on"]


def test_a_handler_of_the_host_that_raises_or_hangs_in_one_channel() -> None:
    import asyncio

    def breaks(action: Any, context: Any) -> None:
        raise RuntimeError(f"{action.channel} broke")

    async def hangs(action: Any, context: Any) -> None:
        await asyncio.sleep(60)

    text = "channels: {a: [{act: {}, await: completion %s}, {log: a}], b: [{log: b}, {wait: 50ms}, {log: b}]}"
    result = run(text % "", handlers={"act": breaks})
    assert result.error is not None
    assert (result.failed_channel, result.error.message) == ("a", "a broke")
    assert told(text % ", timeout: 10ms, on_timeout: [ {log: late} ]", handlers={"act": hangs}) == [
        "b",
        "late",
        "a",
        "b",
    ]


def test_awaited_actions_block_only_their_channel() -> None:
    async def slow(action: Any, context: Any) -> str:
        return str(action.channel)

    text = """
channels:
  a: [ {act: {}, await: completion, result: who}, {log: "${who}"} ]
  b: [ {log: b1}, {log: b2} ]
  c: [ {act: {}, await: completion, result: who}, {log: "${who}"} ]
"""
    assert told(text, handlers={"act": slow}) == ["b1", "b2", "a", "c"]


def test_a_handler_that_answers_later_sees_its_channel() -> None:
    import asyncio

    async def paint(action: Any, context: Any) -> None:
        await asyncio.sleep(0)
        context.set("n", context.get("n") + 1)

    text = """
context: {variables: {n: 1}}
channels:
  a: [ {set: {n: 5}}, {paint: {}, await: completion}, {log: "a ${n}"} ]
  b: [ {paint: {}, await: completion}, {log: "b ${n}"} ]
"""
    result = run(text, handlers={"paint": paint})
    assert sorted(log.message for log in result.logs) == ["a 6", "b 2"]
    assert result.scope == {"n": 1}


def test_document_is_the_document() -> None:
    text = """
context: {variables: {n: 1, twice: {computed: "${n * 2}"}}}
channels: {a: [ {set: {n: 5}}, {log: "${n} ${document.n} ${document.twice}"} ], b: [ noop ]}
"""
    assert told(text) == ["5 1 2"]


def test_a_signal_or_a_condition_ends_an_awaited_action() -> None:
    import asyncio

    ended = []

    async def hold(action: Any, context: Any) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append(action.channel)
            raise

    text = 'channels: {a: [{act: {until: "@b.go"}}, {log: a}], b: [{log: b}, {emit: go}]}'
    assert told(text, handlers={"act": hold}) == ["b", "a"]
    text = """
context: {variables: {open: false}}
channels:
  a: [ {act: {until: "${open}"}}, {log: "a ${now()}"} ]
  b: [ {global: {open: true}}, {wait: 1s}, {log: b} ]
"""
    result = run(text)
    assert [log.message for log in result.logs] == ["a 1000", "b"]


def test_a_channel_that_waits_for_time_is_no_deadlock_yet() -> None:
    text = 'channels: {a: [{wait_for: "@b.x"}, {log: never}], b: [{wait: 5s}, {log: "${now()}"}]}'
    result = run(text)
    assert result.error is not None and result.error.kind == "deadlock"
    assert [log.message for log in result.logs] == ["5000"]


def test_signals_from_outside_are_waited_for() -> None:
    text = "channels: {a: [{wait_for: %s}], b: [{log: b}]}"
    result = run(text % "bell", external_signals=["bell"])
    assert (result.status, result.reason, result.wake_at) == ("suspended", "signal", None)
    assert run(text % "bell", external_signals=True).status == "suspended"
    assert fault(text % "horn", external_signals=["bell"]).kind == "deadlock"
    assert fault(text % '"@b.bell"', external_signals=True).kind == "deadlock"
    manifest = {"external_signals": ["bell"]}
    program = abml.compile(HEAD + text % "bell", manifest=manifest)
    assert abml.run(program).status == "suspended"
    plain = abml.compile(HEAD + "flows: {main: [{wait_for: bell}]}", manifest=manifest)
    assert abml.run(plain).status == "suspended"
    assert fault("flows: {main: [{wait_for: bell}]}").kind == "deadlock"


def test_limits() -> None:
    text = "channels: {a: [{call: f}], b: [{wait: 1s}]}\nflows: {f: [{log: x}, {goto: f}]}"
    error = fault(text, limits={"max_channel_cycles": 10}, lenient=True)
    assert error.kind == "limit_exceeded"
    text = 'channels: {a: [{repeat: {times: 9000, do: [{set: {x: 1}, when: "${false}"}]}}]}'
    assert fault(text, limits={"max_instructions_per_turn": 1000}).kind == "limit_exceeded"
    text = "flows: {f: [{log: x}]}"
    assert fault(text, channels={f"c{i}": "f" for i in range(65)}).kind == "limit_exceeded"


def test_times_that_the_host_sets() -> None:
    text = "channels: {a: [{wait: 40s}], b: [{log: b}]}"
    assert fault(text, limits={"global_timeout": "30s"}).kind == "global_timeout"
    text = 'channels: {a: [{wait_for: "@b.x" }], b: [{wait: 20s}, {log: never}]}'
    assert fault(text, limits={"wait_timeout": "5s"}).kind == "wait_timeout"
    text = "channels: {a: [{sync: p}], b: [{wait: 20s}, {sync: p}]}"
    assert fault(text, limits={"wait_timeout": "5s"}).kind == "wait_timeout"
    text = 'channels: {a: [{wait: {until: "${never}"}}]}'
    assert fault(text, limits={"wait_timeout": "5s"}, lenient=True).kind == "wait_timeout"


def test_uncatchable_errors_reach_no_handler() -> None:
    text = """
on_error: mend
channels:
  a: {on_error: [ {log: no} ], actions: [ {wait_for: "@b.x"} ]}
  b: [ {log: b} ]
flows: {mend: [ {log: no} ]}
"""
    result = run(text)
    assert [log.message for log in result.logs] == ["b"]


def test_the_same_seed_gives_the_same_run() -> None:
    text = """
channels:
  a: [ {repeat: {times: 5, do: [ {log: "a ${random(1, 6)}"}, {wait: "${random(1, 3)}"} ]}} ]
  b: [ {repeat: {times: 5, do: [ {log: "b ${random(1, 6)}"}, {parallel: [ {log: "${random()}"}, {wait: 1s} ]} ]}} ]
"""
    first, second = run(text, seed=4).to_dict(), run(text, seed=4).to_dict()
    assert first == second
    assert first != run(text, seed=5).to_dict()


def test_a_program_runs_both_ways() -> None:
    """One compiled program, as a plain run and as channels; the plain run writes the document."""
    program = abml.compile(HEAD + 'context: {variables: {n: 1}}\nflows: {main: [{set: {n: 2}}, {log: "${n}"}]}')
    again = type(program).from_bytes(program.to_bytes())
    for one in (program, again):
        assert abml.run(one).scope == {"n": 2}
        result = abml.run(one, channels={"x": "main", "y": "main"})
        assert ([log.message for log in result.logs], result.scope) == (["2", "2"], {"n": 1})


def test_channels_by_ticks() -> None:
    text = "channels: {a: [{call: f}]}\nflows: {f: [{log: round}, {goto: f}]}"
    result = run(text, ticks=3, lenient=True)
    assert (result.status, [log.message for log in result.logs]) == ("suspended", ["round"] * 3)
    text = "flows: {f: [{log: x}, {return: 1}]}"
    result = run(text, channels={"a": "f"}, ticks=2)
    assert ([log.message for log in result.logs], result.channel_results) == (["x", "x"], {"a": 1})
    assert [log.message for log in run("channels: {a: [{log: once}]}", ticks=3).logs] == ["once"]


@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize(
    "write",
    [
        'set: { lamp: "${lamp}" }',
        'set: { lamp: "${null ?? lamp}" }',
        'set: { lamp: "${false ? 1 : lamp}" }',
        'state_update: { path: lamp, operation: set, value: "${null ?? lamp}" }',
    ],
)
def test_writing_a_shared_value_to_its_own_name_makes_the_channels_copy(write: str, given: bool) -> None:
    """7.4: `set` in a channel makes a copy, so that later writes through a path stay with the channel."""
    lamp = {"mood": {"now": "calm"}}
    declared = "" if given else "context: { variables: { lamp: { default: { mood: { now: calm } } } } }\n"
    result = abml.run(
        "version: '3.0'\nmetadata: { id: lamps, type: cutscene }\n"
        + declared
        + "channels:\n  left:\n"
        + f"    - {write}\n"
        + '    - set: { lamp.mood.now: brisk }\n    - emit: changed\n    - return: "${lamp}"\n'
        + '  right:\n    - wait_for: "@left.changed"\n    - return: "${lamp}"\n',
        scope={"lamp": lamp} if given else None,
    )
    assert result.channel_results == {"left": {"mood": {"now": "brisk"}}, "right": lamp}
    assert result.scope["lamp"] == lamp
