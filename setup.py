"""Build rules: where the packages of this checkout live, and how its extension modules are compiled.

The five source folders of the root are one import package:

    abml -> abml, compiler -> abml.compiler, vm -> abml.vm, providers -> abml.providers, director -> abml.director

Everything else about the distribution stands in pyproject.toml.

Switches, read from the environment:
    ABML_DEBUG=1     bounds checks, no optimization, debug information
    ABML_SANITIZE=1  address and undefined-behavior sanitizers
    ABML_NATIVE=1    code for this machine's processor only
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

from setuptools import Extension, setup

ROOT = Path(__file__).resolve().parent
os.chdir(ROOT)

FOLDERS = {
    "abml": "abml",
    "abml.compiler": "compiler",
    "abml.vm": "vm",
    "abml.providers": "providers",
    "abml.director": "director",
}
STAGED = Path("build/pxd")
GENERATED_C = Path("build/c")
# Derived C text and Cython sources are not part of a wheel; data that the code reads is.
DATA = ["*.lark", "*.md", "*.yml", "*.json", "py.typed", "*.pyi"]

DEBUG = os.environ.get("ABML_DEBUG") == "1"
SANITIZE = os.environ.get("ABML_SANITIZE") == "1"
NATIVE = os.environ.get("ABML_NATIVE") == "1"


def packages() -> dict[str, str]:
    """Import name -> folder, for every folder with an `__init__.py`. Symbolic links are not followed."""
    found: dict[str, str] = {}
    for name, folder in FOLDERS.items():
        for here, below, files in os.walk(folder):
            below[:] = sorted(b for b in below if not os.path.islink(os.path.join(here, b)) and b != "__pycache__")
            if "__init__.py" not in files:
                below.clear()
                continue
            rest = Path(here).relative_to(folder).parts
            found[".".join((name, *rest))] = Path(here).as_posix()
    return found


def stage_declarations(names: dict[str, str]) -> None:
    """Copy every `.pxd` to `build/pxd/<import path>`: Cython looks one up by its dotted name only."""
    wanted: set[Path] = set()
    for name, folder in names.items():
        place = STAGED.joinpath(*name.split("."))
        declarations = sorted(Path(folder).glob("*.pxd"))
        place.mkdir(parents=True, exist_ok=True)
        (place / "__init__.py").touch()
        for declaration in declarations:
            target = place / declaration.name
            wanted.add(target)
            # The time of change goes along, so that an unchanged declaration rebuilds nothing.
            if not target.exists() or target.stat().st_mtime != declaration.stat().st_mtime:
                shutil.copy2(declaration, target)
    for stale in set(STAGED.rglob("*.pxd")) - wanted:
        stale.unlink()


def compile_flags() -> tuple[list[str], list[str]]:
    """(compiler flags, linker flags)."""
    # No fused multiply-add: every engine has to give the same bits.
    compile_args = ["-O2", "-ffp-contract=off", "-fno-strict-aliasing", "-fwrapv"]
    link_args: list[str] = []
    if DEBUG:
        compile_args += ["-O0", "-g"]
    if SANITIZE:
        sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer", "-g"]
        compile_args += sanitizers
        link_args += sanitizers
    if NATIVE:
        compile_args.append("-march=native")
    return compile_args, link_args


def extensions(names: dict[str, str]) -> list[Extension]:
    """One extension module per `.pyx` below `vm/`."""
    sources = [
        (f"{name}.{path.stem}", path)
        for name, folder in names.items()
        if name == "abml.vm" or name.startswith("abml.vm.")
        for path in sorted(Path(folder).glob("*.pyx"))
    ]
    # Asking for the name or the version of the project must not need Cython.
    if not sources or {"--version", "--name", "--help", "sdist", "egg_info", "dist_info"} & set(sys.argv[1:]):
        return []
    from Cython.Build import cythonize

    stage_declarations(names)
    compile_args, link_args = compile_flags()
    modules = [
        Extension(
            name,
            [path.as_posix()],
            # A module is compiled anew for the headers and parts of its own folder only.
            depends=[part.as_posix() for end in ("*.h", "*.pxi") for part in sorted(path.parent.glob(end))],
            include_dirs=["vm/core", path.parent.as_posix()],
            extra_compile_args=compile_args,
            extra_link_args=link_args,
        )
        for name, path in sources
    ]
    directives: dict[str, object] = {"language_level": 3}
    if DEBUG:
        directives.update(boundscheck=True, wraparound=False, cdivision=True, overflowcheck=False)
    result: list[Extension] = cythonize(
        modules,
        include_path=[STAGED.as_posix()],
        build_dir=GENERATED_C.as_posix(),
        compiler_directives=directives,
        gdb_debug=False,
        quiet=True,
    )
    return result


def version() -> str:
    """The version, read from the text of the package: it cannot be imported before it is built."""
    found = re.search(r'^__version__ = "([^"]+)"', Path("abml/__init__.py").read_text("utf-8"), re.MULTILINE)
    if found is None:
        raise SystemExit("abml/__init__.py names no version")
    return found.group(1)


def main() -> None:
    names = packages()
    editable = bool({"editable_wheel", "develop"} & set(sys.argv[1:]))
    setup(
        version=version(),
        packages=sorted(names),
        # In a checkout the links in abml/ give every folder its import name; then one line in a
        # .pth file is enough, and no import hook slows every start of the interpreter down.
        package_dir={"": "."} if editable else names,
        package_data={"": DATA},
        include_package_data=False,
        exclude_package_data={"": ["*.c", "*.pyx", "*.pxd", "*.pxi", "*.h"]},
        ext_modules=extensions(names),
        zip_safe=False,
    )


main()
