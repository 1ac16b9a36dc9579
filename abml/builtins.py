"""The built-in functions and template filters as data: names, aliases, arities, flags.

Nothing here computes; checker, lowering, machine and tools read the same table.
"""

from __future__ import annotations

from typing import NamedTuple


class BuiltinSpec(NamedTuple):
    """What is known about one built-in function without calling it.

    Attributes:
        name: canonical spelling.
        min_args: fewest arguments.
        max_args: most arguments.
        random: it draws from the generator of the instance.
        time: it reads the clock.
        takes_function: 0-based positions that accept a lambda or a property path.
        aliases: other spellings, all lower case.
        template: its result depends on the visible names (`render`), so a call is
            never constant.
        even: the number of arguments must be even (`dict`).
    """

    name: str
    min_args: int
    max_args: int
    random: bool = False
    time: bool = False
    takes_function: tuple[int, ...] = ()
    aliases: tuple[str, ...] = ()
    template: bool = False
    even: bool = False

    @property
    def foldable(self) -> bool:
        """A call with constant arguments always gives the same value."""
        return not (self.random or self.time or self.template or self.takes_function)


class FilterSpec(NamedTuple):
    """A filter that exists in templates only, or differs there from the function of its name.

    Attributes:
        name: canonical spelling.
        min_args: fewest arguments after the value.
        max_args: most arguments after the value.
        aliases: other spellings.
        takes_function: positions after the value that accept a property path.
    """

    name: str
    min_args: int
    max_args: int
    aliases: tuple[str, ...] = ()
    takes_function: tuple[int, ...] = ()


MAX_ARGS = 16
_F = BuiltinSpec
_SPECS: tuple[BuiltinSpec, ...] = (
    # numbers
    _F("min", 1, MAX_ARGS),
    _F("max", 1, MAX_ARGS),
    _F("abs", 1, 1),
    _F("floor", 1, 1),
    _F("ceil", 1, 1, aliases=("ceiling",)),
    _F("round", 1, 2),
    _F("trunc", 1, 1),
    _F("sign", 1, 1),
    _F("sqrt", 1, 1),
    _F("pow", 2, 2),
    _F("clamp", 3, 3),
    _F("lerp", 3, 3),
    _F("inverse_lerp", 3, 3),
    _F("remap", 5, 5),
    _F("smoothstep", 3, 3),
    _F("idiv", 2, 2),
    _F("mod", 2, 2),
    _F("safe_div", 2, 3),
    _F("random", 0, 2, random=True, aliases=("rand",)),
    _F("random_int", 2, 2, random=True),
    _F("random_float", 2, 2, random=True),
    _F("chance", 1, 1, random=True),
    _F("distance", 2, 2),
    # text
    _F("length", 1, 1, aliases=("len", "size")),
    _F("upper", 1, 1, aliases=("upcase",)),
    _F("lower", 1, 1, aliases=("downcase",)),
    _F("trim", 1, 1, aliases=("strip",)),
    _F("capitalize", 1, 1),
    _F("starts_with", 2, 2),
    _F("ends_with", 2, 2),
    _F("substring", 2, 3),
    _F("replace", 3, 3),
    _F("split", 2, 2),
    _F("join", 2, 2),
    _F("repeat_text", 2, 2),
    _F("pad_left", 2, 3),
    _F("pad_right", 2, 3),
    _F("format", 1, MAX_ARGS),
    # types
    _F("type_of", 1, 1),
    _F("kind_of", 1, 1),
    _F("is_null", 1, 1),
    _F("is_number", 1, 1),
    _F("is_text", 1, 1),
    _F("is_list", 1, 1),
    _F("is_map", 1, 1),
    _F("is_empty", 1, 1),
    _F("to_string", 1, 1),
    _F("to_number", 1, 1),
    _F("to_int", 1, 1),
    _F("to_bool", 1, 1),
    _F("parse_number", 1, 2),
    _F("coalesce", 1, MAX_ARGS),
    _F("if_else", 3, 3),
    _F("default", 2, 2),
    # time and other
    _F("now", 0, 0, time=True),
    _F("duration", 1, 1),
    _F("seconds", 1, 1),
    _F("millis", 1, 1),
    _F("format_date", 2, 2),
    _F("hash", 1, 1),
    _F("to_json", 1, 1),
    _F("from_json", 1, 1),
    _F("render", 1, 1, template=True),
    # collections
    _F("list", 0, MAX_ARGS),
    _F("dict", 0, MAX_ARGS, even=True),
    _F("range", 1, 3),
    _F("contains", 2, 2),
    _F("first", 1, 1),
    _F("last", 1, 1),
    _F("keys", 1, 1),
    _F("values", 1, 1),
    _F("entries", 1, 1),
    _F("has_key", 2, 2),
    _F("get", 2, 3),
    _F("merge", 2, 2),
    _F("concat", 1, MAX_ARGS),
    _F("append", 2, 2),
    _F("without", 2, 2),
    _F("slice", 2, 3),
    _F("take", 2, 2),
    _F("skip", 2, 2),
    _F("reverse", 1, 1),
    _F("unique", 1, 1),
    _F("flatten", 1, 1),
    _F("index_of", 2, 2),
    _F("sum", 1, 2, takes_function=(1,)),
    _F("avg", 1, 2, takes_function=(1,)),
    _F("map", 2, 2, takes_function=(1,)),
    _F("filter", 2, 3, takes_function=(1,), aliases=("where",)),
    _F("reject", 2, 2, takes_function=(1,)),
    _F("find", 2, 2, takes_function=(1,)),
    _F("any", 1, 2, takes_function=(1,)),
    _F("all", 1, 2, takes_function=(1,)),
    _F("none", 1, 2, takes_function=(1,)),
    _F("count", 1, 2, takes_function=(1,)),
    _F("sort", 1, 1),
    _F("sort_by", 2, 2, takes_function=(1,)),
    _F("sort_by_desc", 2, 2, takes_function=(1,)),
    _F("min_by", 2, 2, takes_function=(1,)),
    _F("max_by", 2, 2, takes_function=(1,)),
    _F("group_by", 2, 2, takes_function=(1,)),
    _F("to_map", 2, 3, takes_function=(1, 2)),
    _F("reduce", 3, 3, takes_function=(1,)),
    _F("zip", 2, 2),
    _F("random_choice", 1, 1, random=True, aliases=("pick",)),
    _F("weighted_choice", 2, 2, random=True, takes_function=(1,)),
    _F("shuffle", 1, 1, random=True),
    _F("sample", 2, 2, random=True),
)

