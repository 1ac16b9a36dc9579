"""What happens in a world: topics, events, who hears of them, and what they make stale."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from abml.providers.snapshots.events import EventMapping
from abml.vm.events import matches

MAX_KEPT = 10_000
"""Events that a world remembers; older ones are forgotten."""


class Event(NamedTuple):
    """Something that happened.

    Attributes:
        topic: such as `encounter.recorded`.
        payload: plain data with `eventId`, `eventName` and `timestamp`, and what the topic adds.
        number: counts up from 1.
    """

    topic: str
    payload: dict[str, Any]
    number: int


MAPPINGS: tuple[EventMapping, ...] = (
    EventMapping("character.created", "character", "characterId", "character-base"),
    EventMapping("character.moved", "character", "characterId", "character-base"),
    EventMapping("character.died", "character", "characterId", "character-base"),
    EventMapping("character.deleted", "character", "characterId", "character-base", is_deletion=True),
    EventMapping("personality.evolved", "character", "characterId", "character-personality"),
    EventMapping("combat-preferences.evolved", "character", "characterId", "character-personality"),
    EventMapping("history.recorded", "character", "characterId", "character-history"),
    EventMapping("relationship.changed", "character", "characterId", "character-base"),
    EventMapping("encounter.recorded", "character", "characterId", "character-encounter"),
    EventMapping("obligation.updated", "character", "characterId", "obligation"),
    EventMapping("storyline.updated", "character", "characterId", "storyline"),
    EventMapping("quest.updated", "character", "characterId", "quest"),
    EventMapping("resource.compressed", "character", "resourceId"),
)
"""What events make old in snapshots (runtime 6.7)."""

TOPICS: dict[str, str] = {
    "character.created": "somebody appears",
    "character.moved": "somebody is somewhere else",
    "character.departed": "somebody sets out",
    "character.died": "somebody dies",
    "character.deleted": "nothing is left of somebody but the archive",
    "personality.evolved": "an axis of a personality moves",
    "combat-preferences.evolved": "somebody fights differently",
    "history.recorded": "somebody had a part in something",
    "relationship.changed": "somebody stands differently to somebody",
    "encounter.recorded": "somebody met somebody; one event for each participant",
    "obligation.updated": "an obligation begins or ends",
    "storyline.updated": "a storyline begins, goes on or ends; one event for each role",
    "quest.updated": "a quest begins, goes on or ends",
    "faction.updated": "somebody joins or leaves a faction",
    "currency.transferred": "money changes hands",
    "inventory.transferred": "things change hands",
    "resource.compressed": "an archive was made",
    "world.advanced": "time passed",
    "world.day.began": "the first moment of a day; one event for each advance, with the count of days",
    "world.season.began": "a season begins",
}
"""Every topic a world publishes, and when."""

Listener = Callable[[Event], object]


class Events:
    """The events of a world, and those who listen.

    Listeners are called in the order of their subscription, at once, and after
    the world has changed. What a listener causes is heard after what caused it.
    Not safe for two threads at once.
    """

    __slots__ = ("kept", "_listeners", "_waiting", "_is_telling")

    def __init__(self) -> None:
        self.kept: deque[Event] = deque(maxlen=MAX_KEPT)
        self._listeners: list[tuple[str, Listener]] = []
        self._waiting: deque[Event] = deque()
        self._is_telling = False

    def subscribe(self, pattern: str, listener: Listener) -> Callable[[], None]:
        """Call a listener for every event whose topic fits; `*` is one segment, `**` any number.

        Returns:
            A function that ends the subscription.
        """
        one = (pattern, listener)
        self._listeners.append(one)

        def end() -> None:
            self._listeners = [other for other in self._listeners if other is not one]

        return end

    def tell(self, event: Event) -> None:
        """Keep an event, and tell everybody who listens.

        Raises:
            Exception: whatever a listener raises, once all the others have heard the event.
        """
        self.kept.append(event)
        self._waiting.append(event)
        if self._is_telling:
            return
        self._is_telling = True
        raised: Exception | None = None
        try:
            while self._waiting:
                current = self._waiting.popleft()
                for pattern, listener in list(self._listeners):
                    if not matches(pattern, current.topic):
                        continue
                    try:
                        listener(current)
                    except Exception as error:
                        raised = raised or error
        finally:
            self._is_telling = False
        if raised is not None:
            raise raised

    def since(self, number: int) -> list[Event]:
        """The kept events after a number, oldest first."""
        return [event for event in self.kept if event.number > number]
