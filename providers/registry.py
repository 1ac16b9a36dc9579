"""The registry: which namespaces a host offers, and the provider that an actor reads under each of them.

Factories are registered by the host or found by entry points when the host asks
for it; importing a provider registers nothing, and no factory at all is fine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from abml.errors import AbmlUsageError
from abml.vm.binding import BindingKey

from .base import FactorySpec, as_provider, spec_of
from .binding import ProviderError, restrict
from .bound import BoundProviders
from .cache import STALE_FACTOR, Entry, ProviderCache
from .loads import load
from .namespaces import is_reserved

ENTRY_POINTS = "abml.providers"
"""The group in which packages name their factories."""

# Fields of event payloads, as written by services and in Python, and the part of the key each one names.
_EVENT_FIELDS = {
    "actor_id": ("actor_id", "actorId"),
    "character_id": ("character_id", "characterId"),
    "realm_id": ("realm_id", "realmId"),
    "location_id": ("location_id", "locationId"),
}


class ProviderRegistry:
    """Factories by namespace, and one cache for all that they make.

    Args:
        factories: registered in this order.
        stale_factor: how many times its TTL a value is served while refreshing it fails.
        first_wait_s: how long the first tick of an actor may wait for async factories.

    Not safe for two threads at once.
    """

    def __init__(
        self, factories: Iterable[Any] = (), *, stale_factor: float = STALE_FACTOR, first_wait_s: float = 0.05
    ) -> None:
        self.first_wait_s = first_wait_s
        self.cache = ProviderCache(load, stale_factor=stale_factor)
        self._specs: dict[str, FactorySpec] = {}
        for factory in factories:
            self.register(factory)

    # ------------------------------------------------------------- registration

    def register(self, factory: Any, *, scope: Callable[[], Any] | None = None) -> None:
        """Offer a namespace.

        Args:
            factory: has `namespace`, and `create` or `columns`; see `abml.vm.protocols`.
            scope: gives a context manager whose client is passed to each load: opened
                before it, closed after it. Factories that outlive a request hold none themselves.

        Raises:
            ProviderError: the namespace is taken or reserved, or the factory does not fit.
        """
        spec = spec_of(factory, scope)
        if is_reserved(spec.namespace):
            raise ProviderError(f"'{spec.namespace}' is a name of the runtime and cannot be a namespace")
        if spec.namespace in self._specs:
            other = type(self._specs[spec.namespace].factory).__qualname__
            raise ProviderError(f"the namespace '{spec.namespace}' is registered already, by {other}")
        self._specs[spec.namespace] = spec

    def unregister(self, namespace: str) -> None:
        """Take a namespace back; actors read null there from their next tick on.

        Raises:
            ProviderError: nobody registered it.
        """
        if self._specs.pop(namespace, None) is None:
            raise ProviderError(f"the namespace '{namespace}' is not registered")
        self.cache.forget(namespace)

    def discover(self, entry_points: Iterable[Any] | None = None) -> list[str]:
        """Register the factories that installed packages name in the group `abml.providers`.

        An entry point leads to a factory, or to a class or function that makes one.

        Args:
            entry_points: objects with `name` and `load()`; None: those of the environment.

        Returns:
            The namespaces that were added, in the order of the names.

        Raises:
            ProviderError: one cannot be loaded, or `register` refuses it.
        """
        if entry_points is None:
            from importlib.metadata import entry_points as installed

            entry_points = installed(group=ENTRY_POINTS)
        added = []
        for point in sorted(entry_points, key=lambda one: str(one.name)):
            try:
                factory = point.load()
                if not isinstance(getattr(factory, "namespace", None), str) or isinstance(factory, type):
                    factory = factory()
            except Exception as error:
                raise ProviderError(
                    f"the entry point '{point.name}' of {ENTRY_POINTS} failed: {type(error).__name__}: {error}"
                ) from error
            self.register(factory)
            added.append(str(factory.namespace))
        return added

    def spec(self, namespace: str) -> FactorySpec | None:
        """What is known of a namespace; None when nobody registered it."""
        return self._specs.get(namespace)

    def __contains__(self, namespace: object) -> bool:
        return namespace in self._specs

    def __iter__(self) -> Iterator[str]:
        return iter(self._specs)

    def __len__(self) -> int:
        return len(self._specs)

    def manifest(self) -> dict[str, Any]:
        """The registered namespaces as the `providers` of a host manifest, for `abml.check` and `abml.compile`."""
        return {"providers": dict.fromkeys(self._specs, "any")}

    # ------------------------------------------------------------------ reading

    def bind(self, key: BindingKey, names: Iterable[str] = (), *, is_alone: bool = False) -> BoundProviders:
        """The namespaces of one actor.

        Args:
            names: namespaces that its program mentions; they are loaded before its first
                tick, others from the first read on.
            is_alone: nobody else calls `work`: it is done at the beginning of every tick.
        """
        return BoundProviders(self, key, names, is_alone=is_alone)

    def look(self, namespace: str, key: BindingKey, now_us: int) -> tuple[Any, Entry | None]:
        """(provider, its entry in the cache) of a key; what has to be loaded is noted, not loaded.

        (None, None) when the namespace is not registered, or depends on something the key does not bind.
        """
        spec = self._specs.get(namespace)
        if spec is None:
            return None, None
        restricted = restrict(key, spec.scope_keys)
        if restricted is None:
            return None, None
        if spec.is_pushed:
            return as_provider(namespace, spec.factory.current(key)), None
        entry = self.cache.look(spec, restricted, key, now_us)
        return self.cache.provider(entry, now_us), entry

    def work(self, now_us: int) -> int:
        """Load what actors asked for and take over what came; hosts of many actors call it between two rounds.

        Returns:
            How many loads came to their end.
        """
        return self.cache.work(now_us)

    async def ready(self, key: BindingKey, names: Iterable[str], now_us: int) -> None:
        """Load namespaces of a key, for hosts that run an event loop: their runs then find them loaded."""
        import asyncio

        for name in names:
            self.look(name, key, now_us)
        self.cache.work(now_us)
        if self.cache.running:
            await asyncio.wait(self.cache.running)
            self.cache.work(now_us)

    # ------------------------------------------------------------- invalidation

    def invalidate(self, namespace: str | None = None, **ids: Any) -> int:
        """Make what was loaded old at once; it is served until it is loaded anew.

        Args:
            namespace: None: all.
            ids: `actor_id`, `character_id`, `realm_id`, `location_id`: whose; texts and UUIDs
                are compared as texts. None: everybody's.

        Returns:
            How many entries it were.

        Raises:
            ProviderError: there are no such ids.
        """
        unknown = sorted(set(ids).difference(_EVENT_FIELDS))
        if unknown:
            raise ProviderError(f"a key has no '{unknown[0]}'; there are {', '.join(_EVENT_FIELDS)}")
        given = {name: str(value) for name, value in ids.items() if value is not None}
        if not given:
            return self.cache.invalidate(namespace)
        count = 0
        for spec in self._specs.values():
            if namespace is not None and spec.namespace != namespace:
                continue
            # Of a shared entry only the parts that it depends on say whose data it is.
            parts = {name: value for name, value in given.items() if name.removesuffix("_id") in spec.scope_keys}
            if parts or namespace is not None:
                count += self.cache.invalidate(spec.namespace, _matching(parts))
        return count

    def handle_event(self, name: str, data: Mapping[str, Any] | None = None) -> int:
        """Invalidate what an event makes old: namespaces whose factory lists it in `invalidated_by`.

        Args:
            name: for instance `personality.evolved`.
            data: the payload; ids in it limit whose data it is about.

        Returns:
            How many entries it were.
        """
        ids = {}
        for field, spellings in _EVENT_FIELDS.items():
            for spelling in spellings:
                if data is not None and data.get(spelling) is not None:
                    ids[field] = data[spelling]
        return sum(
            self.invalidate(spec.namespace, **ids) for spec in self._specs.values() if name in spec.invalidated_by
        )

    def close(self) -> None:
        """Cancel loads that run and close the event loop that was made for them."""
        self.cache.close()


def for_run(providers: Any, binding: Any, actor_id: str | None, names: Iterable[str]) -> BoundProviders:
    """The namespaces of the only actor of a run.

    Args:
        providers: a registry, which stays open, or factories, which are registered for this run.
        binding: a `BindingKey`, a mapping of its fields, or None.
        names: what the program mentions.

    Raises:
        ProviderError: a factory does not fit, or the binding has unknown fields.
        AbmlUsageError: `providers` is neither.
    """
    key = as_key(binding, actor_id)
    if isinstance(providers, ProviderRegistry):
        registry, is_owned = providers, False
    elif isinstance(providers, list | tuple):
        registry, is_owned = ProviderRegistry(providers), True
    else:
        raise AbmlUsageError(
            f"providers is a mapping, a ProviderRegistry or a list of factories, not {type(providers).__name__}"
        )
    mentioned = [name for name in dict.fromkeys(names) if name in registry]
    return BoundProviders(registry, key, mentioned, is_alone=True, is_owner=is_owned)


def _matching(parts: Mapping[str, str]) -> Callable[[BindingKey], bool]:
    """Whether a key has all these ids."""
    return lambda key: all(str(getattr(key, name)) == value for name, value in parts.items())


def as_key(given: Any, actor_id: str | None = None) -> BindingKey:
    """A binding key from what a host gave: one, a mapping of its fields, or None.

    Raises:
        ProviderError: a field is unknown, or it is something else.
    """
    if isinstance(given, BindingKey):
        return given
    if given is None:
        return BindingKey(actor_id or "actor")
    if not isinstance(given, Mapping):
        raise ProviderError(f"a binding is a BindingKey or a mapping of its fields, not {type(given).__name__}")
    fields = {str(name): value for name, value in given.items()}
    unknown = sorted(set(fields).difference(_EVENT_FIELDS))
    if unknown:
        raise ProviderError(f"a binding has no '{unknown[0]}'; there are {', '.join(_EVENT_FIELDS)}")
    return BindingKey(**{"actor_id": actor_id or "actor", **fields})
