"""Watches of actors: changes as events, providers that are kept up to date, the ends of watches."""

from __future__ import annotations

from typing import Any

from abml.vm.protocols import ResourceChange, WatchEntry
from tests.unit.vm.resources_support import MILA, Library, actor, messages, run, warnings

WATCHING = "  start: [ watch: {resource_type: character, resource_id: mila, name: d} ]\n"


def renamed(name: str) -> dict[str, Any]:
    return {"character-base": {"name": name}}


def test_the_flow_of_a_watch_runs_with_its_event() -> None:
    library = Library({"mila": MILA})
    one = actor(
        "  start:\n"
        "    - watch: {resource_type: character, resource_id: mila, sources: [temper], on_change: look}\n"
        "  on_tick: [ log: tick ]\n"
        "  look: [ log: '${event.type} ${event.resource_type} ${event.resource_id} ${event.sources}' ]\n"
        "  on_watch_changed: [ log: nobody asked ]\n",
        library,
    )
    one.tick(0)
    library.change("mila", "character-history")
    library.change("mila", "character-personality")
    one.tick(100)
    assert messages(one) == ["tick", 'watch.changed character mila ["character-personality"]', "tick"]


def test_without_a_flow_the_change_is_a_perception() -> None:
    library = Library({"mila": MILA})
    one = actor(
        'events: [ {pattern: "watch.changed", handler: noticed, condition: "${event.resource_id == \'mila\'}"} ]\n'
        "flows:\n"
        "  start:\n"
        "    - watch: {resource_type: character, resource_id: mila}\n"
        "    - watch: {resource_type: character, resource_id: ondrej}\n"
        "  noticed: [ log: '${perception.urgency} ${perception.data.eventTopic} ${perception.data.eventData.by}' ]\n"
        "  on_resource_changed: [ log: 'implicit ${event.resource_id}' ]\n"
        "  on_resource_deleted: [ log: 'gone ${event.resource_id} ${event.urgency} ${event.data.deleted}' ]\n"
        "  on_tick: [ noop ]\n",
        library,
    )
    one.tick(0)
    library.change("mila")
    library.change("ondrej")
    library.change("ondrej", deleted=True)
    one.tick(100)
    assert messages(one) == ["0.7 character.updated test", "implicit ondrej", "gone ondrej 0.9 true"]


def test_a_perception_filter_may_refuse_changes_that_no_flow_was_named_for() -> None:
    library = Library({"mila": MILA})
    one = actor(
        "perception_filter: [ {event: bell.*} ]\n"
        "flows:\n"
        "  start: [ watch: {resource_type: character, resource_id: mila} ]\n"
        "  on_watch_changed: [ log: heard ]\n"
        "  on_tick: [ noop ]\n",
        library,
    )
    one.tick(0)
    library.change("mila")
    one.tick(100)
    assert messages(one) == []


def test_deletion_is_told_to_everybody_and_ends_the_watch() -> None:
    library = Library({"mila": MILA})
    one = actor(
        "  start: [ watch: {resource_type: character, resource_id: mila, sources: [temper]} ]\n"
        "  on_watch_deleted: [ log: 'deleted ${event.deleted}' ]\n"
        "  on_tick: [ noop ]\n",
        library,
    )
    one.tick(0)
    library.change("mila", "character-base", deleted=True)
    library.change("mila", "character-personality")
    one.tick(100)
    assert messages(one) == ["deleted true"]
    assert one.instance.snapshots.watches == {}


def test_res_031_a_watched_provider_is_there_in_every_tick_and_up_to_date() -> None:
    library = Library({"mila": renamed("Mila")})
    one = actor(WATCHING + "  on_tick: [ log: '${d.base.name}' ]\n", library)
    one.tick(0)
    library.data["mila"] = renamed("Milena")
    one.tick(100)
    assert messages(one) == ["Mila", "Milena"]


