"""No exception but the library's own leaves it, whatever it is given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import abml

ODD: list[Any] = [None, 5, 2.5, [], {}, object(), b"\xff\xfe\x00", "", "\x00", "${", "{{", "a" * 10_000, "((" * 5_000]


@pytest.mark.parametrize("value", ODD, ids=range(len(ODD)))
def test_functions_take_anything(value: Any, tmp_path: Path) -> None:
    for function in (
        lambda: abml.evaluate(value),
        lambda: abml.render(value),
        lambda: abml.parse(value),
        lambda: abml.check(value),
        lambda: abml.compile(value),
        lambda: abml.run(value),
        lambda: abml.evaluate("x", {"x": value}),
        lambda: abml.run('version: "3.0"\nmetadata: {id: a}\nflows: {main: [noop]}', flow=value),
    ):
        try:
            function()
        except abml.AbmlError:
            continue


def test_missing_files_are_os_errors_too(tmp_path: Path) -> None:
    missing = tmp_path / "gone.abml.yml"
    for function in (abml.compile, abml.check, abml.parse, abml.run, abml.Program.load):
        with pytest.raises(abml.AbmlFileError) as caught:
            function(missing)
        assert isinstance(caught.value, OSError)
        assert caught.value.filename == str(missing)
    with pytest.raises(abml.AbmlFileError):
        abml.compile(tmp_path)
