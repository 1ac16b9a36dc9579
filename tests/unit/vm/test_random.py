"""The generator gives the exact outputs of the language reference, and its state can be carried over."""

from __future__ import annotations

import pytest

from abml.vm.random import MASK, Random, fnv1a64, hash_text, seed_from_id


@pytest.mark.parametrize(
    ("seed", "floats", "dice"),
    [
        (0, [0.6012629994179048, 0.7477740925472398, 0.10301998939503632], [3, 3, 5, 5, 4, 3, 3, 2]),
        (42, [0.08386297105988216, 0.3789802506626686, 0.6800434110281394], [1, 1, 6, 6, 5, 1, 5, 4]),
    ],
)
def test_first_outputs(seed: int, floats: list[float], dice: list[int]) -> None:
    generator = Random(seed)
    assert [generator.random() for _ in floats] == floats
    generator = Random(seed)
    assert [generator.integer(1, 6) for _ in dice] == dice


def test_first_raw_output() -> None:
    assert Random(0).next_word() == 0x99EC5F36CB75F2B4


def test_shuffle_of_the_reference() -> None:
    items = list("abcde")
    Random(42).shuffle(items)
    assert items == list("abdec")


def test_seed_of_a_document() -> None:
    assert seed_from_id("harbour-watch") == 0x90E58606F8F55F6
    assert Random(seed_from_id("harbour-watch")).random() == 0.9444424668089624


def test_seeds_count_by_their_low_64_bits() -> None:
    assert Random(-1).state == Random(MASK).state == Random(2**128 - 1).state


def test_state_continues_the_sequence() -> None:
    generator = Random(7)
    for _ in range(5):
        generator.next_word()
    copy = Random.from_state(generator.state)
    assert [copy.next_word() for _ in range(20)] == [generator.next_word() for _ in range(20)]


@pytest.mark.parametrize("words", [(0, 0, 0, 0), (1, 2, 3), (1, 2, 3, 2**64), (1, 2, 3, -1), (1, 2, 3, True)])
def test_impossible_states_are_refused(words: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="four 64-bit words"):
        Random.from_state(words)


def test_integer_ranges() -> None:
    generator = Random(3)
    assert generator.integer(5, 5) == 5
    assert all(-3 <= generator.integer(-3, 3) <= 3 for _ in range(200))
    word = Random(9).next_word()
    whole = Random(9).integer(-(2**63), 2**63 - 1)
    assert whole == (word - 2**64 if word >= 2**63 else word)


@pytest.mark.parametrize(("low", "high"), [(2, 1), (0, 2**63), (-(2**63) - 1, 0)])
def test_no_integer_range(low: int, high: int) -> None:
    with pytest.raises(ValueError, match="no integer range"):
        Random(0).integer(low, high)


def test_rejection_draws_again() -> None:
    # With 2**63 + 1 numbers almost every second word is refused.
    generator, plain = Random(1), Random(1)
    count = 2**63 + 1
    found = generator.integer(-(2**62), 2**62)
    word = plain.next_word()
    while word >= count:
        word = plain.next_word()
    assert found == word - 2**62
    assert generator.state == plain.state


def test_number_of_draws() -> None:
    generator, plain = Random(8), Random(8)
    generator.chance(0.5)
    generator.uniform(1, 2)
    for _ in range(2):
        plain.next_word()
    assert generator.state == plain.state


def test_hashes() -> None:
    assert fnv1a64(b"") == 0xCBF29CE484222325
    assert fnv1a64(b"a") == 0xAF63DC4C8601EC8C
    assert hash_text("a") == 0xAF63DC4C8601EC8C - 2**64
    assert hash_text("\ud800") == hash_text("\ud800")
