"""Files: reading with the library's own error, writing so that a failed write leaves the old file, keeping derived
files fresh."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from abml.errors import AbmlFileError


def write_atomically(path: str, data: bytes) -> None:
    """Replace the contents of a file at once; its mode stays, a link still leads to it.

    Raises:
        OSError: the old file is as it was.
    """
    import tempfile

    path = os.path.realpath(path)
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        mode = None
    if mode is not None and not stat.S_ISREG(mode):
        # A device or a pipe has no old contents to keep.
        with open(path, "wb") as file:
            file.write(data)
        return
    if mode is not None and not os.access(path, os.W_OK):
        raise PermissionError(13, os.strerror(13), path)
    folder, name = os.path.split(path)
    handle, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, stat.S_IMODE(mode) if mode is not None else 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _umask() -> int:
    # There is no call that only reads it.
    mask = os.umask(0)
    os.umask(mask)
    return mask


def read_file(path: str | os.PathLike[str]) -> bytes:
    """The bytes of a file.

    Raises:
        AbmlFileError: it cannot be read.
    """
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise AbmlFileError(error.errno, error.strerror, os.fspath(path)) from error
    except ValueError as error:
        # A path with a null character.
        raise AbmlFileError(22, str(error), repr(path)) from error


def bring_up_to_date(texts: Mapping[Path, str], arguments: Sequence[str]) -> int:
    """Write the files whose texts differ; with `--check` only name them.

    Args:
        texts: file -> what it should hold.
        arguments: of the command line.

    Returns:
        The exit status: 1 when `--check` found a stale file.
    """
    stale = [path for path, text in texts.items() if not path.exists() or path.read_text("utf-8") != text]
    for path in stale:
        if "--check" in arguments:
            print(f"{path.name} is stale: run make gen")
        else:
            path.write_text(texts[path], "utf-8")
    return int(bool(stale) and "--check" in arguments)
