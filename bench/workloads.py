"""The workloads: their data, their checksums, and how each engine runs them once.

Numbers are IEEE doubles in the order of operations as written; the generator is
MINSTD, exact in doubles. A timing is the processor time of the ticks
alone, in nanoseconds per actor and tick, with the intents in memory afterwards.
"""

from __future__ import annotations

import ctypes
import gc
import shutil
import subprocess
import tempfile
import time
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy

import abml
from abml.vm.core.machine import Rows

HERE = Path(__file__).resolve().parent
ACTORS = 100_000
# Published checksums of the workloads, after so many ticks.
CHECKS = {
    "guard": (5, 75_137_977_081),
    "state_machine": (5, 135_262_440_456),
    "perception_scan": (5, 441_405_423_108),
    "expression": (5, 75_683_304_508),
}
# Number that the checksum gives to the first channel a document names.
FIRST_CHANNEL = {"perception_scan": 2}


class Uniform:
    """Draws of the MINSTD generator."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def __call__(self) -> float:
        self.state = self.state * 16807 % 2147483647
        return self.state / 2147483647.0


def guard_columns(count: int) -> dict[str, Any]:
    """Inputs and state of the guards, one column per variable."""
    u = Uniform(42)
    rows = [
        (u(), u(), u(), u() * 50.0, float(int(u() * 4)), u() < 0.3, u() < 0.8, u() < 0.5, u(), float(int(u() * 8)),
         float(int(u() * 4)))
        for _ in range(count)
    ]  # fmt: skip
    names = "health energy threat dist allies alert weapon night alertness patrol cooldown".split()
    return {name: numpy.array(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}


def worker_columns(count: int) -> tuple[dict[str, Any], list[Any]]:
    """State of the state machines, and their eight columns of threats."""
    u = Uniform(45)
    state, threats = [], []
    for _ in range(count):
        # Whole numbers are ints, as the document declares them.
        state.append((int(u() * 4), u(), int(u() * 6), 1 if u() < 0.5 else -1, int(u() * 3)))
        threats.append([u() for _ in range(8)])
    names = "mode energy wp dir timer".split()
    columns = {name: numpy.array(column) for name, column in zip(names, zip(*state, strict=True), strict=True)}
    return columns, [numpy.ascontiguousarray(column) for column in numpy.array(threats).T]


@lru_cache(maxsize=1)
def watcher_columns(count: int) -> dict[str, Any]:
    """Fears, and for each actor the list of the eight maps that it perceives."""
    u = Uniform(43)
    fear: list[float] = []
    perceptions: list[list[dict[str, Any]]] = []
    # A million values that live on: the collector has nothing to find among them.
    gc.disable()
    for _ in range(count):
        fear.append(u())
        perceptions.append([{"type": int(u() * 6), "urgency": u(), "distance": u() * 50.0} for _ in range(8)])
    gc.enable()
    return {"fear": numpy.array(fear), "perceptions": perceptions}


def fighter_columns(count: int) -> dict[str, Any]:
    """The four inputs of the expression."""
    u = Uniform(44)
    rows = [(u(), u() * 10.0, u(), u() * 20.0) for _ in range(count)]
    names = "aggression last_hostile_days health damage".split()
    return {name: numpy.array(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}


def quantum(values: Any) -> Any:
    """Values in steps of 1/65536."""
    return numpy.floor(numpy.asarray(values) * 65536.0)


class NoHost:
    """Rows ask their host for nothing in these programs."""

    def __getattr__(self, name: str) -> Any:
        return lambda *args: None


class OurEngine:
    """The scalar machine over columns."""

    def __init__(self, count: int, dispatch: str | None = None) -> None:
        self.count = count
        workers, self.threats = worker_columns(count)
        self.columns = {
            "guard": guard_columns(count),
            "state_machine": workers,
            "perception_scan": watcher_columns(count),
            "expression": fighter_columns(count),
        }
        self.rows: dict[str, Rows] = {}
        for name in CHECKS:
            program = abml.compile(HERE / f"{name}.abml.yml")
            self.rows[name] = Rows(program, count, NoHost(), dispatch=dispatch)  # type: ignore[arg-type]

    def run(self, name: str, ticks: int) -> tuple[float, int]:
        """(nanoseconds per actor and tick, checksum)."""
        rows = self.rows[name]
        for column, values in self.columns[name].items():
            rows.set(column, values)
        start = time.thread_time()
        for tick in range(ticks):
            if name == "state_machine":
                rows.set("threat", self.threats[tick % 8])
            done = rows.tick(0)
        taken = time.thread_time() - start
        if done != self.count:
            raise RuntimeError(f"{self.count - done} rows of {name} did not complete: {rows.faults}")
        return taken / ticks / self.count * 1e9, self._check(name, rows)

    def _check(self, name: str, rows: Rows) -> int:
        if name == "expression":
            return int(quantum(rows.get("result")).sum())
        _, channels, actions, urgencies = rows.intents
        channels = channels + FIRST_CHANNEL.get(name, 0)
        total = ((channels * 31.0 + actions * 7.0 + 1.0) * quantum(urgencies)).sum()
        if name == "guard":
            total += (quantum(rows.get("alertness")) + rows.get("patrol") * 3 + rows.get("cooldown") * 5).sum()
        elif name == "perception_scan":
            total += quantum(rows.get("fear")).sum()
        else:
            total += quantum(rows.get("energy") + 1.0).sum()
            total += (rows.get("wp") * 3 + rows.get("timer") * 5 + rows.get("mode") * 7).sum()
        return int(total)


class Reference:
    """The same behavior in C, compiled now with the compiler of this machine."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.folder = tempfile.TemporaryDirectory()
        library = Path(self.folder.name) / "reference.so"
        flags = ["-O3", "-march=native", "-ffp-contract=off", "-shared", "-fPIC"]
        subprocess.run(["gcc", *flags, str(HERE / "reference.c"), "-o", str(library), "-lm"], check=True)
        self.library = ctypes.CDLL(str(library))
        self.library.setup(count)

    def run(self, name: str, ticks: int) -> tuple[float, int]:
        """(nanoseconds per actor and tick, checksum)."""
        function = getattr(self.library, f"run_{name}")
        function.restype = ctypes.c_double
        check = ctypes.c_int64()
        taken: float = function(self.count, ticks, ctypes.byref(check))
        return taken, check.value


class LuaJit:
    """The LuaJIT interpreter (`-joff`), where it is installed."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.command = shutil.which("luajit")

    def run(self, name: str, ticks: int) -> tuple[float, int]:
        """(nanoseconds per actor and tick, checksum)."""
        command = [str(self.command), "-joff", str(HERE / "workloads.lua"), name, str(self.count), str(ticks), "2"]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        # The first round warms up.
        taken, check = done.stdout.splitlines()[-1].split()
        return float(taken), int(check)
