"""A pytest plugin: once the tests are collected, a fork of the process runs them for each mutant.

The machine of this process must be the changeable one that `run.py` builds.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
from collections.abc import Generator

import pytest

from .mutants import Mutant, mutants

# Longer than any test takes on a busy computer; a mutant may go round for ever.
LIMIT_S = 60


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("mutants")
    group.addoption("--mutant-jobs", type=int, default=1, help="mutants that run at once")
    group.addoption("--mutant-opcodes", default="", help="only these, with commas between them")
    group.addoption("--mutant-least", type=float, default=0.95, help="the fraction that has to be caught")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(_Runs(config), "mutants-runs")


class _Runs:
    """The runs of a session, in forks."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        # In a fork: where the first failure is told.
        self.told: int | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In place of the one run of the tests."""
        opcodes = set(filter(None, self.config.getoption("--mutant-opcodes").split(",")))
        wanted = [one for one in mutants() if not opcodes or one.opcode in opcodes]
        if (said := _result(*self._start(session, None))) is not None:
            raise pytest.UsageError(f"the tests fail without a mutant: {said}")
        jobs = max(1, self.config.getoption("--mutant-jobs"))
        running: list[tuple[Mutant, int, int]] = []
        survivors = 0
        for mutant in (*wanted, *[None] * jobs):
            if len(running) >= jobs or mutant is None:
                if not running:
                    break
                first, pid, told = running.pop(0)
                by = _result(pid, told)
                survivors += by is None
                print(
                    f"{'SURVIVES' if by is None else 'caught'}  {first}{'' if by is None else f'  by {by}'}", flush=True
                )
            if mutant is not None:
                running.append((mutant, *self._start(session, mutant)))
        caught = len(wanted) - survivors
        print(f"{caught} of {len(wanted)} mutants caught ({caught / len(wanted):.1%})")
        session.testsfailed = caught < self.config.getoption("--mutant-least") * len(wanted)
        return True

    def _start(self, session: pytest.Session, mutant: Mutant | None) -> tuple[int, int]:
        """Run the tests in a fork until one fails; its number, and where it tells which."""
        sys.stdout.flush()
        sys.stderr.flush()
        reading, writing = os.pipe()
        pid = os.fork()
        if pid:
            os.close(writing)
            return pid, reading
        status = 1
        try:
            os.close(reading)
            self.told = writing
            quiet = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(quiet, stream)
            if mutant is not None:
                import abml.vm.core.machine as machine

                machine._MUTANT = mutant.rule  # type: ignore[attr-defined]  # in the changed machine only
            items = session.items
            for place, item in enumerate(items):
                item.config.hook.pytest_runtest_protocol(
                    item=item, nextitem=items[place + 1] if place + 1 < len(items) else None
                )
            status = 0
        finally:
            os._exit(status)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        """Around each test: a clock that ends the process, in compiled code too."""
        faulthandler.dump_traceback_later(LIMIT_S, exit=True)
        try:
            return (yield)
        finally:
            faulthandler.cancel_dump_traceback_later()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """The first failure is enough."""
        if report.failed and self.told is not None:
            os.write(self.told, report.nodeid.encode()[:4000])
            os._exit(1)


def _result(pid: int, told: int) -> str | None:
    """What noticed the mutant of a fork: a test, or the way the process ended; None when nothing did."""
    with os.fdopen(told, "rb") as pipe:
        test = pipe.read().decode()
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if status == 0:
        return None
    if status < 0:
        return f"signal {signal.Signals(-status).name}"
    return test or "a test without end"
