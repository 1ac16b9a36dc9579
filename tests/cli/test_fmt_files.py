"""`abmlc fmt` and files: names, bytes, colors, directories, writes that fail."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from .conftest import Call

OLD = b"""\
abml: 2.0
metadata: { id: fmt }  # kept
flows:
  main:
    - foreach: { as: x, in: "${xs}", actions: [ noop ] }
"""
NEW = b"""\
version: "2.0"
metadata: { id: fmt }  # kept
flows:
  main:
    - for_each: { variable: x, collection: "${xs}", do: [noop] }
"""
BROKEN = b"flows: [\n"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "old.abml.yml"
    path.write_bytes(OLD)
    return path


def test_writes_and_names_what_changed(abmlc: Call, old: Path) -> None:
    assert abmlc("fmt", old) == (0, f"{old}\n", "changed 1 of 1 file\n")
    assert old.read_bytes() == NEW
    assert abmlc("fmt", old) == (0, "", "changed 0 of 1 file\n")


def test_standard_input(abmlc: Call) -> None:
    assert abmlc("fmt", "-", stdin=OLD) == (0, NEW.decode(), "")
    assert abmlc("fmt", "-", stdin=NEW) == (0, NEW.decode(), "")


def test_check_writes_nothing(abmlc: Call, old: Path) -> None:
    assert abmlc("fmt", "--check", old)[:2] == (1, f"{old}\n")
    assert old.read_bytes() == OLD
    old.write_bytes(NEW)
    assert abmlc("fmt", "--check", old)[:2] == (0, "")
    assert abmlc("fmt", "--check", "-", stdin=OLD).status == 1
    assert abmlc("fmt", "--check", "-", stdin=NEW) == (0, "", "")


def test_diff_writes_nothing(abmlc: Call, old: Path) -> None:
    status, out, _ = abmlc("fmt", "--diff", old)
    assert status == 0
    assert out.splitlines()[:5] == [f"--- {old}", f"+++ {old}", "@@ -1,5 +1,5 @@", "-abml: 2.0", '+version: "2.0"']
    assert " metadata: { id: fmt }  # kept" in out
    assert "\x1b" not in out
    assert old.read_bytes() == OLD
    assert abmlc("fmt", "--diff", "--check", old).status == 1
    old.write_bytes(NEW)
    assert abmlc("fmt", "--diff", "--check", old)[:2] == (0, "")


@pytest.mark.parametrize(("variable", "has_color"), [("", True), ("1", False)])
def test_diff_is_colored_on_a_terminal(
    abmlc: Call, old: Path, monkeypatch: pytest.MonkeyPatch, variable: str, has_color: bool
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", variable)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert ("\x1b[3" in abmlc("fmt", "--diff", old).out) is has_color


def test_directories(abmlc: Call, old: Path) -> None:
    folder = old.parent
    (folder / "deep").mkdir()
    (folder / "deep" / "two.abml").write_bytes(OLD)
    (folder / "other.yml").write_bytes(b"a:   1\n")
    status, out, _ = abmlc("fmt", folder)
    assert status == 0
    assert sorted(out.split()) == sorted([str(folder / "deep" / "two.abml"), str(old)])
    assert (folder / "other.yml").read_bytes() == b"a:   1\n"
    (folder / "empty").mkdir()
    assert abmlc("fmt", folder / "empty").status == 2


def test_broken_documents_are_left_alone(abmlc: Call, old: Path) -> None:
    broken = old.parent / "broken.abml.yml"
    broken.write_bytes(BROKEN)
    status, out, err = abmlc("fmt", old.parent)
    assert status == 1
    assert out == f"{old}\n"
    assert err.startswith(f"{broken}:1:") and err.endswith("\nchanged 1 of 2 files\n")
    assert broken.read_bytes() == BROKEN


def test_findings_are_no_output(abmlc: Call) -> None:
    for options in ((), ("--diff",), ("--check",)):
        answer = abmlc("fmt", *options, "-", stdin=BROKEN)
        assert (answer.status, answer.out) == (1, "")
        assert "<stdin>:1:" in answer.err


def test_documents_with_other_errors_are_formatted(abmlc: Call, bad: Path) -> None:
    assert abmlc("fmt", bad).status == 0


def test_unreadable(abmlc: Call, tmp_path: Path, old: Path) -> None:
    status, out, err = abmlc("fmt", tmp_path / "none.abml.yml", old)
    assert status == 2
    assert out == f"{old}\n"
    assert "none.abml.yml" in err


def test_a_mark_at_the_beginning_and_line_breaks_stay(abmlc: Call, old: Path) -> None:
    old.write_bytes(b"\xef\xbb\xbf" + OLD.replace(b"\n", b"\r\n"))
    abmlc("fmt", old)
    assert old.read_bytes() == b"\xef\xbb\xbf" + NEW.replace(b"\n", b"\r\n")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_failed_write_leaves_the_old_file(abmlc: Call, old: Path) -> None:
    old.parent.chmod(0o555)
    try:
        assert abmlc("fmt", old).status == 2
        assert old.read_bytes() == OLD
    finally:
        old.parent.chmod(0o755)


def test_a_write_that_fails_halfway_leaves_the_old_file(
    abmlc: Call, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    status, _, err = abmlc("fmt", old)
    assert status == 2
    assert "No space left" in err
    assert old.read_bytes() == OLD
    assert [path.name for path in old.parent.iterdir()] == [old.name]
