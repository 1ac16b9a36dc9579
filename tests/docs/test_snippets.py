"""Every snippet of the documents for readers is run.

A document is worked through from top to bottom in one empty folder that holds
a copy of examples/:

    ```console        lines after `$ ` are run by the shell, the others are what it prints,
                      standard error included; a line `...` stands for any lines
    ```python         is executed; with `>>>` it is a doctest; names stay for the next block
    ```yaml           is checked, as a document or a fragment: no errors, no warnings
    ```yaml NAME      the same, and written to the file NAME
    ```yaml NAME bad  only written
    ```sh, ```text    are not run: what needs a machine of its own, or shows a shape
"""

from __future__ import annotations

import doctest
import io
import itertools
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import abml
from abml.cli.main import run as run_abmlc

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "docs/guide.md",
    ROOT / "docs/reference-world.md",
    ROOT / "docs/providers.md",
    ROOT / "docs/snapshots.md",
    *sorted(ROOT.glob("docs/language/*.md")),
    *sorted(ROOT.glob("examples/*/README.md")),
]
NOT_RUN = {"sh", "text", "make"}
_BLOCK = re.compile(r"^```(\S+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    kind: str
    words: list[str]
    text: str
    line: int


def blocks(text: str) -> Iterator[Block]:
    for found in _BLOCK.finditer(text):
        yield Block(found[1], found[2].split(), found[3], text.count("\n", 0, found.start()) + 1)


def console(text: str) -> Iterator[tuple[str, str]]:
    """(command, expected output) pairs of a console block."""
    command: list[str] = []
    expected: list[str] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            if command:
                yield "\n".join(command), "\n".join(expected)
            command, expected = [line[2:]], []
        elif command and command[-1].endswith("\\") and not expected:
            command.append(line.removeprefix("> "))
        else:
            expected.append(line)
    if command:
        yield "\n".join(command), "\n".join(expected)


def fits(expected: str, got: str) -> bool:
    """Whether the output is the expected one; a line `...` stands for any number of lines."""
    parts = re.split(r"^\.\.\.$", expected, flags=re.MULTILINE)
    pattern = r"[\s\S]*".join(re.escape(part.strip("\n")) for part in parts)
    return re.fullmatch(pattern, got.strip("\n")) is not None


def shell(command: str, folder: Path) -> str:
    """What a command prints, both streams in one, without blanks at the ends of lines."""
    # A process for each of some hundred calls would take most of the time of all tests.
    words = [] if re.search(r"[|<>;&$`~*]", re.sub(r"'[^']*'|\"[^\"$`]*\"", "", command)) else shlex.split(command)
    printed = abmlc(words) if words[:1] == ["abmlc"] else process(command, folder)
    return "\n".join(line.rstrip() for line in printed.splitlines())


def abmlc(argv: list[str]) -> str:
    """`abmlc` in this process."""
    printed = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", argv)
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(), "utf-8"))
        patch.setattr(sys, "stdout", printed)
        patch.setattr(sys, "stderr", printed)
        with pytest.raises(SystemExit):
            run_abmlc()
    printed.seek(0)
    return printed.read()


def process(command: str, folder: Path) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PATH": path, "PYTHONUNBUFFERED": "1"},
        timeout=60,
        check=False,
    )
    return done.stdout.decode()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_snippets(document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "__snippet__"}
    for block in blocks(document.read_text("utf-8")):
        where = f"{document.relative_to(ROOT)}:{block.line}"
        if block.kind == "console":
            for command, expected in console(block.text):
                got = shell(command, tmp_path)
                assert fits(expected, got), f"{where}: $ {command}\n--- expected\n{expected}\n--- got\n{got}"
        elif block.kind == "python":
            run_python(block.text, names, where)
        elif block.kind == "yaml":
            check_yaml(block, where)
        elif block.kind == "json":
            write(block.words[0], block.text)
        else:
            assert block.kind in NOT_RUN, f"{where}: nobody runs a {block.kind} block"


def write(name: str, text: str) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text, "utf-8")


def run_python(text: str, names: dict[str, Any], where: str) -> None:
    if ">>>" not in text:
        exec(compile(text, where, "exec"), names)
        return
    test = doctest.DocTestParser().get_doctest(text, names, where, where, 0)
    output: list[str] = []
    failed = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=output.append, clear_globs=False)
    names.update(test.globs)
    assert failed.failed == 0, "".join(output)


def check_yaml(block: Block, where: str) -> None:
    if block.words:
        write(block.words[0], block.text)
    if "bad" in block.words:
        return
    is_document = re.search(r"^version:", block.text, re.MULTILINE) is not None
    found = abml.check(block.text, path=block.words[0] if block.words else None, fragment=not is_document)
    bad = [str(d) for d in found if d.severity != "info"]
    assert not bad, f"{where}:\n" + "\n".join(bad)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    text = _BLOCK.sub("", document.read_text("utf-8"))
    targets = [target.split("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]
    assert [target for target in targets if target and not (document.parent / target).exists()] == []


def test_every_page_can_be_found() -> None:
    """The index of the pages about the language lists them all, and each page leads to the next."""
    pages = sorted(path.name for path in (ROOT / "docs/language").glob("[0-9]*.md"))
    index = (ROOT / "docs/language/index.md").read_text("utf-8")
    assert [name for name in pages if f"]({name})" not in index] == []
    for name, following in itertools.pairwise(pages):
        assert f"]({following})" in (ROOT / "docs/language" / name).read_text("utf-8"), f"{name} leads nowhere"


def test_every_example_has_a_reader() -> None:
    """Each example teaches something, and shows what it prints."""
    for folder in sorted((ROOT / "examples").iterdir()):
        if folder.is_dir() and folder.name[0].isdigit():
            text = (folder / "README.md").read_text("utf-8")
            assert "```console" in text, f"{folder.name}/README.md runs nothing"


@pytest.mark.parametrize("path", sorted(ROOT.glob("examples/**/*.abml.yml")), ids=lambda p: p.name)
def test_examples_are_clean(path: Path) -> None:
    found = [str(d) for d in abml.check(path) if d.severity != "info"]
    assert found == []
