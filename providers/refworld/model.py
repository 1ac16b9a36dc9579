"""The things of a world: realms, places, characters, and what happens between them.

Each is a record of the world's file; the kinds of its fields say how it is read
and written. Things name each other by key. A key is unique within its table;
the id, a UUID, is what documents and services see.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .fields import Choice, Flag, ListOf, MapOf, Number, Record, Ref, Text, When, Whole, Word, has

TRAITS = (
    "openness",
    "conscientiousness",
    "extraversion",
    "agreeableness",
    "neuroticism",
    "honesty",
    "aggression",
    "loyalty",
)
"""The axes of a personality, each -1..1 (runtime 3.8)."""

UNIT = Number(-1, 1)
SHARE = Number(0, 1)
COUNT = Whole(0, 10**12)
COST = Number(0, 1000)
PURSE = MapOf(COUNT, "currencies")
BAG = MapOf(COUNT, "items")
ELEMENTS = ("origin", "fear", "goal", "trauma", "secret", "belief", "training")
"""What a backstory is made of."""


@dataclass(slots=True)
class Entry:
    """What all things of a world have.

    Attributes:
        key: the name within its table.
        id: a UUID as text; made from the name of the world, table and key when the file gives none.
    """

    key: str
    id: str = field(default="", kw_only=True, metadata={"kind": Text()})


@dataclass(slots=True, kw_only=True)
class Currency(Entry):
    name: str = has(Text())


@dataclass(slots=True, kw_only=True)
class Item(Entry):
    """A kind of thing one can have; `value` is in the smallest coin, `weight` in kilograms."""

    name: str = has(Text())
    type: str = has(Word(), "goods")
    weight: float = has(Number(0, 10_000), 0.0)
    value: int = has(COUNT, 0)


@dataclass(slots=True, kw_only=True)
class Mode(Entry):
    """A way to travel.

    Attributes:
        speed: kilometers an hour.
        needs: an item that whoever travels so must have.
        cost: how unwelcome it is to anybody, 0..1.
    """

    name: str = has(Text())
    speed: float = has(Number(0.1, 1000))
    needs: str | None = has(Ref("items"), None)
    cost: float = has(SHARE, 0.0)


@dataclass(slots=True, kw_only=True)
class Realm(Entry):
    """A land.

    Attributes:
        hour_offset: hours its clocks are ahead of the world's.
        norms: kind of violation -> penalty, where no faction says otherwise.
    """

    name: str = has(Text())
    hour_offset: int = has(Whole(-48, 48), 0)
    norms: dict[str, float] = has(MapOf(COST), dict)


@dataclass(slots=True, kw_only=True)
class Route:
    """A way to another place; it can be walked in both directions."""

    km: float = has(Number(0, 100_000))
    modes: list[str] = has(ListOf(Ref("modes")), list)


@dataclass(slots=True, kw_only=True)
class Place(Entry):
    """Somewhere to be.

    Attributes:
        zone, region: smaller and larger part of the realm it lies in.
        inside: the place around it.
        pois: what there is to see, nearest first.
        purse, bag: what lies there.
    """

    name: str = has(Text())
    realm: str = has(Ref("realms"))
    type: str = has(Word(), "village")
    zone: str = has(Text(), "")
    region: str = has(Text(), "")
    inside: str | None = has(Ref("places"), None)
    routes: dict[str, Route] = has(MapOf(Record(Route), "places"), dict)
    pois: list[str] = has(ListOf(Text()), list)
    purse: dict[str, int] = has(PURSE, dict)
    bag: dict[str, int] = has(BAG, dict)


@dataclass(slots=True, kw_only=True)
class Member:
    """A character in a faction; a higher rank is nearer to its head."""

    role: str = has(Word(), "member")
    rank: int = has(Whole(0, 100), 0)


@dataclass(slots=True, kw_only=True)
class Faction(Entry):
    """People who hold together.

    Attributes:
        kind: a guild's norms hold for its members, a house's where it rules.
        phase: how it is doing: rising, steady, waning.
        controls: places that it rules.
    """

    name: str = has(Text())
    code: str = has(Word(), "")
    kind: str = has(Choice("guild", "house"), "guild")
    phase: str = has(Word(), "steady")
    realm: str = has(Ref("realms"))
    controls: list[str] = has(ListOf(Ref("places")), list)
    norms: dict[str, float] = has(MapOf(COST), dict)
    members: dict[str, Member] = has(MapOf(Record(Member), "characters"), dict)
    purse: dict[str, int] = has(PURSE, dict)
    bag: dict[str, int] = has(BAG, dict)


@dataclass(slots=True, kw_only=True)
class Element:
    """A piece of somebody's past.

    Attributes:
        type: what kind of piece.
        key: what it is about, a word documents compare with.
        strength: how much it still matters, 0..1.
    """

    type: str = has(Choice(*ELEMENTS))
    key: str = has(Word())
    value: str = has(Text())
    strength: float = has(SHARE, 0.5)


@dataclass(slots=True, kw_only=True)
class Participation:
    """A part somebody had in something the realm remembers; `significance` is 0..1."""

    event: str = has(Text())
    role: str = has(Word())
    significance: float = has(SHARE, 0.5)
    at: int = has(When(), 0)


@dataclass(slots=True, kw_only=True)
class Combat:
    style: str = has(Choice("cautious", "balanced", "aggressive", "evasive"), "balanced")
    risk_tolerance: float = has(SHARE, 0.5)
    protect_allies: bool = has(Flag(), True)


@dataclass(slots=True, kw_only=True)
class Growth:
    """What somebody has grown into.

    Attributes:
        domains: field of life -> growth, 0 and above.
        capabilities: what one can do -> how well, 0..1.
    """

    phase: str = has(Word(), "sprout")
    domains: dict[str, float] = has(MapOf(Number(0, 10**6)), dict)
    capabilities: dict[str, float] = has(MapOf(SHARE), dict)


@dataclass(slots=True, kw_only=True)
class Journey:
    """A character on the way; it arrives when the time of the world comes to `arrives`."""

    to: str = has(Ref("places"))
    mode: str = has(Ref("modes"))
    started: int = has(When())
    arrives: int = has(When())


@dataclass(slots=True, kw_only=True)
class Character(Entry):
    """Somebody.

    Attributes:
        born: the day of birth.
        died: when, None while alive.
        traits: axis of `TRAITS` -> -1..1; a missing one is 0.
        preferences: mode of travel -> how unwelcome, 0..1, in place of the mode's own cost.
    """

    name: str = has(Text())
    realm: str = has(Ref("realms"))
    place: str = has(Ref("places"))
    species: str = has(Word(), "human")
    occupation: str = has(Text(), "")
    born: int = has(When(), 0)
    died: int | None = has(When(), None)
    cause: str | None = has(Text(), None)
    traits: dict[str, float] = has(MapOf(UNIT, words=TRAITS), dict)
    combat: Combat = has(Record(Combat), Combat)
    backstory: list[Element] = has(ListOf(Record(Element)), list)
    participations: list[Participation] = has(ListOf(Record(Participation)), list)
    growth: Growth = has(Record(Growth), Growth)
    preferences: dict[str, float] = has(MapOf(SHARE, "modes"), dict)
    journey: Journey | None = has(Record(Journey), None)
    purse: dict[str, int] = has(PURSE, dict)
    bag: dict[str, int] = has(BAG, dict)

    @property
    def is_alive(self) -> bool:
        return self.died is None


@dataclass(slots=True, kw_only=True)
class Relationship(Entry):
    """How one character stands to another: `strength` -1 is hate, 1 is love."""

    of: str = has(Ref("characters"))
    to: str = has(Ref("characters"))
    kind: str = has(Word())
    strength: float = has(UNIT, 0.0)
    since: int = has(When(), 0)


@dataclass(slots=True, kw_only=True)
class Encounter(Entry):
    """A meeting that its participants remember; `sentiment` is how it left them, -1..1."""

    at: int = has(When())
    place: str = has(Ref("places"))
    kind: str = has(Word(), "talk")
    participants: list[str] = has(ListOf(Ref("characters"), least=2))
    sentiment: float = has(UNIT, 0.0)
    outcome: str = has(Text(), "")


@dataclass(slots=True, kw_only=True)
class Obligation(Entry):
    """What a character owes.

    Attributes:
        to: whom: a character; None: everybody, as an oath.
        costs: kind of violation -> cost of breaking it.
        until: when it ends by itself; None: never.
    """

    of: str = has(Ref("characters"))
    to: str | None = has(Ref("characters"), None)
    kind: str = has(Choice("contract", "oath", "debt", "duty"), "contract")
    terms: str = has(Text())
    costs: dict[str, float] = has(MapOf(COST), dict)
    state: str = has(Choice("active", "fulfilled", "breached", "lapsed"), "active")
    since: int = has(When(), 0)
    until: int | None = has(When(), None)


@dataclass(slots=True, kw_only=True)
class Role:
    """Whom a scenario looks for.

    Attributes:
        traits: axis -> weight, -1..1; positive wants much of it.
        needs: kinds of backstory elements that must be there.
        bound_to: the role this one must have a relationship with.
    """

    traits: dict[str, float] = has(MapOf(UNIT, words=TRAITS), dict)
    needs: list[str] = has(ListOf(Choice(*ELEMENTS)), list)
    bound_to: str | None = has(Word(), None)


@dataclass(slots=True, kw_only=True)
class Scenario(Entry):
    """A story that could be told.

    Attributes:
        genre: what kind of story.
        weight: how much it is worth telling, 0..1.
        triggers: topics of events it answers.
        roles: who is needed.
        phases: its course; the first is where it starts.
    """

    name: str = has(Text())
    genre: str = has(Word(), "drama")
    weight: float = has(SHARE, 0.5)
    triggers: list[str] = has(ListOf(Text()), list)
    roles: dict[str, Role] = has(MapOf(Record(Role)))
    phases: list[str] = has(ListOf(Word(), least=1))
    quest: str | None = has(Ref("quests"), None)


@dataclass(slots=True, kw_only=True)
class Storyline(Entry):
    """A scenario that is being told; `state` is active, ended or failed."""

    scenario: str = has(Ref("scenarios"))
    roles: dict[str, str] = has(MapOf(Ref("characters")))
    phase: str = has(Word())
    state: str = has(Choice("active", "ended", "failed"), "active")
    outcome: str = has(Text(), "")
    started: int = has(When())
    ended: int | None = has(When(), None)


@dataclass(slots=True, kw_only=True)
class Objective:
    name: str = has(Text())
    needed: int = has(Whole(1, 10**6), 1)


@dataclass(slots=True, kw_only=True)
class Quest(Entry):
    """Something that can be asked of somebody; it fails after `hours`, when there are any."""

    name: str = has(Text())
    objectives: dict[str, Objective] = has(MapOf(Record(Objective)))
    reward: dict[str, int] = has(PURSE, dict)
    hours: int | None = has(Whole(1, 10**6), None)


@dataclass(slots=True, kw_only=True)
class QuestRun(Entry):
    """A quest that a character was given; `done` counts what is done of each objective."""

    quest: str = has(Ref("quests"))
    of: str = has(Ref("characters"))
    giver: str | None = has(Ref("characters"), None)
    state: str = has(Choice("active", "completed", "failed", "abandoned"), "active")
    done: dict[str, int] = has(MapOf(COUNT), dict)
    started: int = has(When())
    ends: int | None = has(When(), None)


TABLES: dict[str, type[Entry]] = {
    "currencies": Currency,
    "items": Item,
    "modes": Mode,
    "realms": Realm,
    "places": Place,
    "factions": Faction,
    "quests": Quest,
    "scenarios": Scenario,
    "characters": Character,
    "relationships": Relationship,
    "encounters": Encounter,
    "obligations": Obligation,
    "storylines": Storyline,
    "quest_runs": QuestRun,
}
"""The tables of a world in the order of its file."""

ONE = {
    "currencies": "currency",
    "factions": "faction",
    "quest_runs": "quest run",
    **{name: name.removesuffix("s") for name in TABLES if name not in ("currencies", "quest_runs")},
}
"""Table -> the word for one of its entries."""

KINDS: dict[str, Any] = {name: Record(cls) for name, cls in TABLES.items()}
"""Table -> how an entry is read and written."""
