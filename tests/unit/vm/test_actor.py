"""Actors that live by ticks: events, triggers, perceptions, questions, extensions, signals, records."""

from __future__ import annotations

from typing import Any

import pytest

import abml
from abml.vm.actions import ActionRegistry
from abml.vm.actor import Actor

HEAD = 'version: "3.0"\nmetadata: {id: actor}\n'


def actor(text: str, *, handlers: dict[str, Any] | None = None, **options: Any) -> Actor:
    registry = ActionRegistry()
    registry.register_all(handlers or {})
    return Actor(abml.compile(HEAD + text, lenient=True), registry=registry, **options)


def logs(one: Actor) -> list[str]:
    return [log.message for log in one.take_records().logs]


# --------------------------------------------------------------------- events


def test_all_items_that_match_run_and_implicit_handlers_only_without_them() -> None:
    one = actor(
        "events:\n"
        "  - {pattern: bell.*, handler: first}\n"
        '  - {pattern: "**", handler: second, condition: "${event.strokes > 2}"}\n'
        "flows:\n"
        '  first: [ {log: "first ${event.strokes} ${perception.type}"} ]\n'
        "  second: [ {log: second} ]\n"
        '  on_rung: [ {log: "implicit ${event.type}"} ]\n'
    )
    one.dispatch_event({"type": "bell.rung", "data": {"strokes": 3}})
    one.dispatch_event({"type": "bell.rung", "data": {"strokes": 1}})
    one.dispatch_event({"type": "gong.rung"})
    one.dispatch_event({"type": "nobody.knows"})
    assert logs(one) == ["first 3 bell.rung", "second", "first 1 bell.rung", "implicit gong.rung"]


def test_a_pattern_with_an_expression_is_evaluated_once() -> None:
    one = actor(
        'variables: {port: north}\nevents: [ {pattern: "harbour.${port}", handler: f} ]\nflows: {f: [ {log: f} ]}'
    )
    one.dispatch_event({"type": "harbour.north"})
    assert logs(one) == ["f"]


def test_the_type_of_an_event_is_not_its_payloads() -> None:
    one = actor("flows: {on_bell: [ {log: '${event.type}'} ], on_big: [ {log: wrong} ]}")
    one.dispatch_event({"type": "bell", "data": {"type": "big"}})
    assert logs(one) == ["big"]


def test_commands_have_their_parameters() -> None:
    one = actor('flows: {on_command_go: [ {log: "${perception.params.to} ${event.params.to} ${event.to}"} ]}')
    one.dispatch_event({"type": "command:go", "data": {"to": "pier"}})
    assert logs(one) == ["pier pier pier"]


def test_the_event_is_gone_after_its_run() -> None:
    one = actor('flows:\n  on_x: [ noop ]\n  main: [ {log: "${event}"} ]')
    one.dispatch_event({"type": "x"})
    one.tick(0)
    assert logs(one) == ["null"]


def test_a_handler_that_waits_goes_on_with_its_own_event() -> None:
    one = actor('flows: {on_x: [ {wait: 1s}, {log: "${event.n}"} ]}')
    one.dispatch_event({"type": "x", "data": {"n": 1}})
    one.dispatch_event({"type": "x", "data": {"n": 2}})
    assert len(one.runs) == 2 and one.wake_at == 1000
    one.tick(1000)
    assert logs(one) == ["1", "2"]


def test_a_failing_handler_stops_neither_the_others_nor_the_tick() -> None:
    one = actor(
        "events: [ {pattern: x, handler: ghost}, {pattern: x, handler: bad}, {pattern: x, handler: good} ]\n"
        'flows: {bad: [ {log: "${nothing.at.all}"}, {set: {y: "${1 / 0}"}} ], good: [ {log: good} ]}'
    )
    report = one.dispatch_event({"type": "x"})
    assert [fault.kind for fault in report.failures] == ["flow_not_found", "division_by_zero"]
    assert logs(one)[-1] == "good"


