"""Snapshots and archives of the world's people, as documents see them."""

from __future__ import annotations

from typing import Any

import pytest

import abml
from abml.providers.refworld import RefWorld
from abml.providers.refworld.actions import handlers, manifest
from abml.providers.refworld.changes import evolve_personality, kill_character, meet
from abml.providers.refworld.generator import generate
from abml.providers.refworld.library import TEMPLATES, Library
from abml.providers.refworld.records import SOURCES
from abml.providers.refworld.resources import compress
from abml.providers.refworld.tales import start_quest, start_storyline
from abml.providers.refworld.time import advance
from abml.providers.snapshots.codec import decode

from .support import messages, village

ALL = "[" + ", ".join(source.source_type for source in SOURCES) + "]"


def run(library: Library, actions: str, templates: str = ALL, **options: Any) -> abml.RunResult:
    """A watcher with these actions over a library."""
    text = (
        'version: "3.0"\nmetadata: { id: watcher, type: event_brain, resource_templates: '
        f"{templates} }}\nflows:\n  main:\n{actions}"
    )
    return abml.run(
        text,
        flow="main",
        resources=library.resources,
        templates=library.templates,
        handlers=handlers(library.world),
        manifest=manifest(),
        **options,
    )


def told(world: RefWorld) -> dict[str, Any]:
    """The ids of people by key, as given values."""
    return {"scope": {key: one.id for key, one in world.characters.items()}}


LOAD = '    - load_snapshot: { resource_type: character, resource_id: "${ada}", name: who }\n'


def test_res_011_entries_come_by_priority() -> None:
    """Base 0, personality 10, history 20, obligation 25, encounter 30, storyline 40, quest 50."""
    world = village()
    library = Library(world)
    answer = library.api.execute("character", world.character("ada").id)
    found = [entry.source_type for entry in answer.entries]  # type: ignore[union-attr]
    assert found == [
        "character-base", "character-personality", "character-history", "obligation", "character-encounter",
        "storyline", "quest",
    ]  # fmt: skip
    assert [source.priority for source in SOURCES] == [0, 10, 20, 25, 30, 40, 50]
    assert [entry.source_type for entry in _archive(world).entries][: len(found)] == found


def _archive(world: RefWorld) -> Any:
    kill_character(world, "ada")
    return compress(world, "ada")


def test_res_014_nested_entries_read_as_if_from_their_own_providers() -> None:
    library = Library(village())
    actions = LOAD + (
        '    - log: "${who.personality.aggression} ${who.history.participations[0].role}"\n'
        '    - log: "${who.encounters.recent_count}"\n'
        '    - log: "${who.history.backstory.origin} ${who.base.relationships[0].name} ${who.obligations.total_cost}"\n'
    )
    assert messages(run(library, actions, **told(library.world))) == ["0 rescuer", "1", "river Bo 4"]


def test_res_019_behaviors_with_different_templates_share_one_collection() -> None:
    library = Library(village())
    shown = LOAD + '    - return: "${who._sources}"\n'
    first = run(library, shown, "[character-base, character-personality, character-history]", **told(library.world))
    second = run(library, shown, "[character-base, character-encounter]", **told(library.world))
    assert first.value == ["character-base", "character-personality", "character-history"]
    assert second.value == ["character-base", "character-encounter"]
    assert {source.count for source in library.sources.values()} == {1}


def test_res_025_storylines_and_quests_are_collected() -> None:
    """The storyline's entry comes after base, personality, history and encounter, and says what is so."""
    world = village()
    start_storyline(world, "fall", {"victim": "ada", "friend": "bo"})
    start_quest(world, "ada", "flour")
    library = Library(world)
    actions = LOAD + (
        '    - log: "${who.storyline.is_participant} ${who.storyline.participations[0].role} ${who.quest.codes[0]}"\n'
        '    - return: "${who._sources}"\n'
    )
    result = run(library, actions, **told(world))
    assert messages(result) == ["true victim flour"]
    assert result.value.index("storyline") > max(
        result.value.index(name) for name in ("character-base", "character-personality", "character-encounter")
    )


def test_res_056_templates_of_storylines_and_quests_are_checked() -> None:
    library = Library(village())
    with pytest.raises(abml.CompileError, match="ABML403"):
        run(library, LOAD + '    - log: "${who.storyline.participants}"\n', **told(library.world))
    with pytest.raises(abml.CompileError, match="ABML403"):
        run(library, LOAD + '    - log: "${who.quest.active}"\n', **told(library.world))


