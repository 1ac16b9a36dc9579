"""Reading expressions: shapes of trees, precedence, spans, the vectors of appendix C."""

from __future__ import annotations

import ast as python_ast
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from abml.diagnostics import Reporter
from abml.source import Source
from abml.syntax import ast
from abml.syntax.expression_printer import expression_text
from abml.syntax.expressions import parse_expression
from abml.syntax.literals import parse_value
from abml.syntax.places import ShiftedPlace, TextPlace
from abml.syntax.walk import depths, walk
from abml.values import Duration
from tests.reference.vectors import VECTORS


def parse(text: str, max_depth: int = 100) -> tuple[ast.Expr | None, list[str]]:
    """The tree and the codes that were reported."""
    reporter = Reporter(None)
    tree = parse_expression(text, TextPlace(Source(text)), reporter, max_depth)
    return tree, [diag.code[4:] for diag in reporter.diagnostics]


def good(text: str) -> ast.Expr:
    tree, codes = parse(text)
    assert tree is not None, codes
    return tree


def shape(node: Any) -> str:
    """A tree as nested parentheses."""
    if isinstance(node, list):
        return "[" + " ".join(shape(item) for item in node) + "]"
    match node:
        case ast.Literal():
            return repr(node.value)
        case ast.Name():
            return node.name
        case ast.Member():
            return f"(.{'?' if node.guarded else ''} {shape(node.target)} {node.name})"
        case ast.Index():
            return f"([]{'?' if node.guarded else ''} {shape(node.target)} {shape(node.index)})"
        case ast.Chain():
            return f"<{shape(node.body)}>"
        case ast.Call():
            return f"({node.name}{'|' if node.piped else ''} {shape(node.args)})"
        case ast.MethodCall():
            return f"(.{'?' if node.guarded else ''}{node.name} {shape(node.target)} {shape(node.args)})"
        case ast.Lambda():
            return f"(\\{','.join(node.params)} {shape(node.body)})"
        case ast.Unary():
            return f"({node.op} {shape(node.operand)})"
        case ast.Binary() | ast.Logical():
            return f"({node.op} {shape(node.left)} {shape(node.right)})"
        case ast.Conditional():
            return f"(? {shape(node.condition)} {shape(node.then)} {shape(node.otherwise)})"
        case ast.ListExpr():
            return shape(node.items)
        case ast.MapExpr():
            return "{" + " ".join(f"{shape(key)}:{shape(value)}" for key, value in node.entries) + "}"
    raise AssertionError(node)


