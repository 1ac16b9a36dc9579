"""Names of intent channels: physical ones, and the logical ones of each archetype (language 8.4)."""

from __future__ import annotations

PHYSICAL = ("action", "locomotion", "attention", "stance", "vocalization", "expression")

LOGICAL: dict[str, tuple[str, ...]] = {
    "humanoid": ("combat", "movement", "interaction", "expression", "attention", "speech", "stance", "idle"),
    "creature": ("locomotion", "action", "social", "alert"),
    "vehicle": ("throttle", "steering", "signals", "systems"),
    "object": ("state", "timing", "feedback"),
    "environmental": ("intensity", "type", "direction", "mood"),
}


def channel_name(name: str, archetype: str | None) -> str:
    """A channel as the tables spell it; names they do not know pass as they are.

    Names compare without case. Without an archetype only the physical ones are known.
    """
    lowered = name.lower()
    if lowered in PHYSICAL or (archetype is not None and lowered in LOGICAL.get(archetype.lower(), ())):
        return lowered
    return name
