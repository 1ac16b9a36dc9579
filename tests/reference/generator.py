"""The random generator of the language: xoshiro256** seeded by SplitMix64."""

from __future__ import annotations

_MASK = 2**64 - 1


def splitmix(state: int) -> tuple[int, int]:
    """One SplitMix64 step: the next state and its output."""
    state = (state + 0x9E3779B97F4A7C15) & _MASK
    z = state
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return state, z ^ (z >> 31)


def _rotate(x: int, k: int) -> int:
    return ((x << k) | (x >> (64 - k))) & _MASK


class Generator:
    """Draws of one instance, in evaluation order."""

    def __init__(self, seed: int) -> None:
        state = seed & _MASK
        self.words: list[int] = []
        for _ in range(4):
            state, word = splitmix(state)
            self.words.append(word)

    def next(self) -> int:
        """The next 64 bits."""
        s = self.words
        result = (_rotate((s[1] * 5) & _MASK, 7) * 9) & _MASK
        t = (s[1] << 17) & _MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = _rotate(s[3], 45)
        return result

    def real(self) -> float:
        """A float in [0, 1)."""
        return (self.next() >> 11) * 2.0**-53

    def integer(self, low: int, high: int) -> int:
        """An int in [low, high], without bias."""
        count = high - low + 1
        if count == 2**64:
            bits = self.next()
            return bits - 2**64 if bits >= 2**63 else bits
        bound = 2**64 - (2**64 % count)
        while True:
            bits = self.next()
            if bits < bound:
                return low + bits % count
