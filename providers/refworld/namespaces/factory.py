"""How a namespace over a world is made: a function of world and character, and what makes its answer old."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from abml.providers.base import DataProvider
from abml.providers.namespaces import KNOWN
from abml.providers.refworld.model import Character, Realm
from abml.providers.refworld.world import RefWorld
from abml.vm.binding import BindingKey

Data = Mapping[str, Any]


def bound(world: RefWorld, given: object, table: str) -> Any:
    """The entry that a part of a binding key names by id or key; None for none."""
    if given is None:
        return None
    text = str(given)
    owner = world.owner_of_id(text)
    if owner is not None:
        return world.table(table)[owner[1]] if owner[0] == table else None
    return world.table(table).get(text)


class WorldFactory:
    """What all namespaces over a world have; scope, time to live and paths are those of runtime 5.3.

    Attributes:
        namespace: the root name.
        invalidated_by: topics of events after which it is made anew.
    """

    def __init__(self, namespace: str, world: RefWorld, invalidated_by: str = "") -> None:
        known = KNOWN[namespace]
        self.namespace = namespace
        self.world = world
        self.scope_keys = known.scope_keys
        self.ttl_s = known.ttl_s
        self.paths = known.paths
        self.invalidated_by = frozenset(invalidated_by.split())


class CharacterFactory(WorldFactory):
    """A namespace about a character: its data is copied out of the world when the provider is made."""

    def __init__(
        self,
        namespace: str,
        world: RefWorld,
        describe: Callable[[RefWorld, Character], Data],
        invalidated_by: str = "",
        any_case: bool = False,
    ) -> None:
        super().__init__(namespace, world, invalidated_by)
        self.describe = describe
        self.any_case = any_case

    def create(self, actor: BindingKey) -> DataProvider | None:
        """The provider of the character that the actor is bound to; None for none."""
        who = bound(self.world, actor.character_id, "characters")
        return None if who is None else DataProvider(self.describe(self.world, who), ignore_case=self.any_case)


class PlaceFactory(WorldFactory):
    """A namespace about a character at a place: where the key says it is, else where the world says so."""

    def __init__(
        self,
        namespace: str,
        world: RefWorld,
        describe: Callable[[RefWorld, Character, str], Data],
        invalidated_by: str = "",
    ) -> None:
        super().__init__(namespace, world, invalidated_by)
        self.describe = describe

    def create(self, actor: BindingKey) -> DataProvider | None:
        """The provider of the character that the actor is bound to; None for none."""
        who = bound(self.world, actor.character_id, "characters")
        if who is None:
            return None
        place = bound(self.world, actor.location_id, "places")
        return DataProvider(self.describe(self.world, who, who.place if place is None else place.key))


class RealmFactory(WorldFactory):
    """A namespace about a realm; all actors in it share one provider."""

    def __init__(
        self, namespace: str, world: RefWorld, describe: Callable[[RefWorld, Realm], Data], invalidated_by: str = ""
    ) -> None:
        super().__init__(namespace, world, invalidated_by)
        self.describe = describe

    def create(self, actor: BindingKey) -> DataProvider | None:
        """The provider of the realm that the actor lives in; None for none."""
        realm = bound(self.world, actor.realm_id, "realms")
        return None if realm is None else DataProvider(self.describe(self.world, realm))
