"""The table of built-in functions is consistent."""

from __future__ import annotations

from abml.builtins import (
    BUILTINS,
    FILTERS,
    MAX_ARGS,
    arity_text,
    builtin_names,
    filter_names,
    find_builtin,
    find_filter,
)


def test_names_are_lower_case_and_unique() -> None:
    names = builtin_names()
    assert len(names) == len(set(names)) == len(BUILTINS) + sum(len(spec.aliases) for spec in BUILTINS.values())
    assert all(name == name.lower() for name in names)


def test_arities_are_possible() -> None:
    for spec in BUILTINS.values():
        assert 0 <= spec.min_args <= spec.max_args <= MAX_ARGS
        assert all(place < spec.max_args for place in spec.takes_function)


def test_lookup_ignores_case_and_knows_aliases() -> None:
    assert find_builtin("Len") is BUILTINS["length"]
    assert find_builtin("where") is BUILTINS["filter"]
    assert find_builtin("PICK") is BUILTINS["random_choice"]
    assert find_builtin("rand") is BUILTINS["random"]
    assert find_builtin("boom") is None


def test_only_pure_functions_fold() -> None:
    assert BUILTINS["floor"].foldable
    for name in ("random", "shuffle", "now", "render", "map"):
        assert not BUILTINS[name].foldable


def test_filters_come_before_functions_of_their_name() -> None:
    assert find_filter("append") is FILTERS["append"]
    assert find_filter("Upcase") is BUILTINS["upper"]
    assert find_filter("nope") is None
    assert {"strip", "size", "where", "newline_to_br"} <= set(filter_names())


def test_arity_in_words() -> None:
    assert arity_text(BUILTINS["abs"]) == "1 argument"
    assert arity_text(BUILTINS["round"]) == "1 to 2 arguments"
    assert arity_text(BUILTINS["now"]) == "0 arguments"
    assert "even" in arity_text(BUILTINS["dict"])