def test_res_036_templates_say_how_long_data_stays_fresh() -> None:
    ttls = {spec.namespace: spec.ttl_minutes for spec in Library(village()).templates}
    wanted = {"personality": 60, "history": 30, "encounters": 10, "storyline": 5, "quest": 5}
    assert {name: ttls[name] for name in wanted} == wanted


def test_data_grows_old_with_the_world() -> None:
    """Of the watcher's templates quest is the first to expire, after five minutes; personality lasts an hour."""
    library = Library(village())
    both = LOAD + '    - return: "${who.personality.loyalty}"\n'
    for minutes, count in ((0, 1), (4, 1), (2, 2)):
        advance(library.world, minutes=minutes)
        run(library, both, "[character-personality, quest]", **told(library.world))
        assert library.sources["quest"].count == count
    advance(library.world, minutes=50)
    run(library, both, "[character-personality]", **told(library.world))
    assert library.sources["quest"].count == 2


def test_events_make_snapshots_old() -> None:
    library = Library(village())
    load = LOAD + '    - return: "${who.personality.loyalty} ${who.encounters.count}"\n'
    assert run(library, load, **told(library.world)).value == "0.8 2"
    evolve_personality(library.world, "ada", "loyalty", -0.3)
    meet(library.world, ["ada", "bo"])
    assert run(library, load, **told(library.world)).value == "0.5 3"


def test_res_039_missing_parts_are_null_and_the_rest_is_readable() -> None:
    """History fails: aggression is readable, history null, one warning. One of ten is gone: nine are scored."""
    warnings: list[str] = []
    world = generate(7, 10)
    library = Library(world, warn=warnings.append)
    library.sources["character-history"].failure = ConnectionError("no answer")
    keys = list(world.characters)
    actions = (
        '    - load_snapshot: { resource_type: character, resource_id: "${ids[0]}", name: who }\n'
        '    - log: "${who.personality.aggression} ${who.history} ${who._error.kind} ${who._error.source}"\n'
    )
    ids = [world.characters[key].id for key in keys]
    result = run(library, actions, scope={"ids": ids})
    aggression = world.characters[keys[0]].traits["aggression"]
    assert messages(result) == [f"{aggression:g} null partial character-history"]
    assert len(warnings) == 1

    kill_character(world, keys[4])
    compress(world, keys[4], delete=True)
    score = """
    - set: { scored: 0, lost: [] }
    - for_each:
        variable: id
        collection: "${ids}"
        do:
          - load_snapshot: { resource_type: character, resource_id: "${id}", name: who }
          - if:
              condition: "${who.personality.aggression == null}"
              then: [{ set: { lost: "${append(lost, who._error.kind)}" } }]
              else: [{ increment: scored }]
    - log: "${scored} ${lost}"
"""
    assert messages(run(library, score, scope={"ids": ids})) == ['9 ["not_found"]']


def test_the_dead_are_found_in_their_archives() -> None:
    world = village()
    library = Library(world)
    ids = told(world)
    kill_character(world, "ada", "the flood")
    compress(world, "ada", delete=True)
    actions = LOAD.replace("name: who", "name: who, kind: auto") + (
        '    - log: "${who._kind} ${who.base.name} ${who.base.cause} ${who.history.participations[0].event}"\n'
    )
    assert messages(run(library, actions, **ids)) == ["archive Ada the flood the flood"]


def test_records_are_what_the_templates_say() -> None:
    """Every value of every record of a crowd has a registered path, and fits it."""
    world = generate(7, 30)
    library = Library(world)
    for one in world.characters.values():
        for entry in library.api.execute("character", one.id).entries:  # type: ignore[union-attr]
            spec = library.templates.get(entry.source_type)
            assert spec is not None
            known = set(spec.paths)
            for path in _paths(decode(entry.data)):
                assert any(path == other or other.startswith((f"{path}.", f"{path}[")) for other in known), path


def _paths(value: Any, above: str = "") -> set[str]:
    if isinstance(value, dict) and above not in ("contracts[].costs", "quests[].done"):
        return {path for key, item in value.items() for path in _paths(item, f"{above}.{key}".lstrip("."))}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return {path for item in value for path in _paths(item, f"{above}[]")}
    return {above}


def test_templates_lie_beside_the_schemas() -> None:
    assert sorted(path.stem for path in TEMPLATES.glob("*.yml")) == sorted(source.source_type for source in SOURCES)
