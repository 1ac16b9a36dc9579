"""Loads of a loop that the library is asked for together before it: what the library sees, and that nobody else does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import abml
from abml.compiler.bytecode.verify import verify
from abml.errors import ProgramFormatError
from abml.vm.actions import ActionRegistry, Middleware
from abml.vm.actions.gates import Gates
from abml.vm.actor import Actor
from abml.vm.ahead import MAX_AHEAD
from tests.unit.vm.resources_support import HEAD, MILA, Library, run

LOOP = (
    "  main:\n"
    "    - for_each:\n"
    "        variable: one\n"
    "        collection: '${all}'\n"
    "        do:\n"
    "          - load_snapshot: {resource_type: character, resource_id: '${one}', name: file}\n"
    "          - cond: [ {when: '${file._error != null}', then: [ {log: '${one}: ${file._error.kind}'}, continue ]} ]\n"
    "          - log: '${one}: ${file.temper.patience}'\n"
)
BY_ID = LOOP.replace("resource_id: '${one}'", "resource_id: '${one.id}'")
PEOPLE = {"mila": MILA, "juno": MILA, "arlo": MILA}


def library(**more: Any) -> Library:
    made = Library(PEOPLE, **more)
    made.gate.is_open = True
    return made


def both(flows: str, given: Any, *, is_slow: bool = False, data: Any = None, **more: Any) -> tuple[Library, Any]:
    """Run at both levels, find the same result, and give what the library of level 1 was asked."""
    outcomes = []
    used = library(is_slow=is_slow)
    for level in (0, 1):
        used = library(is_slow=is_slow)
        used.data = PEOPLE if data is None else data
        program = abml.compile(HEAD + "flows:\n" + flows, optimize=level)
        result = abml.run(program, flow="main", scope={"all": given}, resources=used, **more)
        outcomes.append(
            (result.status, result.error, result.logs, result.effects, result.intents, result.scope, result.value)
        )
        if level == 0:
            assert used.prefetched == []
    assert outcomes[0] == outcomes[1]
    return used, outcomes[1]


@pytest.mark.parametrize("is_slow", [False, True])
def test_res_058_the_library_is_asked_once_before_the_loop(is_slow: bool) -> None:
    used, outcome = both(LOOP, ["mila", "nobody", "juno", "mila"], is_slow=is_slow)
    sources = ("character-base", "character-personality")
    assert used.prefetched == [("character", ["mila", "nobody", "juno"], sources)]
    assert [request.sources for request in used.requests] == [sources] * 4
    assert [log.message for log in outcome[2]] == ["mila: 0.125", "nobody: not_found", "juno: 0.125", "mila: 0.125"]


def test_res_058_ids_lie_where_the_load_looks_for_them() -> None:
    used, _ = both(BY_ID, [{"id": "mila"}, {"id": "juno", "id_of": 3}])
    assert used.prefetched[0][1] == ["mila", "juno"]
    used, _ = both(LOOP.replace("'${one}', n", "'${one.value.at}', n"), {"a": {"at": "arlo"}, "b": {"at": "mila"}})
    assert used.prefetched[0][1] == ["arlo", "mila"]
    filtered = LOOP.replace("name: file", "name: file, filter: [ temper ]")
    used, _ = both(filtered, ["mila", "juno"])
    assert used.prefetched == [("character", ["mila", "juno"], ("character-personality",))]


@pytest.mark.parametrize(
    ("flows", "given", "kind"),
    [
        (LOOP, ["mila", None, "juno"], "resource_error"),
        (LOOP, ["mila", "", "juno"], "resource_error"),
        (LOOP, ["mila", "juno", 7], "resource_error"),
        (BY_ID, [{"id": "mila"}, None, {"id": "juno"}], "null_access"),
        (BY_ID, [{"id": "mila"}, "text", {"id": "juno"}], "resource_error"),
        (LOOP, 5, "not_iterable"),
    ],
)
def test_res_058_what_is_no_id_is_told_by_its_own_round(flows: str, given: Any, kind: str) -> None:
    used, outcome = both(flows, given)
    assert outcome[1]["kind"] == kind
    assert [ids for _, ids, _ in used.prefetched] == ([] if given == 5 else [["mila", "juno"]])


@pytest.mark.parametrize("given", [None, [], ["mila"], ["mila", "mila"], [1, 2], "ab" * MAX_AHEAD])
def test_res_058_fewer_than_two_ids_are_left_to_the_loop(given: Any) -> None:
    assert both(LOOP, given)[0].prefetched == []


def test_res_058_long_loops_are_left_alone() -> None:
    ids = [f"k-{number}" for number in range(MAX_AHEAD + 1)]
    assert both(LOOP, ids)[0].prefetched == []
    assert len(both(LOOP, ids[1:])[0].prefetched[0][1]) == MAX_AHEAD


@pytest.mark.parametrize("is_slow", [False, True])
def test_res_058_a_library_that_fails_is_not_noticed(is_slow: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Library, *args: Any) -> Any:
        self.prefetched.append(args)
        if not is_slow:
            raise OSError("the cellar is flooded")

        async def later() -> Any:
            raise OSError("the cellar is flooded")

        return later()

    monkeypatch.setattr(Library, "prefetch", broken)
    used, outcome = both(LOOP, ["mila", "juno"])
    assert len(used.prefetched) == 1
    assert [log.message for log in outcome[2]] == ["mila: 0.125", "juno: 0.125"]


def test_res_058_without_a_library_everything_is_unavailable() -> None:
    result = run(LOOP, scope={"all": ["mila", "juno"]})
    assert [log.message for log in result.logs] == ["mila: unavailable", "juno: unavailable"]


class Watching(Middleware):
    """Writes down what passes."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def around(self, action: Any, context: Any, proceed: Any) -> Any:
        self.seen.append(action.name)
        return proceed(action, context)


