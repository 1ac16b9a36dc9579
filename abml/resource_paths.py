"""Registered paths of resource templates: what a written path means in them, and what its author may have meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from abml.resource_templates import ResourceTemplateSpec
from abml.suggest import distance

#: A step of a written path: a name, an index, or None for a step that is computed.
Step = str | int | None

#: How registered paths write an element of a list, and a value of a map with any keys.
ELEMENT = "[]"
ANY_KEY = "*"

_OPEN = frozenset(("any", "object", "map", "dict"))
_LISTS = frozenset(("list", "array"))
_MAPS = frozenset(("map", "dict"))
_TEXTS = frozenset(("string", "str", "text", "enum", "uuid", "guid", "datetime", "date", "bytes"))

# Properties of values that are no keys of theirs (language 3.7).
_OF_TEXTS = frozenset(("length", "size", "count", "first", "last", "is_empty"))
_OF_MAPS = frozenset(("length", "size", "count", "is_empty", "keys", "values"))
_ENDS = frozenset(("first", "last"))

_MOST_DISTANT = 2
_FARTHEST = 8


class PathNode:
    """One point of a template's data.

    Attributes:
        type: the registered type word without arguments; None where only longer
            paths are registered.
        text: the registered type as written; `object` where only longer paths are registered.
        children: by name; the element of a list is under `[]`, a value of a map under `*`.
        path: as registered, for messages.
    """

    __slots__ = ("_folded", "children", "path", "text", "type")

    def __init__(self, path: str) -> None:
        self.path = path
        self.type: str | None = None
        self.text = "object"
        self.children: dict[str, PathNode] = {}
        self._folded: dict[str, PathNode] | None = None

    def other_case(self, name: str) -> PathNode | None:
        """The first child whose name differs in letter case only; the tree is complete by then."""
        if self._folded is None:
            self._folded = {}
            for other, below in self.children.items():
                self._folded.setdefault(other.casefold(), below)
        return self._folded.get(name.casefold())

    def set_type(self, text: str) -> None:
        """Give it the type it is registered with."""
        self.text = text
        self.type = _type_word(text)

    @property
    def is_list(self) -> bool:
        return self.type in _LISTS or ELEMENT in self.children

    @property
    def is_open(self) -> bool:
        """Whether anything may stand below."""
        return self.type in _OPEN


class Found(NamedTuple):
    """What a path leads to.

    Attributes:
        problem: None, `unknown` (no such path) or `scalar` (goes on after a single value).
        at: number of the first step that has the problem.
        node: the last point reached; None where the registry says nothing more.
        cased: (number of a step, its name in the registry) for names in other letters.
    """

    problem: str | None
    at: int
    node: PathNode | None
    cased: tuple[tuple[int, str], ...] = ()


def path_tree(spec: ResourceTemplateSpec) -> PathNode:
    """The registered paths of a template as a tree."""
    root = PathNode("")
    for path, type_text in spec.paths.items():
        node = root
        for name in _segments(path):
            below = node.children.get(name)
            if below is None:
                joined = node.path + name if name == ELEMENT or not node.path else f"{node.path}.{name}"
                below = node.children[name] = PathNode(joined)
            node = below
        node.set_type(type_text)
        _add_inner(node)
    return root


def _add_inner(node: PathNode) -> None:
    """Elements of `list<int>`, values of `map<int>`, and what is inside those."""
    while True:
        name, inner = _inner_type(node.text)
        if not inner:
            return
        below = node.children.get(name)
        if below is None:
            below = node.children[name] = PathNode(node.path + name if name == ELEMENT else f"{node.path}.{name}")
        if below.type is not None:
            return
        below.set_type(inner)
        node = below


def _segments(path: str) -> list[str]:
    """`members[].name` as `members`, `[]`, `name`."""
    found: list[str] = []
    for part in path.split("."):
        name = part
        elements = 0
        while name.endswith(ELEMENT):
            name = name[: -len(ELEMENT)]
            elements += 1
        if name:
            found.append(name)
        found += [ELEMENT] * elements
    return found


def _type_word(text: str) -> str:
    """The type without its arguments: `list<string>` is a list, `enum(calm, brisk)?` an enum."""
    word = text.strip().lower()
    for sign in "<([?":
        word = word.partition(sign)[0]
    if text.strip().removesuffix("?").endswith(ELEMENT):
        return "list"
    return word.strip()


def _inner_type(text: str) -> tuple[str, str]:
    """(`[]`, `string`) of `list<string>` and `string[]`, (`*`, `int`) of `map<int>`; no type where nothing is said."""
    word = text.strip().removesuffix("?")
    if word.endswith(ELEMENT):
        return ELEMENT, word[: -len(ELEMENT)]
    name, _, inner = word.partition("<")
    inner = inner.strip().removesuffix(">").strip()
    kind = name.strip().lower()
    if kind in _LISTS:
        return ELEMENT, inner
    if kind in _MAPS:
        # Keys are texts; `map<string, int>` says so.
        keys, comma, values = inner.partition(",")
        return ANY_KEY, values.strip() if comma and keys.strip().lower() in ("string", "str") else inner
    return "", ""


def follow(node: PathNode, steps: Sequence[Step]) -> Found:
    """Follow the steps of a path below a point of a template."""
    cased: list[tuple[int, str]] = []
    for at, step in enumerate(steps):
        if step is None:
            return Found(None, at, None, tuple(cased))
        below: PathNode | None
        if node.is_open and (str(step) not in node.children and ANY_KEY not in node.children):
            return Found(None, at, None, tuple(cased))
        if node.is_list:
            if not isinstance(step, int) and not step.isdecimal():
                if step not in _OF_TEXTS:
                    return Found("unknown", at, node, tuple(cased))
                if step not in _ENDS:
                    return _after_property(node, steps, at, cased)
            below = node.children.get(ELEMENT)
            if below is None:
                return Found(None, at + 1, None, tuple(cased))
        else:
            name = str(step)
            below = node.children.get(name)
            if below is None:
                below = node.other_case(name)
                if below is not None:
                    cased.append((at, below.path.rpartition(".")[2]))
            if below is None and ANY_KEY in node.children:
                if name in _OF_MAPS:
                    # A key of that name or the property: only the data knows.
                    return Found(None, at + 1, None, tuple(cased))
                below = node.children[ANY_KEY]
            if below is None:
                if node.children or node.type is None:
                    if name in _OF_MAPS:
                        return _after_property(node, steps, at, cased)
                    return Found("unknown", at, node, tuple(cased))
                if node.type in _TEXTS and name in _OF_TEXTS:
                    return _after_property(node, steps, at, cased)
                return Found("scalar", at, node, tuple(cased))
        node = below
    return Found(None, len(steps), node, tuple(cased))


class Validity(NamedTuple):
    """What a path means in a template (runtime TMP-02).

    Attributes:
        type: type of the value; None where there is no such path.
        known: every registered path, for a path that is not.
    """

    type: str | None
    known: tuple[str, ...] = ()

    @property
    def is_valid(self) -> bool:
        return self.type is not None


def validate(root: PathNode, path: str) -> Validity:
    """The type of a written path such as `members[0].name`; the empty path is the whole data."""
    steps = steps_of(path)
    found = Found("unknown", 0, None) if steps is None else follow(root, steps)
    if found.problem is None:
        return Validity("any" if found.node is None else found.node.text)
    return Validity(None, tuple(sorted(node.path for node in nodes(root) if node.path)))


def steps_of(path: str) -> list[Step] | None:
    """The steps of a written path; `[]` is any element. None for a text that is no path."""
    steps: list[Step] = []
    if not path:
        return steps
    for part in path.split("."):
        name, *indexes = part.split("[")
        if name:
            steps.append(name)
        elif not indexes or steps:
            return None
        for index in indexes:
            inner, closing, rest = index.partition("]")
            if not closing or rest or not (inner == "" or inner.isdecimal()) or len(inner) > 9:
                return None
            steps.append(int(inner or 0))
    return steps


def nodes(root: PathNode) -> Iterator[PathNode]:
    """A point and everything below it, parents first."""
    pending = [root]
    while pending:
        node = pending.pop()
        yield node
        pending += reversed(node.children.values())


def table(root: PathNode) -> dict[str, str]:
    """Every path of a template with its type, beginnings of longer ones included, sorted."""
    return {node.path: node.text for node in sorted(nodes(root), key=lambda node: node.path) if node.path}


def _after_property(node: PathNode, steps: Sequence[Step], at: int, cased: list[tuple[int, str]]) -> Found:
    """`length` and the like are single values; `keys` and `values` are lists of anything."""
    single = steps[at] not in ("keys", "values", *_ENDS)
    rest = steps[at + 1 :]
    if single and rest and rest[0] is not None:
        return Found("scalar", at + 1, node, tuple(cased))
    if single and not rest:
        of = PathNode("")
        of.set_type("bool" if steps[at] == "is_empty" else "int")
        return Found(None, at + 1, of, tuple(cased))
    return Found(None, at + 1, None, tuple(cased))


def path_text(steps: Sequence[Step]) -> str:
    """Steps as they are written: `members[0].name`."""
    text = ""
    for step in steps:
        if step is None:
            text += "[…]"
        elif isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


def suggestions(paths: Iterable[str], written: str, most: int = 3) -> list[str]:
    """Registered paths that the author of a path may have meant, best first.

    Those that share its first segment; else those with a segment that starts like
    it; else the nearest by edit distance. An empty path gives the first five.
    """
    known = list(paths)
    if not written:
        return known[:5]
    folded = written.casefold()
    first = _names(folded)[0] if _names(folded) else folded
    shared = [path for path in known if _names(path.casefold())[:1] == [first]]
    if shared:
        return _ranked(shared, folded)[:most]
    started = [path for path in known if any(name.startswith(first) for name in _names(path.casefold()))]
    if started:
        return _ranked(started, folded)[:most]
    near = []
    # Large templates repeat few names in many paths.
    to_names: dict[str, int] = {}
    for order, path in enumerate(known):
        other = path.casefold()
        names = _names(other)
        for name in names:
            if name not in to_names:
                to_names[name] = distance(first, name, _MOST_DISTANT)
        least = min([distance(folded, other, _MOST_DISTANT), *(to_names[name] for name in names)])
        if least <= _MOST_DISTANT:
            # Of equally near ones that which is so as a whole.
            near.append((least, distance(folded, other, _FARTHEST), order, path))
    return [path for *_, path in sorted(near)][:most]


def _names(path: str) -> list[str]:
    """The names along a path, without its element marks and indexes."""
    return [name for part in path.split(".") if (name := part.partition("[")[0])]


def _ranked(paths: list[str], written: str) -> list[str]:
    """Nearest first; equally near ones as they are registered."""
    order = {path: (distance(written, path.casefold(), _FARTHEST), at) for at, path in enumerate(paths)}
    return sorted(paths, key=order.__getitem__)


def listed(names: Sequence[str]) -> str | None:
    """`'a', 'b' or 'c'`; None for no names."""
    quoted = [f"'{name}'" for name in names]
    if len(quoted) < 2:
        return quoted[0] if quoted else None
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}"
