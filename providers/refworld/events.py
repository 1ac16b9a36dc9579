"""What happens in a world: topics, events, who hears of them, and what they make stale."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

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


class Mapping(NamedTuple):
    """What an event makes stale (runtime 6.7).

    Attributes:
        source_type: of the snapshot entries; None: all of the resource.
        resource_type: of the resource.
        id_field: the field of the payload with its id.
        is_deletion: the resource is gone.
    """

    topic: str
    source_type: str | None
    resource_type: str = "character"
    id_field: str = "characterId"
    is_deletion: bool = False


MAPPINGS: tuple[Mapping, ...] = (
    Mapping("character.created", "character-base"),
    Mapping("character.moved", "character-base"),
    Mapping("character.died", "character-base"),
    Mapping("character.deleted", "character-base", is_deletion=True),
    Mapping("personality.evolved", "character-personality"),
    Mapping("combat-preferences.evolved", "character-personality"),
    Mapping("history.recorded", "character-history"),
    Mapping("relationship.changed", "character-base"),
    Mapping("encounter.recorded", "character-encounter"),
    Mapping("obligation.updated", "obligation"),
    Mapping("storyline.updated", "storyline"),
    Mapping("quest.updated", "quest"),
    Mapping("resource.compressed", None, id_field="resourceId"),
)

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
