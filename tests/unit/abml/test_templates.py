"""Reading text fields and templates: nodes, whitespace control, errors."""

from __future__ import annotations

from typing import Any

import pytest

from abml.builtins import filter_names
from abml.diagnostics import Reporter
from abml.source import Source
from abml.syntax import ast
from abml.syntax.expression_printer import expression_text
from abml.syntax.places import TextPlace
from abml.syntax.templates import parse_template, parse_text


def shape(node: Any) -> str:
    """A template as nested parentheses; expressions in their canonical text."""
    if node is None:
        return "-"
    if isinstance(node, ast.Expr):
        return expression_text(node)
    if isinstance(node, list):
        return "[" + " ".join(shape(item) for item in node) + "]"
    match node:
        case ast.TemplateText():
            return repr(node.text)
        case ast.TemplateOutput():
            value = expression_text(node.value) + "".join(
                f" |{item.name}" + (shape(item.args) if item.args else "") for item in node.filters
            )
            return f"${value}$" if node.interpolation else f"<{value}>"
        case ast.TemplateIf():
            branches = " ".join(f"{expression_text(test)}:{shape(body)}" for test, body in node.branches)
            return f"(if {branches} {shape(node.otherwise)})"
        case ast.TemplateCase():
            branches = " ".join(f"{shape(values)}:{shape(body)}" for values, body in node.branches)
            return f"(case {shape(node.value)} {branches} {shape(node.otherwise)})"
        case ast.TemplateFor():
            head = f"{node.variable} {shape(node.collection)} {shape(node.limit)} {shape(node.offset)}"
            return f"(for {head}{' reversed' if node.reversed else ''} {shape(node.body)} {shape(node.otherwise)})"
        case ast.TemplateLoopControl():
            return node.kind
        case ast.TemplateAssign():
            value = expression_text(node.value) + "".join(f" |{item.name}" for item in node.filters)
            return f"({node.name} = {value})"
        case ast.TemplateCapture():
            return f"(capture {node.name} {shape(node.body)})"
        case ast.Template():
            return " ".join(shape(item) for item in node.nodes)
    raise AssertionError(node)


