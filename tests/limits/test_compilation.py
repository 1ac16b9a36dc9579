"""What a document and its program may hold: ABML116, ABML139, ABML205, ABML804."""

from __future__ import annotations

import abml
from abml.compiler.ir.pool import PRELOAD_LIMIT
from abml.resolver import MappingResolver

from .support import HEAD, codes


def flows(count: int) -> str:
    return "flows:\n" + "".join(f"  f{number}: [noop]\n" for number in range(count))


def test_max_document_bytes() -> None:
    least = 64 * 1024
    text = HEAD + "flows: {main: [noop]}\n"
    for size, expected in ((least, []), (least + 1, ["ABML116"])):
        filled = text + "#" * (size - len(text))
        found = [diag.code for diag in abml.check(filled, limits={"max_document_bytes": least})]
        assert found == expected


def test_max_document_bytes_counts_bytes() -> None:
    least = 64 * 1024
    text = HEAD + "flows: {main: [noop]}\n#" + "é" * (least // 2)
    assert [diag.code for diag in abml.check(text, limits={"max_document_bytes": least})] == ["ABML116"]


def test_max_nodes() -> None:
    def found(count: int) -> set[str]:
        text = HEAD + "context: {variables: {x: [" + ", ".join(["1"] * count) + "]}}\nflows: {main: [noop]}"
        return {diag.code for diag in abml.check(text, limits={"max_nodes": 1000})}

    assert "ABML116" not in found(960)
    assert found(1000) == {"ABML116"}


def test_max_nodes_counts_aliases_as_what_they_stand_for() -> None:
    text = HEAD + "x-a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
    for name, before in (("b", "a"), ("c", "b"), ("d", "c")):
        text += f"x-{name}: &{name} [" + ", ".join([f"*{before}"] * 10) + "]\n"
    assert [diag.code for diag in abml.check(text, limits={"max_nodes": 1000})] == ["ABML116"]


def test_max_flows() -> None:
    assert codes(flows(16), {"max_flows": 16}) == set()
    assert codes(flows(17), {"max_flows": 16}) == {"ABML804"}


def test_max_flows_counts_imported_ones() -> None:
    text = "imports: [{file: b.yml, as: b}]\n" + flows(10)
    for count, expected in ((6, set()), (7, {"ABML804"})):
        resolver = MappingResolver({"b.yml": HEAD + flows(count)})
        assert codes(text, {"max_flows": 16}, resolver=resolver) == expected


def test_max_channels() -> None:
    def channels(count: int) -> str:
        return "channels:\n" + "".join(f"  c{number}: [noop]\n" for number in range(count))

    assert codes(channels(4), {"max_channels": 4}) == set()
    assert codes(channels(5), {"max_channels": 4}) == {"ABML804"}


def test_max_locals() -> None:
    def names(count: int) -> str:
        return "flows:\n  main:\n    - set: {" + ", ".join(f"v{number}: 0" for number in range(count)) + "}\n"

    assert codes(names(32), {"max_locals": 32}) == set()
    assert codes(names(33), {"max_locals": 32}) == {"ABML804"}


def test_max_constants() -> None:
    def numbers(count: int) -> str:
        lines = "".join(f"    - set: {{x: {number + 1000}}}\n    - ring: {{at: '${{x}}'}}\n" for number in range(count))
        return "flows:\n  main:\n" + lines

    assert codes(numbers(200), {"max_constants": 256}) == set()
    assert codes(numbers(257), {"max_constants": 256}) == {"ABML804"}


def test_max_strings() -> None:
    def texts(count: int) -> str:
        return "flows:\n  main:\n" + "".join(f"    - log: line {number}\n" for number in range(count))

    assert codes(texts(200), {"max_strings": 256}) == set()
    assert codes(texts(257), {"max_strings": 256}) == {"ABML804"}


def test_max_strings_leaves_numbers_alone() -> None:
    text = "flows:\n  main:\n" + "".join(f"    - set: {{x: {number}}}\n" for number in range(300))
    assert codes(text, {"max_strings": 256}) == set()


def test_max_expression_depth() -> None:
    def nested(depth: int) -> str:
        return "flows: {main: [ {log: '${" + "(-" * depth + "1" + ")" * depth + "}'} ]}"

    assert codes(nested(14), {"max_expression_depth": 16}) == set()
    assert codes(nested(18), {"max_expression_depth": 16}) == {"ABML139"}


def test_max_expression_depth_leaves_long_chains_alone() -> None:
    assert codes("flows: {main: [ {log: '${" + " + ".join(["1"] * 30) + "}'} ]}", {"max_expression_depth": 16}) == set()


def test_max_function_args() -> None:
    def call(count: int) -> str:
        return "flows: {main: [ {log: '${tally(" + ", ".join(["1"] * count) + ")}'} ]}"

    functions = {"tally": lambda *args: len(args)}
    assert codes(call(16), {}, functions=functions) == set()
    assert codes(call(17), {}, functions=functions) == {"ABML205"}
    assert codes(call(17), {"max_function_args": 20}, functions=functions) == set()
    result = abml.run(HEAD + call(20), functions=functions, limits={"max_function_args": 20})
    assert [record.message for record in result.logs] == ["20"]


def test_constants_that_are_no_direct_operands_are_loaded() -> None:
    """More numbers than instructions name directly: all of them still have their values."""
    count = PRELOAD_LIMIT + 200
    numbers = ", ".join(f"{i}.5" for i in range(count))
    program = abml.compile(HEAD + f"flows: {{main: [{{set: {{all: [{numbers}]}}}}, {{return: '${{all}}'}}]}}")
    assert "LOADK" in program.disassemble()
    assert abml.run(program).value == [i + 0.5 for i in range(count)]