def test_an_event_from_inside_a_run_waits_until_the_run_is_over() -> None:
    def again(action: Any, context: Any) -> None:
        one.dispatch_event({"type": "y"})

    one = actor("flows: {on_x: [ again, {log: x} ], on_y: [ {log: y} ]}", handlers={"again": again})
    one.dispatch_event({"type": "x"})
    one.tick(0)
    assert logs(one) == ["x", "y"]


@pytest.mark.parametrize("event", [{}, {"type": 3}, {"type": "x", "data": object()}, "x", None])
def test_what_is_no_event_is_refused(event: Any) -> None:
    one = actor("flows: {on_x: [ {log: x} ]}")
    with pytest.raises(abml.AbmlRuntimeError) as caught:
        one.dispatch_event(event)
    assert caught.value.kind == "argument_error"
    one.dispatch_event({"type": "x"})
    assert logs(one) == ["x"]


# ------------------------------------------------------------------- triggers


def test_condition_triggers_are_level_triggered() -> None:
    one = actor('variables: {n: 0}\nflows: {up: {when: "${n < 2}", actions: [ {increment: n}, {log: "${n}"} ]}}')
    for tick in range(4):
        one.tick(tick)
    assert logs(one) == ["1", "2"]


def test_a_triggered_flow_has_one_run_in_flight() -> None:
    one = actor("flows: {ambient: {when: true, actions: [ {log: go}, {wait: 1s} ]}}")
    for now in (0, 500, 1000, 1100):
        one.tick(now)
    assert logs(one) == ["go", "go"]


def test_event_triggers_see_the_event_and_start_no_second_run() -> None:
    one = actor(
        "flows:\n  on_bell:\n    triggers: [ {event: bell, condition: '${event.strokes > 1}'}, {event: gong} ]\n"
        "    actions: [ {log: '${event.type}'}, {wait: 1s} ]"
    )
    one.tick(0)
    one.dispatch_event({"type": "bell", "data": {"strokes": 2}})
    one.dispatch_event({"type": "gong"})
    assert logs(one) == ["bell"]


def test_triggers_of_libraries_sleep() -> None:
    from abml.resolver import MappingResolver

    library = (
        'version: "3.0"\nmetadata: {id: lib}\nflows: {f: {when: true, actions: [ {log: lib} ]}, on_x: [ {log: x} ]}'
    )
    root = HEAD + "imports: [ {file: lib.yml, as: lib} ]\nflows: {quiet: [ {call: lib.f} ]}"
    program = abml.compile(root, path="root.yml", resolver=MappingResolver({"lib.yml": library}))
    one = Actor(program)
    one.tick(0)
    one.dispatch_event({"type": "x"})
    assert logs(one) == []


def test_times_of_triggers_are_the_worlds() -> None:
    world: list[float] = [0]
    one = actor(
        "flows:\n  shop: {triggers: [ {time_range: '08:00-10:00'} ], actions: [ {log: open} ]}\n"
        "  bell: {triggers: [ {schedule: '0 9 * * *'} ], actions: [ {log: bell} ]}",
        world_ms=lambda: world[0] * 3_600_000,
    )
    for hours in (7.5, 8.0, 9.0, 9.001, 10.0):
        world[0] = hours
        one.tick(0)
    # A schedule starts its flow once in its minute.
    assert logs(one) == ["open", "open", "bell", "open"]


def test_a_condition_that_raises_is_false_and_told_about() -> None:
    one = actor("flows: {f: {when: '${1 / 0}', actions: [ {log: f} ]}}")
    assert one.tick(0) == ("completed", None, (), ())
    assert [log.kind for log in one.take_records().logs] == ["division_by_zero"]


def test_a_run_that_went_to_a_triggered_flow_and_further_is_still_its_run() -> None:
    one = actor(
        "flows:\n  main: [ {goto: watch} ]\n"
        "  watch: {triggers: [ {event: never} ], actions: [ {goto: elsewhere} ]}\n"
        "  elsewhere: [ {wait: 1s} ]"
    )
    one.tick(0)
    assert one.runs == ["watch"]