def test_a_provider_that_is_loaded_again_shows_the_old_data_until_then() -> None:
    library = Library({"mila": renamed("Mila")})
    one = actor(WATCHING + "  on_tick: [ log: '${d.base.name}' ]\n", library, waits=False)
    one.tick(0)
    library.data["mila"] = renamed("Milena")
    library.is_slow = True
    one.tick(100)
    one.tick(200)
    library.gate.is_open = True
    one.tick(300)
    assert messages(one) == ["Mila", "Mila", "Mila", "Milena"]
    one.stop(400)


def test_an_actor_stops_though_its_data_is_still_on_its_way() -> None:
    library = Library({"mila": renamed("Mila")})
    one = actor(WATCHING + "  on_tick: [ noop ]\n", library, waits=False)
    one.tick(0)
    library.is_slow = True
    one.tick(100)
    assert one.stop(200).status == "completed"
    assert library.watches == {}


def test_snapshots_last_as_long_as_runs_that_may_read_them() -> None:
    library = Library({"mila": MILA})
    one = actor(
        "  on_tick:\n"
        "    - log: '${d?.base?.name}'\n"
        "    - load_snapshot: {resource_type: character, resource_id: mila, name: d}\n"
        "    - wait: 1s\n"
        "    - log: '${d.base.name}'\n",
        library,
    )
    for now in (0, 500, 1_000, 1_500):
        one.tick(now)
    assert messages(one) == ["null", "Mila", "null"]


def test_a_watch_without_a_name_suspends_nobody() -> None:
    library = Library({"mila": MILA}, is_slow=True)
    one = actor("  on_tick: [ watch: {resource_type: character, resource_id: mila} ]", library, waits=False)
    assert one.tick(0).status == "completed"
    two = actor("  on_tick: [ watch: {resource_type: character, resource_id: mila, name: d} ]", library, waits=False)
    assert two.tick(0).status == "suspended"
    library.gate.is_open = True
    assert two.tick(100).status == "completed"


def test_a_second_watch_takes_the_place_of_the_first_and_unwatch_ends_it_often() -> None:
    library = Library({"mila": MILA})
    one = actor(
        "  start:\n"
        "    - watch: {resource_type: character, resource_id: mila, on_change: first}\n"
        "    - watch: {resource_type: character, resource_id: mila, on_change: second}\n"
        "  on_stopping:\n"
        "    - unwatch: {resource_type: character, resource_id: mila}\n"
        "    - unwatch: {resource_type: character, resource_id: mila}\n"
        "  first: [ log: first ]\n"
        "  second: [ log: second ]\n"
        "  on_tick: [ noop ]\n",
        library,
    )
    one.tick(0)
    library.change("mila")
    one.tick(100)
    one.dispatch_event({"type": "stopping"})
    library.change("mila")
    one.tick(200)
    assert messages(one) == ["second"]
    assert library.watches == {}


def test_a_change_that_comes_after_unwatch_is_not_told() -> None:
    library = Library({"mila": MILA})
    one = actor(
        "  start: [ watch: {resource_type: character, resource_id: mila} ]\n"
        "  on_watch_changed: [ log: heard ]\n"
        "  on_tick: [ noop ]\n",
        library,
    )
    one.tick(0)
    (_, deliver), *_ = library.watches.values()
    one.instance.snapshots.unwatch("character", "mila")
    deliver(ResourceChange("character", "mila"))
    one.tick(100)
    assert messages(one) == []


def test_watches_end_with_the_actor_after_its_last_flow() -> None:
    library = Library({"mila": renamed("Mila")})
    one = actor(WATCHING + "  on_stop: [ log: '${d.base.name}' ]\n  on_tick: [ noop ]\n", library, actor_id="keeper")
    one.tick(0)
    assert list(library.watches) == [("keeper", "character", "mila")]
    one.stop(100)
    assert messages(one) == ["Mila"]
    assert library.watches == {}


def test_a_plain_run_leaves_no_watch_behind() -> None:
    library = Library({"mila": MILA})
    assert run("  main: [ watch: {resource_type: character, resource_id: mila} ]", library).error is None
    assert library.watches == {}


