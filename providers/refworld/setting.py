"""The setting of a generated world: a realm with its places and ways, its goods, its stories."""

from __future__ import annotations

from typing import Any

from abml.vm.random import Random

from .model import Currency, Faction, Item, Mode, Objective, Place, Quest, Realm, Role, Route, Scenario
from .names import key_of, settlement
from .world import RefWorld

_ITEMS = (
    ("bread", "Loaf of bread", "food", 1.0, 2),
    ("lamp", "Oil lamp", "tool", 0.8, 30),
    ("knife", "Knife", "weapon", 0.3, 25),
    ("horse", "Riding horse", "animal", 450.0, 4000),
    ("letter", "Sealed letter", "paper", 0.1, 1),
    ("ring", "Silver ring", "jewel", 0.1, 600),
    ("medicine", "Bottle of medicine", "cure", 0.4, 90),
)
_POIS = ("the well", "the bell tower", "the market cross", "the weir", "the gallows oak", "the almshouse", "the smithy")


def settle(world: RefWorld, seed: int, places: int = 12) -> Realm:
    """Add one realm with its places to a world, and what the world lacks of goods and stories.

    Args:
        places: how many, from 2 to 1000.

    Returns:
        The realm.
    """
    random = Random(seed)
    _goods(world)
    _stories(world)
    name = f"The {settlement(random)} Vale"
    realm = Realm(
        key_of(name.removeprefix("The "), world.realms),
        name=name,
        hour_offset=len(world.realms),
        norms={"theft": 6.0, "violence": 8.0, "deception": 2.0, "oath_breaking": 4.0},
    )
    world.add("realms", realm)
    keys = [_place(world, realm, random, number).key for number in range(places)]
    for number in range(1, places):
        # Every place is tied to an earlier one, so that all of them can be reached.
        _route(world, random, keys[number], keys[random.integer(max(number - 4, 0), number - 1)])
    for _ in range(places // 3):
        one, other = (keys[random.integer(0, places - 1)] for _ in range(2))
        if one != other and other not in world.places[one].routes and one not in world.places[other].routes:
            _route(world, random, one, other)
    _powers(world, realm, keys, random)
    return realm


def _place(world: RefWorld, realm: Realm, random: Random, number: int) -> Place:
    name = settlement(random)
    kinds = ("town", "village", "village", "village", "ferry", "abbey", "forest")
    kind = "town" if number == 0 else kinds[random.integer(0, len(kinds) - 1)]
    first = random.integer(0, len(_POIS) - 1)
    place = Place(
        key_of(name, world.places),
        name=name,
        realm=realm.key,
        type=kind,
        zone="upper vale" if number % 2 else "lower vale",
        region=realm.name,
        pois=[_POIS[(first + step) % len(_POIS)] for step in range(random.integer(1, 3))],
        purse={"penny": 500},
        bag={"bread": 40},
    )
    world.add("places", place)
    return place


def _route(world: RefWorld, random: Random, one: str, other: str) -> None:
    modes = ["foot", "horse"] if random.chance(0.8) else ["foot", "barge"]
    world.places[one].routes[other] = Route(km=random.integer(20, 160) / 10, modes=modes)


def _goods(world: RefWorld) -> None:
    wanted: list[tuple[str, Any]] = [("currencies", Currency("penny", name="Silver penny"))]
    for key, name, kind, weight, value in _ITEMS:
        wanted.append(("items", Item(key, name=name, type=kind, weight=weight, value=value)))
    wanted.append(("modes", Mode("foot", name="on foot", speed=4.0)))
    wanted.append(("modes", Mode("horse", name="on horseback", speed=11.0, needs="horse", cost=0.1)))
    wanted.append(("modes", Mode("barge", name="by barge", speed=6.0, cost=0.3)))
    _add_missing(world, wanted)


def _stories(world: RefWorld) -> None:
    quests = (
        Quest(
            "find-the-letter",
            name="Find the letter",
            objectives={"ask": Objective(name="Ask around", needed=3), "read": Objective(name="Read it")},
            reward={"penny": 40},
            hours=72,
        ),
        Quest(
            "settle-the-score",
            name="Settle the score",
            objectives={"confront": Objective(name="Face the one who did it")},
            hours=240,
        ),
        Quest(
            "bring-medicine",
            name="Bring medicine before the fever turns",
            objectives={"fetch": Objective(name="Fetch the bottle"), "bring": Objective(name="Bring it in time")},
            reward={"penny": 25},
            hours=48,
        ),
    )
    scenarios = (
        Scenario(
            "the-old-debt",
            name="The old debt",
            genre="tragedy",
            weight=0.9,
            triggers=["encounter.recorded", "obligation.updated"],
            roles={
                "victim": Role(traits={"loyalty": 0.6, "neuroticism": 0.5, "honesty": 0.4}, bound_to="tempter"),
                "tempter": Role(traits={"aggression": 0.4, "honesty": -0.6}),
            },
            phases=["letter", "promise", "betrayal", "ruin"],
            quest="find-the-letter",
        ),
        Scenario(
            "blood-for-blood",
            name="Blood for blood",
            genre="tragedy",
            weight=0.8,
            triggers=["character.died"],
            roles={
                "avenger": Role(traits={"aggression": 0.6, "loyalty": 0.5}, needs=["trauma"], bound_to="culprit"),
                "culprit": Role(traits={"agreeableness": -0.4}),
            },
            phases=["grief", "oath", "hunt", "empty-hands"],
            quest="settle-the-score",
        ),
        Scenario(
            "too-late",
            name="Too late",
            genre="tragedy",
            weight=0.6,
            triggers=["relationship.changed"],
            roles={
                "healer": Role(traits={"conscientiousness": 0.6, "agreeableness": 0.5}, bound_to="patient"),
                "patient": Role(traits={"neuroticism": 0.4}),
            },
            phases=["fever", "road", "closed-gate", "silence"],
            quest="bring-medicine",
        ),
        Scenario(
            "the-reeve-s-chair",
            name="The reeve's chair",
            genre="comedy",
            weight=0.4,
            roles={"candidate": Role(traits={"extraversion": 0.7, "conscientiousness": -0.3})},
            phases=["speech", "scandal", "feast"],
        ),
    )
    _add_missing(world, [("quests", one) for one in quests])
    _add_missing(world, [("scenarios", one) for one in scenarios])


def _add_missing(world: RefWorld, wanted: list[tuple[str, Any]]) -> None:
    for table, entry in wanted:
        if entry.key not in world.table(table):
            world.add(table, entry)


def _powers(world: RefWorld, realm: Realm, keys: list[str], random: Random) -> None:
    half = len(keys) // 2
    house = f"House {settlement(random)}"
    rulers = Faction(
        key_of(house, world.factions),
        name=house,
        code="HOUSE",
        kind="house",
        realm=realm.key,
        phase="waning",
        controls=keys[:half],
        norms={"trespass": 5.0, "disrespect": 3.0, "theft": 9.0},
        purse={"penny": 5000},
    )
    guild = Faction(
        key_of("Guild of Lamplighters", world.factions),
        name="Guild of Lamplighters",
        code="LAMP",
        kind="guild",
        realm=realm.key,
        phase="rising",
        norms={"deception": 7.0, "exploitation": 4.0},
        purse={"penny": 1200},
    )
    for faction in (rulers, guild):
        world.add("factions", faction)
