"""Domain actions in runs: defaults, order of parameters, results, routes, `until`, player input, manifests."""

from __future__ import annotations

from typing import Any

import pytest

import abml
from abml.values import Duration
from abml.vm.actions import ActionRegistry
from abml.vm.actor import Actor

HEAD = 'version: "3.0"\nmetadata: {id: domain}\n'


def handled(action: str, name: str, answer: Any = None, **options: Any) -> tuple[dict[str, Any], Any]:
    """The parameters that a handler saw, and the result of the run."""
    seen: list[dict[str, Any]] = []

    def handler(action: Any, context: Any) -> Any:
        seen.append(dict(action.params))
        return answer

    result = abml.run(HEAD + f"flows: {{main: [ {action} ]}}", handlers={name: handler}, **options)
    assert len(seen) == 1, result.error
    return seen[0], result


def test_defaults_follow_what_is_written_and_records_keep_what_was_asked() -> None:
    params, result = handled("{query_options: {freshness: fresh, actor_id: '7'}}", "query_options", {"options": []})
    assert list(params.items()) == [
        ("freshness", "fresh"),
        ("actor_id", "7"),
        ("query_type", "combat"),
        ("max_age_ms", 5000),
    ]
    assert result.effects[0].params == {"freshness": "fresh", "actor_id": "7"}
    assert result.scope["query_result"] == {"options": []}


def test_times_are_durations() -> None:
    params, _ = handled("{actor_query: {target: a, query: mood, into: x}}", "actor_query", [])
    assert params["timeout"] == Duration(1_000_000)
    params, _ = handled("{fade_in: {duration: 2}}", "fade_in")
    assert params["duration"] == Duration(2_000_000)


@pytest.mark.parametrize(("written", "urgency"), [("", 0.7), (", urgency: 3", 1), (", urgency: '${-2}'", 0)])
def test_the_urgency_of_a_command_is_a_share(written: str, urgency: float) -> None:
    params, _ = handled(f"{{actor_command: {{target: a, command: go{written}}}}}", "actor_command")
    assert params["urgency"] == urgency


def test_perceptions_say_who_sent_them() -> None:
    action = "{emit_perception: {target_character: c, perception_type: noise}}"
    params, _ = handled(action, "emit_perception", actor_id="me")
    assert params["source_id"] == "me" and params["source_type"] == "coordinator" and params["urgency"] == 0.8
    params, _ = handled("{schedule_event: {event_type: dawn, delay: 2s}}", "schedule_event", "id-1", actor_id="me")
    assert params == {"event_type": "dawn", "delay_ms": 2000, "target_character": "me"}


def test_cognition_works_on_the_perceptions_that_are_there() -> None:
    scope = {"perceptions": [{"id": "p"}], "agent": {"id": "me"}}
    params, _ = handled("{query_memory: {}}", "query_memory", [], scope=scope)
    assert params == {"perceptions": [{"id": "p"}], "entity_id": "me", "limit": 10}
    scope["filtered_perceptions"] = []
    params, _ = handled("{filter_attention: {input: '${null}'}}", "filter_attention", [], scope=scope)
    assert params["input"] == []


@pytest.mark.parametrize("action", ["query_memory: {entity_id: ''}", "store_memory: {entity_id: e}"])
def test_cognition_without_what_it_needs_fails(action: str) -> None:
    result = abml.run(HEAD + f"flows: {{main: [ {{{action}}} ]}}", handlers={"*": lambda action, context: None})
    assert result.error is not None and result.error.kind == "action_failed"


def test_routes() -> None:
    text = HEAD + "flows: {main: [ {call: /ledger/append, with: {page: 4}, into: line}, {log: '${line}'} ]}"
    manifest = {
        "routes": {"/ledger/append": "ledger_append"},
        "actions": {
            "ledger_append": {
                "params": {"page": {"type": "int", "required": True}, "note": {"type": "string", "default": "none"}}
            }
        },
    }
    seen: list[Any] = []

    def append(action: Any, context: Any) -> str:
        seen.append((action.name, action.params))
        return "line 9"

    result = abml.run(text, manifest=manifest, handlers={"ledger_append": append})
    assert [log.message for log in result.logs] == ["line 9"]
    assert seen == [("ledger_append", {"page": 4, "note": "none"})]
    refused = abml.run(text, handlers={"ledger_append": append})
    assert refused.error is not None and refused.error.kind == "forbidden_action"


