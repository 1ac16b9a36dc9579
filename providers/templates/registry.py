"""The resource templates of a running host: a registry that templates may be added to."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from abml.environment import EnvironmentFault, ResourceTemplateSpec, TemplateRegistry
from abml.registries import read_registry
from abml.resource_paths import Validity
from abml.resource_templates import DEFAULT_TTL_MINUTES


class TemplateStore:
    """Templates by type, namespace and alias, letter case left aside.

    What it holds is a `TemplateRegistry`, which never changes; a registration puts
    another in its place. So readers on other threads see all of it or nothing, and
    a registration that is refused leaves everything as it was. One thread registers
    at a time.

    Attributes:
        registry: what is registered now, as checker and machine take it.
        default_ttl_minutes: how long data stays fresh of which the template says nothing.
    """

    __slots__ = ("default_ttl_minutes", "registry")

    def __init__(
        self, registry: TemplateRegistry | None = None, *, default_ttl_minutes: float = DEFAULT_TTL_MINUTES
    ) -> None:
        self.registry = TemplateRegistry() if registry is None else registry
        self.default_ttl_minutes = default_ttl_minutes

    def register(self, spec: ResourceTemplateSpec) -> None:
        """Add one template.

        Raises:
            EnvironmentFault: its type, namespace or an alias is empty or names a template already.
        """
        self.register_all((spec,))

    def register_all(self, specs: Iterable[ResourceTemplateSpec]) -> None:
        """Add several templates, or none of them when one is refused.

        Raises:
            EnvironmentFault: as in `register`.
        """
        found = dict(self.registry.templates)
        for spec in specs:
            other = self.registry.get(spec.type) or found.get(spec.type)
            if other is not None:
                raise EnvironmentFault(f"templates: {other.type} is registered already")
            found[spec.type] = spec
        self.registry = TemplateRegistry(found)

    def load(self, path: str | os.PathLike[str]) -> int:
        """Read a registry file or a folder of them; its templates replace those of the same types.

        Returns:
            How many templates were read.

        Raises:
            EnvironmentFault: malformed, or a name is that of another template; nothing was changed.
            AbmlFileError: a file that cannot be read.
        """
        found = read_registry(path)
        self.registry = self.registry.merged(found)
        return len(found)

    def get(self, template_type: str) -> ResourceTemplateSpec | None:
        """The template of a type."""
        return self.registry.get(template_type)

    def resolve(self, name: str) -> ResourceTemplateSpec | None:
        """The template that a type, namespace or alias names."""
        return self.registry.resolve(name)

    def validate(self, name: str, path: str) -> Validity:
        """What a path such as `members[0].name` means below a template (runtime TMP-02).

        Raises:
            KeyError: no template has that name.
        """
        return self.registry.validate(name, path)

    def ttl_minutes(self, name: str) -> float:
        """How long data of a template stays fresh."""
        return self.registry.ttl_minutes(name, self.default_ttl_minutes)

    def __iter__(self) -> Iterator[ResourceTemplateSpec]:
        return iter(self.registry)

    def __len__(self) -> int:
        return len(self.registry)