# ---------------------------------------------------------- perceptions, life


def test_the_filter_decides_which_perceptions_come_in() -> None:
    one = actor(
        "perception_filter:\n  - {event: 'social.*', conditions: [ {check: '${event.urgency > 0.5}'} ]}\n"
        "  - {event: bad, conditions: [ '${1 / 0}' ]}\n  - {event: threat}\n"
        "flows: {on_hail: [ {log: hail} ], on_threat: [ {log: threat} ], main: [ {log: main} ]}"
    )
    assert one.perceive({"type": "social.hail", "urgency": 0.9})
    assert not one.perceive({"type": "social.hail", "urgency": 0.2})
    assert not one.perceive({"type": "bad"})
    assert not one.perceive({"type": "else"})
    assert one.perceive({"perception_type": "threat"})
    one.tick(0)
    assert [log.message for log in one.take_records().logs if log.level != "warn"] == ["hail", "threat", "main"]


def test_start_runs_once_and_on_stop_at_the_end() -> None:
    one = actor(
        "flows: {on_initialize: [ {log: init} ], on_initialized: [ {log: inited} ],"
        " on_tick: [ {log: tick} ], on_stop: [ {log: stop} ]}"
    )
    one.tick(0)
    one.tick(1)
    one.stop(2)
    one.tick(3)
    assert logs(one) == ["init", "inited", "tick", "tick", "stop"]


def test_a_start_that_fails_is_not_followed_by_on_initialized() -> None:
    one = actor("flows: {start: [ {set: {x: '${1 / 0}'}} ], on_initialized: [ {log: no} ], on_tick: [ {log: tick} ]}")
    assert [fault.kind for fault in one.tick(0).failures] == ["division_by_zero"]
    assert one.tick(1).failures == ()
    assert logs(one) == ["tick"]


def test_signals_reach_every_run_in_flight() -> None:
    one = actor("flows: {on_a: [ {wait_for: go}, {log: 'a ${_signal.payload}'} ], on_b: [ {wait_for: go}, {log: b} ]}")
    one.dispatch_event({"type": "a"})
    one.dispatch_event({"type": "b"})
    one.signal("go", 4)
    one.tick(0)
    assert logs(one) == ["a 4", "b"]


def test_a_cancelled_run_in_flight_fails_at_the_next_tick() -> None:
    one = actor("flows: {main: {on_error: [ {log: no} ], actions: [ {wait: 1h} ]}}")
    one.tick(0)
    one.cancel()
    assert [fault.kind for fault in one.tick(1).failures] == ["cancelled"]
    assert logs(one) == []


# ------------------------------------------------------------------ questions

ASK = (
    "flows:\n  main:\n    - choice: {prompt: Where?, options: [ {label: North, value: n, then: [ {log: north} ]},"
    " {label: South, condition: false} ]}\n    - log: '${_choice.value}'\n"
)


def test_a_question_waits_for_its_answer() -> None:
    one = actor(ASK)
    one.tick(0)
    (question,) = one.questions
    assert (question.kind, question.prompt, len(question.options)) == ("choice", "Where?", 2)
    one.answer("North")
    assert one.questions == []
    one.tick(1)
    assert logs(one) == ["north", "n"]


@pytest.mark.parametrize("value", ["West", 5, None, "South", {"index": 1}, {"what": 0}, [], object()])
def test_an_answer_that_does_not_fit_changes_nothing(value: Any) -> None:
    one = actor(ASK)
    one.tick(0)
    with pytest.raises(abml.AbmlRuntimeError) as caught:
        one.answer(value)
    assert caught.value.kind == "argument_error"
    one.answer({"index": 0}, one.questions[0].id)
    one.tick(1)
    assert logs(one) == ["north", "n"]