def test_runs_by_ticks_hear_of_changes() -> None:
    library = Library({"mila": MILA})
    result = run(
        "  start: [ watch: {resource_type: character, resource_id: mila, on_change: look} ]\n"
        "  on_tick: [ shake: {} ]\n"
        "  look: [ log: changed ]\n",
        library,
        flow=None,
        ticks=3,
        handlers={"shake": lambda action, context: library.change("mila")},
    )
    assert messages(result) == ["changed", "changed"]


def test_actors_without_a_name_do_not_share_their_watches() -> None:
    library = Library({"mila": MILA})
    for one in (actor(WATCHING + "  on_tick: [ noop ]\n", library), actor(WATCHING + "  on_tick: [ noop ]\n", library)):
        one.tick(0)
    assert len(library.watches) == 2


def test_a_library_that_refuses_a_watch_is_a_resource_error() -> None:
    result = run("  main: [ watch: {resource_type: character, resource_id: too-many} ]", Library({}))
    assert (result.error.kind, result.error.message) == ("resource_error", "the actor watches 256 resources already")


def test_a_flow_that_is_not_there_fails_when_the_change_comes() -> None:
    library = Library({"mila": MILA})
    one = actor("  on_tick: [ noop ]\n", library)
    one.instance.snapshots.watch(WatchEntry("character", "mila", on_change="nowhere"))
    library.change("mila")
    assert [fault.kind for fault in one.tick(100).failures] == ["flow_not_found"]


def test_watches_are_saved_and_restored() -> None:
    library = Library({"mila": renamed("Mila")})
    flows = (
        "  start:\n"
        "    - watch: {resource_type: character, resource_id: mila, name: d, sources: [base, temper], on_change: look}\n"
        "  look: [ log: 'changed ${d.base.name}' ]\n"
        "  on_tick: [ log: '${d.base.name}' ]\n"
    )
    first = actor(flows, library, actor_id="keeper")
    first.tick(0)
    saved = first.instance.snapshots.saved()
    assert saved == [
        {
            "resource_type": "character",
            "resource_id": "mila",
            "sources": ["character-base", "character-personality"],
            "alias": "d",
            "on_change": "look",
        }
    ]
    first.stop(100)
    second = actor(flows.replace("  start:", "  not_again:"), library, actor_id="keeper")
    second.instance.snapshots.restore(saved)
    library.change("mila", "character-base")
    second.tick(200)
    assert messages(second) == ["changed Mila", "Mila"]


class Refreshing(Library):
    """A library that fetches watched resources again: at once, later, or never."""

    answers: tuple[Any, ...] = ()
    count = 0

    def refresh(self) -> Any:
        self.count += 1
        answer = self.answers[min(self.count, len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return self._counted((0, 0)) if answer == "later" else answer


def test_res_034_a_library_is_asked_once_a_tick_by_who_watches() -> None:
    library = Refreshing({"mila": MILA})
    library.answers = (0, OSError("no route"), "later")
    one = actor(
        "  start: [ noop ]\n"
        "  on_begin: [ watch: {resource_type: character, resource_id: mila} ]\n"
        "  on_over: [ unwatch: {resource_type: character, resource_id: mila} ]\n"
        "  on_tick: [ noop ]\n",
        library,
    )
    one.tick(0)
    one.tick(50)
    assert library.count == 0
    one.dispatch_event({"type": "begin"})
    one.tick(100)
    one.tick(200)
    assert library.count == 2
    assert warnings(one.take_records()) == ["watched resources were not fetched again: OSError: no route"]
    # While an answer is to come nothing more is asked for.
    one.tick(400)
    one.tick(500)
    assert library.count == 3
    library.gate.is_open = True
    one.tick(600)
    one.tick(700)
    assert library.count > 3
    library.gate.is_open = False
    one.dispatch_event({"type": "over"})
    one.tick(800)
    count = library.count
    one.tick(900)
    assert library.count == count
    one.stop(1000)


def test_an_actor_that_stops_waits_for_no_refresh() -> None:
    library = Refreshing({"mila": MILA})
    library.answers = ("later",)
    one = actor("  start: [ watch: {resource_type: character, resource_id: mila} ]\n  on_tick: [ noop ]\n", library)
    one.tick(0)
    one.tick(100)
    one.stop(200)
    assert library.count == 1
