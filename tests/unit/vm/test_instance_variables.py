"""Instances: given values, defaults, sources, configuration, bindings, providers, requirements, host functions."""

from __future__ import annotations

from typing import Any

import pytest

import abml
from abml.result import RunResult
from abml.values import Duration

HEAD = 'version: "3.0"\nmetadata: {id: walk}\n'


def run(body: str, **options: Any) -> RunResult:
    return abml.run(HEAD + body, **options)


def texts(result: RunResult) -> list[str]:
    assert result.error is None, result.error
    return [record.message for record in result.logs if "kind" not in record]


def test_given_values_replace_defaults_and_are_converted() -> None:
    body = """
variables: {mode: calm, berths: {type: int, default: 4}, wide: {type: float, default: "${berths * 2}"}}
flows: {main: [{log: "${mode} ${berths} ${wide} ${kind_of(wide)} ${fuel}"}]}
"""
    assert texts(run(body)) == ["calm 4 8 float null"]
    result = run(body, scope={"mode": "stormy", "berths": "7", "fuel": 3, "unread": [1]})
    assert texts(result) == ["stormy 7 14 float 3"]
    assert result.scope == {"mode": "stormy", "berths": 7, "wide": 14.0, "fuel": 3, "unread": [1]}


def test_given_values_that_do_not_fit_are_kept_with_a_warning() -> None:
    result = run('variables: {n: {type: int, default: 1}}\nflows: {main: [{log: "${n}"}]}', scope={"n": 2.5})
    assert texts(result) == ["2.5"]
    assert [record.kind for record in result.logs if "kind" in record] == ["type_error"]


def test_values_that_are_none_of_the_language_fail_the_run() -> None:
    result = run("flows: {main: [noop]}", scope={"x": object()})
    assert (result.status, result.error.kind) == ("failed", "type_error")


def test_the_host_keeps_its_own_lists() -> None:
    mine = {"crew": ["ada"]}
    result = run("flows: {main: [{state_update: {path: crew, operation: append, value: bo}}]}", scope=mine)
    assert result.scope["crew"] == ["ada", "bo"]
    assert mine == {"crew": ["ada"]}


def test_sources_fall_back_and_return_after_the_run() -> None:
    body = """
variables:
  tide: {type: float, source: "${world?.tide}", default: 0.5}
  high: {computed: "${tide > 1}"}
flows:
  main:
    - log: "${tide} ${high}"
    - set: {tide: 4}
    - log: "${tide} ${high}"
"""
    result = run(body, scope={"world": {"tide": 2}})
    assert texts(result) == ["2 true", "4 true"]
    assert (result.scope["tide"], result.scope["high"]) == (4, True)
    assert texts(run(body)) == ["0.5 false", "4 true"]
    assert texts(run(body, scope={"tide": 3})) == ["3 true", "4 true"]


def test_failing_defaults_and_bindings_fail_the_run() -> None:
    result = run('variables: {n: {default: "${1 / 0}"}}\nflows: {main: [noop]}')
    assert (result.status, result.error.kind) == ("failed", "division_by_zero")


def test_configuration_and_bindings_are_read_only() -> None:
    body = """
config: {pace: 2, mood: "${'st' + 'ill'}"}
bindings: {participants: {keeper: "${crew[0]}"}, props: {rope: "${keeper.id + '-rope'}"}}
flows:
  main:
    - log: "${config.pace} ${config.mood} ${keeper.id} ${bindings.props.rope}"
    - call: {flow: change, args: {}}
  change:
    - take: {}
      on_error: [{log: "${_error.kind}"}, {set: {_error_handled: true}}]
"""

    def take(action: Any, context: Any) -> None:
        context.set("keeper", "nobody")

    result = run(body, scope={"crew": [{"id": "ada"}], "config": {"pace": 3}}, handlers={"take": take})
    assert texts(result) == ["3 still ada ada-rope", "action_failed"]


def test_the_document_is_readable_as_a_map() -> None:
    body = 'variables: {a: 1, b: {computed: "${a + 1}"}}\nflows: {main: [{return: "${document}"}]}'
    assert run(body).value == {"a": 1, "b": 2}


class Tide:
    """A provider that counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    def get(self, path: tuple[str, ...]) -> Any:
        self.asked.append(path)
        if path == ("broken",):
            raise OSError("dry")
        return {("level",): 3, (): {"level": 3}}.get(path)


def test_providers_are_asked_once_and_never_fail_a_run() -> None:
    tide = Tide()
    body = """