def test_answers_to_questions_nobody_asked() -> None:
    one = actor(ASK)
    for number in (None, 1):
        with pytest.raises(abml.AbmlRuntimeError) as caught:
            one.answer("North", number)
        assert caught.value.kind == "argument_error"
    one.tick(0)
    with pytest.raises(abml.AbmlRuntimeError):
        one.answer("North", 99)
    one.answer("North")
    with pytest.raises(abml.AbmlRuntimeError):
        one.answer("North")
    one.tick(1)
    assert one.instance.performer.questions == {}


def test_two_open_questions_are_told_apart() -> None:
    one = actor(
        "flows:\n  on_a: [ {qte: {prompt: a}}, {log: 'a ${_choice.success}'} ]\n"
        "  on_b: [ {qte: {prompt: b}}, {log: 'b ${_choice.success}'} ]"
    )
    one.dispatch_event({"type": "a"})
    one.dispatch_event({"type": "b"})
    with pytest.raises(abml.AbmlRuntimeError):
        one.answer(True)
    numbers = {question.prompt: question.id for question in one.questions}
    one.answer(True, numbers["b"])
    one.tick(0)
    assert logs(one) == ["b true"]


# ----------------------------------------------------- continuation points

POINT = (
    "variables: {n: 1, twice: {computed: '${n * 2}'}}\n"
    "flows: {main: [ {set: {mine: 5}}, {continuation_point: {name: p, timeout: 1s, default_flow: calm}} ],"
    " calm: [ {log: calm} ]}"
)


def extension(text: str) -> abml.Program:
    return abml.compile(HEAD + text)


def test_an_injection_is_taken_by_a_run_that_waits() -> None:
    one = actor(POINT)
    one.tick(0)
    assert one.inject("p", extension("flows: {main: [ {log: extended} ]}"))
    assert one.tick(10).extended == ("p",)
    assert logs(one) == ["extended"]


def test_an_injection_for_later_is_kept_and_used_once() -> None:
    one = actor(POINT)
    assert not one.inject("p", extension("flows: {main: [ {log: extended} ]}"))
    one.tick(0)
    one.tick(1)
    one.tick(2000)
    assert logs(one) == ["extended", "calm"]


def test_an_injection_after_the_time_comes_too_late() -> None:
    one = actor(POINT)
    one.tick(0)
    one.advance(1000)
    assert not one.inject("p", extension("flows: {main: [ {log: extended} ]}"))
    one.tick(1000)
    assert logs(one) == ["calm"]


def test_the_default_can_be_forced() -> None:
    one = actor(POINT)
    assert one.force_default() is None
    one.tick(0)
    assert one.force_default("q") is None
    report = one.force_default("p")
    assert report is not None and report.status == "completed"
    assert logs(one) == ["calm"] and not one.is_waiting


def test_an_extension_may_wait_and_shares_the_document_scope() -> None:
    one = actor(POINT + "\n", extensions={})
    one.register(
        "p",
        extension(
            "variables: {extra: 3, n: 99}\n"
            "flows: {main: [ {global: {n: '${n + 1}'}}, {log: '${twice} ${mine} ${extra}'}, {wait: 1s},"
            " {global: {n: '${n + 1}'}}, {log: 'n=${n}'} ]}"
        ),
    )
    one.tick(0)
    assert one.is_waiting and one.wake_at == 1000
    assert one.variables() == {"n": 2, "twice": 4, "extra": 3}
    one.tick(1000)
    assert one.variables()["n"] == 3
    assert logs(one) == ["4 null 3", "n=3"]


def test_other_runs_and_an_extension_that_waits_see_each_others_writes() -> None:
    one = actor(POINT.replace("calm: [", "on_add: [ {global: {n: '${n + 10}'}} ], calm: ["))
    one.register("p", extension("flows: {main: [ {wait: 1s}, {log: 'n=${n}'} ]}"))
    one.tick(0)
    one.dispatch_event({"type": "add"})
    one.tick(1000)
    assert logs(one) == ["n=11"]


