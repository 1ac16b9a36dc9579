"""The generators: the same seed gives the same texts, all of them are well formed and most of them work."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.property.documents import document, given, handlers
from tests.property.expressions import SCOPE, expressions
from tests.property.signatures import SIGNATURES
from tests.property.templates import templates
from tests.reference.evaluate import ReferenceFault, evaluate_expression
from tests.reference.reading import document as read
from tests.reference.reading import expression
from tests.reference.run import run_document


def test_seeds_decide() -> None:
    assert expressions(3, 20) == expressions(3, 20) != expressions(4, 20)
    assert templates(3, 5) == templates(3, 5)
    assert document(3) == document(3) != document(4)


def test_most_expressions_have_a_value_and_every_kind_occurs() -> None:
    kinds: Counter[str] = Counter()
    for seed, text in enumerate(expressions(99, 1500)):
        try:
            kinds[type(evaluate_expression(expression(text), SCOPE, seed=seed)).__name__] += 1
        except ReferenceFault as fault:
            kinds[fault.kind] += 1
    assert set(kinds) >= {
        "NoneType", "bool", "int", "float", "str", "Duration", "list", "dict",
        "null_access", "type_error", "division_by_zero", "argument_error",
    }  # fmt: skip
    failing = sum(count for kind, count in kinds.items() if "_" in kind)
    assert failing < 0.4 * sum(kinds.values())


def test_every_function_is_drawn() -> None:
    texts = "\n".join(expressions(7, 4000)).lower()
    assert [name for name in SIGNATURES if name not in texts] == []


@pytest.mark.parametrize("with_parallel", [False, True])
def test_documents_run_to_an_end(with_parallel: bool) -> None:
    ends: Counter[str] = Counter()
    logs = 0
    for seed in range(60):
        tree = read(document(seed, with_parallel=with_parallel))
        result = run_document(tree, scope=given(seed), handlers=handlers(), seed=seed)
        ends[result.status] += 1
        logs += len(result.logs)
    assert ends["completed"] > 30 and ends["failed"] > 2
    assert logs > 60
