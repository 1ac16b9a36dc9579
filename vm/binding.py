"""`BindingKey`: whom an actor is bound to, which is all that providers know of it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

Id = UUID | str


@dataclass(frozen=True, slots=True)
class BindingKey:
    """The identities of one actor. Equal keys have equal data.

    Attributes:
        actor_id: the actor itself; always there.
        character_id: the character it drives; None while none is bound.
        realm_id: the realm it lives in; None only outside of worlds, where runs may have none.
        location_id: where it is now; None when nobody said so.
    """

    actor_id: str
    character_id: Id | None = None
    realm_id: Id | None = None
    location_id: Id | None = None
