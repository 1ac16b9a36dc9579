"""The judge against the expression vectors and the random tables of the reference."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reference.evaluate import ReferenceFault, evaluate_expression
from tests.reference.reading import expression, problems
from tests.reference.vectors import BROKEN, RENDERED, VARIABLES, VECTORS, Fails


def value_of(text: str, scope: dict[str, Any] | None = None, seed: int = 0) -> Any:
    return evaluate_expression(expression(text), VARIABLES if scope is None else scope, seed=seed)


@pytest.mark.parametrize(("text", "expected"), VECTORS, ids=[text for text, _ in VECTORS])
def test_vector(text: str, expected: Any) -> None:
    if isinstance(expected, Fails):
        with pytest.raises(ReferenceFault) as caught:
            value_of(text)
        assert caught.value.kind == expected.kind
        return
    value = value_of(text)
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(("text", "expected"), RENDERED)
def test_rendered_vector(text: str, expected: str) -> None:
    assert value_of(text) == expected


@pytest.mark.parametrize(("text", "code"), BROKEN)
def test_broken_vector(text: str, code: int) -> None:
    assert code in problems(text)


def test_subtraction_without_spaces() -> None:
    assert value_of("a-b", {"a": 5, "b": 2}) == 3


@pytest.mark.parametrize(
    ("seed", "reals", "dice"),
    [
        (0, [0.6012629994179048, 0.7477740925472398, 0.10301998939503632], [3, 3, 5, 5, 4, 3, 3, 2]),
        (42, [0.08386297105988216, 0.3789802506626686, 0.6800434110281394], [1, 1, 6, 6, 5, 1, 5, 4]),
    ],
)
def test_random_tables(seed: int, reals: list[float], dice: list[int]) -> None:
    assert value_of("[random(), random(), random()]", seed=seed) == reals
    assert value_of("range(8).map(i => random(1, 6))", seed=seed) == dice


def test_shuffle_table() -> None:
    assert value_of("shuffle(['a','b','c','d','e'])", seed=42) == list("abdec")


def test_order_of_evaluation_is_left_to_right() -> None:
    seen: list[str] = []

    def note(name: str) -> str:
        seen.append(name)
        return name

    expr = expression("[note('a'), {k: note('b')}, note('c') + note('d'), note('e') ?? note('never')]")
    evaluate_expression(expr, {}, functions={"note": note})
    assert seen == list("abcde")


def test_find_stops_at_the_first_match_and_filter_looks_at_all() -> None:
    seen: list[int] = []

    def note(x: int) -> bool:
        seen.append(x)
        return x > 1

    for text in ("[1, 2, 3].find(x => note(x))", "[1, 2, 3].filter(x => note(x))"):
        evaluate_expression(expression(text), {}, functions={"note": note})
    assert seen == [1, 2, 1, 2, 3]