def test_an_extension_may_have_points_of_its_own() -> None:
    one = actor(POINT)
    chained = (
        "flows: {main: [ {log: one}, {continuation_point: {name: q, timeout: 1s, default_flow: d}} ], d: [ {log: d} ]}"
    )
    one.register("p", extension(chained))
    one.tick(0)
    assert one.continuation_points == {"q": 1000}
    one.inject("q", extension("flows: {main: [ {log: two} ]}"))
    one.tick(10)
    assert logs(one) == ["one", "two"]
    other = actor(POINT, extensions={"p": extension(chained)})
    other.tick(0)
    other.force_default()
    assert logs(other) == ["one", "d"]


def test_an_extension_that_fails_fails_the_run() -> None:
    one = actor(POINT, extensions={"p": extension("flows: {main: [ {set: {x: '${1 / 0}'}} ]}")})
    assert [fault.kind for fault in one.tick(0).failures] == ["division_by_zero"]
    one.instance.extensions.clear()
    one.tick(1)
    one.tick(1001)
    assert logs(one) == ["calm"]


def test_an_extension_without_entry() -> None:
    one = actor(POINT, extensions={"p": extension("functions: {f: {params: [], body: 'return 1'}}")})
    assert [fault.kind for fault in one.tick(0).failures] == ["flow_not_found"]
    assert not one.is_waiting
    one.instance.extensions.clear()
    one.tick(1)
    one.tick(1001)
    assert logs(one) == ["calm"]


def test_records_keep_their_order_across_an_extension() -> None:
    one = actor(
        POINT.replace("{set: {mine: 5}}", "{log: before}, {emit_intent: {action: a}}"),
        extensions={"p": extension("flows: {main: [ {emit_intent: {action: b}}, {log: after} ]}")},
    )
    one.tick(0)
    found = one.take_records()
    assert [(record.order, name) for name, record in [("before", found.logs[0]), ("after", found.logs[1])]] == [
        (0, "before"),
        (3, "after"),
    ]
    assert [(intent.action, intent.order) for intent in found.intents] == [("a", 1), ("b", 2)]


def test_an_extension_goes_on_in_the_place_of_a_channel() -> None:
    text = (
        'version: "3.0"\nmetadata: {id: scene, type: cutscene}\nvariables: {n: 1}\n'
        "channels:\n  a: [ {continuation_point: {name: p, timeout: 500ms, default_flow: calm}}, {log: never} ]\n"
        "  b: [ {wait_for: '@a.done'}, {log: 'b ${_signal.payload}'} ]\n"
        "flows: {calm: [ {emit: done}, {log: calm} ]}"
    )
    added = extension(
        "flows: {main: [ {log: ext}, {global: {n: 5}}, {emit_intent: {action: bow}}, {wait: 3s},"
        " {emit: {signal: done, payload: '${n}'}}, {return: 7} ]}"
    )
    result = abml.run(text, extensions={"p": added})
    assert [log.message for log in result.logs] == ["ext", "b 5"]
    assert (result.status, result.channel_results["a"], result.scope["n"]) == ("completed", 7, 5)
    assert [intent.action for intent in result.intents] == ["bow"]
    plain = abml.run(text)
    assert [log.message for log in plain.logs] == ["b null", "calm"]
    one = Actor(abml.compile(text))
    one.tick(0)
    assert one.continuation_points == {"p": 500} and one.inject("p", added)
    assert one.tick(100).extended == ("p",)
    one.tick(3100)
    assert logs(one) == ["ext", "b 5"] and not one.is_waiting


def test_an_extension_that_fails_in_a_channel_names_the_channel() -> None:
    text = (
        'version: "3.0"\nmetadata: {id: scene, type: cutscene}\n'
        "channels: {a: [ {continuation_point: {name: p, timeout: 1s, default_flow: calm}} ], b: [ {wait: 1h} ]}\n"
        "flows: {calm: [ noop ]}"
    )
    for broken in ("flows: {main: [ {set: {x: '${1 / 0}'}} ]}", "functions: {f: {params: [], body: 'return 1'}}"):
        result = abml.run(text, extensions={"p": extension(broken)})
        assert (result.status, result.failed_channel) == ("failed", "a")