def read(text: str, max_depth: int = 100) -> tuple[ast.Template, Reporter]:
    source = Source(text)
    reporter = Reporter(source)
    return parse_template(text, TextPlace(source), reporter, max_depth), reporter


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "'plain'"),
        ("", ""),
        ("a {{ b.c }} d", "'a ' <b.c> ' d'"),
        ("{{ a }}{{ b }}", "<a> <b>"),
        ("{{a}}${b} $${c}", "<a> $b$ ' ${c}'"),
        ("{{ fare * 0.8 | round }}", "<fare * 0.8 |round>"),
        ("{{ a > b | default: 'x', 2 | upcase }}", "<a > b |default['x' 2] |upcase>"),
        ("{{ (a | first) | last() | take(1) }}", "<a | first |last |take[1]>"),
        ("{{ l | map(x => x.id) }}", "<l |map[x => x.id]>"),
        ("{{ a ?? 'none' | Upper }}", "<a ?? 'none' |upper>"),
        ("{{ {a: {b: 1}}.a.b }}", "<{a: {b: 1}}.a.b>"),
        ("{{ ${{a: 1}.a} }} {{ {'k': {}} }}", "<{a: 1}.a> ' ' <{k: {}}>"),
        ("{{ '}}' }} {{ \"%}\" }}", "<'}}'> ' ' <'%}'>"),
        ("a } }} %} b", "'a } }} %} b'"),
        ("{% if a %}x{% endif %}", "(if a:['x'] [])"),
        ("{% if a and b %}x{% elsif c %}y{% elseif d %}z{% else %}w{% endif %}",
         "(if a && b:['x'] c:['y'] d:['z'] ['w'])"),
        ("{% unless a %}x{% else %}y{% endunless %}", "(if !a:['x'] ['y'])"),
        ("{% if a contains 'b' %}x{% endif %}", "(if a contains 'b':['x'] [])"),
        ("{% case v %} {% when 1, 'a' or b %}x{% when (c or d) || e %}y{% else %}z{% endcase %}",
         "(case v [1 'a' b]:['x'] [c || d || e]:['y'] ['z'])"),
        ("{% for x in xs %}{{ x }}{% endfor %}", "(for x xs - - [<x>] [])"),
        ("{% for x in xs limit: n offset: 2 + 1 reversed %}{{ x }}{% else %}none{% endfor %}",
         "(for x xs n 2 + 1 reversed [<x>] ['none'])"),
        ("{% for x in a.limit reversed limit: limit %}{% break %}{% continue %}{% endfor %}",
         "(for x a.limit limit - reversed [break continue] [])"),
        ("{% for x in [offset] offset: offset %}{% endfor %}", "(for x [offset] - offset [] [])"),
        ("{% assign q = a + 1 | plus: 2 %}{{ q }}", "(q = a + 1 |plus) <q>"),
        ("{% capture z %}a{{ b }}{% endcapture %}", "(capture z ['a' <b>])"),
        ("a{% comment %}{{ bad | }}{% if %}{% endcomment %}b", "'ab'"),
        ("a{% raw %}{{ x }} ${y} $${z} {% if %}{% endraw %}b", "'a{{ x }} ${y} $${z} {% if %}b'"),
        ("{% if a %}{% for x in y %}{% if b %}1{% endif %}{% endfor %}{% endif %}",
         "(if a:[(for x y - - [(if b:['1'] [])] [])] [])"),
        # whitespace control: blanks and one line break
        ("a \n {{- b -}} \n c", "'a' <b> 'c'"),
        ("a\n\n{{- b -}}\n\nc", "'a\\n' <b> '\\nc'"),
        ("a\r\n  {%- if b -%}\r\n x {%- endif %} c", "'a' (if b:['x'] []) ' c'"),
        ("a {%- raw -%} x {%- endraw -%} b", "'axb'"),
        ("{{-a-}}", "<a>"),
        ("{{ a - -}} b", None),
    ],
)  # fmt: skip
def test_template(text: str, expected: str | None) -> None:
    template, reporter = read(text)
    if expected is None:
        assert reporter.has_errors
        return
    assert [str(diag) for diag in reporter.diagnostics] == []
    assert shape(template) == expected


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{{ a | }}", [(140, 7)]),
        ("{{ a b }}", [(140, 6)]),
        ("{{ }}", [(140, 1)]),
        ("{{ a", [(140, 1)]),
        ("x {% if a", [(140, 3)]),
        ("{{ it's }} {{ ok }}", [(140, 6)]),
        ("{{ { }} {{ b }}", [(140, 5)]),
        ("{{ a | shout }}", [(141, 8)]),
        ("{{ 1 < 2 < 3 }}", [(133, 4)]),
        ("{{ x => x }}", [(136, 4)]),
        ("{% if a %}x", [(143, 1)]),
        ("x{% endif %}", [(143, 2)]),
        ("{% else %}", [(143, 1)]),
        ("{% when 1 %}", [(143, 1)]),
        ("{% if a %}{% when 1 %}{% endif %}", [(143, 11)]),
        ("{% if a %}{% else %}{% elsif b %}{% endif %}", [(143, 21)]),
        ("{% if a %}{% for x in y %}{% endif %}", [(143, 11)]),
        ("{% if a %}{% if b %}{% endif %}", [(143, 1)]),
        ("{% raw %}x", [(143, 1)]),
        ("{% comment %}x", [(143, 1)]),
        ("{% endraw %}{% endcomment %}", [(143, 1), (143, 13)]),
        ("{% elif x %}", [(140, 1)]),
        ("{% %}", [(140, 1)]),
        ("{% if %}{% endif %}", [(140, 1)]),
        ("{% if a %}{% else if b %}{% endif %}", [(140, 19)]),
        ("{% endif x %}", [(140, 10), (143, 1)]),
        ("{% for x on y %}{% endfor %}", [(140, 10)]),
        ("{% for x in y limit 3 %}{% endfor %}", [(140, 15)]),
        ("{% for %}{% endfor %}", [(140, 1)]),
        ("{% break %}", [(140, 1)]),
        ("{% assign a 1 %}", [(140, 13)]),
        ("{% capture 1 %}{% endcapture %}", [(140, 1)]),
        ("{% capture a b %}{% endcapture %}", [(140, 14)]),
        ("{{ a b }} ${c +} {% if d e %}{% endif %} ${f", [(140, 6), (130, 16), (140, 26), (131, 42)]),
        ("${it's} {{ a }}", [(130, 5)]),
        ("${}", [(132, 1)]),
    ],
)
def test_template_errors(text: str, found: list[tuple[int, int]]) -> None:
    _, reporter = read(text)
    assert [(int(diag.code[4:]), diag.span.column) for diag in reporter.diagnostics] == found