def ticked(registry: ActionRegistry, used: Library) -> Actor:
    made = Actor(
        abml.compile(HEAD + "flows:\n" + LOOP.replace("main:", "on_tick:")),
        registry=registry,
        resources=used,
        scope={"all": ["mila", "juno"]},
        actor_id="keeper",
    )
    made.tick(0)
    return made


def test_res_058_it_is_no_action() -> None:
    registry, watching, used = ActionRegistry(), Watching(), library()
    registry.use(watching)
    registry.register("*", lambda action, context: None)
    records = ticked(registry, used).take_records()
    assert watching.seen == ["load_snapshot", "load_snapshot"]
    assert [effect.name for effect in records.effects] == ["load_snapshot", "load_snapshot"]
    assert len(used.prefetched) == 1


def test_res_058_nobody_goes_before_a_handler_a_gate_or_a_prohibition() -> None:
    handled, used = ActionRegistry(), library()
    handled.register("load_snapshot", lambda action, context: None)
    ticked(handled, used)
    assert used.prefetched == []
    gated, gates = ActionRegistry(), Gates()
    gated.use(gates)
    ticked(gated, used)
    assert len(used.prefetched) == 1
    gates.set_gates("keeper", ["load_snapshot"])
    ticked(gated, used)
    ticked(ActionRegistry(forbidden=["load_snapshot"]), used)
    assert len(used.prefetched) == 1


def test_res_058_only_the_channel_that_loops_waits() -> None:
    text = (
        HEAD.replace("type: event_brain", "type: cutscene")
        + "channels:\n  reader:\n"
        + LOOP.partition("main:\n")[2]
        + "  talker: [ log: first, log: second ]\n"
    )
    messages = []
    for level in (0, 1):
        result = abml.run(
            abml.compile(text, optimize=level), scope={"all": ["mila", "juno"]}, resources=library(is_slow=True)
        )
        messages.append([log.message for log in result.logs])
    assert sorted(messages[0]) == sorted(messages[1]) == ["first", "juno: 0.125", "mila: 0.125", "second"]


@pytest.mark.parametrize(
    "change",
    [
        {"data": None},
        {"data": {}},
        {"data": {"ahead": {"type": "character", "path": []}}},
        {"data": {"ahead": {"type": 1, "path": [], "filter": []}}},
        {"data": {"ahead": {"type": "character", "path": [1], "filter": []}}},
        {"data": {"ahead": {"type": "character", "path": [], "filter": "x"}}},
        {"names": (), "count": 0},
        {"names": ("a", "b"), "count": 2},
    ],
)
def test_res_058_the_verifier_knows_it(change: Any) -> None:
    program = abml.compile(HEAD + "flows:\n" + LOOP)
    sites = list(program.sites)
    at = next(number for number, site in enumerate(sites) if "ahead" in site.flags)
    sites[at] = sites[at]._replace(**change)
    with pytest.raises(ProgramFormatError):
        verify(replace(program, sites=tuple(sites)))