BUILTINS: dict[str, BuiltinSpec] = {spec.name: spec for spec in _SPECS}
"""Canonical name to specification."""

_T = FilterSpec
_FILTER_SPECS: tuple[FilterSpec, ...] = (
    _T("lstrip", 0, 0),
    _T("rstrip", 0, 0),
    _T("truncate", 0, 2),
    _T("truncatewords", 0, 2),
    _T("default", 1, 1),
    _T("date", 1, 1),
    _T("append", 1, 1),
    _T("prepend", 1, 1),
    _T("remove", 1, 1),
    _T("replace", 2, 2),
    _T("replace_first", 2, 2),
    _T("uniq", 0, 0),
    _T("compact", 0, 0),
    _T("plus", 1, 1),
    _T("minus", 1, 1),
    _T("times", 1, 1),
    _T("divided_by", 1, 1),
    _T("modulo", 1, 1),
    _T("at_least", 1, 1),
    _T("at_most", 1, 1),
    _T("escape", 0, 0),
    _T("newline_to_br", 0, 0),
    _T("pluralize", 2, 2),
    _T("ordinal", 0, 0),
)

FILTERS: dict[str, FilterSpec] = {spec.name: spec for spec in _FILTER_SPECS}
"""Filters of templates that are no functions, or shadow the function of their name there."""

_BY_NAME: dict[str, BuiltinSpec] = dict(BUILTINS)
for _spec in _SPECS:
    for _alias in _spec.aliases:
        _BY_NAME[_alias] = _spec
_FILTER_BY_NAME: dict[str, FilterSpec] = dict(FILTERS)
for _filter in _FILTER_SPECS:
    for _alias in _filter.aliases:
        _FILTER_BY_NAME[_alias] = _filter


def find_builtin(name: str) -> BuiltinSpec | None:
    """The function of a name or alias in any letter case, or None."""
    return _BY_NAME.get(name) or _BY_NAME.get(name.lower())


def find_filter(name: str) -> FilterSpec | BuiltinSpec | None:
    """What a template filter name means: a template-only filter first, else a function, else None.

    The arity of a function counts the filtered value as its first argument,
    that of a `FilterSpec` does not.
    """
    lowered = name.lower()
    return _FILTER_BY_NAME.get(lowered) or _BY_NAME.get(lowered)


def builtin_names() -> list[str]:
    """Every accepted spelling of every function, for suggestions and completion."""
    return sorted(_BY_NAME)


def filter_names() -> list[str]:
    """Every accepted filter spelling, functions included."""
    return sorted({*_BY_NAME, *_FILTER_BY_NAME})


def arity_text(spec: BuiltinSpec) -> str:
    """The argument count in words for messages: `2 arguments`, `1 to 3 arguments`."""
    low, high = spec.min_args, spec.max_args
    if low == high:
        return f"{low} argument{'' if low == 1 else 's'}"
    if spec.even:
        return f"an even number of at most {high} arguments"
    return f"{low} to {high} arguments"
