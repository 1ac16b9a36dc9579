"""Import directions, module sizes, freshness of derived files."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import abml

ROOT = Path(__file__).resolve().parents[2]
MAX_LINES = 800
# The interpreter loop is one function by nature. Nothing else is excused.
EXCUSED_FROM_SIZE = {"vm/core/interpreter.pyx", "vm/core/loop.h"}

FOLDERS = {
    "abml": "abml",
    "compiler": "abml.compiler",
    "vm": "abml.vm",
    "providers": "abml.providers",
    "director": "abml.director",
}
# rank -> parts, by the longest prefix of the import name that is listed.
RANKS = {
    "abml": 0,
    "abml.compiler.bytecode": 1,
    "abml.compiler": 2,
    "abml.vm": 3,
    "abml.providers": 4,
    "abml.director": 5,
    "abml.engine": 6,
    "abml.cli": 6,
    "abml.__main__": 6,
}
# A program runs without the compiler and the parser; so of the base, the VM and the bytecode know these only.
BASE_OF_BYTECODE = {"abml.values", "abml.errors", "abml.source", "abml.files"}
BASE_OF_VM = {
    "abml.values",
    "abml.source",
    "abml.diagnostics",
    "abml.environment",
    "abml.errors",
    "abml.builtins",
    "abml.actions",
    "abml.result",
}
LIBRARIES_OF_PARSING = {"lark", "yaml", "click"}
BARE = {"compiler", "vm", "providers", "director"}
# Generated when something is derived, never imported while a program is read or run.
GENERATORS = {"lark"}


def modules() -> Iterator[tuple[str, Path]]:
    """(import name, file) of every module of the five folders."""
    for folder, name in FOLDERS.items():
        for path in sorted((ROOT / folder).rglob("*.py")):
            inside = path.relative_to(ROOT / folder)
            first = ROOT / folder / inside.parts[0]
            if first.is_symlink() or "__pycache__" in path.parts:
                continue
            parts = list(inside.with_suffix("").parts)
            if parts[-1] == "__init__":
                parts.pop()
            yield ".".join([name, *parts]), path


def imports(name: str, path: Path) -> Iterator[tuple[str, int, bool]]:
    """(imported module, line, whether at import time) of a module; imports for type checkers do not count."""
    tree = ast.parse(path.read_text("utf-8"), str(path))
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    yield from _imports(tree.body, package, True)


def _imports(body: list[ast.stmt], package: str, at_import: bool) -> Iterator[tuple[str, int, bool]]:
    for node in body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno, at_import
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                parent = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parent, *([node.module] if node.module else [])])
            else:
                base = node.module or ""
            yield base, node.lineno, at_import
            # `from package import module` names a module too; a class or function harms nothing here.
            for alias in node.names:
                yield f"{base}.{alias.name}", node.lineno, at_import
        elif isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            yield from _imports(node.orelse, package, at_import)
        else:
            inside = at_import and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            for field in ("body", "orelse", "finalbody"):
                yield from _imports(getattr(node, field, None) or [], package, inside)
            for handler in getattr(node, "handlers", []):
                yield from _imports(handler.body, package, inside)


def longest(name: str, table: dict[str, int] | set[str]) -> str | None:
    """The longest entry of the table that is the name or a package of it."""
    parts = name.split(".")
    for n in range(len(parts), 0, -1):
        prefix = ".".join(parts[:n])
        if prefix in table:
            return prefix
    return None


def rank(name: str) -> int:
    return RANKS[longest(name, RANKS) or "abml"]


def complaints(name: str, path: Path) -> Iterator[str]:
    """What a module imports and must not."""
    mine = rank(name)
    # The public names of the package are loaded when they are used.
    if name == "abml":
        return
    for imported, line, at_import in imports(name, path):
        place = f"{path.relative_to(ROOT)}:{line} imports {imported}"
        library = imported.split(".")[0]
        if library in BARE:
            yield f"{place}: the folder's import name is abml.{library}"
        if library in LIBRARIES_OF_PARSING and mine in (1, 2, 3):
            yield f"{place}: a program has to run without {library}"
        if library in GENERATORS and at_import and not path.name.startswith("generate"):
            yield f"{place}: {library} is for generators only"
        if library != "abml" or imported == "abml":
            continue
        theirs = rank(imported)
        if theirs > mine:
            yield f"{place}: rank {mine} must not know rank {theirs}"
        if mine == 1 and theirs == 0 and longest(imported, BASE_OF_BYTECODE) is None:
            yield f"{place}: the program format knows values only"
        if mine == 3 and theirs == 0 and longest(imported, BASE_OF_VM) is None:
            yield f"{place}: the VM knows no syntax"
        if mine == 3 and theirs == 2:
            yield f"{place}: of the compiler the VM knows the bytecode only"


def test_imports_point_one_way() -> None:
    found = [text for name, path in modules() for text in complaints(name, path)]
    assert found == []


def test_scan_sees_the_modules() -> None:
    names = {name for name, _ in modules()}
    assert {"abml", "abml.errors", "abml.compiler.bytecode", "abml.vm", "abml.cli.main"} <= names


def test_scan_finds_a_wrong_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "vm"
    folder.mkdir()
    (folder / "bad.py").write_text("def f():\n    from abml.syntax import parser\n    import compiler.check\n")
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    found = list(complaints("abml.vm.bad", folder / "bad.py"))
    assert len(found) == 3  # the module twice: as a package and as a name of it


def test_modules_are_short() -> None:
    long = {}
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            inside = path.relative_to(ROOT)
            if (
                path.suffix not in {".py", ".pyx", ".pxd", ".pxi", ".h"}
                or (ROOT / folder / inside.parts[1]).is_symlink()
                or str(inside) in EXCUSED_FROM_SIZE
            ):
                continue
            text = path.read_text("utf-8")
            if _is_generated(text):
                continue
            lines = text.count("\n")
            if lines > MAX_LINES:
                long[str(inside)] = lines
    assert long == {}


def _is_generated(text: str) -> bool:
    first = text.split("\n", 1)[0]
    return "Generated from" in first or "Derived from" in first


def test_compiled_modules_have_stubs() -> None:
    """What the `.pyi` beside a compiled module promises is there: names, and the members of classes."""
    sources = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.pyx")) if not _is_linked(path)]
    assert {path.stem for path in sources} >= {"machine", "astar"}
    missing = []
    for path in sources:
        name = ".".join(["abml", *path.relative_to(ROOT).with_suffix("").parts])
        module = importlib.import_module(name)
        for node in ast.parse(path.with_suffix(".pyi").read_text("utf-8")).body:
            if not isinstance(node, ast.ClassDef | ast.FunctionDef):
                continue
            found = getattr(module, node.name, None)
            members = [item.name for item in getattr(node, "body", []) if isinstance(item, ast.FunctionDef)]
            missing += [f"{name}.{node.name}"] * (found is None)
            missing += [f"{name}.{node.name}.{member}" for member in members if not hasattr(found, member)]
    assert missing == []


def _is_linked(path: Path) -> bool:
    return any(parent.is_symlink() for parent in path.parents)


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for _, path in modules()
        if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == []


def test_no_sleeping_errors() -> None:
    """`except …: pass` hides what went wrong."""
    hidden = []
    for _, path in modules():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ExceptHandler) and len(node.body) == 1 and isinstance(node.body[0], ast.Pass):
                hidden.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert hidden == []


GENERATORS = [(name, path) for name, path in modules() if path.name == "generate.py"]


@pytest.mark.parametrize("name", [name for name, _ in GENERATORS])
def test_derived_files_are_fresh(name: str) -> None:
    """A folder with derived files has a generate.py; `--check` compares and writes nothing."""
    done = subprocess.run([sys.executable, "-m", name, "--check"], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}run `make gen`"


RUN_WITHOUT = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        parts = name.split(".")
        compiler = parts[:2] == ["abml", "compiler"] and len(parts) > 2 and parts[2] != "bytecode"
        front = compiler or name.startswith(("abml.syntax", "abml.loader"))
        if front or parts[0] in ("lark", "yaml", "click", "numpy"):
            raise ImportError(f"{name} is not part of a runner")

sys.meta_path.insert(0, Refuse())
import abml

result = abml.run(abml.Program.load(sys.argv[1]), seed=3)
assert result.status == "completed", result.error
print(result.logs[-1].message)
"""


def test_a_program_runs_without_compiler_and_parser(tmp_path: Path) -> None:
    """What is left without them is a runner of .abmc."""
    path = tmp_path / "night.abmc"
    abml.compile(ROOT / "examples/06_night_watch/night_watch.abml.yml").save(path)
    done = subprocess.run([sys.executable, "-c", RUN_WITHOUT, path], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("gives the keys away.\n")
