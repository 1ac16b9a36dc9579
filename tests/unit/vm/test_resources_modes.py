"""Fetch modes: snapshots that are loaded on access, resources that are kept at hand when an id is stored."""

from __future__ import annotations

from typing import Any

import pytest

import abml
from tests.unit.vm.resources_support import HEAD, MILA, Library, actor, messages, run, warnings


def mode(name: str, more: str = "") -> str:
    return HEAD.replace("  type: event_brain\n", f"  type: event_brain\n  fetch_mode: {name}\n{more}")


AUTO = mode("auto")
STORE = mode("track_on_store")

# ------------------------------------------------------------------------ auto


@pytest.mark.parametrize("is_slow", [False, True])
def test_res_032_a_path_of_an_id_loads_its_snapshot_once(is_slow: bool) -> None:
    library = Library({"mila": MILA}, is_slow=is_slow)
    library.gate.is_open = True
    result = run(
        "  main:\n"
        "    - set: {who: mila, entity: {id: mila, mood: low}}\n"
        "    - log: '${who.base.name} ${who.temper.patience} ${who.character-base.name}'\n"
        "    - log: '${entity.personality.traits.calm + 1} ${entity.mood} ${who}'\n"
        "    - cond: [ {when: '${entity.temper.patience < 1}', then: [ log: patient ]} ]\n",
        library,
        head=AUTO,
    )
    assert result.error is None
    assert messages(result) == ["Mila 0.125 Mila", "3 low mila", "patient"]
    assert len(library.requests) == 1
    assert library.requests[0].sources == ("character-base", "character-personality")
    assert result.scope["who"] == "mila"


def test_own_keys_and_names_that_no_template_has_are_read_as_ever() -> None:
    library = Library({"mila": MILA})
    result = run(
        "  main:\n"
        "    - set: {own: {id: mila, base: {name: own}}, plain: {base: {name: plain}}}\n"
        "    - log: '${own.base.name} ${plain.base.name} ${own.history} ${own.id}'\n",
        library,
        head=AUTO,
    )
    assert messages(result) == ["own plain null mila"]
    assert library.requests == []


def test_the_type_of_a_resource_may_stand_beside_its_id() -> None:
    library = Library({"hero": MILA})
    run(
        "  main:\n    - set: {who: {id: hero, resource_type: legend}}\n    - log: '${who.base.name}'\n",
        library,
        head=AUTO,
    )
    assert (library.requests[0].resource_type, library.requests[0].resource_id) == ("legend", "hero")


def test_numbers_and_nothing_stand_for_no_resource() -> None:
    library = Library({})
    result = run("  main:\n    - set: {who: 7}\n    - log: '${who.base}'\n", library, head=AUTO)
    assert library.requests == [] and messages(result) == ["null"]
    result = run("  main:\n    - set: {who: '${null}'}\n    - set: {x: '${who.base}'}\n", library, head=AUTO)
    assert result.error.kind == "null_access"


def test_failed_loads_are_null_and_told_once_a_run() -> None:
    library = Library({})
    result = run(
        "  main:\n"
        "    - set: {who: nobody, other: nobody}\n"
        "    - log: '${who.base.name} ${who.temper.patience} ${other.base.name}'\n",
        library,
        head=AUTO,
    )
    assert messages(result) == ["null null null"]
    assert warnings(result) == ["character 'nobody' was not loaded: there is no character 'nobody'"]
    assert len(library.requests) == 1


def test_loops_and_functions_over_lists_may_wait_too() -> None:
    library = Library({f"c{n}": {"character-base": {"rank": n}} for n in range(4)}, is_slow=True)
    library.gate.is_open = True
    result = run(
        "  main:\n"
        "    - set: {all: [c0, c1, c2, c3]}\n"
        "    - log: '${all.map(one => one.base.rank).sum()}'\n"
        "    - for_each: {variable: one, collection: '${all}', do: [ log: '${one.base.rank}' ]}\n"
        "    - log: '{% for one in all %}${one.base.rank};{% endfor %}'\n",
        library,
        head=AUTO,
    )
    assert messages(result) == ["6", "0", "1", "2", "3", "0;1;2;3;"]
    assert len(library.requests) == 4


def test_where_nothing_can_wait_the_read_is_null_and_a_later_one_loads() -> None:
    library = Library({"mila": MILA}, is_slow=True)
    library.gate.is_open = True
    result = run(
        "  main:\n    - log: '${first}'\n    - log: '${who.base.name}'\n    - log: '${name}'\n",
        library,
        head=AUTO + "variables:\n  who: mila\n  first: '${who.base.name}'\n  name: {computed: '${who.base.name}'}\n",
    )
    assert messages(result) == ["null", "Mila", "Mila"]
    assert "cannot wait" in warnings(result)[0]


def test_only_the_fiber_that_reads_waits() -> None:
    library = Library({"mila": MILA}, is_slow=True)
    result = abml.run(
        AUTO + "variables: {who: mila}\n"
        "channels:\n"
        "  reader: [ log: '${who.base.name}' ]\n"
        "  reader_too: [ log: '${who.temper.patience}' ]\n"
        "  other: [ log: one, log: two, open_gate: {} ]\n",
        resources=library,
        handlers={"open_gate": lambda action, context: setattr(library.gate, "is_open", True)},
    )
    assert result.error is None
    assert messages(result) == ["one", "two", "Mila", "0.125"]


