"""The random generator of an instance: xoshiro256**, seeded by SplitMix64.

Every draw of a program comes from one `Random`, in evaluation order, so that
equal seeds give equal runs on every platform. Plain integer arithmetic masked
to 64 bits; no state but four words, which snapshots copy.

Source: Blackman and Vigna, "Scrambled linear pseudorandom number generators" (2018).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MASK = 0xFFFF_FFFF_FFFF_FFFF
_TWO_63 = 1 << 63
_TWO_64 = 1 << 64
_UNIT = 2.0**-53

_FNV_OFFSET = 0xCBF2_9CE4_8422_2325
_FNV_PRIME = 0x100_0000_01B3


def fnv1a64(data: bytes) -> int:
    """The 64-bit FNV-1a hash of bytes, 0 .. 2**64 - 1."""
    state = _FNV_OFFSET
    for byte in data:
        state = ((state ^ byte) * _FNV_PRIME) & MASK
    return state


def hash_text(text: str) -> int:
    """FNV-1a of the UTF-8 form of a text, as a signed 64-bit integer."""
    state = fnv1a64(text.encode("utf-8", "surrogatepass"))
    return state - _TWO_64 if state >= _TWO_63 else state


def seed_from_id(document_id: str) -> int:
    """The default seed of a deterministic document: FNV-1a of its `metadata.id`."""
    return fnv1a64(document_id.encode("utf-8", "surrogatepass"))


def default_seed(metadata: Mapping[str, Any]) -> int:
    """The seed of an instance whose host gives none: that of a deterministic document, else one of the system."""
    if metadata.get("deterministic") is True:
        return seed_from_id(str(metadata.get("id")))
    # Only here, because few hosts leave the seed out.
    import secrets

    return secrets.randbits(64)


def split_mix(state: int) -> tuple[int, int]:
    """One step of SplitMix64: the new state and the output."""
    state = (state + 0x9E37_79B9_7F4A_7C15) & MASK
    z = state
    z = ((z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB) & MASK
    return state, z ^ (z >> 31)


class Random:
    """A seeded generator; not shared between instances, not safe for two threads at once.

    Args:
        seed: any integer; its low 64 bits count, so -1 and 2**64 - 1 are one seed.
    """

    __slots__ = ("_a", "_b", "_c", "_d")

    def __init__(self, seed: int = 0) -> None:
        state = seed & MASK
        state, self._a = split_mix(state)
        state, self._b = split_mix(state)
        state, self._c = split_mix(state)
        state, self._d = split_mix(state)

    @classmethod
    def from_state(cls, state: tuple[int, int, int, int]) -> Random:
        """The generator that continues from a saved state."""
        made = cls.__new__(cls)
        made.state = state
        return made

    @property
    def state(self) -> tuple[int, int, int, int]:
        """The four words, each 0 .. 2**64 - 1.

        Raises:
            ValueError: (when set) not four such words, or all of them zero, from
                which the generator would never leave.
        """
        return self._a, self._b, self._c, self._d

    @state.setter
    def state(self, words: tuple[int, int, int, int]) -> None:
        if len(words) != 4 or not any(words) or any(type(word) is not int or not 0 <= word <= MASK for word in words):
            raise ValueError("the state of a generator is four 64-bit words, not all zero")
        self._a, self._b, self._c, self._d = words

    def next_word(self) -> int:
        """The next raw output, 0 .. 2**64 - 1."""
        a, b, c, d = self._a, self._b, self._c, self._d
        x = (b * 5) & MASK
        x = (((x << 7) | (x >> 57)) * 9) & MASK
        c ^= a
        d ^= b
        self._b = b ^ c
        self._a = a ^ d
        self._c = c ^ ((b << 17) & MASK)
        self._d = ((d << 45) | (d >> 19)) & MASK
        return x

    def random(self) -> float:
        """A float in [0, 1), one draw."""
        return (self.next_word() >> 11) * _UNIT

    def uniform(self, low: float, high: float) -> float:
        """`low + (high - low) * random()`, one draw."""
        return low + (high - low) * self.random()

    def integer(self, low: int, high: int) -> int:
        """An int in [low, high], both included; one draw, seldom more (rejection keeps it fair).

        Raises:
            ValueError: low is above high, or a bound is no 64-bit integer.
        """
        if not -_TWO_63 <= low <= high < _TWO_63:
            raise ValueError(f"no integer range: {low} to {high}")
        count = high - low + 1
        if count == _TWO_64:
            x = self.next_word()
            return x - _TWO_64 if x >= _TWO_63 else x
        bound = _TWO_64 - _TWO_64 % count
        x = self.next_word()
        while x >= bound:
            x = self.next_word()
        return low + x % count

    def chance(self, probability: float) -> bool:
        """Whether `random()` is below the probability; always one draw."""
        return self.random() < probability

    def shuffle(self, items: list[Any]) -> None:
        """Shuffle in place; length - 1 integer draws."""
        integer = self.integer
        for i in range(len(items) - 1, 0, -1):
            j = integer(0, i)
            items[i], items[j] = items[j], items[i]
