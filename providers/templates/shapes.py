"""What a schema says about one value: references, `allOf`, `oneOf` and `anyOf` laid together into a `Shape`."""

from __future__ import annotations

from collections.abc import Sequence

from abml.syntax.cst_nodes import CstMapping, CstNode, CstScalar, CstSequence

from .schemas import Place, SchemaFile, SchemaFiles, entries, items, kind_of, text_of

# Combinations of schemas looked at for all templates of one generation. Honest schemas need thousands.
MAX_WORK = 2_000_000
MAX_MEMBERS = 100

_KINDS = {"integer": "int", "number": "float", "boolean": "bool", "array": "list", "object": "object", "null": "null"}
_FORMATS = {
    "uuid": "uuid",
    "guid": "uuid",
    "date-time": "datetime",
    "datetime": "datetime",
    "date": "date",
    "byte": "bytes",
    "binary": "bytes",
    "base64": "bytes",
}
_UNIONS = ("oneOf", "anyOf")
_TEXTS = frozenset(("string", "uuid", "datetime", "date", "bytes"))


class OutOfWork(Exception):
    """The schemas combine in more ways than are looked at."""


class Shape:
    """The union of everything that schemas say of one value.

    Attributes:
        kinds: type tags it may have, without `null`.
        nullable: whether it may be null.
        members: of string enums, in order; None when other texts are possible.
        properties: name -> the schemas of it and where its name stands.
        elements: schemas of the elements of a list.
        values: schemas of further properties; None when none are spoken of.
        free: further properties may be anything.
        free_text: one of the schemas it may be is any text.
        cyclic: it contains itself.
    """

    __slots__ = ("cyclic", "elements", "free", "free_text", "kinds", "members", "nullable", "properties", "values")

    def __init__(self) -> None:
        self.kinds: list[str] = []
        self.nullable = False
        self.members: list[str] | None = None
        self.properties: dict[str, tuple[CstScalar, SchemaFile, list[Place]]] = {}
        self.elements: list[Place] = []
        self.values: list[Place] = []
        self.free = False
        self.free_text = False
        self.cyclic = False

    def add_kind(self, kind: str) -> None:
        if kind == "null":
            self.nullable = True
        elif kind not in self.kinds:
            self.kinds.append(kind)

    @property
    def tag(self) -> str:
        """The one type tag of the value; `any` when there are several or none."""
        kinds = set(self.kinds)
        if kinds == {"int", "float"}:
            return "float"
        if len(kinds) > 1 and kinds <= _TEXTS:
            return "string"
        if len(kinds) == 1:
            return self.kinds[0]
        return "any"


Above = frozenset[tuple[int, int]]


