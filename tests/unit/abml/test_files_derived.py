"""Derived files are written when they differ, and only named with `--check`."""

from __future__ import annotations

from pathlib import Path

import pytest

from abml.files import bring_up_to_date


def test_stale_files_are_named_or_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fresh, stale, missing = tmp_path / "fresh", tmp_path / "stale", tmp_path / "missing"
    fresh.write_text("ä", "utf-8")
    stale.write_text("old", "utf-8")
    texts = {fresh: "ä", stale: "new", missing: "new"}
    assert bring_up_to_date(texts, ["--check"]) == 1
    assert capsys.readouterr().out == "stale is stale: run make gen\nmissing is stale: run make gen\n"
    assert stale.read_text("utf-8") == "old" and not missing.exists()
    assert bring_up_to_date(texts, []) == 0
    assert (stale.read_text("utf-8"), missing.read_text("utf-8")) == ("new", "new")
    assert bring_up_to_date(texts, ["--check"]) == 0
