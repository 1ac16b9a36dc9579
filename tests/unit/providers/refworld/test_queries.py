"""Services answer; who asks searches."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import abml.providers.refworld
from abml.providers.refworld import Refused
from abml.providers.refworld.changes import kill_character
from abml.providers.refworld.generator import generate
from abml.providers.refworld.queries import query_characters, query_relationships, query_scenarios
from abml.providers.refworld.resources import compress
from abml.providers.refworld.tales import start_storyline

from .support import messages, run, village


def names(found: list[dict[str, object]]) -> list[object]:
    return [one["name"] for one in found]


def test_filters_of_characters() -> None:
    world = village()
    assert names(query_characters(world)) == ["Ada", "Bo", "Cy"]
    assert names(query_characters(world, filters={"alive": None})) == ["Ada", "Bo", "Cy", "Di"]
    assert names(query_characters(world, "isle")) == ["Cy"]
    assert names(query_characters(world, [world.realm("moor").id])) == ["Ada", "Bo"]
    assert names(query_characters(world, filters={"hasRelationships": False})) == ["Cy"]
    assert names(query_characters(world, filters={"minAge": 30, "maxAge": 40})) == ["Ada"]
    assert names(query_characters(world, filters={"placeIds": ["cove", "dock"]})) == ["Cy"]
    assert names(query_characters(world, filters={"knows": "bo"})) == ["Ada"]
    assert names(query_characters(world, limit=1, offset=1)) == ["Bo"]
    start_storyline(world, "fall", {"victim": "ada", "friend": "bo"})
    assert names(query_characters(world, filters={"notInActiveStoryline": True})) == ["Cy"]
    assert names(query_characters(world, filters={"inActiveStoryline": True})) == ["Ada", "Bo"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"realm_ids": "more"}, "no realm 'more'; did you mean 'moor'"),
        ({"realm_ids": 4}, "named by one key or id"),
        ({"filters": {"hasRelationship": True}}, "did you mean 'hasRelationships'"),
        ({"filters": {"hasRelationships": "yes"}}, "is true or false, not 'yes'"),
        ({"filters": {"minAge": "old"}}, "number of years"),
        ({"filters": []}, "filters is a map"),
        ({"limit": 0}, "limit is a whole number from 1"),
        ({"offset": -1}, "offset is a whole number from 0"),
    ],
)
def test_questions_that_make_no_sense(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(Refused, match=said):
        query_characters(village(), **arguments)


def test_answers_are_bounded() -> None:
    assert len(query_characters(generate(5, 620))) == 500


def test_scenarios_by_weight_and_fitness() -> None:
    world = village()
    assert [one["code"] for one in query_scenarios(world)] == ["fall", "feast"]
    assert [one["code"] for one in query_scenarios(world, topic="character.died")] == ["fall"]
    fitting = {one["code"]: one["fitting_roles"] for one in query_scenarios(world, character="bo")}
    assert fitting == {"fall": ["friend"], "feast": ["host"]}
    assert query_scenarios(world, character="di") == []


def test_the_strongest_feelings_first() -> None:
    world = generate(7, 60)
    key = max(world.characters, key=lambda one: len(world.relationships_of(one)))
    found = query_relationships(world, key)
    assert len(found) > 2
    assert [abs(one["strength"]) for one in found] == sorted((abs(one["strength"]) for one in found), reverse=True)


def test_res_005_services_answer_and_behaviors_search() -> None:
    """`/character/query` and `/resource/query-archives` are answered, and no provider scores or chooses."""
    world = village()
    kill_character(world, "ada", "fever")
    compress(world, "ada")
    result = run(
        world,
        """
    - call: /character/query
      with: { realmIds: moor, filters: { hasRelationships: true, notInActiveStoryline: true } }
      into: people
    - log: "${people.map(p => p.name)}"
    - call: /resource/query-archives
      with: { resourceType: character, realmId: moor }
      into: archives
    - log: "${archives.map(a => a.name)} ${archives[0].version} ${archives[0].sources.length}"
""",
    )
    assert messages(result) == ['["Bo"]', '["Ada"] 1 7']
    folder = Path(abml.providers.refworld.__file__).parent
    defined = {
        node.name
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    assert not [name for name in defined if "score" in name or "candidate" in name or "choose" in name]
