"""`abmlc build` and `abmlc dis`."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

import abml


def test_build_and_load(abmlc: Any, good: Path) -> None:
    assert abmlc("build", good).status == 0
    program = abml.Program.load(good.with_name("good.abmc"))
    assert abml.run(program).value == 7


def test_output_file_and_folder(abmlc: Any, good: Path, warns: Path, tmp_path: Path) -> None:
    assert abmlc("build", good, "-o", tmp_path / "x.bin").status == 0
    assert (tmp_path / "x.bin").read_bytes() == abml.compile(good).to_bytes()
    answer = abmlc("build", good, warns, "-o", tmp_path / "out" / "deep")
    assert answer.status == 0
    assert "ABML203" in answer.out
    assert sorted(os.listdir(tmp_path / "out" / "deep")) == ["good.abmc", "warns.abmc"]


def test_a_folder_keeps_its_shape(abmlc: Any, good: Path, tmp_path: Path) -> None:
    (tmp_path / "src" / "a").mkdir(parents=True)
    good.rename(tmp_path / "src" / "a" / "good.abml.yml")
    assert abmlc("build", tmp_path / "src", "-o", tmp_path / "out").status == 0
    assert (tmp_path / "out" / "a" / "good.abmc").exists()


def test_errors_write_nothing(abmlc: Any, bad: Path, good: Path, tmp_path: Path) -> None:
    old = tmp_path / "bad.abmc"
    old.write_bytes(b"old")
    answer = abmlc("build", bad, good)
    assert answer.status == 1
    assert "error[ABML201]" in answer.out
    assert old.read_bytes() == b"old"
    assert (tmp_path / "good.abmc").exists()


def test_a_failed_write_leaves_the_old_file(
    abmlc: Any, good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "good.abmc"
    old.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    answer = abmlc("build", good)
    assert answer.status == 2
    assert answer.err.startswith(f"abmlc: {old}: No space left")
    assert old.read_bytes() == b"old"
    assert sorted(os.listdir(tmp_path)) == ["good.abmc", "good.abml.yml"]


def test_modes_and_links_stay(abmlc: Any, good: Path, tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.write_bytes(b"old")
    real.chmod(0o640)
    (tmp_path / "link.abmc").symlink_to(real)
    assert abmlc("build", good, "-o", tmp_path / "link.abmc").status == 0
    assert (tmp_path / "link.abmc").is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert abml.run(abml.Program.load(real)).value == 7


def test_targets_that_cannot_be_written(abmlc: Any, good: Path, tmp_path: Path) -> None:
    assert abmlc("build", good, "-o", tmp_path / "no" / "such" / "folder.abmc").status == 2


def test_two_documents_of_one_name(abmlc: Any, good: Path, tmp_path: Path) -> None:
    (tmp_path / "good.abml").write_text(good.read_text())
    assert abmlc("build", tmp_path).status == 2


def test_standard_streams(abmlc: Any, good: Path, tmp_path: Path) -> None:
    data = good.read_bytes()
    assert abmlc("build", "-", stdin=data).status == 2
    assert abmlc("build", "-", "-o", tmp_path / "x.abmc", stdin=data).status == 0
    assert abml.run(abml.Program.load(tmp_path / "x.abmc")).value == 7


def test_equal_input_gives_equal_bytes(good: Path) -> None:
    assert abml.compile(good).to_bytes() == abml.compile(good).to_bytes()


def test_dis(abmlc: Any, good: Path, bad: Path, tmp_path: Path) -> None:
    listing = abmlc("dis", good)
    assert listing.status == 0
    assert "main" in listing.out
    abmlc("build", good)
    assert abmlc("dis", tmp_path / "good.abmc").out == listing.out
    assert abmlc("dis", bad).status == 1


def test_a_broken_program(abmlc: Any, good: Path, tmp_path: Path) -> None:
    abmlc("build", good)
    path = tmp_path / "good.abmc"
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    for verb in ("dis", "run"):
        answer = abmlc(verb, path)
        assert answer.status == 1
        assert answer.err.startswith(f"abmlc: {path}: ")
        assert "internal" not in answer.err


def test_the_program_alone_goes_to_standard_output(abmlc_path: str, warns: Path) -> None:
    done = subprocess.run([abmlc_path, "build", "-", "-o", "-"], input=warns.read_bytes(), capture_output=True)
    assert done.returncode == 0
    assert abml.Program.from_bytes(done.stdout).flows == ("main",)
    assert b"ABML203" in done.stderr


def test_one_failed_write_stops_nothing_else(abmlc: Any, good: Path, warns: Path, tmp_path: Path) -> None:
    (tmp_path / "good.abmc").mkdir()
    answer = abmlc("build", good, warns)
    assert answer.status == 2
    assert "good.abmc" in answer.err
    assert "ABML203" in answer.out
    assert (tmp_path / "warns.abmc").is_file()
