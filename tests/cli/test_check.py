"""`abmlc check`: findings, their formats, what is searched, what is fixed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

CLEAN = 'version: "3.0"\nmetadata: { id: clean }\nflows: { main: [ { log: hi } ] }\n'


def test_a_clean_document(abmlc: Any, good: Path) -> None:
    answer = abmlc("check", good)
    assert (answer.status, answer.out) == (0, "")
    assert answer.err == "0 errors, 0 warnings in 1 file\n"


def test_an_error(abmlc: Any, bad: Path) -> None:
    answer = abmlc("check", bad)
    assert answer.status == 1
    lines = answer.out.splitlines()
    assert lines[0].startswith(f"{bad}:5:13: error[ABML201]: ")
    assert any(set(line.strip(" |")) == {"^"} for line in lines)


def test_a_warning_is_no_failure(abmlc: Any, warns: Path) -> None:
    answer = abmlc("check", warns)
    assert answer.status == 0
    assert "warning[ABML203]" in answer.out


def test_no_color_in_a_pipe(abmlc: Any, bad: Path) -> None:
    assert "\x1b" not in abmlc("check", bad).out


def test_json(abmlc: Any, bad: Path, good: Path) -> None:
    answer = abmlc("check", "--format", "json", bad, good)
    assert (answer.status, answer.err) == (1, "")
    (found,) = json.loads(answer.out)
    assert (found["code"], found["severity"]) == ("ABML201", "error")
    assert found["span"]["path"] == str(bad)
    assert (found["span"]["line"], found["span"]["column"]) == (5, 13)
    assert abmlc("check", "--format", "json", good).out == "[]\n"


def test_sarif(abmlc: Any, bad: Path) -> None:
    log = json.loads(abmlc("check", "--format", "sarif", bad).out)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    (result,) = run["results"]
    assert result["ruleId"] == run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "ABML201"
    region = result["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"]) == (5, 13)


def test_github(abmlc: Any, bad: Path) -> None:
    (line,) = abmlc("check", "--format", "github", bad).out.splitlines()
    assert line.startswith(f"::error file={bad},line=5,col=13,")
    assert ",title=ABML201::" in line


def test_standard_input(abmlc: Any) -> None:
    assert abmlc("check", "-", stdin=CLEAN.encode()).status == 0
    answer = abmlc("check", "-", stdin=b"flows: [")
    assert answer.status == 1
    assert answer.out.startswith("<stdin>:")


@pytest.mark.parametrize("name", ["a.abml", "a.abml.yml", "a.abml.yaml"])
def test_directories_are_searched(abmlc: Any, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "docs" / "deep"
    folder.mkdir(parents=True)
    (folder / name).write_text("flows: [")
    answer = abmlc("check", tmp_path / "docs")
    assert answer.status == 1
    assert name in answer.out


def test_other_yaml_counts_when_it_looks_like_a_document(abmlc: Any, tmp_path: Path) -> None:
    (tmp_path / "doc.yaml").write_text('version: "3.0"\nmetadata: {}\n')
    (tmp_path / "compose.yml").write_text("version: 3\nservices: {}\n")
    (tmp_path / "x_test.abml.yml").write_text("not: a document\n")
    (tmp_path / ".hidden.abml.yml").write_text("[")
    answer = abmlc("check", tmp_path)
    assert "doc.yaml" in answer.out
    assert answer.err.endswith("in 1 file\n")


def test_an_empty_directory(abmlc: Any, tmp_path: Path) -> None:
    answer = abmlc("check", tmp_path)
    assert answer.status == 2
    assert "no ABML documents" in answer.err


def test_a_missing_file(abmlc: Any, tmp_path: Path, good: Path) -> None:
    answer = abmlc("check", tmp_path / "gone.yml", good)
    assert answer.status == 2
    assert answer.err.startswith(f"abmlc: {tmp_path / 'gone.yml'}: No such file")


@pytest.mark.parametrize("data", [b"\x80\xff\x00", b"\x00" * 100, b"", b"\xef\xbb\xbf", b"\xff\xfe{\x00", b"a: \x07"])
def test_what_is_no_text_has_a_diagnostic(abmlc: Any, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "binary.abml.yml"
    path.write_bytes(data)
    answer = abmlc("check", path)
    assert answer.status == 1
    assert "error[ABML1" in answer.out
    assert "internal error" not in answer.err


OLD = """\
version: "3.0"
metadata: { id: old }
flows:
  main:
    - set: { x: 1, y: "x + 1" }  # ABML135 offers a fix
    - log: "${y}"
"""


def test_fix(abmlc: Any, tmp_path: Path) -> None:
    path = tmp_path / "old.abml.yml"
    path.write_text(OLD)
    assert "ABML135" in abmlc("check", path).out
    answer = abmlc("check", "--fix", path)
    assert (answer.status, answer.out) == (0, "")
    assert answer.err.startswith(f"fixed {path}\n")
    assert "fixed" not in abmlc("check", "--fix", path).err
    assert path.read_text() == OLD.replace('"x + 1"', '"${x + 1}"')


def test_fixes_that_overlap() -> None:
    from abml.cli.fixes import fixed
    from abml.cli.inputs import Input
    from abml.diagnostics import Diagnostic, Fix
    from abml.source import Span

    def diag(start: int, end: int, text: str) -> Diagnostic:
        span = Span("f", 1, start, 1, end)
        return Diagnostic("ABML114", "info", "m", span, (), None, Fix(span, text))

    source = Input("f", "f", "\ufeffäbcdef\n".encode())
    assert fixed(source, [diag(1, 3, "X"), diag(2, 4, "Y"), diag(5, 6, "Z")]) == "\ufeffXcdZf\n".encode()


def test_standard_input_cannot_be_fixed(abmlc: Any) -> None:
    assert abmlc("check", "--fix", "-").status == 2


LIBRARY = 'version: "3.0"\nmetadata: { id: bells }\nflows: { toll: [ { log: dong } ] }\n'
IMPORTER = """\
version: "3.0"
metadata: { id: tower }
imports: [ { file: lib/bells.yml, as: bells } ]
flows: { main: [ { call: bells.toll } ] }
"""


@pytest.fixture
def tower(tmp_path: Path) -> Path:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "bells.yml").write_text(LIBRARY)
    path = tmp_path / "tower.abml.yml"
    path.write_text(IMPORTER)
    return path


def test_a_library_is_not_asked_for_its_entry(abmlc: Any, tower: Path) -> None:
    library = tower.parent / "lib" / "bells.yml"
    assert "ABML216" in abmlc("check", library).out
    assert abmlc("check", tower.parent).out == ""
    assert abmlc("check", library, tower).out == ""
    assert abmlc("build", tower.parent).out == ""


def test_an_error_of_a_library_is_told_once(abmlc: Any, tower: Path) -> None:
    (tower.parent / "lib" / "bells.yml").write_text(LIBRARY.replace("{ log: dong }", "{ call: silence }"))
    answer = abmlc("check", tower.parent)
    assert answer.status == 1
    assert (answer.out.count("ABML201"), answer.out.count("ABML225")) == (1, 1)
    assert answer.err == "2 errors, 0 warnings in 2 files\n"


def test_only_what_was_read_is_counted(abmlc: Any, good: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone.yml"
    assert abmlc("check", gone).err == f"abmlc: {gone}: No such file or directory\n"
    assert abmlc("check", gone, good).err.endswith("\n0 errors, 0 warnings in 1 file\n")
    assert abmlc("check", "--fix", "").err == "abmlc: '': no file has such a name\n"
