"""Actors over one world: events, commands, queries, live values and snapshots."""

from __future__ import annotations

import pytest

import abml
from abml.providers.refworld import Refused
from abml.providers.refworld.actions import manifest
from abml.providers.refworld.changes import evolve_personality, kill_character
from abml.providers.refworld.stage import Stage

from .support import village

MORTAL = """
version: "3.0"
metadata: { id: mortal, type: character_brain }
context:
  variables:
    heard: { type: list, default: [] }
flows:
  on_command_offer_quest:
    - set: { heard: "${append(heard, event.params.code)}" }
    - start_quest: { character: "${me}", quest: "${event.params.code}" }
      result_variable: run
    - log: "accepts ${event.params.code}, loyal ${personality.loyalty}"
  on_query_mood:
    - answer_query:
        question: "${event.question}"
        value: { loyalty: "${personality.loyalty}", quests: "${quest.codes}" }
  on_query_silence:
    - log: "says nothing"
"""

WATCHER = """
version: "3.0"
metadata: {{ id: watcher, type: event_brain, resource_templates: [character-personality] }}
subscriptions: [character.died]
flows:
  on_tick:
{actions}
  on_character_died:
    - log: "${{event.cause}} took somebody"
"""


def program(text: str) -> abml.Program:
    described = manifest()
    described["actions"]["answer_query"] = {"params": {"question": "string", "value": "any"}}
    return abml.compile(text, manifest=described)


def stage(actions: str) -> Stage:
    made = Stage(village())
    made.enter("god", program(WATCHER.format(actions=actions)))
    made.enter("ada", program(MORTAL), "ada", scope={"me": "ada"})
    return made


def logs(made: Stage, name: str, ticks: int = 1) -> list[str]:
    return [str(one.message) for _ in range(ticks) for one in made.tick()[name].logs]


def test_res_020_commands_reach_the_actor_of_the_character() -> None:
    """The target handles `offer_quest` with its live providers; one that does not run is a failure with its facts."""
    ada, bo = village().character("ada").id, village().character("bo").id
    made = stage(
        f"""
    - actor_command: {{ target_character: "{ada}", command: offer_quest, data: {{ code: flour }} }}
    - actor_command: {{ target_character: "{bo}", command: start_cutscene, data: {{ id: dusk }} }}
      on_error:
        - log: "${{_error.kind}} ${{_error.status_code}} ${{_error.command}} ${{_error.target_actor_id.length}}"
"""
    )
    assert logs(made, "god") == ["action_failed 404 start_cutscene 36"]
    assert [one.quest for one in made.world.quest_runs.values()] == ["flour"]
    assert made.roles["ada"].actor.variables()["heard"] == ["flour"]


def test_res_024_snapshots_are_old_and_actors_are_asked_for_what_is_now() -> None:
    """A value that changes after the load stays as it was in the snapshot; `actor_query` gives the new one."""
    made = stage(
        """
    - load_snapshot: { resource_type: character, resource_id: "${target}", name: who }
    - evolve_personality: { character: ada, trait: loyalty, delta: -0.6 }
    - actor_query: { target: ada, query: mood, into: mood }
    - log: "${who.personality.loyalty} ${round(mood.loyalty, 3)}"
"""
    )
    made.roles["god"].actor.instance.given["target"] = made.world.character("ada").id
    assert logs(made, "god", 3)[:1] == ["0.8 0.2"]


def test_res_026_queries_have_answers_time_limits_and_absent_targets() -> None:
    """Request and reply; no answer in time fails; an absent actor gives null and says so beside it."""
    made = stage(
        """
    - actor_query: { target: ada, query: mood, into: mood }
    - log: "${mood.quests}"
    - actor_query: { target: nobody, query: mood, into: nothing }
    - log: "${nothing} ${_query_error.kind}"
    - actor_query: { target: ada, query: silence, into: never, timeout: 300 }
      on_error:
        - log: "${_error.status_code} ${_error.target_actor_id}"
"""
    )
    found = logs(made, "god", 8)
    assert found[:3] == ["[]", "null not_found", "408 ada"]


def test_hosts_answer_custom_queries() -> None:
    made = stage(
        """
    - actor_query: { target: ada, query: get_storyline_participation, into: tales }
    - log: "${tales.active_count}"
"""
    )
    made.answers["get_storyline_participation"] = lambda role, params: {
        "active_count": len(made.world.storylines_of(role.character or ""))
    }
    assert logs(made, "god") == ["0"]


def test_events_of_the_world_are_heard_by_those_who_subscribe() -> None:
    made = stage("    - noop")
    kill_character(made.world, "bo", "the flood")
    assert logs(made, "god") == ["the flood took somebody"]
    assert logs(made, "ada") == []


def test_namespaces_follow_the_character() -> None:
    text = """
version: "3.0"
metadata: { id: walker, type: character_brain }
flows:
  on_tick:
    - log: "${location.name} ${world.time.hour} ${personality.loyalty} ${transit.journey.active}"
    - start_journey: { character: ada, place: dock, mode: mule }
      on_error: [noop]
"""
    made = Stage(village(), world_s=1800)
    made.enter("ada", program(text), "ada")
    evolve_personality(made.world, "ada", "loyalty", 0.1)
    assert logs(made, "ada", 4) == [
        "Mill 8 0.9 false", "Mill 9 0.9 true", "Dock 9 0.9 false", "Dock 10 0.9 false",
    ]  # fmt: skip


def test_names_on_stage_are_unique() -> None:
    made = stage("    - noop")
    with pytest.raises(Refused, match="there is an actor 'ada' already"):
        made.enter("ada", program(MORTAL), "ada")
    made.exit("ada")
    made.exit("ada")
    made.enter("ada", program(MORTAL), "ada")
