"""Resource templates: what the data of a resource looks like, and the registry that finds a template by its names.

A template describes one source of a resource (`character-personality` of a
character): the paths of its data with their types. The registry is plain data
that checker, machine and providers share; whoever adds a template makes a new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from abml.errors import EnvironmentFault

if TYPE_CHECKING:
    from abml.resource_paths import PathNode, Validity
    from abml.source import Span

#: Minutes that a snapshot is kept when neither its template nor the host says otherwise (runtime 6.4).
DEFAULT_TTL_MINUTES = 5.0

#: Keys every snapshot provider has (language 8.6, runtime 6.5).
PSEUDO_KEYS = frozenset(
    (
        *("_error", "_loaded", "_type", "_id", "_age", "_sources", "id"),
        *("_partial", "_stale", "_missing", "_loaded_at", "_kind"),
    )
)

# Above it a time in microseconds would leave the range of an int.
_MOST_MINUTES = 1e11

_MOST_VERSIONS = 1_000_000

_NOTHING: dict[Any, Any] = {}

_FIXED_NAMESPACES = {
    "character-base": "base",
    "character-personality": "personality",
    "character-history": "history",
    "character-encounter": "encounters",
}
# One schema of the kind calls it so, the provider calls it `base`.
_FIXED_ALIASES = {"character-base": ("character",)}

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
_TYPE_CHARACTERS = _LETTERS | frozenset("0123456789")
# What ends or divides a step of a path.
_NOT_IN_NAMES = frozenset(".[]?{}()'\"$ \t\r\n")

_KEYS = frozenset(
    ("type", "namespace", "aliases", "ttl_minutes", "schema_version", "paths", "shortcuts", "migrations", "source")
)


class ResourceTemplateSpec(NamedTuple):
    """A resource template of the registry.

    Attributes:
        namespace: the name its data has below a snapshot.
        paths: registered path -> type text, shortcuts included (language, appendix B).
        ttl_minutes: how long its data stays fresh; None leaves it to the host.
        aliases: further names beside type and namespace.
        schema_version: of the data that `paths` describes, from 1.
        shortcuts: short path -> the path it stands for.
        migrations: version -> old path -> path one version later, None for what is gone.
        source: the schema it was generated from, `file#/pointer`; None when written by hand.
        origin: where it is registered; None when it comes from no file.
        places: registered path -> where it is registered.
    """

    type: str
    namespace: str
    paths: Mapping[str, str] = _NOTHING
    ttl_minutes: float | None = None
    aliases: tuple[str, ...] = ()
    schema_version: int = 1
    shortcuts: Mapping[str, str] = _NOTHING
    migrations: Mapping[int, Mapping[str, str | None]] = _NOTHING
    source: str | None = None
    origin: Span | None = None
    places: Mapping[str, Span] = _NOTHING

    @property
    def resource_type(self) -> str:
        """The part before the first `-`, or the whole type."""
        return self.type.split("-", 1)[0]

    @property
    def names(self) -> tuple[str, ...]:
        """Type, namespace and aliases, each once."""
        return tuple(dict.fromkeys((self.type, self.namespace, *self.aliases)))

    def place(self, path: str) -> Span | None:
        """Where a path is registered: its own line, that of a longer path, else that of the template."""
        found = self.places.get(path)
        if found is None and path:
            longer = (f"{path}.", f"{path}[")
            found = next((span for other, span in self.places.items() if other.startswith(longer)), None)
        return self.origin if found is None else found

    def to_data(self) -> dict[str, Any]:
        """The entry of a registry file; what has its default is left out, paths are sorted."""
        short = self.shortcuts
        entry: dict[str, Any] = {"type": self.type, "namespace": self.namespace}
        if self.aliases != namespace_aliases(self.type):
            entry["aliases"] = list(self.aliases)
        if self.ttl_minutes is not None:
            entry["ttl_minutes"] = self.ttl_minutes
        if self.schema_version != 1:
            entry["schema_version"] = self.schema_version
        if self.source is not None:
            entry["source"] = self.source
        entry["paths"] = {path: self.paths[path] for path in sorted(self.paths) if not _is_below_any(path, short)}
        if short:
            entry["shortcuts"] = {name: short[name] for name in sorted(short)}
        if self.migrations:
            tables = {version: self.migrations[version] for version in sorted(self.migrations)}
            entry["migrations"] = {version: dict(sorted(table.items())) for version, table in tables.items()}
        return entry


def namespace_of(template_type: str) -> str:
    """The namespace of a template type by the rule of language 8.6, without a registry."""
    fixed = _FIXED_NAMESPACES.get(template_type)
    if fixed is not None:
        return fixed
    return template_type.partition("-")[2] or template_type


def fixed_type(namespace: str) -> str | None:
    """The template type whose namespace the language fixes, in any letter case."""
    folded = namespace.casefold()
    return next((kind for kind, name in _FIXED_NAMESPACES.items() if name == folded), None)


def namespace_aliases(template_type: str) -> tuple[str, ...]:
    """The further names of a template type by rule, without a registry."""
    return _FIXED_ALIASES.get(template_type, ())


def is_template_type(text: str) -> bool:
    """Whether a text matches the pattern of template types (language 0.2)."""
    parts = text.split("-")
    return bool(text) and text[0] in _LETTERS and all(part and set(part) <= _TYPE_CHARACTERS for part in parts)


def template_type_like(text: str) -> str | None:
    """`TowerCrew` and `tower_crew` as `tower-crew`; None when nothing can be made of a text."""
    words = ""
    for at, character in enumerate(text):
        if character.isupper() and at and not text[at - 1].isupper():
            words += "-"
        words += character.lower() if character.isascii() and character.isalnum() else "-"
    joined = "-".join(part for part in words.split("-") if part)
    return joined if is_template_type(joined) else None


def is_step_name(text: str) -> bool:
    """Whether a text can stand as one step of a path: a namespace, an alias, the name of a property."""
    return bool(text) and not any(character in _NOT_IN_NAMES for character in text) and text != "*"


class TemplateRegistry:
    """The known resource templates by type, in order of registration; not changed once made.

    Every type, namespace and alias names one template, whatever the letter case.
    May be shared between threads.

    Attributes:
        templates: by type as written.
    """

    __slots__ = ("_names", "_trees", "_types", "templates")

    def __init__(self, templates: Mapping[str, ResourceTemplateSpec] = _NOTHING) -> None:
        """A registry of these templates.

        Raises:
            EnvironmentFault: two templates have a name in common.
        """
        self.templates = templates
        self._types = {spec.type.casefold(): spec for spec in templates.values()}
        self._names = _index(templates.values())
        self._trees: dict[str, PathNode] = {}

    def __iter__(self) -> Iterator[ResourceTemplateSpec]:
        return iter(self.templates.values())

    def __len__(self) -> int:
        return len(self.templates)

    def get(self, template_type: str) -> ResourceTemplateSpec | None:
        """The template of a type, in any letter case."""
        return self.templates.get(template_type) or self._types.get(template_type.casefold())

    def resolve(self, name: str) -> ResourceTemplateSpec | None:
        """The template that a type, namespace or alias names, in any letter case."""
        return self._names.get(name.casefold())

    def namespace(self, template_type: str) -> str:
        """The registry's namespace of a type, else the one of the rule."""
        spec = self.get(template_type)
        return namespace_of(template_type) if spec is None else spec.namespace

    def aliases(self, template_type: str) -> tuple[str, ...]:
        """The registry's aliases of a type, else those of the rule."""
        spec = self.get(template_type)
        return namespace_aliases(template_type) if spec is None else spec.aliases

    def ttl_minutes(self, name: str, default: float = DEFAULT_TTL_MINUTES) -> float:
        """How long data of a template stays fresh: what the template says, else the default of the host."""
        spec = self.resolve(name)
        return default if spec is None or spec.ttl_minutes is None else spec.ttl_minutes

    def tree(self, spec: ResourceTemplateSpec) -> PathNode:
        """The paths of a template as a tree, made once."""
        found = self._trees.get(spec.type)
        if found is None:
            from abml.resource_paths import path_tree

            found = self._trees[spec.type] = path_tree(spec)
        return found

    def validate(self, name: str, path: str) -> Validity:
        """What a path means in a template that a type, namespace or alias names (runtime TMP-02).

        Raises:
            KeyError: no template has that name.
        """
        from abml.resource_paths import validate

        spec = self.resolve(name)
        if spec is None:
            raise KeyError(name)
        return validate(self.tree(spec), path)

    def merged(self, later: TemplateRegistry) -> TemplateRegistry:
        """This registry with the templates of a later one; those replace earlier ones of the same type.

        Raises:
            EnvironmentFault: two templates have a name in common.
        """
        kept = {
            key: spec for key, spec in self.templates.items() if later.get(spec.type) is None or key in later.templates
        }
        return TemplateRegistry({**kept, **later.templates})

    def to_data(self) -> dict[str, Any]:
        """The mapping of a registry file, templates sorted by type."""
        return {"templates": [spec.to_data() for spec in sorted(self, key=lambda spec: spec.type)]}

    @classmethod
    def from_data(cls, data: Any) -> TemplateRegistry:
        """A registry from the mapping of a YAML or JSON file (appendix B).

        Raises:
            EnvironmentFault: an entry has the wrong shape, or two templates have a name in common.
        """
        entries = _mapping("registry", data, ()).get("templates")
        if entries is None:
            entries = []
        if not isinstance(entries, list):
            raise EnvironmentFault(f"templates: expected a list, found {_kind(entries)}", ("templates",))
        found: dict[str, ResourceTemplateSpec] = {}
        positions: dict[str, int] = {}
        for number, entry in enumerate(entries):
            spec = _spec(entry, ("templates", number))
            found[spec.type] = spec
            positions[spec.type] = number
        try:
            return cls(found)
        except _Clash as clash:
            raise EnvironmentFault(str(clash), ("templates", positions[clash.later])) from None


