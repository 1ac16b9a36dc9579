"""Planning for one actor: its goals, actions, facts and costs, read through its instance (runtime 4.1, 4.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from abml.values import Provider
from abml.vm.core.machine import ProviderRef

from .costs import CostModifierSource
from .documents import PlanningData
from .sources import Conscience, DirectorPriorities, DocumentModifiers

if TYPE_CHECKING:
    from abml.vm.instance import Instance


def planning_data(instance: Instance) -> PlanningData:
    """What the actor's document says for planning; warnings go to the actor's log."""
    return PlanningData(instance.program, instance.base.call, instance.warn)


def cost_sources(instance: Instance) -> list[CostModifierSource]:
    """The sources of modifiers that an actor has without its host doing anything.

    These are the modifiers in its document, its conscience when the document has
    `conscience: true`, and the director's overrides, which are null without one.
    """
    found: list[CostModifierSource] = [DocumentModifiers(instance.base.call)]

    def read(name: str, path: tuple[str, ...]) -> Any:
        return read_path(instance, name, path)

    fields = (instance.info.get("metadata") or {}).get("fields") or {}
    if fields.get("conscience") is True:
        types = fields.get("violation_map")
        found.append(Conscience(read, types if isinstance(types, Mapping) else None))
    found.append(DirectorPriorities(read))
    return found


def read_path(instance: Instance, name: str, path: tuple[str, ...]) -> Any:
    """What `${name.path}` reads outside of any flow: of a provider or a value of the host; null without either."""
    value = instance.resolve(name)
    if isinstance(value, ProviderRef):
        return instance.provide(value.name, (*value.path, *path))
    if isinstance(value, Provider):
        value = value.root()
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
