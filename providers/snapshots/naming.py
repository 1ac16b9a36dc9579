"""How sources of a resource may be called: template types, namespaces, aliases (runtime 6.2, language 8.6)."""

from __future__ import annotations

from typing import Protocol

from abml.resource_templates import ResourceTemplateSpec, TemplateRegistry, namespace_of


class Templates(Protocol):
    """What is needed of a registry; more may be registered while it is used."""

    def get(self, template_type: str) -> ResourceTemplateSpec | None:
        """The template of a type."""
        ...

    def resolve(self, name: str) -> ResourceTemplateSpec | None:
        """The template that a type, namespace or alias names, in any letter case."""
        ...


NO_TEMPLATES = TemplateRegistry()

# Both spellings of these source types are in use.
_TWINS = {
    "quest": "character-quest",
    "character-quest": "quest",
    "storyline": "character-storyline",
    "character-storyline": "storyline",
}


def folded(name: str) -> str:
    """A name as it is compared: without letter case."""
    return name.casefold()


def names_of(source_type: str, templates: Templates) -> list[str]:
    """Everything a source answers to, in lower case: its type, its namespace, aliases."""
    spec = template_of(source_type, templates)
    if spec is not None:
        names = [source_type, *spec.names]
    else:
        names = [source_type, namespace_of(source_type), *NO_TEMPLATES.aliases(source_type)]
    twin = _TWINS.get(source_type)
    if twin is not None:
        names.append(twin)
    return list(dict.fromkeys(folded(name) for name in names))


def template_of(source_type: str, templates: Templates) -> ResourceTemplateSpec | None:
    """The template of a source type, also where it is registered in the other spelling."""
    spec = templates.get(source_type)
    if spec is None and source_type in _TWINS:
        spec = templates.get(_TWINS[source_type])
    return spec


def source_type_of(name: str, templates: Templates) -> str:
    """The template type of a name in a filter: a type, a namespace or an alias; else the name itself.

    `_` is read as `-` when only that is a type.
    """
    spec = (
        templates.get(name)
        or templates.resolve(name)
        or templates.get(name.replace("_", "-"))
        or template_of(name, templates)
    )
    return name if spec is None else spec.type
