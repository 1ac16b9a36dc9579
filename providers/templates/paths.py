"""The paths of a template from its schema: every property below it with its type, lists and maps included."""

from __future__ import annotations

from collections.abc import Sequence

from abml.resource_templates import is_step_name

from .schemas import Place
from .shapes import MAX_MEMBERS, Above, Shape, Shapes

MAX_DEPTH = 10
MAX_PATHS = 20_000


class TooManyPaths(Exception):
    """A template has more paths than `MAX_PATHS`."""


def paths_of(schema: Place, shapes: Shapes) -> dict[str, str]:
    """Path -> type text, sorted; beginnings of longer paths are left out, because those are objects anyway.

    Elements of a list have `[]` behind its path, values of a map `.*`. What is nested
    deeper than `MAX_DEPTH`, or contains itself, is an object that may hold anything.

    Raises:
        TooManyPaths, OutOfWork: the schema describes more than anybody needs.
    """
    found = _Paths(shapes)
    shape, above = shapes.of([schema], frozenset())
    if shape.free:
        found.add("*", "any", Shape())
    elif shape.values:
        found.value("*", shape.values, above, 1)
    found.below("", shape, above, 1)
    return dict(sorted(found.paths.items()))


class _Paths:
    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes
        self.paths: dict[str, str] = {}

    def below(self, path: str, shape: Shape, above: Above, depth: int) -> bool:
        """Add the properties of an object; whether there were any."""
        is_any = False
        for name, (key, file, places) in shape.properties.items():
            if not is_step_name(name):
                self.shapes.files.report(426, key.span, file, name=name)
                continue
            is_any = True
            self.value(f"{path}.{name}" if path else name, places, above, depth)
        return is_any

    def value(self, path: str, places: Sequence[Place], above: Above, depth: int) -> None:
        """Add what a path leads to."""
        shape, inside = self.shapes.of(places, above)
        self.shape(path, shape, inside, depth)

    def shape(self, path: str, shape: Shape, above: Above, depth: int) -> None:
        tag = shape.tag
        text = self.whole(shape, above, depth)
        if text is not None:
            self.add(path, text, shape)
            return
        if tag == "list" or shape.elements:
            self.add(path, "list" if tag == "list" else "any", shape)
            self.value(f"{path}[]", shape.elements, above, depth + 1)
            if tag == "list":
                return
        elif tag == "any":
            # Sometimes an object, sometimes something else.
            self.add(path, "any", shape)
        is_map = bool(shape.values) or shape.free
        if is_map and tag == "object":
            self.add(path, "map", shape)
        if shape.values:
            self.value(f"{path}.*", shape.values, above, depth + 1)
        if not self.below(path, shape, above, depth + 1) and tag == "object" and not is_map:
            self.add(path, "object", shape)

    def whole(self, shape: Shape, above: Above, depth: int) -> str | None:
        """The type as one text where it says everything; None where there are paths below."""
        tag = shape.tag
        has_parts = bool(shape.properties or shape.values or shape.elements)
        if shape.cyclic and not has_parts:
            return tag if tag in ("list", "any") and shape.kinds else "object"
        if has_parts and depth >= MAX_DEPTH:
            return tag if tag in ("list", "object") else "any"
        if tag == "list":
            if not shape.elements:
                return "list"
            inner = self.inner(shape.elements, above, depth)
            return None if inner is None else f"list<{inner}>"
        if shape.properties or shape.elements:
            return None
        if shape.values:
            if tag != "object":
                return None
            inner = self.inner(shape.values, above, depth)
            return None if inner is None else f"map<string, {inner}>"
        if tag == "object":
            return "map" if shape.free else "object"
        if tag == "string" and shape.members is not None:
            return _enum(shape.members)
        return tag

    def inner(self, places: Sequence[Place], above: Above, depth: int) -> str | None:
        """The type of elements or values as one text, if it says everything."""
        shape, inside = self.shapes.of(places, above)
        text = self.whole(shape, inside, depth + 1)
        if text is None or not shape.nullable:
            return text
        return f"{text}?"

    def add(self, path: str, text: str, shape: Shape) -> None:
        if len(self.paths) >= MAX_PATHS:
            raise TooManyPaths
        self.paths[path] = f"{text}?" if shape.nullable and text != "any" else text


def _enum(members: Sequence[str]) -> str:
    """An enum type; a plain string where a member could not be told from the text of the type."""
    plain = all(
        member and member == member.strip() and not any(character in "(),'\"<>?\n\r" for character in member)
        for member in members
    )
    return f"enum({', '.join(members)})" if members and plain and len(members) <= MAX_MEMBERS else "string"