SHAPES = [
    # precedence, loosest to tightest
    ("a ? b : c ? d : e", "(? a b (? c d e))"),
    ("a ?? b ? c : d", "(? (?? a b) c d)"),
    ("a ?? b ?? c", "(?? (?? a b) c)"),
    ("false ?? true || true", "(?? False (|| True True))"),
    ("a || b && c", "(|| a (&& b c))"),
    ("a or b and c or d", "(|| (|| a (&& b c)) d)"),
    ("not a && b", "(&& (! a) b)"),
    ("not a == b", "(! (== a b))"),
    ("not not a", "(! (! a))"),
    ("!a == b", "(== (! a) b)"),
    ("1 < 2 == true", "(== (< 1 2) True)"),
    ("a | f > b | g(1)", "(> (f| [a]) (g| [b 1]))"),
    ("n * 2 | round > 13", "(> (round| [(* n 2)]) 13)"),
    ("n + 1 in list", "(in (+ n 1) list)"),
    ("a - b - c * d / e % f", "(- (- a b) (% (/ (* c d) e) f))"),
    ("-a.b * -c[0]", "(* (- (. a b)) (- ([] c 0)))"),
    ("- -a", "(- (- a))"),
    ("-x in y", "(in (- x) y)"),
    # membership and `!`
    ("!5 in l", "(! (in 5 l))"),
    ("!!x in y", "(! (! (in x y)))"),
    ("(!x) in y", "(in (! x) y)"),
    ("!x.a contains y", "(! (contains (. x a) y))"),
    ("5 not in l", "(! (in 5 l))"),
    ("not 5 in l", "(! (in 5 l))"),
    ("x NOT IN y AND TRUE_", "(&& (! (in x y)) TRUE_)"),
    # chains
    ("z?.a.b[0]", "<([] (. (.? z a) b) 0)>"),
    ("(z?.a).b", "(. <(.? z a)> b)"),
    ("((z?.a))?.b.c", "<(. (.? <(.? z a)> b) c)>"),
    ("z?[0]?.f(1).g", "<(. (.?f ([]? z 0) [1]) g)>"),
    ("a.b?.c + 1", "(+ <(.? (. a b) c)> 1)"),
    ("m.${'a'}", "([] m 'a')"),
    ("m?.${k}.x", "<(. ([]? m k) x)>"),
    ("c.0.1", "([] ([] c 0) 1)"),
    ("c?.0", "<([]? c 0)>"),
    ("x . y", "(. x y)"),
    ("x.in.not.null", "(. (. (. x in) not) null)"),
    # hyphens
    ("x.tower-crew.size", "(. (. x tower-crew) size)"),
    ("x.a - b", "(- (. x a) b)"),
    ("x.a -b", "(- (. x a) b)"),
    ("x.a- b", "(- (. x a) b)"),
    ("x.a-1", "(- (. x a) 1)"),
    ("x.a-_b-c2", "(. x a-_b-c2)"),
    ("x?.a-b", "<(.? x a-b)>"),
    ("oil-wick", "(- oil wick)"),
    # contains: operator only behind an operand
    ("contains(l, 1)", "(contains [l 1])"),
    ("l contains 1", "(contains l 1)"),
    ("l | contains(1)", "(contains| [l 1])"),
    ("l.contains(1)", "(.contains l [1])"),
    ("contains contains contains", "(contains contains contains)"),
    ("{contains: contains}", "{'contains':contains}"),
    # calls and lambdas
    ("f()", "(f [])"),
    ("now", "now"),
    ("l.sort().join('-')", "(.join (.sort l []) ['-'])"),
    ("c | filter(x => x.w > 2) | length > 0", "(> (length| [(filter| [c (\\x (> (. x w) 2))])]) 0)"),
    ("reduce(l, (a, b) => a + b, 0)", "(reduce [l (\\a,b (+ a b)) 0])"),
    ("l.map(() => 1)", "(.map l [(\\ 1)])"),
    ("l.map((x) => (x))", "(.map l [(\\x x)])"),
    ("l.any(x => x ? y : z)", "(.any l [(\\x (? x y z))])"),
    ("f((a), (b))", "(f [a b])"),
    # `${}`
    ("${lamp.oil} < 3 AND ${night}", "(&& (< (. lamp oil) 3) night)"),
    ("${ ${a} }", "a"),
    ("${a + b} * 2", "(* (+ a b) 2)"),
    ("${'}'}", "'}'"),
    # collections
    ("[]", "[]"),
    ("[1, [2], ]", "[1 [2]]"),
    ("{}", "{}"),
    ("{k: n, 'x y': 2, 3: 4, [e]: 5, in: 6,}['x y']", "([] {'k':n 'x y':2 '3':4 e:5 'in':6} 'x y')"),
    ("{AND: 1}", "{'AND':1}"),
    ("lit ? [1] : [2]", "(? lit [1] [2])"),
    # literals
    ("007", "7"),
    ("1.50", "1.5"),
    ("1e3", "1000.0"),
    ("1E-2", "0.01"),
    ("9223372036854775807", "9223372036854775807"),
    ("9223372036854775808", "9.223372036854776e+18"),
    ("-9223372036854775808", "-9223372036854775808"),
    ("1.5s", "Duration(1500000)"),
    ("2m + 3ms - 1h", "(- (+ Duration(120000000) Duration(3000)) Duration(3600000000))"),
    ("4d", "Duration(345600000000)"),
    ("1e3ms", "Duration(1000000)"),
    ("5s.x", "(. Duration(5000000) x)"),
    ("'a\\n\\t\\\\\\'\\\"\\/\\$\\q'", repr("a\n\t\\'\"/$q")),
    ("\"\\x41\\u00e9\\u{1F600}\\0\"", repr("A\u00e9\U0001f600\0")),
    ("'\\ud83d\\ude00'", repr("\U0001f600")),
    ("'\\xZZ\\u12'", repr("xZZu12")),
    ("'${a}'", "'${a}'"),
    ("'two\nlines'", repr("two\nlines")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), SHAPES)
