"""Which parts of a binding key the data of a namespace depends on.

Actors whose keys agree in these parts share one provider: one `world` per realm,
one `personality` per character.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from abml.errors import AbmlError
from abml.vm.binding import BindingKey, Id

__all__ = ["SCOPE_KEYS", "BindingKey", "Id", "ProviderError", "restrict", "scope_keys_of"]

SCOPE_KEYS = ("actor", "character", "realm", "location")
"""The parts, in the order in which `restrict` gives them."""

DEFAULT_SCOPE = frozenset(("actor",))

_FIELDS = {
    "actor": "actor_id",
    "character": "character_id",
    "realm": "realm_id",
    "location": "location_id",
}

Restricted = tuple[Any, ...]


class ProviderError(AbmlError, ValueError):
    """A provider, factory or registration that cannot be used; the message names the namespace."""


def scope_keys_of(namespace: str, given: Iterable[str] | None) -> frozenset[str]:
    """The scope keys a factory declares, checked.

    Raises:
        ProviderError: one of them is unknown.
    """
    if given is None:
        return DEFAULT_SCOPE
    if isinstance(given, str):
        given = (given,)
    keys = frozenset(given)
    unknown = sorted(str(key) for key in keys.difference(SCOPE_KEYS))
    if unknown:
        raise ProviderError(f"{namespace}: unknown scope key '{unknown[0]}'; there are {', '.join(SCOPE_KEYS)}")
    return keys


def restrict(key: BindingKey, scope_keys: frozenset[str]) -> Restricted | None:
    """The parts of a key that count, in the order of `SCOPE_KEYS`; None when one of them is not bound.

    An actor without a location still has data that depends on the location: it is
    nowhere in particular. Without a character, a realm or an identity there is none.
    """
    parts = []
    for name in SCOPE_KEYS:
        if name in scope_keys:
            part = getattr(key, _FIELDS[name])
            if part is None and name != "location":
                return None
            parts.append(part)
    return tuple(parts)