class _Clash(EnvironmentFault):
    """A name that two templates have; `later` is the type of the second."""

    def __init__(self, message: str, later: str) -> None:
        super().__init__(message)
        self.later = later


def _index(specs: Iterable[ResourceTemplateSpec]) -> dict[str, ResourceTemplateSpec]:
    """Every name of every template, letter case left aside."""
    found: dict[str, ResourceTemplateSpec] = {}
    for spec in specs:
        for name in spec.names:
            if not name:
                raise EnvironmentFault(f"templates: {spec.type or 'a template'} has an empty name")
            other = found.setdefault(name.casefold(), spec)
            if other is not spec:
                both = other.namespace.casefold() == spec.namespace.casefold() == name.casefold()
                what = "namespace" if both else "name"
                raise _Clash(f"templates: {other.type} and {spec.type} share the {what} {name!r}", spec.type)
    return found


# ------------------------------------------------------------- entries of files


def _spec(entry: Any, at: tuple[str | int, ...]) -> ResourceTemplateSpec:
    """One entry of a registry file."""
    item = _mapping("templates", entry, at)
    kind = item.get("type")
    if not isinstance(kind, str) or not kind:
        raise EnvironmentFault("templates: an entry has no type", at)
    what = f"templates.{kind}"
    if not is_template_type(kind):
        like = template_type_like(kind)
        hint = "" if like is None else f"; did you mean {like!r}?"
        raise EnvironmentFault(f"{what}: a type has lower-case words joined by '-'{hint}", (*at, "type"))
    for key in item:
        if key not in _KEYS and not str(key).startswith("x-"):
            from abml.suggest import nearest

            near = nearest(str(key), _KEYS)
            hint = "" if near is None else f"; did you mean {near!r}?"
            raise EnvironmentFault(f"{what}: unknown key {key!r}{hint}", (*at, str(key)))
    namespace = item.get("namespace", namespace_of(kind))
    paths = _types(item.get("paths"), f"{what}.paths", (*at, "paths"))
    shortcuts = _shortcuts(item.get("shortcuts"), paths, f"{what}.shortcuts", (*at, "shortcuts"))
    source = item.get("source")
    return ResourceTemplateSpec(
        type=kind,
        namespace=namespace_of(kind)
        if namespace is None
        else _name(namespace, f"{what}.namespace", (*at, "namespace")),
        paths=with_shortcuts(paths, shortcuts),
        ttl_minutes=_minutes(item.get("ttl_minutes"), f"{what}.ttl_minutes", (*at, "ttl_minutes")),
        aliases=_aliases(kind, item.get("aliases"), f"{what}.aliases", (*at, "aliases")),
        schema_version=_version(item.get("schema_version", 1), f"{what}.schema_version", (*at, "schema_version")),
        shortcuts=shortcuts,
        migrations=_migrations(item.get("migrations"), f"{what}.migrations", (*at, "migrations")),
        source=None if source is None else str(source),
    )