def test_only_the_actor_that_reads_waits() -> None:
    library = Library({"mila": MILA}, is_slow=True)
    reading = actor("  on_tick: [ log: '${event_of.base.name}' ]", library, head=AUTO, waits=False,
                    scope={"event_of": "mila"})  # fmt: skip
    ticking = actor("  on_tick: [ log: tick ]")
    for now in (0, 100):
        assert reading.tick(now).status == "suspended"
        assert ticking.tick(now).status == "completed"
    library.gate.is_open = True
    reading.tick(200)
    assert (messages(reading), messages(ticking)) == (["Mila"], ["tick", "tick"])


def test_each_run_reads_data_of_its_own_time() -> None:
    library = Library({"mila": {"character-base": {"rank": 1}}})
    one = actor("  on_tick: [ log: '${who.base.rank}' ]", library, head=AUTO, scope={"who": "mila"})
    one.tick(0)
    library.data["mila"] = {"character-base": {"rank": 2}}
    one.tick(100)
    assert messages(one) == ["1", "2"]


def test_a_snapshot_of_that_name_is_read_itself() -> None:
    library = Library({"mila": MILA})
    result = run(
        "  main:\n"
        "    - load_snapshot: {resource_type: character, resource_id: mila, name: who}\n"
        "    - log: '${who.base.name}'\n",
        library,
        head=AUTO,
    )
    assert messages(result) == ["Mila"]
    assert len(library.requests) == 1


def test_without_an_automatic_mode_nothing_is_loaded_and_nothing_is_compiled_for_it() -> None:
    text = "flows: {main: [ set: {who: mila}, log: '${who.base.name}' ]}"
    assert "AUTO" in abml.compile(AUTO + text).disassemble()
    for head in (HEAD, STORE):
        assert "AUTO" not in abml.compile(head + text).disassemble()


# -------------------------------------------------------------- track_on_store


def test_res_030_a_stored_id_is_kept_at_hand_before_it_is_read() -> None:
    library = Library({"mila": MILA, "ondrej": {"character-base": {"name": "Ondrej"}}})
    one = actor(
        "flows:\n"
        "  start:\n"
        "    - set: {found: {id: mila}}\n"
        "    - global: {current_target: '${found.id}'}\n"
        "    - log: '${current_target_snapshot.base.name}'\n"
        "  on_swap: [ global: {current_target: ondrej}, log: '${current_target_snapshot.base.name}' ]\n"
        "  on_same: [ global: {current_target: ondrej} ]\n"
        "  on_drop: [ clear: current_target ]\n"
        "  on_tick: [ noop ]\n",
        library,
        head=STORE,
        actor_id="keeper",
    )
    one.tick(0)
    assert list(library.watches) == [("keeper", "character", "mila")]
    for event, watched in (("swap", ["ondrej"]), ("same", ["ondrej"]), ("drop", [])):
        one.dispatch_event({"type": event})
        assert [key[2] for key in library.watches] == watched
    records = one.take_records()
    assert [log.message for log in records.logs] == ["Mila", "Ondrej"]
    assert next((effect.name, effect.params) for effect in records.effects) == (
        "track_resource",
        {"resource_type": "character", "resource_id": "mila", "variable": "current_target"},
    )
    assert [request.resource_id for request in library.requests] == ["mila", "ondrej"]


def test_variables_that_metadata_lists_are_tracked_by_what_they_are_given() -> None:
    library = Library({"tower-1": {"tower-crew": {"size": 4}}})
    result = run(
        "  main:\n    - set: {post: tower-1, other: tower-1}\n    - log: '${post_snapshot.tower-crew.size}'\n",
        library,
        head=mode("track_on_store", "  track: {post: tower}\n"),
    )
    assert messages(result) == ["4"]
    assert [(effect.params["variable"], effect.params["resource_type"]) for effect in result.effects] == [
        ("post", "tower")
    ]


def test_the_id_of_a_snapshot_is_of_its_type() -> None:
    library = Library({"t": {"tower-crew": {"size": 4}}})
    result = run(
        "  main:\n"
        "    - load_snapshot: {resource_type: tower, resource_id: t, name: seen}\n"
        "    - set: {post: '${seen._id}', best: '${seen.id}'}\n",
        library,
        head=STORE,
    )
    assert [effect.params["resource_type"] for effect in result.effects if effect.name == "track_resource"] == ["tower"]


def test_a_library_that_refuses_to_watch_does_not_fail_the_store() -> None:
    library = Library({"too-many": MILA})
    result = run(
        "  main:\n    - set: {found: {id: too-many}}\n    - set: {target: '${found.id}'}\n    - log: after\n",
        library,
        head=STORE,
    )
    assert result.error is None and messages(result) == ["after"]
    assert warnings(result) == ["'target' is not tracked: the actor watches 256 resources already"]


@pytest.mark.parametrize(("name", "loads", "tracks"), [("explicit", 0, 0), ("auto", 1, 0), ("all", 2, 1)])
def test_the_modes_add_up(name: str, loads: int, tracks: int) -> None:
    library = Library({"mila": MILA})
    result: Any = run(
        "  main:\n"
        "    - set: {found: {id: mila}}\n"
        "    - set: {target: '${found.id}'}\n"
        "    - log: '${found.base?.name}'\n",
        library,
        head=mode(name),
    )
    assert result.error is None
    assert len(library.requests) == loads
    assert [effect.name for effect in result.effects] == ["track_resource"] * tracks