class Shapes:
    """Makes shapes; counts the work, so that hostile schemas end.

    Attributes:
        files: where references lead.
    """

    def __init__(self, files: SchemaFiles) -> None:
        self.files = files
        self.work = 0

    def of(self, places: Sequence[Place], above: Above) -> tuple[Shape, Above]:
        """The shape of a value, and the schemas that it is, with those around it.

        Args:
            above: identities of the schemas that the values around it are. One of them
                again is a cycle; schemas they are only combined of may come again.

        Raises:
            OutOfWork: too much was looked at.
        """
        shape = Shape()
        seen: set[tuple[int, int]] = set()
        heads: set[tuple[int, int]] = set()
        # (schema, whether the value is that schema, whether it is one of several that it may be)
        pending = [(place, True, False) for place in reversed(places)]
        while pending:
            place, is_head, is_choice = pending.pop()
            self.work += 1
            if self.work > MAX_WORK:
                raise OutOfWork
            identity = (id(place.file.root), place.node.start)
            if is_head:
                if identity in above:
                    shape.cyclic = True
                    continue
                heads.add(identity)
            if identity in seen:
                # Met on two ways, as a base that two parts of `allOf` have in common.
                continue
            seen.add(identity)
            whole, parts, choices = self._add(shape, place, is_choice)
            pending += [(part, False, True) for part in reversed(choices)]
            pending += [(part, False, is_choice) for part in reversed(parts)]
            pending += [(part, is_head, is_choice) for part in reversed(whole)]
        if shape.free_text:
            shape.members = None
        return shape, above | heads

    def _add(self, shape: Shape, place: Place, is_choice: bool) -> tuple[list[Place], list[Place], list[Place]]:
        """Lay one schema over a shape.

        Returns:
            Schemas that it is by another name, those all of which it is, those one of which it is.
        """
        node, file = place
        if not isinstance(node, CstMapping):
            if not (isinstance(node, CstScalar) and isinstance(node.value, bool)):
                self.malformed(node, file, "a schema", "a mapping")
            return [], [], []
        whole: list[Place] = []
        more: list[Place] = []
        choices: list[Place] = []
        reference = node.get("$ref")
        if isinstance(reference, CstScalar) and isinstance(reference.value, str):
            found = self.files.follow(reference, file)
            if found is not None:
                whole.append(found)
        elif reference is not None:
            self.malformed(reference, file, "'$ref'", "a text")
        is_text = self._add_types(shape, node, file)
        if is_choice and is_text and node.get("enum") is None and node.get("const") is None:
            # Beside an enum any other text is possible too.
            shape.free_text = True
        self._add_enum(shape, node)
        self._add_properties(shape, node, file)
        for key in ("items", "prefixItems"):
            value = node.get(key)
            if isinstance(value, CstSequence):
                shape.elements += [Place(item, file) for item in value.items]
            elif isinstance(value, CstMapping):
                shape.elements.append(Place(value, file))
            if value is not None:
                shape.add_kind("list")
        for key in ("allOf", *_UNIONS):
            parts = node.get(key)
            if parts is not None and not isinstance(parts, CstSequence):
                self.malformed(parts, file, f"'{key}'", "a list")
            found_parts = [Place(part, file) for part in items(parts)]
            # Around a single reference, `allOf` only makes room for words beside it.
            if key in _UNIONS:
                choices += found_parts
            else:
                (whole if len(found_parts) == 1 else more).extend(found_parts)
        return whole, more, choices

    def _add_types(self, shape: Shape, node: CstMapping, file: SchemaFile) -> bool:
        """Add what `type` says; whether that is a text among others."""
        nullable = node.get("nullable")
        if isinstance(nullable, CstScalar) and nullable.value is True:
            shape.nullable = True
        value = node.get("type")
        is_text = False
        if value is None:
            return is_text
        for item in items(value) if isinstance(value, CstSequence) else [value]:
            name = text_of(item) or ("null" if isinstance(item, CstScalar) and item.value is None else None)
            if name == "string":
                is_text = True
                shape.add_kind(_FORMATS.get(text_of(node.get("format")) or "", "string"))
            elif name in _KINDS:
                shape.add_kind(_KINDS[name])
            else:
                self.malformed(item, file, "'type'", f"one of string, {', '.join(_KINDS)}")
        return is_text

    def _add_enum(self, shape: Shape, node: CstMapping) -> None:
        values = list(items(node.get("enum")))
        constant = node.get("const")
        if constant is not None:
            values.append(constant)
        texts: list[str] = []
        for value in values:
            if not isinstance(value, CstScalar):
                return
            if value.value is None:
                shape.nullable = True
            elif isinstance(value.value, str):
                texts.append(value.value)
                shape.add_kind("string")
            else:
                shape.add_kind({bool: "bool", int: "int", float: "float"}[type(value.value)])
        if texts:
            shape.members = list(dict.fromkeys([*(shape.members or ()), *texts]))

    def _add_properties(self, shape: Shape, node: CstMapping, file: SchemaFile) -> None:
        properties = node.get("properties")
        if properties is not None:
            shape.add_kind("object")
            if not isinstance(properties, CstMapping):
                self.malformed(properties, file, "'properties'", "a mapping")
            for key, value in entries(properties):
                found = shape.properties.get(key.text)
                if found is None:
                    shape.properties[key.text] = (key, file, [Place(value, file)])
                else:
                    found[2].append(Place(value, file))
        for word in ("additionalProperties", "unevaluatedProperties"):
            further = node.get(word)
            if isinstance(further, CstMapping):
                shape.add_kind("object")
                shape.values.append(Place(further, file))
            elif isinstance(further, CstScalar) and further.value is True:
                shape.add_kind("object")
                shape.free = True
        patterns = node.get("patternProperties")
        if patterns is not None:
            shape.add_kind("object")
        shape.values += [Place(value, file) for _, value in entries(patterns)]

    def malformed(self, node: CstNode, file: SchemaFile, what: str, expected: str) -> None:
        """ABML420: a part of a schema of the wrong shape."""
        self.files.report(420, node.span, file, what=what, expected=expected, found=kind_of(node))
