"""People for a world: as many as wanted, the same for the same seed, with pasts, ties and memories."""

from __future__ import annotations

from collections.abc import Sequence

from abml.vm.random import Random, hash_text

from .calendar import HOUR, Calendar
from .model import (
    TRAITS,
    Character,
    Combat,
    Element,
    Encounter,
    Growth,
    Member,
    Obligation,
    Participation,
    QuestRun,
    Relationship,
    Storyline,
)
from .names import CRAFTS, DEEDS, PARTS, PAST, key_of, person
from .setting import settle
from .world import MAX_ENTRIES, Refused, RefWorld

_TIES = (
    ("friend", 0.3, 0.9),
    ("kin", 0.0, 1.0),
    ("beloved", 0.5, 1.0),
    ("mentor", 0.2, 0.8),
    ("rival", -0.8, -0.1),
    ("enemy", -1.0, -0.5),
    ("debtor", -0.5, 0.2),
)
"""Kind of relationship, and between what its strength lies."""


def generate(seed: int, characters: int = 200, places: int = 12, name: str = "generated") -> RefWorld:
    """A world with one realm and so many people.

    Equal arguments give equal worlds, byte for byte when they are saved.

    Args:
        seed: any integer.
        characters: 0 to 100,000; most have ties to others, a past, and memories of the last months.
        places: 2 to 1000.
        name: the ids of all things are made from it.

    Raises:
        Refused: a count is out of its range.
    """
    if not 2 <= places <= 1000:
        raise Refused(f"a realm has 2 to 1000 places, not {places}", status_code=400)
    calendar = Calendar()
    world = RefWorld(name, calendar.join(312, 4, 17, 8, 30), calendar=calendar)
    realm = settle(world, seed, places)
    populate(world, realm.key, characters, seed)
    return world


def populate(world: RefWorld, realm: object, count: int, seed: int) -> list[str]:
    """Add people to a realm; they know each other and not those who were there.

    Args:
        realm: key or id; it needs a place.
        count: 0 to 100,000.
        seed: with the realm's key it decides everything.

    Returns:
        The keys of the new characters.

    Raises:
        Refused: the realm does not exist or has no place, or the count is out of its range.
    """
    home = world.realm(realm)
    places = [key for key, place in world.places.items() if place.realm == home.key]
    if not places:
        raise Refused(f"{home.name} has no place where anybody could live", status_code=409)
    if not 0 <= count <= MAX_ENTRIES:
        raise Refused(f"the count is from 0 to {MAX_ENTRIES}, not {count}", status_code=400)
    random = Random(seed ^ hash_text(home.key))
    keys = [_person(world, home.key, places, random) for _ in range(count)]
    for number, key in enumerate(keys):
        if number:
            _ties(world, keys[:number] if number < 40 else keys[number - 40 : number], key, random)
        _duties(world, key, random)
    _tales(world, keys, random)
    return keys


def _person(world: RefWorld, realm: str, places: Sequence[str], random: Random) -> str:
    name = person(random)
    years = random.integer(16, 78)
    calendar = world.calendar
    born = world.now - (years * calendar.days + random.integer(0, calendar.days - 1)) * calendar.day_s
    # The mean of two draws: extremes are rare, as among people.
    traits = {axis: _round(random.uniform(-1, 1) + random.uniform(-1, 1), 2.0) for axis in TRAITS}
    bold = traits["aggression"]
    style = "aggressive" if bold > 0.35 else "cautious" if bold < -0.35 else "balanced"
    made = Character(
        key_of(name, world.characters),
        name=name,
        realm=realm,
        place=places[random.integer(0, len(places) - 1)],
        occupation=CRAFTS[random.integer(0, len(CRAFTS) - 1)],
        born=max(born, 0),
        traits=traits,
        combat=Combat(
            style=style,
            risk_tolerance=_round(bold + 1, 2.0),
            protect_allies=traits["loyalty"] > -0.2,
        ),
        backstory=_past(random),
        participations=_parts(world, random, years),
        growth=Growth(
            phase="sprout" if years < 25 else "branch" if years < 55 else "crown",
            domains={"craft": float(random.integer(0, years)), "people": float(random.integer(0, years))},
            capabilities={"craft": _round(random.random(), 1.0)},
        ),
        preferences={"barge": 0.9} if random.chance(0.1) and "barge" in world.modes else {},
        purse={"penny": random.integer(1, 400)} if "penny" in world.currencies else {},
        bag=_bag(world, random),
    )
    world.add("characters", made)
    return made.key


def _round(value: float, over: float) -> float:
    """Three digits, as a person would write it."""
    return round(value / over, 3)


