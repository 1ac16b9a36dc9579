"""Actors that command and ask each other, through handlers of a small host (language 8.2)."""

from __future__ import annotations

from typing import Any

import abml
from abml.vm.actions import Action, ActionContext, ActionRegistry, Pending
from abml.vm.actor import Actor
from abml.vm.faults import ActionError

HEAD = 'version: "3.0"\nmetadata: {id: asking, type: event_brain}\n'


class Street:
    """A host of actors that finds them by name.

    Attributes:
        open: queries that wait for the tick of whom they ask.
    """

    def __init__(self) -> None:
        self.actors: dict[str, Actor] = {}
        self.open: list[tuple[str, str, Pending]] = []
        self.registry = ActionRegistry()
        self.registry.register_all({"actor_command": self.command, "actor_query": self.query})
        self.given_up: list[str] = []

    def add(self, name: str, text: str, **options: Any) -> Actor:
        program = abml.compile(HEAD + text)
        self.actors[name] = Actor(program, registry=self.registry, actor_id=name, **options)
        return self.actors[name]

    def command(self, action: Action, context: ActionContext) -> None:
        target = str(action.params.get("target") or action.params.get("target_character"))
        command = action.params["command"]
        if target not in self.actors:
            raise ActionError(f"nobody is '{target}'", command=command, target_actor_id=target, status_code=404)
        self.actors[target].perceive(
            {
                "type": f"command:{command}",
                "source": action.actor_id,
                "urgency": action.params["urgency"],
                "data": action.params.get("params", {}),
            }
        )

    def query(self, action: Action, context: ActionContext) -> Any:
        target, query = str(action.params["target"]), str(action.params["query"])
        if target not in self.actors:
            context.set("_query_error", {"kind": "not_found", "target": target})
            return None
        pending = Pending()
        pending.on_settled(lambda outcome: self.given_up.append(query) if outcome.status == "failed" else None)
        self.open.append((target, query, pending))
        return pending

    def tick(self, now: int, *, answers: bool = True) -> None:
        if answers:
            for target, query, pending in self.open:
                pending.answer(self.actors[target].options()[query]["options"])
            self.open = []
        for one in self.actors.values():
            one.tick(now)


def logs(one: Actor) -> list[str]:
    return [log.message for log in one.take_records().logs]


def test_res_020_a_command_reaches_the_flow_of_its_target() -> None:
    street = Street()
    watcher = street.add(
        "watcher",
        "flows:\n"
        "  on_tick:\n"
        "    - actor_command: {target_character: smith, command: offer_quest, urgency: 4, data: {gold: 3}}\n"
        "    - actor_command: {target: nobody, command: start_cutscene}\n"
        "      on_error:\n"
        "        - log: '${_error.kind} ${_error.command} ${_error.target_actor_id} ${_error.status_code}'\n"
        "        - set: {_error_handled: true}\n",
    )
    smith = street.add(
        "smith",
        "flows: {on_command_offer_quest: [ log: '${event.source} ${event.urgency} ${event.params.gold}' ]}",
    )
    street.tick(0)
    street.tick(100)
    assert logs(smith)[:1] == ["watcher 1 3"]
    assert logs(watcher)[:1] == ["action_failed start_cutscene nobody 404"]


def test_res_057_a_query_is_answered_in_a_later_tick() -> None:
    street = Street()
    watcher = street.add(
        "watcher",
        "flows:\n  start: [ actor_query: {target: smith, query: social, into: found},"
        " log: '${found[0].actionId} ${found[0].preference}' ]\n  on_tick: [ noop ]\n",
    )
    street.add("smith", "variables: {mood: 0.5}\noptions: {social: [ {actionId: greet, preference: '${mood}', available: true} ]}\n"
               "flows: {on_tick: [ set: {mood: 0.75} ]}")  # fmt: skip
    street.tick(0)
    assert logs(watcher) == []
    street.tick(100)
    assert logs(watcher) == ["greet 0.75"]


def test_res_026_an_absent_actor_is_null_with_a_marker_and_silence_ends_in_time() -> None:
    street = Street()
    watcher = street.add(
        "watcher",
        "flows:\n  start:\n"
        "    - actor_query: {target: nobody, query: social, into: found}\n"
        "    - log: '${found} ${_query_error.kind} ${_query_error.target}'\n"
        "    - actor_query: {target: smith, query: social, into: found, timeout: 250}\n"
        "      on_error: [ log: '${_error.kind}', set: {_error_handled: true} ]\n"
        "    - actor_query: {target: smith, query: social, into: found}\n"
        "      on_error: [ log: 'again ${_error.kind}', set: {_error_handled: true} ]\n"
        "  on_tick: [ noop ]\n",
    )
    street.add("smith", "options: {social: []}\nflows: {on_tick: [ noop ]}")
    told = []
    for now in range(0, 1_500, 125):
        street.tick(now, answers=False)
        told += [(now, text) for text in logs(watcher)]
    assert told == [(0, "null not_found nobody"), (250, "await_timeout"), (1_250, "again await_timeout")]
    assert street.given_up == ["social", "social"]


def test_a_time_limit_may_be_computed_and_have_code_of_its_own() -> None:
    street = Street()
    watcher = street.add(
        "watcher",
        "variables: {patience: 200}\n"
        "flows:\n  start:\n"
        "    - actor_query:\n"
        "        target: smith\n        query: social\n        into: found\n        timeout: '${patience}'\n"
        "        on_timeout: [ log: nobody answered ]\n"
        "    - log: after ${found}\n"
        "  on_tick: [ noop ]\n",
    )
    street.add("smith", "options: {social: []}\nflows: {on_tick: [ noop ]}")
    for now in (0, 100, 200):
        street.tick(now, answers=False)
    assert logs(watcher) == ["nobody answered", "after null"]