def with_shortcuts(paths: Mapping[str, str], shortcuts: Mapping[str, str]) -> Mapping[str, str]:
    """The paths of a template with those that its shortcuts add."""
    if not shortcuts:
        return paths
    found = dict(paths)
    for short, target in shortcuts.items():
        for path, text in paths.items():
            if path == target or path.startswith((f"{target}.", f"{target}[")):
                found.setdefault(short + path[len(target) :], text)
    return found


def _is_below_any(path: str, shortcuts: Mapping[str, str]) -> bool:
    return any(path == short or path.startswith((f"{short}.", f"{short}[")) for short in shortcuts)


def _types(value: Any, what: str, at: tuple[str | int, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for path, text in _mapping(what, value, at).items():
        if isinstance(text, (Mapping, list)) or text is None:
            hint = f"; write its parts as '{path}.name'" if isinstance(text, Mapping) else ""
            raise EnvironmentFault(f"{what}.{path}: expected a type, found {_kind(text)}{hint}", (*at, str(path)))
        found[str(path)] = str(text)
    return found


def _shortcuts(value: Any, paths: Mapping[str, str], what: str, at: tuple[str | int, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for short, target in _mapping(what, value, at).items():
        short, place = str(short), (*at, str(short))
        if not is_step_name(short):
            raise EnvironmentFault(f"{what}: {short!r} is not a single name", place)
        if not isinstance(target, str) or not is_registered(paths, target):
            raise EnvironmentFault(f"{what}.{short}: the template has no path {target!r}", place)
        if is_registered(paths, short):
            raise EnvironmentFault(f"{what}.{short}: the template has a path of that name", place)
        found[short] = target
    return found


def is_registered(paths: Mapping[str, str], path: str) -> bool:
    """Whether a path is registered, or the beginning of one that is."""
    return path in paths or any(other.startswith((f"{path}.", f"{path}[")) for other in paths)


def _aliases(kind: str, value: Any, what: str, at: tuple[str | int, ...]) -> tuple[str, ...]:
    if value is None:
        return namespace_aliases(kind)
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list):
        raise EnvironmentFault(f"{what}: expected a list of names, found {_kind(value)}", at)
    return tuple(dict.fromkeys(_name(item, what, (*at, number)) for number, item in enumerate(value)))


def _name(value: Any, what: str, at: tuple[str | int, ...]) -> str:
    if not isinstance(value, str) or not is_step_name(value):
        raise EnvironmentFault(f"{what}: {value!r} is not a single name", at)
    if value in PSEUDO_KEYS:
        raise EnvironmentFault(f"{what}: every snapshot has a key {value!r} of its own", at)
    return value


def _minutes(value: Any, what: str, at: tuple[str | int, ...]) -> float | None:
    if value is None:
        return None
    if not is_minutes(value):
        raise EnvironmentFault(f"{what}: expected minutes above 0, found {str(value)[:40]}", at)
    minutes: float = value
    return minutes


def is_minutes(value: Any) -> bool:
    """Whether a value is a number of minutes that a clock can count."""
    return type(value) in (int, float) and 0 < value < _MOST_MINUTES


def _version(value: Any, what: str, at: tuple[str | int, ...]) -> int:
    if type(value) is not int or not 1 <= value < _MOST_VERSIONS:
        raise EnvironmentFault(f"{what}: expected a whole number from 1, found {str(value)[:40]}", at)
    return value


def _migrations(value: Any, what: str, at: tuple[str | int, ...]) -> dict[int, dict[str, str | None]]:
    """`1: {old: new}`; in JSON the version is a text."""
    found: dict[int, dict[str, str | None]] = {}
    for key, table in _mapping(what, value, at).items():
        number = int(key) if isinstance(key, str) and key.isdecimal() and len(key) < 10 else key
        version = _version(number, what, (*at, str(key)))
        moves: dict[str, str | None] = {}
        for old, new in _mapping(f"{what}.{key}", table, (*at, str(key))).items():
            if new is not None and not isinstance(new, str):
                raise EnvironmentFault(f"{what}.{key}.{old}: expected a path or null", (*at, str(key), str(old)))
            moves[str(old)] = new
        found[version] = moves
    return found


def _mapping(what: str, value: Any, at: tuple[str | int, ...]) -> Mapping[Any, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise EnvironmentFault(f"{what}: expected a mapping, found {_kind(value)}", at)
    return value


def _kind(value: Any) -> str:
    words = {dict: "a mapping", list: "a list", str: "a text", bool: "true or false", type(None): "nothing"}
    return words.get(type(value), f"a {type(value).__name__}")