def test_a_manifest_may_say_that_an_action_is_awaited() -> None:
    async def slow(action: Any, context: Any) -> int:
        return 7

    text = HEAD + "flows: {main: [ {count_all: {}, result_variable: n}, {log: '${n}'} ]}"
    manifest = {"actions": {"count_all": {"await": "implicit", "result": "int"}}}
    assert [log.message for log in abml.run(text, handlers={"count_all": slow}).logs] == ["null"]
    assert [log.message for log in abml.run(text, handlers={"count_all": slow}, manifest=manifest).logs] == ["7"]


def pending_actor(text: str) -> tuple[Actor, list[Any]]:
    """An actor whose action `dig` stays pending, and the tokens of it."""
    from abml.vm.actions import Pending

    tokens: list[Any] = []

    def dig(action: Any, context: Any) -> Any:
        tokens.append(Pending("dig"))
        return tokens[-1]

    registry = ActionRegistry()
    registry.register("dig", dig)
    return Actor(abml.compile(HEAD + text), registry=registry), tokens


def test_until_a_condition_holds_and_the_host_is_told() -> None:
    one, tokens = pending_actor(
        "variables: {tired: false}\nflows: {main: [ {dig: {until: '${tired}'}, result_variable: r}, {log: 'r=${r}'} ],"
        " on_tire: [ {set: {tired: true}} ]}"
    )
    one.tick(0)
    one.tick(1)
    assert tokens[0].outcome is None
    one.dispatch_event({"type": "tire"})
    one.tick(2)
    assert tokens[0].outcome.kind == "cancelled"
    assert [log.message for log in one.take_records().logs] == ["r=null"]


def test_until_a_signal_comes() -> None:
    one, tokens = pending_actor("flows: {main: [ {dig: {until: '@stop'}}, {log: done} ]}")
    one.tick(0)
    one.signal("other")
    one.tick(1)
    assert tokens[0].outcome is None
    one.signal("stop")
    one.tick(2)
    assert tokens[0].outcome.kind == "cancelled"
    assert [log.message for log in one.take_records().logs] == ["done"]


def test_the_answer_comes_before_what_ends_the_action() -> None:
    one, tokens = pending_actor("flows: {main: [ {dig: {until: '${false}'}, result_variable: r}, {log: 'r=${r}'} ]}")
    one.tick(0)
    tokens[0].answer(5)
    one.tick(1)
    assert [log.message for log in one.take_records().logs] == ["r=5"]


# --------------------------------------------------------------- player input

WAYS = (
    "flows:\n  main:\n    - choice:\n        prompt: 'Where, {{ name }}?'\n        options:\n"
    "          - {label: North, value: n, then: [ {log: north} ]}\n"
    "          - {label: South, condition: '${gold > 5}', then: [ {log: south} ]}\n"
    "          - {label: East, default: true, then: [ {log: east} ]}\n"
    "        timeout: 5s\n        result_variable: way\n"
    "    - log: '${way} ${_choice.index} ${_choice.label} ${_choice.timed_out}'\n"
)


@pytest.mark.parametrize(
    ("options", "logs"),
    [
        ({}, ["east", "2 2 East true"]),
        ({"answers": [None]}, ["east", "2 2 East true"]),
        ({"answers": ["n"]}, ["north", "n 0 North false"]),
        ({"answers": [0]}, ["north", "n 0 North false"]),
        ({"answers": ["North"]}, ["north", "n 0 North false"]),
        ({"answers": [{"label": "East"}]}, ["east", "2 2 East false"]),
        ({"answers": ["South"], "scope": {"gold": 9}}, ["south", "1 1 South false"]),
        ({"answers": lambda question: question.options[-1]["index"]}, ["east", "2 2 East false"]),
        (
            {"handlers": {"choice": lambda action, context: action.params["options"][0]["value"]}},
            ["north", "n 0 North false"],
        ),
        ({"handlers": {"*": lambda action, context: "n"}}, ["east", "2 2 East true"]),
    ],
)
def test_choices(options: dict[str, Any], logs: list[str]) -> None:
    result = abml.run(HEAD + WAYS, **options)
    assert [log.message for log in result.logs] == logs


async def answers_north(action: Any, context: Any) -> str:
    return "North"


async def answers_nonsense(action: Any, context: Any) -> Any:
    return ["?"]