def test_shape(text: str, expected: str) -> None:
    assert shape(good(text)) == expected


@pytest.mark.parametrize(("text", "_value"), VECTORS)
def test_appendix_c_parses(text: str, _value: Any) -> None:
    tree, codes = parse(text)
    assert tree is not None
    assert codes == (["138"] if text.startswith("!") else [])


@pytest.mark.parametrize(
    ("text", "code"), [("1m30s", "130"), ("+1", "130"), ("1 < 2 < 3", "133"), ("", "132"), ("''", "")]
)
def test_appendix_c_errors(text: str, code: str) -> None:
    assert parse(text)[1] == ([code] if code else [])


def test_spans_are_exact() -> None:
    text = "foo.bar-x(1 + b) ?? !c.d[0]"
    tree = good(text)
    spans = {text[node.span.column - 1 : node.span.end_column - 1] for node in walk(tree)}
    assert spans == {text, "foo.bar-x(1 + b)", "foo", "1 + b", "1", "b", "!c.d[0]", "c.d[0]", "c.d", "c", "0"}


def test_spans_of_names() -> None:
    call = good("a | take(1)")
    assert isinstance(call, ast.Call)
    assert call.name_span is not None
    assert (call.name_span.column, call.name_span.end_column) == (5, 9)
    method = good("abc. f(2)")
    assert isinstance(method, ast.MethodCall)
    assert method.name_span is not None
    assert (method.name_span.column, method.name_span.end_column) == (6, 7)
    member = good("a?.tower-crew")
    assert isinstance(member, ast.Chain)
    assert isinstance(member.body, ast.Member)
    assert member.body.name_span is not None
    assert (member.body.name_span.column, member.body.name_span.end_column) == (4, 14)


def test_span_over_lines() -> None:
    tree = good("a +\n  b.c")
    assert isinstance(tree, ast.Binary)
    assert tree.span[1:] == (1, 1, 2, 6)
    assert tree.right.span[1:] == (2, 3, 2, 6)


def test_shifted_place() -> None:
    source = Source("when: a +", "x.yml")
    reporter = Reporter(source)
    assert parse_expression("a +", ShiftedPlace(TextPlace(source), 6), reporter) is None
    assert reporter.diagnostics[0].span == ("x.yml", 1, 10, 1, 10)


@pytest.mark.parametrize("depth", [99, 100])
def test_allowed_depth(depth: int) -> None:
    assert parse("(" * depth + "1" + ")" * depth)[1] == []
    assert parse("-" * depth + "1")[1] == []
    assert parse("[" * depth + "1" + "]" * depth)[1] == []
    assert parse("a ? b : " * depth + "c")[1] == []


@pytest.mark.parametrize(
    "text",
    [
        "(" * 101 + "1" + ")" * 101,
        "(" * 50_000,
        "(" * 50_000 + "1" + ")" * 50_000,
        "-" * 101 + "1",
        "!" * 50_000 + "a",
        "[" * 101 + "]" * 101,
        "{a: " * 101 + "1" + "}" * 101,
        "${" * 50_000,
        "a ? b : " * 101 + "c",
        "f(" * 101 + ")" * 101,
        " + ".join("a" * 5_000),
        "a" + ".b" * 5_000,
        "not " * 5_000 + "a",
    ],
)
def test_too_deep(text: str) -> None:
    assert parse(text)[1] == ["139"]