def test_words_of_errors() -> None:
    assert read("{{ a | }}")[1].diagnostics[0].message == (
        "template syntax: found the end at column 7, expected a filter name"
    )
    assert read("{{ a | shuot }}")[1].diagnostics[0].message == "unknown filter 'shuot'"
    assert read("{{ a | upcas }}")[1].diagnostics[0].help == "did you mean 'upcase'?"
    assert read("{% elif x %}")[1].diagnostics[0].help == "did you mean 'elsif'?"
    assert read("{% if a %}{% else if b %}{% endif %}")[1].diagnostics[0].help == "write 'elsif'"


def test_every_filter_is_known() -> None:
    for name in filter_names():
        assert not read(f"{{{{ a | {name} }}}}")[1].diagnostics
        assert not read(f"{{{{ a | {name.upper()}: 1 }}}}")[1].diagnostics


def test_spans() -> None:
    text = "ab {{ c | upper }}\n{% if d %}e{% endif %}"
    template, _ = read(text)
    spans = [node.span[1:] for node in template.nodes]
    assert spans == [(1, 1, 1, 4), (1, 4, 1, 19), (1, 19, 2, 1), (2, 1, 2, 23)]
    output = template.nodes[1]
    assert isinstance(output, ast.TemplateOutput)
    assert output.value.span[1:] == (1, 7, 1, 8)
    assert output.filters[0].span[1:] == (1, 11, 1, 16)


def test_nested_blocks_are_limited() -> None:
    assert not read("{% if a %}" * 100 + "{% endif %}" * 100)[1].diagnostics
    _, reporter = read("{% if a %}" * 101 + "{% endif %}" * 101)
    assert [diag.code for diag in reporter.diagnostics] == ["ABML139"]


@pytest.mark.parametrize(
    "text",
    [
        "{{ { }}" * 20_000,
        "{{ {" * 20_000,
        "{{ ' }}" * 20_001,
        "{% ' %}" * 20_001,
        "{% if a %}" * 20_000 + "{% endfor %}" * 20_000,
        "${ { }" * 20_000,
        "${ ' }" * 20_001,
        "{%" + " " * 200_000,
        "{{- " + " \n" * 100_000 + "-}}",
        "{% raw %}" + "{% " * 50_000,
    ],
)
def test_hostile_templates_take_linear_time(text: str) -> None:
    # A quadratic reader would need minutes for these.
    _, reporter = read(text)
    assert reporter.has_errors


def field(text: str, templates: bool = True) -> tuple[ast.Expr, Reporter]:
    source = Source(text)
    reporter = Reporter(source)
    return parse_text(text, TextPlace(source), reporter, templates=templates), reporter


def test_text_fields() -> None:
    tree, _ = field("7")
    assert isinstance(tree, ast.Literal) and tree.value == "7" and not tree.bare
    tree, _ = field("x ${a}")
    assert isinstance(tree, ast.Interpolation) and tree.template is None and len(tree.parts) == 2
    tree, _ = field("${a}")
    assert isinstance(tree, ast.Interpolation) and len(tree.parts) == 1
    tree, _ = field("x ${a} {{ b }}")
    assert isinstance(tree, ast.Interpolation) and tree.template is not None and not tree.parts
    tree, _ = field("x {{ b }}", templates=False)
    assert isinstance(tree, ast.Literal) and tree.value == "x {{ b }}"
    tree, reporter = field("x {{ b | }}")
    assert isinstance(tree, ast.Literal) and tree.value is None and reporter.has_errors