flows:
  main:
    - log: "${sea.level} ${sea.level} ${sea.deep.er.still} ${sea.broken} ${sea.broken.x} ${sea}"
    - set: {copy: "${sea}"}
    - set: {"sea.level": 4}
      on_error: [{log: "${_error.kind}"}, {set: {_error_handled: true}}]
    - log: "${copy.level}"
"""
    result = run(body, providers={"sea": tide})
    assert texts(result) == ['3 3 null null null {"level":3}', "readonly_target", "3"]
    assert tide.asked.count(("level",)) == 1
    assert [record.kind for record in result.logs if "kind" in record] == ["provider"]
    assert texts(run('flows: {main: [{log: "${sea.level}"}]}', providers={"sea": {"level": 5}})) == ["5"]


@pytest.mark.parametrize(
    ("requirement", "scope", "status"),
    [
        ("lit: true", {"lit": True}, "completed"),
        ("lit: true", {}, "failed"),
        ('ready: "${world.ready}"', {"world": {"ready": 1}}, "completed"),
        ('ready: "${world.ready}"', {"world": {}}, "failed"),
    ],
)
def test_requirements(requirement: str, scope: dict[str, Any], status: str) -> None:
    result = run(f"context: {{requirements: {{{requirement}}}}}\nflows: {{main: [noop]}}", scope=scope)
    assert result.status == status
    if status == "failed":
        assert result.error.kind == "requirement_not_met"


def test_services() -> None:
    body = "context: {services: [{name: ledger, required: true}, tide]}\nflows: {main: [noop]}"
    assert run(body).status == "completed"
    assert run(body, services={"ledger"}).status == "completed"
    result = run(body, services={"tide"})
    assert result.error.kind == "requirement_not_met" and "ledger" in result.error.message


def test_host_functions_come_between_document_and_built_in() -> None:
    body = """
functions: {pick: {params: [x], body: "return 'mine'"}}
flows: {main: [{log: "${pick([1])} ${floor(2.5)} ${min(1, 2)} ${ceil(2.5)}"}]}
"""
    functions = {"pick": lambda x: "host", "Floor": lambda x: "host", "min": lambda a, b: a + b}
    assert texts(run(body, functions=functions)) == ["mine host 3 3"]


def test_failing_host_functions() -> None:
    def bad(x: Any) -> Any:
        raise LookupError("no tide table")

    body = 'flows: {main: [{set: {a: "${table(1)}"}, on_error: [{return: "${_error}"}]}]}'
    error = run(body, functions={"table": bad}).value
    assert error["kind"] == "action_failed" and error["type"] == "LookupError" and "table" in error["message"]
    assert run(body, functions={"table": lambda x: {1, 2}}).value["kind"] == "action_failed"


def test_templates_made_at_run_time_see_the_visible_names() -> None:
    body = """
variables: {port: Kells}
flows:
  main:
    - set: {boat: Skua, text: "{{ boat | upper }} to {{ port }} with {{ nobody | default: 'no one' }}"}
    - return: "${render(text)}"
"""
    assert run(body).value == "SKUA to Kells with no one"


def test_results_are_copies() -> None:
    body = 'variables: {items: {default: []}}\nflows: {main: [{log: {message: m, data: "${items}"}}, {return: "${items}"}]}'
    result = run(body)
    result.value.append(1)
    assert result.scope["items"] == [] and result.logs[0].data == []


def test_durations_and_seeds() -> None:
    body = 'flows: {main: [{return: "${[random_int(1, 100), 90s]}"}]}'
    first, second = run(body, seed=3).value, run(body, seed=3).value
    assert first == second and first[1] == Duration(90_000_000)


def test_options() -> None:
    from abml.vm.instance import Instance

    program = abml.compile(
        HEAD
        + """
variables: {hp: 0.25}
options:
  combat:
    - {actionId: flee, preference: "${1 - hp}", available: "${hp < 0.5}", risk: "${'0.2'}", cooldownMs: "${1500.7}"}
    - {actionId: wait, preference: "${'x'}", available: "${ghost}", tags: [calm]}
    - {actionId: burn, preference: "${1 / 0}", available: true}
flows: {main: [noop]}
"""
    )
    instance = Instance(program)
    instance.create()
    found = instance.evaluate_options(500)["combat"]
    assert (found["count"], found["computedAt"]) == (2, 500)
    flee, wait = found["options"]
    assert flee == {
        "actionId": "flee", "preference": 0.75, "risk": 0.2, "available": True, "requirements": [], "tags": [],
        "cooldownMs": 1500,
    }  # fmt: skip
    assert (wait["preference"], wait["available"], wait["risk"], wait["cooldownMs"]) == (0.5, False, None, None)
    assert sorted(record["kind"] for record in instance.logs) == ["division_by_zero", "type_error"]
