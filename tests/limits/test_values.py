"""How large a value may grow: `max_list`, `max_map`, `max_text`, whatever makes it grow."""

from __future__ import annotations

from typing import Any

import pytest

from .support import action, value

LIMITS = {"max_list": 1000, "max_map": 1000, "max_text": 4096}
SCOPE: dict[str, Any] = {
    "a": list(range(1000)),
    "m": {str(number): number for number in range(1000)},
    "s": "x" * 4096,
    "half": "y" * 2048,
    "sharp": "ß" * 2048,
    "commas": "," * 999,
    "amps": "&" * 1000,
}

# (expression that stays within the limits, one that does not)
EXPRESSIONS: list[tuple[str, str]] = [
    ("a + []", "a + [1]"),
    ("s + ''", "s + 'x'"),
    ("'x' + 'y'", "s + 1"),
    ("range(1000)", "range(1001)"),
    ("concat(a, [])", "concat(a, [1])"),
    ("append([1], 2)", "append(a, 1)"),
    ("merge(m, {'1': 2})", "merge(m, {more: 2})"),
    ("flatten([a])", "flatten([a, [1]])"),
    ("split(commas, ',')", "split(commas + ',', ',')"),
    ("join([s], ',')", "join([s, 'x'], '')"),
    ("join([half, half], '')", "join([half, half], ',')"),
    ("replace(half, 'y', 'zz')", "replace(half, 'y', 'zzz')"),
    ("upper(sharp)", "upper(sharp + 'ß')"),
    ("format('{0}{0}', half)", "format('{0}-{0}', half)"),
    ("pad_left('x', 4096)", "pad_left('x', 4097)"),
    ("pad_right('x', 4096)", "pad_right('x', 4097)"),
    ("repeat_text('ab', 2048)", "repeat_text('ab', 2049)"),
    ("to_string(a)", "to_string([s])"),
    ("to_json([half])", "to_json([s])"),
    ("from_json('[' + repeat_text('1,', 999) + '1]')", "from_json('[' + repeat_text('1,', 1000) + '1]')"),
    ("render('{{ half }}{{ half }}')", "render('{{ half }}-{{ half }}')"),
    ("length([s, s])", "length(s + s)"),
]


@pytest.mark.parametrize(("fine", "large"), EXPRESSIONS)
def test_expressions(fine: str, large: str) -> None:
    assert value(fine, limits=LIMITS, scope=SCOPE) == "completed"
    assert value(large, limits=LIMITS, scope=SCOPE) == "limit_exceeded"


def literal(count: int) -> str:
    return ", ".join(["1"] * count)


def keys(count: int) -> str:
    return ", ".join(f"k{number}: 1" for number in range(count))


ACTIONS: list[tuple[str, str]] = [
    ("{log: '${s}'}", "{log: '${s}x'}"),
    ("{set: {x: '${half}${half}'}}", "{set: {x: '${half} ${half}'}}"),
    ("{log: '{{ half }}${half}'}", "{log: '{{ half }}-${half}'}"),
    ("{log: '{% for i in a limit: 2 %}{{ half }}{% endfor %}'}", "{log: '{% for i in a %}{{ half }}{% endfor %}'}"),
    ("{log: '{{ half | append: half }}'}", "{log: '{{ s | append: half }}'}"),
    ("{log: '{{ half | upcase }}'}", "{log: '{{ sharp | append: sharp | upcase }}'}"),
    ("{log: '{% assign t = half | append: half %}'}", "{log: '{% assign t = s | append: s %}'}"),
    ("{log: '{{ half | newline_to_br }}'}", "{log: '{{ amps | escape }}'}"),
    (f"{{set: {{x: ['${{s}}', {literal(999)}]}}}}", f"{{set: {{x: ['${{s}}', {literal(1000)}]}}}}"),
    (f"{{set: {{x: {{{keys(1000)}}}}}}}", f"{{set: {{x: {{{keys(1001)}}}}}}}"),
    ("{set: {'a[999]': 1}}", "{set: {'a[1000]': 1}}"),
    ("{set: {'m.1': 1}}", "{set: {'m.more': 1}}"),
    (
        "{state_update: {path: b, operation: append, value: 1}}",
        "{state_update: {path: a, operation: append, value: 1}}",
    ),
    (
        "{state_update: {path: m, operation: merge, value: {'1': 1}}}",
        "{state_update: {path: m, operation: merge, value: {more: 1}}}",
    ),
    ("{set: 'half += half'}", "{set: 's += half'}"),
]


@pytest.mark.parametrize(("fine", "large"), ACTIONS)
def test_actions(fine: str, large: str) -> None:
    assert action(fine, limits=LIMITS, scope=SCOPE) == "completed"
    assert action(large, limits=LIMITS, scope=SCOPE) == "limit_exceeded"
