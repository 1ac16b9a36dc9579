"""What must not be in a world although every word of it is well-formed."""

from __future__ import annotations

from collections.abc import Iterator

from .world import RefWorld

Contradiction = tuple[str, str, str, str]
"""Table and key of an entry, what is wrong with it, and what to do."""


def contradictions(world: RefWorld) -> Iterator[Contradiction]:
    """Everything that contradicts itself in a world whose references all lead somewhere."""
    yield from _scenarios(world)
    yield from _places(world)
    yield from _factions(world)
    yield from _characters(world)
    yield from _memories(world)
    yield from _tales(world)


def _scenarios(world: RefWorld) -> Iterator[Contradiction]:
    for key, scenario in world.scenarios.items():
        for name, role in scenario.roles.items():
            if role.bound_to is not None and (role.bound_to not in scenario.roles or role.bound_to == name):
                yield "scenarios", key, f"the role '{name}' is bound to '{role.bound_to}'", "name another of its roles"
        if len(set(scenario.phases)) != len(scenario.phases):
            yield "scenarios", key, "it has a phase twice", "a phase stands once in its course"


def _places(world: RefWorld) -> Iterator[Contradiction]:
    for key, place in world.places.items():
        seen, around = {key}, place.inside
        while around is not None and around not in seen:
            seen.add(around)
            around = world.places[around].inside
        if around is not None:
            yield "places", key, "it lies inside itself", "let one place of the ring lie in none"
        if place.inside is not None and world.places[place.inside].realm != place.realm:
            yield "places", key, "it lies in a place of another realm", "both belong to one realm"
        if key in place.routes:
            yield "places", key, "it has a way to itself", "leave the way out"
        for other, route in place.routes.items():
            if key in world.places[other].routes and world.places[other].routes[key] != route:
                reason = f"the way to '{other}' is written at both ends and differs"
                yield "places", key, reason, "write a way at one of its ends"


def _factions(world: RefWorld) -> Iterator[Contradiction]:
    rulers: dict[str, str] = {}
    for key, faction in world.factions.items():
        for place in faction.controls:
            other = rulers.setdefault(place, key)
            if other != key:
                yield "factions", key, f"'{place}' is ruled by '{other}' already", "a place has one ruler"


def _characters(world: RefWorld) -> Iterator[Contradiction]:
    for key, character in world.characters.items():
        if world.places[character.place].realm != character.realm and character.journey is None:
            reason = f"the place '{character.place}' is in another realm than '{character.realm}'"
            yield "characters", key, reason, "give the realm where the character is"
        if character.died is not None and character.died > world.now:
            yield "characters", key, "the death is in the future", "leave 'died' out, or move 'world.now'"
        if character.born > world.now or (character.died is not None and character.died < character.born):
            yield "characters", key, "the birth is after the death or after now", "give an earlier day"
        if character.journey is not None:
            journey = character.journey
            if character.died is not None:
                yield "characters", key, "somebody dead is on a journey", "leave the journey out"
            elif not journey.started <= world.now < journey.arrives:
                yield "characters", key, "the journey is not under way now", "it starts before now and arrives after"


def _memories(world: RefWorld) -> Iterator[Contradiction]:
    for key, one in world.relationships.items():
        if one.of == one.to:
            yield "relationships", key, f"'{one.of}' is related to itself", "name somebody else"
    pairs: dict[tuple[str, str, str], str] = {}
    for key, one in world.relationships.items():
        other = pairs.setdefault((one.of, one.to, one.kind), key)
        if other != key:
            yield "relationships", key, f"it says the same as '{other}'", "keep one of the two"
    for key, met in world.encounters.items():
        if met.at > world.now:
            yield "encounters", key, "it is in the future", "give a moment that is over"
        if len(set(met.participants)) != len(met.participants):
            yield "encounters", key, "somebody takes part twice", "name everybody once"
    for key, owed in world.obligations.items():
        if owed.of == owed.to:
            yield "obligations", key, f"'{owed.of}' owes it to itself", "name somebody else"


def _tales(world: RefWorld) -> Iterator[Contradiction]:
    for key, tale in world.storylines.items():
        scenario = world.scenarios[tale.scenario]
        if set(tale.roles) != set(scenario.roles):
            reason = f"its roles are not those of '{tale.scenario}'"
            yield "storylines", key, reason, f"name {', '.join(scenario.roles)}"
        if len(set(tale.roles.values())) != len(tale.roles):
            yield "storylines", key, "somebody has two roles", "one role for each"
        if tale.phase not in scenario.phases:
            reason = f"'{tale.phase}' is no phase of '{tale.scenario}'"
            yield "storylines", key, reason, f"it is one of {', '.join(scenario.phases)}"
    for key, run in world.quest_runs.items():
        for name in run.done:
            if name not in world.quests[run.quest].objectives:
                yield "quest_runs", key, f"'{run.quest}' has no objective '{name}'", "name one of its objectives"
