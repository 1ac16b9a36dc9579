"""Which events tell of changes of which resources (runtime 6.7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from abml.errors import AbmlError
from abml.vm.protocols import ResourceChange

from .models import is_id

COMPRESSED = "resource.compressed"
"""Told when the data of a resource was made an archive."""


class MappingFault(AbmlError, ValueError):
    """An event schema whose resource mapping cannot be understood; the text says where."""


class EventMapping(NamedTuple):
    """What one event says of a resource.

    Attributes:
        source_type: template type of the data that changed; None: all of it.
        id_field: field of the payload with the id of the resource; `.` between steps.
        is_deletion: there is no such resource afterwards.
    """

    topic: str
    resource_type: str
    id_field: str
    source_type: str | None = None
    is_deletion: bool = False


class Change(NamedTuple):
    """A change, and whether nothing that is known of the resource holds any more."""

    change: ResourceChange
    drops_all: bool


class EventMappings:
    """Mappings by topic; a topic may tell of several sources and resources."""

    def __init__(self, mappings: Iterable[EventMapping] = ()) -> None:
        self._by_topic: dict[str, list[EventMapping]] = {}
        for mapping in mappings:
            self.add(mapping)

    def add(self, mapping: EventMapping) -> None:
        """Add a mapping; one that is there already is not added again."""
        known = self._by_topic.setdefault(mapping.topic, [])
        if mapping not in known:
            known.append(mapping)

    def of(self, topic: str) -> tuple[EventMapping, ...]:
        """The mappings of a topic in the order of their registration."""
        return tuple(self._by_topic.get(topic, ()))

    def __iter__(self) -> Iterator[EventMapping]:
        return (mapping for known in self._by_topic.values() for mapping in known)

    def changes(self, topic: str, payload: object, now_ms: int) -> Iterator[Change]:
        """The changes that an event tells of; none where it names no resource."""
        if not isinstance(payload, Mapping):
            return
        when = payload.get("timestamp")
        timestamp = when if isinstance(when, int | float) and not isinstance(when, bool) else now_ms
        if topic == COMPRESSED:
            kind, found = _field(payload, "resourceType"), _field(payload, "resourceId")
            if is_id(kind) and is_id(found):
                gone = _field(payload, "sourceDataDeleted") is True
                change = ResourceChange(str(kind), str(found), None, topic, payload, gone, timestamp)
                yield Change(change, True)
        for mapping in self._by_topic.get(topic, ()):
            found = payload
            for step in mapping.id_field.split("."):
                found = _field(found, step) if isinstance(found, Mapping) else None
            if not is_id(found):
                continue
            change = ResourceChange(
                mapping.resource_type,
                str(found),
                None if mapping.is_deletion else mapping.source_type,
                topic,
                payload,
                mapping.is_deletion,
                timestamp,
            )
            yield Change(change, mapping.is_deletion)

    def load(self, schema: Mapping[str, Any]) -> int:
        """Read the mappings of a schema file: OpenAPI, JSON Schema, or plain `events:`; how many there were.

        An event schema has `x-resource-mapping: {resource_type, resource_id_field, source_type,
        is_deletion, topic}`. Its topic may stand in `x-topic` of the schema or in the file's
        `x-event-publications: [{topic, event}]` instead. A block of `x-lifecycle` names an entity
        with `topic`, `primary_key`, `events` and `resource_mapping`; its `deleted` event is a deletion.

        Raises:
            MappingFault: a mapping is incomplete or has the wrong shape; then none is added.
        """
        found = [*_of_schemas(schema), *_of_lifecycles(schema)]
        for mapping in found:
            self.add(mapping)
        return len(found)


_LIFECYCLE = ("created", "updated", "deleted")


def _field(payload: Mapping[Any, Any], name: str) -> Any:
    """A field by its name, also where one side writes `characterId` and the other `character_id`."""
    if name in payload:
        return payload[name]
    key = name.replace("_", "").casefold()
    for other, value in payload.items():
        if isinstance(other, str) and other.replace("_", "").casefold() == key:
            return value
    return None


def _of_schemas(schema: Mapping[str, Any]) -> Iterator[EventMapping]:
    components = schema.get("components")
    tables = [components.get("schemas") if isinstance(components, Mapping) else None]
    tables += [schema.get("$defs"), schema.get("definitions"), schema.get("events")]
    topics = _publications(schema)
    for table in tables:
        for name, entry in table.items() if isinstance(table, Mapping) else ():
            given = entry.get("x-resource-mapping") if isinstance(entry, Mapping) else None
            if given is None:
                continue
            if not isinstance(given, Mapping):
                raise MappingFault(f"{name}: x-resource-mapping is no mapping")
            where = f"{name}.x-resource-mapping"
            own = given.get("topic", entry.get("x-topic"))
            told = [_text(own, f"{where}: topic")] if own is not None else topics.get(name, [])
            if not told:
                raise MappingFault(f"{where}: nothing says the topic of the event")
            for topic in told:
                source_type = given.get("source_type")
                yield EventMapping(
                    topic,
                    _text(given.get("resource_type"), f"{where}: resource_type"),
                    _text(given.get("resource_id_field"), f"{where}: resource_id_field"),
                    None if source_type is None else _text(source_type, f"{where}: source_type"),
                    _flag(given.get("is_deletion", False), f"{where}: is_deletion"),
                )


def _publications(schema: Mapping[str, Any]) -> dict[str, list[str]]:
    """Event name -> topics."""
    listed = schema.get("x-event-publications")
    if listed is None:
        return {}
    if not isinstance(listed, list):
        raise MappingFault("x-event-publications is no list")
    found: dict[str, list[str]] = {}
    for item in listed:
        if not isinstance(item, Mapping):
            raise MappingFault("x-event-publications: an item is no mapping")
        event = item.get("event")
        if event is not None:
            topic = _text(item.get("topic"), "x-event-publications: topic")
            found.setdefault(_text(event, "x-event-publications: event"), []).append(topic)
    return found


def _of_lifecycles(schema: Mapping[str, Any]) -> Iterator[EventMapping]:
    blocks = schema.get("x-lifecycle")
    if blocks is None:
        return
    if not isinstance(blocks, Mapping):
        raise MappingFault("x-lifecycle is no mapping")
    for name, block in blocks.items():
        given = block.get("resource_mapping") if isinstance(block, Mapping) else None
        if given is None:
            continue
        where = f"x-lifecycle.{name}"
        if not isinstance(given, Mapping):
            raise MappingFault(f"{where}: resource_mapping is no mapping")
        base = _text(block.get("topic", _kebab(str(name))), f"{where}: topic")
        key = given.get("resource_id_field", block.get("primary_key"))
        events = block.get("events", list(_LIFECYCLE))
        if not isinstance(events, list):
            raise MappingFault(f"{where}: events is no list")
        for event in events:
            word = _text(event, f"{where}: events")
            yield EventMapping(
                f"{base}.{word}",
                _text(given.get("resource_type"), f"{where}: resource_type"),
                _text(key, f"{where}: primary_key"),
                _text(given.get("source_type", base), f"{where}: source_type"),
                word == "deleted",
            )


def _kebab(name: str) -> str:
    made = ""
    for at, letter in enumerate(name):
        made += f"-{letter.lower()}" if letter.isupper() and at else letter.lower()
    return made


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise MappingFault(f"{where}: expected a text, found {value!r}")
    return value


def _flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise MappingFault(f"{where}: expected true or false, found {value!r}")
    return value
