"""Schema files: the named types of an OpenAPI or JSON Schema document (language 9.4).

Only the checker uses them. A type is kept as the plain mapping of the file;
`SchemaType` reads from it what checks ask for.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class SchemaFault(Exception):
    """The file is no readable schema; the text says why."""


class SchemaType(NamedTuple):
    """One imported type.

    Attributes:
        kind: `object`, `enum`, or a type name of the language; `any` when unknown.
        properties: of objects, property name -> type name of the language.
        closed: other properties are not allowed.
        members: of string enums, in order.
    """

    name: str
    kind: str
    properties: dict[str, str]
    closed: bool = False
    members: tuple[str, ...] = ()


_KINDS = {
    "string": "string",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "array": "list",
    "object": "map",
}


def read_schema(text: str, path: str) -> dict[str, Any]:
    """The named types of a schema file as plain mappings.

    Raises:
        SchemaFault: not JSON or YAML, or no mapping of types in it.
    """
    data = _parse(text, path)
    if not isinstance(data, dict):
        raise SchemaFault("the top level is not a mapping")
    found: dict[str, Any] = {}
    components = data.get("components")
    tables = [components.get("schemas") if isinstance(components, dict) else None]
    tables += [data.get("$defs"), data.get("definitions")]
    for table in tables:
        if isinstance(table, dict):
            for name, entry in table.items():
                found.setdefault(str(name), entry)
    title = data.get("title")
    if isinstance(title, str) and ("type" in data or "properties" in data or "enum" in data):
        found.setdefault(title, data)
    return found


def _parse(text: str, path: str) -> Any:
    if path.endswith(".json"):
        import json

        try:
            return json.loads(text)
        except (ValueError, RecursionError) as fault:
            raise SchemaFault(f"not valid JSON: {fault}") from fault
    import yaml

    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, ValueError, RecursionError) as fault:
        raise SchemaFault("not valid YAML: " + " ".join(str(fault).split())) from fault


def schema_type(name: str, entry: Any, types: dict[str, Any]) -> SchemaType:
    """What checks need of one type; `types` resolves references within the file."""
    entry = _resolved(entry, types)
    members = entry.get("enum")
    if isinstance(members, list) and members and all(isinstance(item, str) for item in members):
        return SchemaType(name, "enum", {}, members=tuple(members))
    properties = entry.get("properties")
    if isinstance(properties, dict):
        return SchemaType(
            name,
            "object",
            {str(key): _kind(_resolved(value, types)) for key, value in properties.items()},
            closed=entry.get("additionalProperties") is False,
        )
    return SchemaType(name, _kind(entry), {})


def _kind(entry: dict[str, Any]) -> str:
    if "properties" in entry:
        return "map"
    kind = entry.get("type")
    return _KINDS.get(kind, "any") if isinstance(kind, str) else "any"


def _resolved(entry: Any, types: dict[str, Any]) -> dict[str, Any]:
    # References may form a ring; a few steps are enough for any honest file.
    for _ in range(16):
        if not isinstance(entry, dict):
            return {}
        reference = entry.get("$ref")
        if not isinstance(reference, str):
            return entry
        entry = types.get(reference.rsplit("/", 1)[-1])
    return {}
