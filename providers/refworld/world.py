"""`RefWorld`: the state of a world, its clock, and how things in it are found."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from abml.providers.stores.archives import ArchiveStore, MemoryArchives
from abml.suggest import nearest
from abml.vm.faults import ActionError

from .calendar import Calendar
from .events import Event, Events
from .model import (
    ONE,
    TABLES,
    Character,
    Currency,
    Encounter,
    Entry,
    Faction,
    Item,
    Mode,
    Obligation,
    Place,
    Quest,
    QuestRun,
    Realm,
    Relationship,
    Scenario,
    Storyline,
)

_NAMESPACE = uuid.UUID("6f0d3c52-8a0e-5d7b-9c41-2f6b1c7e0a94")
MAX_ENTRIES = 100_000
"""Entries of one table."""


class Refused(ActionError):
    """Something that cannot be done in the world as it is.

    Attributes:
        message: one sentence.
        extra: `status_code` 404 for what is not there, 409 for what cannot be, 400 for what makes no sense.
    """


@dataclass(slots=True)
class RefWorld:
    """A small world in memory. It changes only by `changes`, `journeys`, `tales` and `time`.

    Everything in it is determined by how it was made and what was done: there
    is no other clock than `now`, and no chance. Not safe for two threads at once.

    Attributes:
        name: the ids of things are made from it.
        now: the moment, in seconds since the first day of year 1.
        count: things made since the beginning; gives new ones their keys.
        events: what happened, and who is told.
        archives: what is left of those who were compressed.
    """

    name: str = "world"
    now: int = 0
    count: int = 0
    calendar: Calendar = field(default_factory=Calendar)
    currencies: dict[str, Currency] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    modes: dict[str, Mode] = field(default_factory=dict)
    realms: dict[str, Realm] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    factions: dict[str, Faction] = field(default_factory=dict)
    quests: dict[str, Quest] = field(default_factory=dict)
    scenarios: dict[str, Scenario] = field(default_factory=dict)
    characters: dict[str, Character] = field(default_factory=dict)
    relationships: dict[str, Relationship] = field(default_factory=dict)
    encounters: dict[str, Encounter] = field(default_factory=dict)
    obligations: dict[str, Obligation] = field(default_factory=dict)
    storylines: dict[str, Storyline] = field(default_factory=dict)
    quest_runs: dict[str, QuestRun] = field(default_factory=dict)
    archives: ArchiveStore = field(default_factory=MemoryArchives, repr=False, compare=False)
    events: Events = field(default_factory=Events, repr=False, compare=False)
    event_count: int = field(default=0, repr=False, compare=False)
    _by_id: dict[str, tuple[str, str]] = field(default_factory=dict, repr=False, compare=False)
    # table -> character -> entries that name it; made when asked for, gone when the table loses one.
    _named: dict[str, dict[str, list[Any]]] = field(default_factory=dict, repr=False, compare=False)

    # ---------------------------------------------------------------- entries

    def table(self, name: str) -> dict[str, Any]:
        """The entries of a table by key, in the order in which they came."""
        found: dict[str, Any] = getattr(self, name)
        return found

    def id_for(self, table: str, key: str) -> str:
        """The id that an entry of that key has unless the file gives another."""
        return str(uuid.uuid5(_NAMESPACE, f"{self.name}/{table}/{key}"))

    def add(self, table: str, entry: Entry) -> None:
        """Put an entry in; one without an id gets its own.

        Raises:
            Refused: the key or the id is used, or the table is full.
        """
        entries = self.table(table)
        entry.id = entry.id or self.id_for(table, entry.key)
        if entry.key in entries or entry.id in self._by_id:
            raise Refused(f"there is a {ONE[table]} '{entry.key}' already", status_code=409)
        if len(entries) >= MAX_ENTRIES:
            raise Refused(f"the world has {MAX_ENTRIES} {table} and takes no more", status_code=409)
        entries[entry.key] = entry
        index = self._named.get(table)
        if index is not None:
            for name in _named_by(entry):
                index.setdefault(name, []).append(entry)
        self._by_id[entry.id] = (table, entry.key)

    def remove(self, table: str, key: str) -> None:
        """Take an entry out; who refers to it is the business of `resources`."""
        entry = self.table(table).pop(key)
        self._named.pop(table, None)
        del self._by_id[entry.id]

    def forget_index(self, table: str) -> None:
        """Say that an entry of a table names other characters than before."""
        self._named.pop(table, None)

    def new_key(self, table: str) -> str:
        """A key for a new entry: the first letter of the table, and the next number that is free."""
        while True:
            self.count += 1
            key = f"{table[0]}{self.count}"
            # The file of a world may have used such a name itself.
            if key not in self.table(table):
                return key

    def owner_of_id(self, entry_id: str) -> tuple[str, str] | None:
        """(table, key) of the entry with an id; None when there is none."""
        return self._by_id.get(entry_id)

    def find(self, table: str, given: object) -> Any:
        """The entry of a table by key or id.

        Raises:
            Refused: there is none; the message names the nearest key.
        """
        entries = self.table(table)
        text = str(given) if isinstance(given, str | uuid.UUID) else ""
        found = entries.get(text)
        if found is None:
            owner = self._by_id.get(text) or self._by_id.get(text.lower())
            if owner is not None and owner[0] == table:
                return entries[owner[1]]
            # The distance to each of very many keys is not worth the hint.
            close = nearest(text, entries) if len(entries) <= 5_000 else None
            hint = f"; did you mean '{close}'?" if close is not None else ""
            shown = repr(given) if isinstance(given, str) else type(given).__name__ if given is not None else "nothing"
            raise Refused(f"there is no {ONE[table]} {shown[:60]}{hint}", status_code=404)
        return found

    def character(self, given: object) -> Character:
        """A character by key or id, dead or alive.

        Raises:
            Refused: there is none.
        """
        found: Character = self.find("characters", given)
        return found

    def place(self, given: object) -> Place:
        """A place by key or id.

        Raises:
            Refused: there is none.
        """
        found: Place = self.find("places", given)
        return found

    def realm(self, given: object) -> Realm:
        """A realm by key or id.

        Raises:
            Refused: there is none.
        """
        found: Realm = self.find("realms", given)
        return found

    def living(self, given: object) -> Character:
        """A character that is alive, by key or id.

        Raises:
            Refused: there is none, or it is dead.
        """
        found = self.character(given)
        if not found.is_alive:
            raise Refused(f"{found.name} is dead", status_code=409)
        return found

    # -------------------------------------------------------------- relations

    def _naming(self, table: str, key: str) -> list[Any]:
        """The entries of a table that name a character, in their order."""
        index = self._named.get(table)
        if index is None:
            index = self._named[table] = {}
            for entry in self.table(table).values():
                for name in _named_by(entry):
                    index.setdefault(name, []).append(entry)
        return index.get(key, [])

    def relationships_of(self, key: str) -> list[Relationship]:
        """How a character stands to others, in the order in which that began."""
        return list(self._naming("relationships", key))

    def encounters_of(self, key: str) -> list[Encounter]:
        """The encounters of a character, the latest first; of equal moments the later one."""
        return sorted(reversed(self._naming("encounters", key)), key=lambda one: -one.at)

    def obligations_of(self, key: str, state: str = "active") -> list[Obligation]:
        """The obligations of a character that are in a state."""
        return [one for one in self._naming("obligations", key) if one.state == state]

    def storylines_of(self, key: str, state: str | None = "active") -> list[Storyline]:
        """The storylines in which a character has a role; None: in any state."""
        return [one for one in self._naming("storylines", key) if state is None or one.state == state]

    def quests_of(self, key: str, state: str | None = "active") -> list[QuestRun]:
        """The quests that a character was given; None: in any state."""
        return [one for one in self._naming("quest_runs", key) if state is None or one.state == state]

    def factions_of(self, key: str) -> list[Faction]:
        """The factions of a character, the one in which it ranks highest first."""
        found = [one for one in self.factions.values() if key in one.members]
        return sorted(found, key=lambda one: -one.members[key].rank)

    def neighbors(self, key: str) -> Iterator[tuple[str, float, list[str]]]:
        """(place, kilometers, modes) of every way out of a place, whichever end it is written at."""
        for other, route in self.places[key].routes.items():
            yield other, route.km, route.modes
        for other, place in self.places.items():
            if key in place.routes and other not in self.places[key].routes:
                yield other, place.routes[key].km, place.routes[key].modes

    def ruler_of(self, place: str) -> Faction | None:
        """The faction that rules a place, or what is around it; None for nobody's land."""
        around: str | None = place
        while around is not None:
            for faction in self.factions.values():
                if around in faction.controls:
                    return faction
            around = self.places[around].inside
        return None

    # ----------------------------------------------------------------- events

    def publish(self, topic: str, **payload: Any) -> Event:
        """Tell everybody who listens that something happened.

        Returns:
            The event; its id is made from the world's name and its number.
        """
        self.event_count += 1
        event_id = str(uuid.uuid5(_NAMESPACE, f"{self.name}/events/{self.event_count}"))
        common = {"eventId": event_id, "eventName": topic, "timestamp": self.calendar.text(self.now)}
        event = Event(topic, {**common, **payload}, self.event_count)
        self.events.tell(event)
        return event

    def totals(self) -> dict[str, int]:
        """How much of every currency and item there is, wherever it is; actions that hand things over keep it."""
        found: dict[str, int] = {}
        for table in ("places", "factions", "characters"):
            for owner in self.table(table).values():
                for kind, held in (("currencies", owner.purse), ("items", owner.bag)):
                    for code, amount in held.items():
                        name = f"{kind}.{code}"
                        found[name] = found.get(name, 0) + amount
        return found


def _named_by(entry: Any) -> Iterable[str]:
    """The characters whose entry this is."""
    if isinstance(entry, Encounter):
        return entry.participants
    if isinstance(entry, Storyline):
        return entry.roles.values()
    return (entry.of,)


assert all(name in RefWorld.__dataclass_fields__ for name in TABLES)