def test_coroutines_answer_questions() -> None:
    result = abml.run(HEAD + WAYS, handlers={"choice": answers_north})
    assert [log.message for log in result.logs] == ["north", "n 0 North false"]


@pytest.mark.parametrize(
    "options",
    [
        {"answers": ["South"]},
        {"answers": [7]},
        {"answers": [object()]},
        {"answers": lambda question: 1 / 0},
        {"handlers": {"choice": lambda action, context: 1 / 0}},
        {"handlers": {"choice": lambda action, context: object()}},
        {"handlers": {"choice": answers_nonsense}},
    ],
)
def test_answers_that_mean_nothing_fail_the_action_and_can_be_caught(options: dict[str, Any]) -> None:
    result = abml.run(HEAD + WAYS, **options)
    assert result.error is not None and result.error.kind == "action_failed" and result.error.action == "choice"
    text = HEAD + WAYS.replace("    - log:", "      on_error: [ {set: {_error_handled: true}} ]\n    - log:")
    assert abml.run(text, **options).status == "completed"


def test_without_timeout_and_answer_the_run_waits_for_the_player() -> None:
    result = abml.run(HEAD + "flows: {main: [ {choice: {options: [ {label: a} ]}} ]}")
    assert (result.status, result.reason, result.wake_at) == ("suspended", "await choice", None)
    assert [effect.name for effect in result.effects] == ["choice"]


def test_the_first_available_option_is_the_default_when_the_marked_one_is_not_available() -> None:
    text = (
        "flows: {main: [ {choice: {timeout: 1s, options: [ {label: a, condition: '${no}'},"
        " {label: b, condition: '${yes}'}, {label: c, default: true, condition: '${no}'} ]}}, {log: '${_choice?.label}'} ]}"
    )
    result = abml.run(HEAD + text, scope={"yes": 1})
    assert [log.message for log in result.logs] == ["b"]
    nobody = abml.run(HEAD + text)
    assert [(log.level, log.message) for log in nobody.logs] == [
        ("warn", "a choice has no available option"),
        ("info", "null"),
    ]


def test_on_timeout_runs_in_place_of_the_default() -> None:
    text = (
        "flows: {main: [ {choice: {timeout: 1s, options: [ {label: a, then: [ {log: a} ]} ],"
        " on_timeout: [ {log: 'late ${_choice.timed_out} ${_choice.index}'} ]}}, {log: after} ]}"
    )
    assert [log.message for log in abml.run(HEAD + text).logs] == ["late true null", "after"]


JUMP = (
    "flows:\n  main:\n    - qte: {prompt: Jump, type: timing, input: {window: 2s}%s,"
    " on_success: [ {log: hit} ], on_failure: [ {log: miss} ], result_variable: r}\n"
    "    - log: '${r} ${_choice.success} ${_choice.timed_out}'\n"
)


@pytest.mark.parametrize(
    ("more", "options", "logs"),
    [
        ("", {}, ["miss", "false false true"]),
        ("", {"answers": [True]}, ["hit", "true true false"]),
        ("", {"answers": [False]}, ["miss", "false false false"]),
        ("", {"answers": [{"success": True, "value": 0.3}]}, ["hit", "0.3 true false"]),
        (", default: perfect", {}, ["hit", "perfect true true"]),
        (", default: 0", {}, ["miss", "0 false true"]),
        (", on_timeout: [ {log: late} ]", {}, ["late", "false false true"]),
        (", on_timeout: [ {log: late} ]", {"answers": [False]}, ["miss", "false false false"]),
    ],
)
def test_timed_input(more: str, options: dict[str, Any], logs: list[str]) -> None:
    result = abml.run(HEAD + JUMP % more, **options)
    assert [log.message for log in result.logs] == logs


@pytest.mark.parametrize("answer", [{}, {"success": "yes"}, [1]])
def test_answers_of_timed_input_say_whether_it_was_a_success(answer: Any) -> None:
    result = abml.run(HEAD + JUMP % "", answers=[answer])
    assert result.error is not None and result.error.kind == "action_failed"


def test_questions_stand_in_bytecode_files() -> None:
    program = abml.compile(HEAD + WAYS)
    again = abml.Program.from_bytes(program.to_bytes())
    assert [log.message for log in abml.run(again, answers=["n"]).logs] == ["north", "n 0 North false"]
    assert program.actions == ()
