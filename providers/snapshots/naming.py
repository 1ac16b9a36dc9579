"""How sources of a resource may be called: template types, namespaces, aliases (runtime 6.2, language 8.6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from abml.environment import namespace_of


class TemplateSpec(Protocol):
    """What is needed of a resource template. Attributes that are absent have the defaults.

    Attributes:
        paths: path -> type text.
        ttl_minutes: None: the default of the cache.

    Optional: `aliases: Sequence[str]`, `schema_version: int`.
    """

    @property
    def type(self) -> str: ...
    @property
    def namespace(self) -> str: ...
    @property
    def paths(self) -> Mapping[str, str]: ...
    @property
    def ttl_minutes(self) -> float | None: ...


class Templates(Protocol):
    """A registry of templates; more may be registered while it is used."""

    def get(self, template_type: str) -> TemplateSpec | None:
        """The template of a type, None when there is none."""
        ...

    def __iter__(self) -> Iterator[TemplateSpec]: ...


class NoTemplates:
    """The empty registry."""

    def get(self, template_type: str) -> None:
        return None

    def __iter__(self) -> Iterator[TemplateSpec]:
        return iter(())


_TWINS = {
    "quest": "character-quest",
    "character-quest": "quest",
    "storyline": "character-storyline",
    "character-storyline": "storyline",
}
_ALIASES = {"character-base": ("character",)}


def folded(name: str) -> str:
    """A name as it is compared: without letter case."""
    return name.casefold()


def names_of(source_type: str, templates: Templates) -> list[str]:
    """Everything a source answers to, in lower case, the strongest name first.

    The full type, the namespace, aliases of the registry, fixed aliases.
    """
    spec = templates.get(source_type)
    names = [source_type, namespace_of(source_type) if spec is None else spec.namespace]
    names += getattr(spec, "aliases", ())
    names += _ALIASES.get(source_type, ())
    twin = _TWINS.get(source_type)
    if twin is not None:
        names.append(twin)
    return list(dict.fromkeys(folded(name) for name in names))


def source_type_of(name: str, templates: Templates) -> str:
    """The template type of a name in a filter: a type, a namespace or an alias; else the name itself.

    `_` is read as `-` when only that is a type.
    """
    if templates.get(name) is not None:
        return name
    key = folded(name)
    dashed = key.replace("_", "-")
    by_type: str | None = None
    by_name: str | None = None
    for spec in templates:
        kind = folded(spec.type)
        if kind == key:
            return spec.type
        if kind == dashed:
            by_type = spec.type
        if by_name is None and key in names_of(spec.type, templates):
            by_name = spec.type
    return by_name or by_type or name


def schema_version_of(spec: TemplateSpec | None) -> int | None:
    """The version of a template's schema; None when it says none."""
    version = getattr(spec, "schema_version", None)
    return version if isinstance(version, int) else None
