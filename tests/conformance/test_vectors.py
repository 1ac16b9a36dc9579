"""The vectors of the language reference, appendices C and D, on the machine."""

from __future__ import annotations

from typing import Any

import pytest

import abml
from abml.resolver import MappingResolver
from tests.conformance.execution_vectors import VECTORS as EXECUTION
from tests.conformance.execution_vectors import Vector
from tests.reference.vectors import VARIABLES, Fails
from tests.reference.vectors import VECTORS as EXPRESSIONS


@pytest.mark.parametrize(("text", "expected"), EXPRESSIONS, ids=[text for text, _ in EXPRESSIONS])
def test_expression(text: str, expected: Any) -> None:
    if isinstance(expected, Fails):
        with pytest.raises(abml.AbmlError) as caught:
            abml.evaluate(text, dict(VARIABLES))
        error = caught.value
        found = error.kind if isinstance(error, abml.AbmlRuntimeError) else error.diagnostics[0].code
        assert found == expected.kind
        return
    value = abml.evaluate(text, dict(VARIABLES))
    assert value == expected
    assert type(value) is type(expected)


def _breaks(action: Any, context: Any) -> None:
    raise RuntimeError(f"{action.name} broke")


@pytest.mark.parametrize("vector", EXECUTION, ids=[vector.id for vector in EXECUTION])
def test_execution(vector: Vector) -> None:
    result = abml.run(
        vector.document,
        path="root.yml",
        resolver=MappingResolver(vector.files),
        handlers={name: _breaks for name in vector.fails},
        **vector.run,
    )
    assert (result.status, None if result.error is None else result.error.kind) == (vector.status, vector.kind)
    if vector.logs is not None:
        assert tuple(log.message for log in result.logs) == vector.logs
    for key, part in vector.error.items():
        assert result.error is not None
        assert part in str(result.error[key])
    for name, value in vector.scope.items():
        assert result.scope[name] == value
