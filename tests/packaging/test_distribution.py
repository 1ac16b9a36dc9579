"""The distribution: what sdist and wheel hold, and that an installed wheel works away from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = {
    "abml": "abml",
    "compiler": "abml/compiler",
    "vm": "abml/vm",
    "providers": "abml/providers",
    "director": "abml/director",
}
SHIPPED = {".py", ".pyi", ".lark", ".md", ".yml", ".json", ".typed"}
SOURCES = {".pyx", ".pxd", ".pxi", ".h"}
DOCUMENT = 'version: "3.0"\nmetadata: { id: g }\nflows: { main: [ { log: hi }, { return: 5 } ] }\n'


def tracked() -> list[str]:
    """The files of the checkout as git knows them; links are no files."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    return [name for name in listed if name and (ROOT / name).is_file() and not (ROOT / name).is_symlink()]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(sdist, wheel) of the tracked files, built from a copy; the wheel is built from the unpacked sdist."""
    if subprocess.run(["git", "rev-parse"], cwd=ROOT, capture_output=True).returncode:
        pytest.skip("the file list comes from git, and this is no git checkout")
    folder = tmp_path_factory.mktemp("build")
    copy = folder / "copy"
    for name in tracked():
        target = copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
    for link in ("compiler", "vm", "providers", "director"):
        (copy / "abml" / link).symlink_to(f"../{link}")
    env = dict(os.environ)
    hook = "from setuptools.build_meta import build_{0} as b; import sys; print(b(sys.argv[1]))"
    subprocess.run(
        [sys.executable, "-c", hook.format("sdist"), str(folder)], cwd=copy, env=env, check=True, capture_output=True
    )
    (sdist,) = folder.glob("abml-*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    (inside,) = (folder / "unpacked").iterdir()
    done = subprocess.run(
        [sys.executable, "-c", hook.format("wheel"), str(folder)], cwd=inside, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("abml-*.whl")
    return sdist, wheel


def test_sdist_holds_the_sources(built: tuple[Path, Path]) -> None:
    with tarfile.open(built[0]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {name for name in tracked() if name.split("/")[0] in FOLDERS and Path(name).suffix in SHIPPED | SOURCES}
    assert wanted - names == set()
    assert not [name for name in names if name.endswith((".c", ".so", ".html"))]
    assert not [name for name in names if name.startswith(("abml/vm/", "abml/compiler/"))]


def test_wheel_holds_the_packages(built: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(built[1]) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    wanted = set()
    compiled = set()
    for name in tracked():
        folder, _, rest = name.partition("/")
        if folder not in FOLDERS:
            continue
        if Path(name).suffix in SHIPPED:
            wanted.add(f"{FOLDERS[folder]}/{rest}")
        elif Path(name).suffix == ".pyx":
            compiled.add(f"{FOLDERS[folder]}/{rest.removesuffix('.pyx')}")
    libraries = {name for name in names if name.endswith(".so")}
    assert names - libraries == wanted
    assert {name.partition(".")[0] for name in libraries} == compiled


def works(command: list[str], folder: Path, env: dict[str, str]) -> None:
    """The tools run in a folder of a user, who has a package with the name of one of ours."""
    folder.mkdir()
    (folder / "compiler").mkdir()
    (folder / "compiler" / "__init__.py").write_text("raise ImportError('the compiler of the user')")
    (folder / "g.abml.yml").write_text(DOCUMENT)

    def abmlc(*args: str) -> str:
        done = subprocess.run([*command, *args], cwd=folder, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert abmlc("run", "g.abml.yml") == "hi\ncompleted with 5\n"
    abmlc("build", "g.abml.yml")
    assert abmlc("run", "g.abmc") == "hi\ncompleted with 5\n"
    assert abmlc("eval", "6 * 7") == "42\n"
    assert "ABML201" in abmlc("explain", "ABML201")


def test_an_unpacked_wheel_works_elsewhere(built: tuple[Path, Path], tmp_path: Path) -> None:
    with zipfile.ZipFile(built[1]) as archive:
        archive.extractall(tmp_path / "site")
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    asked = [sys.executable, "-c", "import abml, abml.vm; print(abml.__file__, abml.vm.__file__)"]
    done = subprocess.run(asked, cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    assert done.stdout == f"{tmp_path}/site/abml/__init__.py {tmp_path}/site/abml/vm/__init__.py\n"
    works([sys.executable, "-m", "abml"], tmp_path / "elsewhere", env)


@pytest.mark.long
def test_an_installed_wheel_works_elsewhere(built: tuple[Path, Path], tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    programs = tmp_path / "venv" / "bin"
    install = [programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", built[1]]
    subprocess.run(install, check=True)
    env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    works([str(programs / "abmlc")], tmp_path / "elsewhere", env)
