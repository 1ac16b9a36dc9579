"""Generated schemas of data, and an independent walk over them: which paths they have."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

NAMES = st.sampled_from(
    ["aggression", "patience", "history", "Name", "name", "since", "level-two", "seen_at", "x", "länge", "map", "keys2"]
)
LEAVES: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "uuid": {"type": "string", "format": "uuid"},
    "datetime": {"type": "string", "format": "date-time"},
    "enum(calm, brisk)": {"type": "string", "enum": ["calm", "brisk"]},
    "any": {},
}
_leaf = st.sampled_from(sorted(LEAVES)).map(lambda name: LEAVES[name])
REFERENCES = ("Alpha", "Beta", "Gamma")


def _object(below: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.dictionaries(NAMES, below, min_size=1, max_size=4).map(
        lambda properties: {"type": "object", "properties": properties}
    )


def _deeper(below: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        _object(below),
        below.map(lambda items: {"type": "array", "items": items}),
        below.map(lambda values: {"type": "object", "additionalProperties": values}),
        st.just({"type": "object", "additionalProperties": True}),
        st.sampled_from(REFERENCES).map(lambda name: {"$ref": f"#/$defs/{name}"}),
        st.tuples(_object(below), _object(below)).map(lambda parts: {"allOf": list(parts)}),
    )


_values = st.recursive(_leaf, _deeper, max_leaves=12)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A schema document with one marked schema; the others may refer to each other in rings."""
    defs = {name: draw(_object(_values)) for name in REFERENCES}
    root = draw(_object(_values))
    return {"$defs": {**defs, "LakeDepth": {"x-resource-template": True, **root}}}


def walk(document: dict[str, Any], most: int = 10) -> set[str]:
    """Every path of the marked schema, beginnings included, as far as the data could have them.

    Written against the words of the reference and not like the generator: by depth first
    over plain data, with references that are open on the way counted as ends.
    """
    defs = document["$defs"]
    found: set[str] = set()

    def parts(schema: dict[str, Any], open_names: tuple[str, ...]) -> list[tuple[dict[str, Any], tuple[str, ...]]]:
        """The schemas a value is of, references followed; a ring gives nothing."""
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[-1]
            return [] if name in open_names else parts(defs[name], (*open_names, name))
        if "allOf" in schema:
            return [part for inner in schema["allOf"] for part in parts(inner, open_names)]
        return [(schema, open_names)]

    def descend(path: str, schemas: list[tuple[dict[str, Any], tuple[str, ...]]], depth: int) -> None:
        flat = [found_part for schema, names in schemas for found_part in parts(schema, names)]
        if depth > most:
            return
        below: dict[str, list[tuple[dict[str, Any], tuple[str, ...]]]] = {}
        for schema, names in flat:
            for name, value in schema.get("properties", {}).items():
                below.setdefault(f"{path}.{name}" if path else name, []).append((value, names))
            if "items" in schema:
                below.setdefault(f"{path}[]", []).append((schema["items"], names))
            if isinstance(schema.get("additionalProperties"), dict):
                below.setdefault(f"{path}.*", []).append((schema["additionalProperties"], names))
        for inner, values in below.items():
            found.add(inner)
            descend(inner, values, depth + 1)

    descend("", [(defs["LakeDepth"], ("LakeDepth",))], 1)
    return found
