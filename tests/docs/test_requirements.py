"""The page of requirements is made of its data and of the names of the tests."""

from __future__ import annotations

from pathlib import Path

from tests.requirements import generate


def test_the_page_is_fresh() -> None:
    assert generate.main(["--check"]) == 0, "run `make gen`"


def test_rows_of_other_folders_are_left_out() -> None:
    ids = [row["id"] for row in generate.rows()]
    assert "RES-007" in ids and "DIR-187" in ids and "DIR-149" not in ids


def test_tests_are_found_by_their_names(tmp_path: Path) -> None:
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_x.py").write_text(
        "def test_res_010_codec():\n    ...\nclass A:\n    def test_dir_187(self): ...\ndef test_res_10_no(): ...\n"
    )
    found = [("DIR-187", "tests/test_x.py", "test_dir_187"), ("RES-010", "tests/test_x.py", "test_res_010_codec")]
    assert sorted(generate.tests(folder)) == found


def test_every_test_that_names_a_row_names_one_that_is_there() -> None:
    import yaml

    known = {row["id"] for row in yaml.safe_load(generate.ROWS.read_text("utf-8"))}
    strangers = [name for row_id, _, name in generate.tests() if row_id.startswith("RES-") and row_id not in known]
    assert strangers == []