def test_long_flat_chains() -> None:
    assert depths(good(" + ".join("a" * 150))) == (1, 149)
    assert parse("a" + ".b" * 150)[1] == []
    assert parse("[" + ", ".join("1" * 20_000) + "]")[1] == []


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("a<" * 50_000 + "b", {"133"}),
        ("(" + "a+" * 50_000 + "b) < c < d", {"133"}),
        ("a ?? b > " * 20_000 + "c", {"134", "139"}),
        ("a ?? " + "-b" * 50_000 + " > c", {"134", "139"}),
        ("!a in " * 20_000 + "b", {"133", "138"}),
        ("!" * 50_000 + "a in b", {"138", "139"}),
        ("a not in " * 20_000 + "b", {"133"}),
        ("x=>" * 50_000, {"130"}),
    ],
)
def test_deep_trees_in_messages(text: str, codes: set[str]) -> None:
    tree, found = parse(text)
    assert tree is None
    assert set(found) == codes


def test_depth_is_configurable() -> None:
    assert parse("((((1))))", 4)[1] == []
    assert parse("(((((1)))))", 4)[1] == ["139"]


def test_warnings_keep_the_tree() -> None:
    assert parse("hunger ?? 0 > 1")[1] == ["134"]
    assert parse("a > 1 ?? b")[1] == ["134"]
    assert parse("hunger ?? (0 > 1)")[1] == []
    assert parse("!k in bag")[1] == ["138"]
    assert parse("!(k in bag) && not k in bag && !bag[k]")[1] == []


@pytest.mark.parametrize(
    "text",
    ["x => x", "[x => x]", "f(x => x)", "upper(x => x)", "map(x => x, l)", "l.map(x => y => x)", "a ? x => x : b"],
)
def test_misplaced_lambda(text: str) -> None:
    assert parse(text)[1] == ["136"]


@pytest.mark.parametrize("text", ["a < b < c", "a == b != c", "a in b in c", "a < b not in c", "a not in b < c"])
def test_chained_comparison(text: str) -> None:
    assert parse(text)[1] == ["133"]


@pytest.mark.parametrize("text", ["(a < b) < c", "(a == b) == c", "!(a in b) == c", "(a in b) in c", "!(a in b) < c"])
def test_parenthesised_comparison(text: str) -> None:
    assert parse(text)[1] == []


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("a and b or not c", "a && b || !c"),
        ("x not in y", "!(x in y)"),
        ("a.${k}.b.7", "a[k].b[7]"),
        ('"a" + "it\'s" + \'"\'', "'a' + \"it's\" + '\"'"),
        ("a-b", "a - b"),
        ("hunger ?? 0 > 1", "hunger ?? (0 > 1)"),
        ("((a) + (b * c))", "a + b * c"),
        ("a - (b - c)", "a - (b - c)"),
        ("(a, b) => a", None),
        ("90s + 1m + 1.5h + 36h + 0s + 1ms", "90s + 1m + 90m + 36h + 0ms + 1ms"),
        ("{'a': 1, 'b c': 2, [x]: 3}", "{a: 1, 'b c': 2, [x]: 3}"),
        ("'\\x01\\n'", "'\\x01\\n'"),
    ],
)
def test_canonical_text(text: str, printed: str | None) -> None:
    tree = parse(text)[0]
    assert (None if tree is None else expression_text(tree)) == printed


def value(text: str, style: str | None = None) -> tuple[ast.Expr, list[str]]:
    source = Source(text)
    reporter = Reporter(source)
    place = TextPlace(source)
    if style is not None:

        class Styled(TextPlace):
            pass

        place = Styled(source)
        place.style = style  # type: ignore[attr-defined]
    return parse_value(text, place, reporter), [diag.code[4:] for diag in reporter.diagnostics]


