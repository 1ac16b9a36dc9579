"""Vectors of appendix D that need more than one run: extensions, cancelling, ticks of a world, options, speech."""

from __future__ import annotations

from typing import Any

import pytest

import abml
from abml.vm.actor import Actor
from tests.conformance.execution_vectors import HEAD, flows


def actor(text: str, **options: Any) -> Actor:
    return Actor(abml.compile(text if "metadata" in text else HEAD + text, lenient=True), **options)


def logs(one: Actor) -> list[str]:
    return [log.message for log in one.take_records().logs]


POINT = flows(
    "main: [ {continuation_point: {name: p, timeout: 500, default_flow: calm}}, {log: never} ]\ncalm: [ {log: calm} ]"
)


def test_d30_default_flow_of_a_point_runs_after_its_time() -> None:
    one = actor(POINT)
    assert one.tick(0).status == "suspended"
    assert one.continuation_points == {"p": 500}
    one.tick(499)
    assert logs(one) == []
    assert one.tick(500).status == "completed"
    assert logs(one) == ["calm"]


def test_d31_an_extension_registered_before_runs_at_once() -> None:
    extension = HEAD + flows("main: [ {log: extended} ]")
    result = abml.run(HEAD + POINT, extensions={"p": extension})
    assert [log.message for log in result.logs] == ["extended"]
    one = actor(POINT, extensions={"p": abml.compile(extension)})
    assert one.tick(0).extended == ("p",)
    assert logs(one) == ["extended"]


def test_d34_cancelled_in_a_loop_and_no_handler_runs() -> None:
    text = flows(
        "main:\n  on_error: [ {log: caught} ]\n"
        "  actions: [ {repeat: {times: 9, variable: i, do: [ {log: '${i}'}, {stop_it: {}} ]}} ]"
    )
    one = actor("variables: {n: 1}\n" + text)

    def stop_it(action: Any, context: Any) -> None:
        one.cancel()

    one.instance.registry.register("stop_it", stop_it)
    report = one.tick(0)
    assert [fault.kind for fault in report.failures] == ["cancelled"]
    assert logs(one) == ["0"]


def test_d45_global_of_an_extension_is_the_instances() -> None:
    extension = abml.compile(HEAD + flows("main: [ {global: {g: 7}}, {global: {h: 8}}, {set: {mine: 9}} ]"))
    text = "variables: {g: 1}\n" + POINT
    result = abml.run(HEAD + text, extensions={"p": extension})
    assert (result.scope["g"], result.scope["h"]) == (7, 8)
    one = actor(text, extensions={"p": extension})
    one.tick(0)
    assert one.variables() == {"g": 7, "h": 8}


def test_d48_in_a_world() -> None:
    one = actor(flows("start: [ {log: start} ]\nmain: [ {log: main} ]\non_tick: [ {log: tick} ]"))
    one.tick(0)
    one.tick(100)
    assert logs(one) == ["start", "tick", "tick"]


def test_d49_an_option_whose_condition_is_unknown_is_not_available() -> None:
    one = actor(
        "options:\n  social:\n    - {actionId: greet, available: '${ghost}', preference: \"${'0.7'}\"}\n"
        + flows("main: [ noop ]")
    )
    found = one.options()["social"]
    assert [(option["available"], option["preference"]) for option in found["options"]] == [(False, 0.7)]
    assert [log.level for log in one.take_records().logs] == ["warn"]


def test_d58_with_when_and_id_are_parameters_of_a_domain_action() -> None:
    result = abml.run(HEAD + flows("main: [ {hail: {with: keeper, when: dusk, id: 7}} ]"))
    assert [(effect.name, effect.params) for effect in result.effects] == [
        ("hail", {"with": "keeper", "when": "dusk", "id": 7})
    ]


WATCH = flows(
    "watch:\n  triggers: [ {condition: true} ]\n"
    '  actions: [ {log: "watch ${by}"}, {wait: {until: "${false}"}} ]\n'
    "on_relief: [ {set: {by: relief}}, {goto: watch} ]"
)


def test_d59_of_two_runs_of_a_triggered_flow_the_newcomer_survives() -> None:
    one = actor(WATCH)
    one.tick(0)
    assert one.runs == ["watch"]
    one.dispatch_event({"type": "relief"})
    assert one.runs == ["watch"]
    one.tick(100)
    assert one.runs == ["watch"]
    assert logs(one) == ["watch null", "watch relief"]
    # The newcomer holds what it brought along.
    assert one.take_records().logs == []


def test_d59_a_goto_that_does_not_stay_ends_the_older_run_as_well() -> None:
    one = actor(
        flows(
            "watch:\n  triggers: [ {event: bell} ]\n  actions: [ {wait: {until: \"${event.type != 'bell'}\"}} ]\n"
            "on_relief: [ {goto: watch} ]"
        )
    )
    one.dispatch_event({"type": "bell"})
    assert one.runs == ["watch"]
    one.dispatch_event({"type": "relief"})
    assert one.runs == []


@pytest.mark.parametrize(
    ("channel", "written", "codes"), [("Locomotion", "locomotion", []), ("tail", "tail", ["ABML312"])]
)
def test_d60_physical_channels_are_valid_for_every_archetype(channel: str, written: str, codes: list[str]) -> None:
    text = 'version: "3.0"\nmetadata: {id: cart, archetype: object}\n' + flows(
        f"main: [ {{emit_intent: {{channel: {channel}, action: roll}}}} ]"
    )
    assert [diag.code for diag in abml.check(text)] == codes
    assert [intent.channel for intent in abml.run(text).intents] == [written]


@pytest.mark.parametrize(("default", "said"), [("de", "inline"), ("en", "the file's")])
def test_d61_an_overrides_own_texts_stop_at_the_fallbacks(default: str, said: str) -> None:
    files = {
        "hail.yaml": "localizations: {en: the file's}\noverrides: [ {condition: true, localizations: {de: besonders}} ]"
    }
    result = abml.run(
        HEAD + flows("main: [ {speak: {text: inline, dialogue_ref: hail}} ]"),
        dialogue=files,
        locale={"locale": "fr", "default": default},
    )
    assert result.effects[0].params["text"] == said
