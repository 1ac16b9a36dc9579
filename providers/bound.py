"""The namespaces of one actor: pinned at the beginning of its tick, so that a tick sees one version of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from abml.vm.binding import BindingKey

from .cache import SECOND

if TYPE_CHECKING:
    from .registry import ProviderRegistry

WARNING_US = 60 * SECOND
"""An actor is told at most once in this time that a namespace is absent."""

Warn = Callable[[str, str], None]


class Pinned(Mapping[str, Any]):
    """Namespace -> provider for one tick; None where there is no data.

    Namespaces that nobody read before the tick are looked up when they are first
    read. That loads nothing: what is missing is noted and null for this tick.
    """

    __slots__ = ("_bound", "_now_us", "_found")

    def __init__(self, bound: BoundProviders, now_us: int) -> None:
        self._bound = bound
        self._now_us = now_us
        self._found: dict[str, Any] = {}

    def __contains__(self, name: object) -> bool:
        return name in self._found or name in self._bound.registry

    def __getitem__(self, name: str) -> Any:
        if name in self._found:
            return self._found[name]
        if name not in self._bound.registry:
            raise KeyError(name)
        found = self._found[name] = self._bound.look(name, self._now_us)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._bound.registry)

    def __len__(self) -> int:
        return len(self._bound.registry)


class BoundProviders:
    """`Providers` of an actor (`abml.vm.protocols`).

    Args:
        registry: whose factories it reads.
        key: whom the actor is bound to; a key that is set later counts from the next tick on.
        names: namespaces to load before the first tick.
        is_alone: `pin` does the registry's work itself.
        is_owner: `close` closes the registry.
    """

    def __init__(
        self,
        registry: ProviderRegistry,
        key: BindingKey,
        names: Iterable[str] = (),
        *,
        is_alone: bool = False,
        is_owner: bool = False,
    ) -> None:
        self.registry = registry
        self.key = key
        self.names = tuple(names)
        self.is_alone = is_alone
        self._is_owner = is_owner
        self._is_new = True
        self._warned_at: dict[str, int] = {}
        self._warn: Warn | None = None

    def pin(self, now_us: int, warn: Warn) -> Pinned:
        """The namespaces for the tick that begins."""
        self._warn = None
        if self.is_alone:
            self._load(now_us)
        self._warn = warn
        pinned = Pinned(self, now_us)
        for name in self.names:
            pinned.get(name)
        return pinned

    def _load(self, now_us: int) -> None:
        """Do what a host of many actors does between two rounds."""
        registry = self.registry
        if self._is_new:
            for name in self.names:
                registry.look(name, self.key, now_us)
        registry.work(now_us)
        if self._is_new:
            self._is_new = False
            if registry.cache.is_busy:
                registry.cache.wait(registry.first_wait_s, now_us)

    def look(self, name: str, now_us: int) -> Any:
        """The provider of a namespace now; what keeps it from being there is told, but not too often."""
        try:
            provider, entry = self.registry.look(name, self.key, now_us)
        except Exception as error:
            # Pushed namespaces are asked directly.
            self._tell(name, f"failed: {type(error).__name__}: {error}", now_us)
            return None
        if provider is None and entry is not None:
            if entry.error is not None:
                self._tell(name, f"failed: {entry.error}", now_us)
            elif entry.loaded_at is not None:
                self._tell(name, "gave nothing for this actor", now_us)
        return provider

    def _tell(self, name: str, what: str, now_us: int) -> None:
        last = self._warned_at.get(name)
        if self._warn is not None and (last is None or now_us - last >= WARNING_US):
            self._warned_at[name] = now_us
            self._warn("provider", f"the provider '{name}' {what}")

    def close(self) -> None:
        """The actor is gone."""
        if self._is_owner:
            self.registry.close()