@pytest.mark.parametrize(
    ("text", "expected", "raw"),
    [
        ("7", 7, "7"),
        (" 7 ", 7, " 7 "),
        ("-0.5", -0.5, "-0.5"),
        ("1e5", 1e5, "1e5"),
        ("TRUE", True, "TRUE"),
        ("Null", None, "Null"),
        ("007", "007", None),
        ("+5", "+5", None),
        ("", "", None),
        (" x ", " x ", None),
        ("$${a}", "${a}", None),
        ("a $$${b}", "a $${b}", None),
        ("{{ x }}", "{{ x }}", None),
    ],
)
def test_value_literals(text: str, expected: object, raw: str | None) -> None:
    tree, codes = value(text)
    assert codes == []
    assert isinstance(tree, ast.Literal)
    assert (tree.value, type(tree.value), tree.raw) == (expected, type(expected), raw)
    assert tree.bare is (raw is None)


def test_folded_text_is_trimmed() -> None:
    tree, _ = value("some words\n", "folded")
    assert isinstance(tree, ast.Literal)
    assert tree.value == "some words"
    tree, _ = value("a ${b}\n", "folded")
    assert isinstance(tree, ast.Interpolation)
    assert tree.parts[0] == "a " and len(tree.parts) == 2
    tree, _ = value("a ${b}\n", "literal")
    assert isinstance(tree, ast.Interpolation)
    assert tree.parts[2] == "\n"


@pytest.mark.parametrize("text", ["${a.b}", "  ${a.b}\n", "${ a.b }"])
def test_whole_value(text: str) -> None:
    tree, codes = value(text)
    assert codes == []
    assert shape(tree) == "(. a b)"


def test_interpolation() -> None:
    tree, codes = value("x ${a + {k: '}'}.k}, $${y} ${b}")
    assert codes == []
    assert isinstance(tree, ast.Interpolation)
    assert [part if isinstance(part, str) else expression_text(part) for part in tree.parts] == [
        "x ",
        "a + {k: '}'}.k",
        ", ${y} ",
        "b",
    ]
    assert tree.sources == [None, "${a + {k: '}'}.k}", None, "${b}"]


def test_two_wholes_are_a_text() -> None:
    tree, _ = value("${a}${b}")
    assert isinstance(tree, ast.Interpolation)
    assert len(tree.parts) == 2


def test_every_interpolation_is_read() -> None:
    tree, codes = value("${a +} ${} ${1 < 2 < 3} ${it's} ${ok} ${x => x} ${b")
    assert codes == ["130", "132", "133", "130", "136", "131"]
    assert isinstance(tree, ast.Literal) and tree.value is None


def test_duration_values_are_durations() -> None:
    tree = good("1.5h")
    assert isinstance(tree, ast.Literal)
    assert tree.value == Duration(5_400_000_000)


def test_threads_do_not_mix() -> None:
    found: list[str] = []

    def work(name: str) -> None:
        for _ in range(200):
            if shape(good(f"{name}.a ?? ({name} | f(1))")) != f"(?? (. {name} a) (f| [{name} 1]))":
                found.append(name)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("p", "q", "r")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == []


def test_tables_are_fresh() -> None:
    pytest.importorskip("lark")
    from abml.syntax.generate import HERE, JOBS, render

    for job in JOBS:
        assert (HERE / job.module).read_text("utf-8") == render(job), f"{job.module} is stale; run `make gen`"


def test_lark_is_not_imported() -> None:
    code = "import sys, abml.syntax.templates, abml.syntax.types, abml.syntax.goap; print('lark' in sys.modules)"
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.strip() == "False"


def test_generated_modules_are_python() -> None:
    from abml.syntax.generate import HERE, JOBS

    for job in JOBS:
        python_ast.parse((HERE / job.module).read_text("utf-8"))