def _past(random: Random) -> list[Element]:
    kinds = ["origin"] + [kind for kind in PAST if kind != "origin" and random.chance(0.4)]
    found = []
    for kind in kinds:
        key, text = PAST[kind][random.integer(0, len(PAST[kind]) - 1)]
        found.append(Element(type=kind, key=key, value=text, strength=_round(random.random(), 1.0)))
    return found


def _parts(world: RefWorld, random: Random, years: int) -> list[Participation]:
    found = []
    for _ in range(random.integer(0, 3)):
        ago = random.integer(1, max(years - 10, 1)) * world.calendar.days * world.calendar.day_s
        found.append(
            Participation(
                event=DEEDS[random.integer(0, len(DEEDS) - 1)],
                role=PARTS[random.integer(0, len(PARTS) - 1)],
                significance=_round(random.random(), 1.0),
                at=max(world.now - ago, 0),
            )
        )
    return found


def _bag(world: RefWorld, random: Random) -> dict[str, int]:
    chances = (("bread", 0.7), ("lamp", 0.4), ("knife", 0.3), ("ring", 0.15), ("horse", 0.1), ("letter", 0.1))
    drawn = [(code, random.chance(chance)) for code, chance in chances]
    return {code: 1 for code, is_there in drawn if is_there and code in world.items}


def _ties(world: RefWorld, others: Sequence[str], key: str, random: Random) -> None:
    known: set[str] = set()
    for _ in range(random.integer(0, 3)):
        other = others[random.integer(0, len(others) - 1)]
        kind, low, high = _TIES[random.integer(0, len(_TIES) - 1)]
        strength = _round(random.uniform(low, high), 1.0)
        answer = _round(strength + random.uniform(-0.3, 0.3), 1.0)
        is_mutual = random.chance(0.75)
        times = random.integer(0, 3)
        if other in known:
            continue
        known.add(other)
        since = world.now - random.integer(1, 3000) * world.calendar.day_s
        _tie(world, key, other, kind, strength, since)
        if is_mutual:
            _tie(world, other, key, kind, min(max(answer, -1.0), 1.0), since)
        for _ in range(times):
            _meeting(world, key, other, strength, random)


def _tie(world: RefWorld, of: str, to: str, kind: str, strength: float, since: int) -> None:
    key = world.new_key("relationships")
    world.add("relationships", Relationship(key, of=of, to=to, kind=kind, strength=strength, since=max(since, 0)))


def _meeting(world: RefWorld, key: str, other: str, strength: float, random: Random) -> None:
    mood = min(max(_round(strength + random.uniform(-0.5, 0.5), 1.0), -1.0), 1.0)
    kind = "quarrel" if mood < -0.3 else "help" if mood > 0.5 else "talk"
    ago = random.integer(1, 120 * 24) * HOUR
    met = Encounter(
        world.new_key("encounters"),
        at=max(world.now - ago, 0),
        place=world.characters[key].place,
        kind=kind,
        participants=[key, other],
        sentiment=mood,
    )
    world.add("encounters", met)


def _duties(world: RefWorld, key: str, random: Random) -> None:
    character = world.characters[key]
    ties = world.relationships_of(key)
    if random.chance(0.2) and ties:
        owed = Obligation(
            world.new_key("obligations"),
            of=key,
            to=ties[0].to,
            terms=f"{character.name} is bound to {world.characters[ties[0].to].name}",
            costs={"oath_breaking": float(random.integer(2, 12)), "betrayal": float(random.integer(2, 12))},
            since=max(world.now - random.integer(1, 900) * world.calendar.day_s, 0),
        )
        world.add("obligations", owed)
    factions = [one for one in world.factions.values() if one.realm == character.realm]
    if random.chance(0.25) and factions:
        faction = factions[random.integer(0, len(factions) - 1)]
        faction.members[key] = Member(role="officer" if random.chance(0.2) else "member", rank=random.integer(0, 9))
    if random.chance(0.08) and world.quests:
        quest = list(world.quests.values())[random.integer(0, len(world.quests) - 1)]
        started = world.now - random.integer(1, 24) * HOUR
        ends = None if quest.hours is None else started + quest.hours * HOUR
        world.add(
            "quest_runs", QuestRun(world.new_key("quest_runs"), quest=quest.key, of=key, started=started, ends=ends)
        )


def _tales(world: RefWorld, keys: Sequence[str], random: Random) -> None:
    """One of a hundred people is in a storyline already."""
    scenarios = [one for one in world.scenarios.values() if len(one.roles) == 1]
    for key in keys:
        if random.chance(0.01) and scenarios:
            scenario = scenarios[random.integer(0, len(scenarios) - 1)]
            tale = Storyline(
                world.new_key("storylines"),
                scenario=scenario.key,
                roles=dict.fromkeys(scenario.roles, key),
                phase=scenario.phases[0],
                started=world.now - HOUR,
            )
            world.add("storylines", tale)
