"""`abmlc` as a process: help, exit status, interrupts, closed pipes, colors, start time."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

import abml

GOOD = 'version: "3.0"\nmetadata: { id: g }\nflows: { main: [ { log: hi } ] }\n'


def call(abmlc_path: str, *args: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([abmlc_path, *args], capture_output=True, text=True, timeout=60, **options)  # type: ignore[call-overload]


def watching(abmlc_path: str, path: Path, stdout: int) -> subprocess.Popen[str]:
    """`abmlc check --watch`, interruptible also where the tests themselves are not, as behind a `&` of a shell."""
    command = [abmlc_path, "check", "--watch", str(path)]
    interruptible = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    return subprocess.Popen(command, stdout=stdout, stderr=subprocess.PIPE, text=True, preexec_fn=interruptible)


def test_help_and_version(abmlc_path: str) -> None:
    done = call(abmlc_path, "--help")
    assert done.returncode == 0
    for name in ("check", "build", "run", "eval", "dis", "explain"):
        assert f"\n  {name} " in done.stdout
        assert call(abmlc_path, name, "--help").returncode == 0
    assert call(abmlc_path, "--version").stdout == f"abmlc {abml.__version__}\n"


def test_module_form() -> None:
    done = subprocess.run([sys.executable, "-m", "abml", "--version"], capture_output=True, text=True)
    assert done.stdout == f"abmlc {abml.__version__}\n"


@pytest.mark.parametrize("args", [["chek"], ["check"], ["check", "--nope", "x"], ["check", "--format", "xml", "x"], []])
def test_wrong_usage(abmlc_path: str, args: list[str]) -> None:
    done = call(abmlc_path, *args)
    assert done.returncode == (2 if args else done.returncode)
    assert "Traceback" not in done.stderr


def test_nearest_command(abmlc_path: str) -> None:
    assert "did you mean 'check'?" in call(abmlc_path, "chek").stderr


def test_a_closed_pipe_is_quiet(abmlc_path: str, tmp_path: Path) -> None:
    for i in range(300):
        (tmp_path / f"{i}.abml.yml").write_text(f"flows: [ # {i}")
    done = subprocess.run(
        ["bash", "-c", f"'{abmlc_path}' check '{tmp_path}' | head -n 1"], capture_output=True, text=True
    )
    assert len(done.stdout.splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


def test_an_interrupt_is_quiet(abmlc_path: str, tmp_path: Path) -> None:
    path = tmp_path / "g.abml.yml"
    path.write_text(GOOD)
    process = watching(abmlc_path, path, subprocess.PIPE)
    assert process.stderr is not None
    first = process.stderr.readline()
    assert first == "0 errors, 0 warnings in 1 file\n"
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert err.strip() == ""


def test_watch_sees_a_change(abmlc_path: str, tmp_path: Path) -> None:
    path = tmp_path / "g.abml.yml"
    path.write_text(GOOD)
    process = watching(abmlc_path, path, subprocess.DEVNULL)
    try:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("0 errors")
        path.write_text("flows: [\n\n")
        assert process.stderr.readline() == "\n"
        assert process.stderr.readline().startswith("1 error")
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)


def on_terminal(abmlc_path: str, *args: str, **env: str) -> str:
    """What the command prints when its standard output is a terminal."""
    leader, follower = pty.openpty()
    kept = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "TERM")}
    process = subprocess.Popen(
        [abmlc_path, *args], stdout=follower, stderr=subprocess.DEVNULL, env={**kept, "TERM": "xterm", **env}
    )
    os.close(follower)
    output = b""
    while True:
        try:
            part = os.read(leader, 4096)
        except OSError:  # the other side is closed
            break
        if not part:
            break
        output += part
    os.close(leader)
    process.wait(timeout=20)
    return output.decode()


def test_colors(abmlc_path: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.abml.yml"
    path.write_text("flows: [")
    assert "\x1b[" in on_terminal(abmlc_path, "check", str(path))
    assert "\x1b[" not in on_terminal(abmlc_path, "check", str(path), NO_COLOR="1")
    assert "\x1b[" not in on_terminal(abmlc_path, "check", str(path), TERM="dumb")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser reads everything")
def test_an_unreadable_file(abmlc_path: str, tmp_path: Path) -> None:
    path = tmp_path / "locked.abml.yml"
    path.write_text(GOOD)
    path.chmod(0)
    assert call(abmlc_path, "check", str(path)).returncode == 2


def test_a_terminal_without_unicode(abmlc_path: str, tmp_path: Path) -> None:
    path = tmp_path / "g.abml.yml"
    path.write_text('version: "3.0"\nmetadata: { id: g }\nflows: { main: [ { log: "naïve → done" } ] }\n')
    done = call(abmlc_path, "run", str(path), env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert done.stdout.startswith("na?ve ? done\n")


def ratio(command: list[str], enough: float) -> float:
    """How many starts of the bare interpreter a whole run takes.

    Taken in turn, each at its best: what else the machine does slows both. Ends as soon as the ratio is
    low enough; a slow program stays slow in all of the rounds.
    """
    bare = slow = float("inf")
    for _ in range(40):
        bare = min(bare, duration([sys.executable, "-c", "pass"]))
        slow = min(slow, duration(command))
        if slow <= enough * bare:
            break
    return slow / bare


def duration(command: list[str]) -> float:
    """Seconds from start to end of a process, with Python's own cache of bytecode as users have it."""
    env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    subprocess.run(command, capture_output=True, check=True, env=env)
    return time.perf_counter() - start


def test_it_starts_fast(abmlc_path: str, tmp_path: Path) -> None:
    path = tmp_path / "g.abml.yml"
    path.write_text(GOOD)
    assert ratio([abmlc_path, "--help"], 4) <= 4
    assert ratio([abmlc_path, "check", str(path)], 10) <= 10


@pytest.mark.parametrize("args", ["explain", "dis '{}'", "run '{}'", "run --json '{}'"])
def test_a_closed_pipe_is_no_failure_of_the_command(abmlc_path: str, tmp_path: Path, args: str) -> None:
    path = tmp_path / "long.abml.yml"
    lines = "".join(f"    - log: 'line {i} of a long story'\n" for i in range(5000))
    path.write_text(f"version: '3.0'\nmetadata: {{ id: long }}\nflows:\n  main:\n{lines}")
    script = f"'{abmlc_path}' {args.format(path)} | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
    assert done.stdout.splitlines()[1:] in (["141"], ["0"])  # 0: the pipe took everything
    assert done.stderr == ""


def test_json_survives_a_terminal_without_unicode(abmlc_path: str) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([abmlc_path, "eval", "'G\u00f6ttin'"], capture_output=True, text=True, env=environment)
    assert done.stdout == '"G\\u00f6ttin"\n'
