"""What is done to a world: it happens wholly or not at all, is told, and keeps what must be kept."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import abml
from abml.providers.refworld import Refused, RefWorld, dumps, loads
from abml.providers.refworld import changes as do
from abml.providers.refworld.actions import ACTIONS, completed, handlers, manifest
from abml.providers.refworld.consistency import contradictions
from abml.providers.refworld.events import TOPICS, Event
from abml.providers.refworld.journeys import start_journey
from abml.providers.refworld.resources import compress
from abml.providers.refworld.tales import advance_quest, advance_storyline, end_quest, start_quest, start_storyline
from abml.providers.refworld.time import advance

from .support import messages, run, village


def heard(world: RefWorld, pattern: str = "**") -> list[Event]:
    found: list[Event] = []
    world.events.subscribe(pattern, found.append)
    return found


def test_things_change_hands() -> None:
    world = village()
    events = heard(world)
    assert do.give_item(world, "ada", "bo", "lamp", 2) == 0
    assert do.transfer_money(world, "dock", world.character("bo").id, "penny", 30) == 70
    assert "lamp" not in world.character("ada").bag
    assert (world.character("bo").bag, world.character("bo").purse) == ({"lamp": 2}, {"penny": 35})
    assert [event.topic for event in events] == ["inventory.transferred", "currency.transferred"]
    assert events[0].payload["amount"] == 2


@pytest.mark.parametrize(
    ("call", "status", "said"),
    [
        (lambda w: do.give_item(w, "ada", "bo", "lamp", 3), 409, "Ada has 2 of 'lamp' and cannot give 3"),
        (lambda w: do.give_item(w, "ada", "bo", "lmap"), 404, "no item 'lmap'; did you mean 'lamp'"),
        (lambda w: do.give_item(w, "adda", "bo", "lamp"), 404, "faction 'adda'; did you mean 'ada'"),
        (lambda w: do.transfer_money(w, "ada", "bo", "penny", 0), 400, "amount is a whole number from 1"),
        (lambda w: do.transfer_money(w, "ada", "bo", "penny", True), 400, "not True"),
        (lambda w: do.transfer_money(w, "ada", "bo", "penny", 1.5), 400, "not 1.5"),
        (lambda w: do.transfer_money(w, 7, "bo", "penny", 1), 404, "no character, place or faction int"),
        (lambda w: do.move_character(w, "di", "mill"), 409, "Di is dead"),
        (lambda w: do.move_character(w, None, "mill"), 404, "no character nothing"),
        (lambda w: do.meet(w, ["ada"]), 400, "2 to 50 participants, not 1"),
        (lambda w: do.meet(w, ["ada", "ada"]), 400, "takes part in the encounter twice"),
        (lambda w: do.meet(w, "ada"), 400, "participants is a list"),
        (lambda w: do.meet(w, ["ada", "bo"], sentiment=float("nan")), 400, "from -1 to 1, not nan"),
        (lambda w: do.meet(w, ["ada", "bo"], kind="a quarrel"), 400, "kind is a word"),
        (lambda w: do.set_relationship(w, "ada", "ada", "kin", 1), 400, "cannot be related to themselves"),
        (lambda w: do.evolve_personality(w, "ada", "loyalti", 0.1), 404, "did you mean 'loyalty'"),
        (lambda w: do.join_faction(w, "ada", "millers", "reeve", -1), 400, "rank is a whole number"),
        (lambda w: do.leave_faction(w, "bo", "millers"), 409, "Bo is no member"),
        (lambda w: do.bind(w, "ada", "x", "ada"), 400, "cannot owe themselves"),
        (lambda w: do.bind(w, "ada", "x", None, "oath", {"theft": -1}), 400, "numbers from 0 to 1000"),
        (lambda w: do.settle(w, "o1", "done"), 400, "fulfilled, breached or lapsed"),
        (lambda w: do.kill_character(w, "di"), 409, "Di is dead"),
        (lambda w: start_storyline(w, "fall", {"victim": "ada"}), 400, "has the roles victim, friend"),
        (lambda w: start_storyline(w, "fall", {"victim": "bo", "friend": "ada"}), 409, "has no trauma in the past"),
        (lambda w: start_storyline(w, "fall", {"victim": "ada", "friend": "cy"}), 409, "nothing to do with Cy"),
        (lambda w: start_storyline(w, "fall", {"victim": "ada", "friend": "ada"}), 400, "two roles"),
        (lambda w: start_storyline(w, "fall", 3), 400, "roles is a map"),
        (lambda w: start_quest(w, "ada", "flower"), 404, "did you mean 'flour'"),
        (lambda w: start_journey(w, "ada", "mill"), 409, "Ada is at Mill already"),
        (lambda w: start_journey(w, "ada", "peak"), 409, "there is no way from Mill to Peak"),
        (lambda w: start_journey(w, "bo", "dock", "mule"), 409, "Bo has no 'mule'"),
        (lambda w: advance(w, hours=-1), 400, "not by -3600"),
    ],
)
def test_refusals_say_why_and_change_nothing(call: Any, status: int, said: str) -> None:
    world = village()
    events, before = heard(world), dumps(world)
    with pytest.raises(Refused, match=said.replace("(", r"\(")) as caught:
        call(world)
    assert caught.value.extra["status_code"] == status
    assert dumps(world) == before
    assert events == []


PEOPLE = ["ada", "bo", "cy", "di", "mill", "dock", "millers", "nobody"]
CHANCE = st.one_of(
    st.tuples(st.just("give_item"), st.sampled_from(PEOPLE), st.sampled_from(PEOPLE), st.integers(-1, 3)),
    st.tuples(st.just("transfer_money"), st.sampled_from(PEOPLE), st.sampled_from(PEOPLE), st.integers(-1, 60)),
    st.tuples(st.just("kill"), st.sampled_from(PEOPLE), st.just(""), st.just(0)),
    st.tuples(st.just("compress"), st.sampled_from(PEOPLE), st.just(""), st.integers(0, 1)),
    st.tuples(st.just("journey"), st.sampled_from(PEOPLE), st.sampled_from(["mill", "dock", "cove"]), st.just(0)),
    st.tuples(st.just("meet"), st.sampled_from(PEOPLE), st.sampled_from(PEOPLE), st.integers(-1, 1)),
    st.tuples(st.just("tale"), st.sampled_from(PEOPLE), st.sampled_from(PEOPLE), st.just(0)),
    st.tuples(st.just("advance"), st.just(""), st.just(""), st.integers(0, 200)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(CHANCE, max_size=25))
def test_money_and_things_are_kept_and_the_world_stays_consistent(steps: list[tuple[str, str, str, int]]) -> None:
    world = village()
    before = world.totals()
    for what, one, other, number in steps:
        try:
            if what == "give_item":
                do.give_item(world, one, other, "lamp", number)
            elif what == "transfer_money":
                do.transfer_money(world, one, other, "penny", number)
            elif what == "kill":
                do.kill_character(world, one)
            elif what == "compress":
                compress(world, one, delete=bool(number))
            elif what == "journey":
                start_journey(world, one, other)
            elif what == "meet":
                do.meet(world, [one, other], sentiment=number)
            elif what == "tale":
                start_storyline(world, "fall", {"victim": one, "friend": other})
            else:
                advance(world, hours=number)
        except Refused:
            pass
    assert world.totals() == before
    assert list(contradictions(world)) == []
    assert loads(dumps(world)) == world
    assert {event.topic for event in world.events.kept} <= set(TOPICS)


def test_each_participant_hears_of_an_encounter() -> None:
    world = village()
    events = heard(world, "encounter.*")
    met = do.meet(world, ["bo", "ada"], "help", 0.5, "he carried the sacks")
    assert [event.payload["characterId"] for event in events] == [world.characters[key].id for key in ("bo", "ada")]
    assert world.encounters_of("ada")[0] is met
    assert (met.place, met.at) == ("mill", world.now)


def test_death_ends_what_somebody_was_part_of() -> None:
    world = village()
    tale = start_storyline(world, "fall", {"victim": "ada", "friend": "bo"})
    run_ = start_quest(world, "ada", "flour")
    events = heard(world)
    do.kill_character(world, "ada", "fever")
    assert (tale.state, run_.state, world.obligations["o1"].state) == ("failed", "failed", "lapsed")
    assert [event.topic for event in events] == [
        "character.died", "storyline.updated", "storyline.updated", "quest.updated", "obligation.updated",
    ]  # fmt: skip
    assert world.character("ada").bag == {"lamp": 2, "mule": 1}


def test_storylines_and_quests_go_on_to_their_ends() -> None:
    world = village()
    tale = start_storyline(world, "fall", {"victim": "ada", "friend": "bo"})
    assert [advance_storyline(world, tale.id) for _ in range(3)] == ["during", "after", "after"]
    assert tale.state == "ended"
    with pytest.raises(Refused, match="ended already"):
        advance_storyline(world, tale.id)
    run_ = start_quest(world, "ada", "flour", "bo")
    assert [advance_quest(world, run_.id, name, by) for name, by in (("carry", 5), ("tell", 1))] == [
        "active",
        "completed",
    ]
    assert run_.done == {"carry": 3, "tell": 1}
    with pytest.raises(Refused, match="completed already"):
        end_quest(world, run_.id)


def test_time_lets_things_fall_due_in_order() -> None:
    world = village()
    start_quest(world, "ada", "flour")
    journey = start_journey(world, "ada", "cove")
    assert (journey.mode, journey.arrives - world.now) == ("raft", 12_000)
    start_journey(world, "bo", "dock")
    events = heard(world)
    advance(world, days=3)
    topics = [(event.topic, event.payload["timestamp"]) for event in events if event.topic != "world.advanced"]
    assert topics == [
        ("character.moved", "312-04-17 09:50"),
        ("character.moved", "312-04-17 11:50"),
        ("quest.updated", "312-04-19 08:30"),
        ("world.day.began", "312-04-20 08:30"),
    ]
    assert world.character("bo").place == "dock"


def test_who_hears_of_an_arrival_may_set_out_again() -> None:
    world = village()
    start_journey(world, "ada", "dock", "mule")

    def onward(event: Event) -> None:
        if world.character("ada").place == "dock":
            start_journey(world, "ada", "mill", "foot")

    world.events.subscribe("character.moved", onward)
    events = heard(world, "character.moved")
    advance(world, hours=5)
    assert [event.payload["timestamp"] for event in events] == ["312-04-17 09:30", "312-04-17 11:30"]


def test_a_listener_that_fails_fails_the_caller_after_everybody_has_heard() -> None:
    world = village()

    def fail(event: Event) -> None:
        raise RuntimeError("no")

    stop = world.events.subscribe("character.*", fail)
    events = heard(world)
    with pytest.raises(RuntimeError):
        do.move_character(world, "ada", "dock")
    assert len(events) == 1
    stop()
    do.move_character(world, "ada", "mill")
    assert [event.number for event in world.events.since(1)] == [2]


def test_documents_do_it_too() -> None:
    world = village()
    result = run(
        world,
        """
    - give_item: { from: ada, to: bo, item: lamp }
      result_variable: left
    - log: "${left}"
    - meet: { participants: [ada, bo], kind: quarrel, sentiment: -0.5 }
    - start_storyline: { scenario: fall, roles: { victim: ada, friend: bo }, dry_run: true }
      result_variable: could
    - log: "${could.phase} ${could.id}"
    - start_storyline: { scenario: fall, roles: { victim: ada, friend: bo } }
      result_variable: tale
    - advance_storyline: { storyline: "${tale.id}" }
      result_variable: phase
    - log: "${phase}"
    - call: /currency/balance/get
      with: { owner: ada, currency: penny }
      into: pennies
    - log: "${pennies}"
    - transfer_money: { from: ada, to: bo, currency: penny, amount: 999 }
      on_error:
        - log: "${_error.status_code} ${_error.message}"
""",
    )
    assert messages(result) == [
        "1", "before null", "during", "50", "409 Ada has 50 of 'penny' and cannot give 999",
    ]  # fmt: skip
    assert len(world.storylines) == 1


def test_every_action_is_checked_and_told_of() -> None:
    world = village()
    made = handlers(world)
    described = manifest()
    assert set(made) == set(described["actions"])
    assert set(described["routes"].values()) <= set(ACTIONS)
    result = run(world, "    - give_item: { from: ada, to: bo, item: lamp, cuont: 2 }", lenient=True)
    assert result.error is not None and "did you mean 'count'" in result.error["message"]
    with pytest.raises(abml.CompileError, match="needs the parameter 'character'"):
        run(world, "    - kill_character: {}")
    with pytest.raises(Refused, match="kill_character needs 'character'"):
        completed(ACTIONS["kill_character"], {})
