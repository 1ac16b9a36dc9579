"""Speed of the front end: the start of `abmlc`, and a long document to bytecode, phase by phase. Reports only.

    python bench/bench_front_end.py [ROUNDS]

Both figures are put beside a measure taken in the same minute (the start of
the bare interpreter, a fixed loop of plain Python), so that a busy machine
shows: compare ratios, and times only when the loop took the same time.
"""

from __future__ import annotations

import gc
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

LINES = 2_000
SMALL = Path(__file__).resolve().parents[1] / "examples/01_first_flow/first_flow.abml.yml"

HEAD = """\
version: "3.0"
metadata: { id: harbor }
context:
  variables:
    tide: { type: float, default: 0.5 }
    fog: { type: float, default: 0.0 }
    signal: { type: string, default: green }
    boats: { type: list, default: [] }
flows:
  main:
    - call: pier_0
"""
PIER = """\
  pier_{n}:
    - cond:
        - when: "${{tide < 0.{a} && fog > 0.3}}"
          then:
            - set: {{ signal: "amber" }}
            - emit_intent:
                channel: attention
                action: watch_water
                urgency: "${{0.4 + fog * 0.{b}}}"
        - else:
            - log: "pier {n}: tide ${{tide}} fog ${{round(fog, 2)}}"
    - for_each:
        variable: boat
        collection: "${{boats.filter(b => b.moored)}}"
        do:
          - hail: {{ target: "${{boat.id}}", tone: "${{signal}}" }}
    - increment: {{ variable: fog, by: 0.1 }}
    - goto: {next}
"""
TAIL = "  done:\n    - log: quiet\n"


def document(lines: int = LINES) -> str:
    """A document of about this many lines: flows with conditions, loops, texts, intents and actions."""
    count = (lines - HEAD.count("\n") - TAIL.count("\n")) // PIER.count("\n")
    piers = [
        PIER.format(n=n, a=n % 9 + 1, b=n % 7 + 1, next=f"pier_{n + 1}" if n + 1 < count else "done")
        for n in range(count)
    ]
    return HEAD + "".join(piers) + TAIL


def loop_ms() -> float:
    """Milliseconds of a fixed loop of plain Python."""
    begin = time.perf_counter()
    table: dict[int, Any] = {}
    for i in range(20_000):
        table[i & 255] = (i, table.get(i & 127)) if i & 3 else None
    return (time.perf_counter() - begin) * 1e3


def phases(text: str) -> dict[str, float]:
    """Milliseconds of each phase of one compilation, and of `abml.compile` as a whole."""
    import abml
    from abml.compiler.bytecode.verify import verify
    from abml.compiler.check import check
    from abml.compiler.emit import emit
    from abml.compiler.ir.program import lower
    from abml.compiler.pipeline import optimize
    from abml.diagnostics import Reporter
    from abml.environment import Environment, Limits
    from abml.loader import load
    from abml.source import Source
    from abml.syntax import cst

    took: dict[str, float] = {"(loop)": loop_ms()}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        begin = time.perf_counter()
        result = work()
        took[name] = (time.perf_counter() - begin) * 1e3
        return result

    source = Source(text)
    reporter = Reporter(source)
    gc.collect()
    # As `abml.compile` does.
    gc.disable()
    timed("yaml", lambda: cst.read(source, Reporter(source), Limits()))
    loaded: Any = timed("parse, with yaml", lambda: load(source, reporter))
    model = timed("check", lambda: check(loaded, Environment(), reporter))
    ir = timed("lower", lambda: lower(model))
    timed("passes", lambda: optimize(ir))
    program = timed("emit", lambda: emit(ir))
    timed("verify", lambda: verify(program))
    timed("to_bytes", program.to_bytes)
    gc.enable()
    timed("abml.compile", lambda: abml.compile(text))
    return took


def cpu_ms(command: list[str]) -> float:
    """Processor time of a process, in milliseconds; waiting does not count."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e3


def report(name: str, values: list[float], unit: str = "ms") -> None:
    low, middle = min(values), statistics.median(values)
    deciles = statistics.quantiles(values, n=10)
    print(f"  {name:<22} best {low:7.2f}  median {middle:7.2f} {unit}  80% within {deciles[0]:.2f}..{deciles[8]:.2f}")


def starts(rounds: int) -> None:
    """The start of processes, taken in turn so that all see the same machine."""
    script = Path(sys.executable).with_name("abmlc")
    abmlc = [os.fspath(script)] if script.exists() else [sys.executable, "-m", "abml"]
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "abmlc --help": [*abmlc, "--help"],
        "abmlc check FILE": [*abmlc, "check", os.fspath(SMALL)],
    }
    took: dict[str, list[float]] = {name: [] for name in commands}
    for command in commands.values():
        cpu_ms(command)
    for _ in range(rounds):
        for name, command in commands.items():
            took[name].append(cpu_ms(command))
    print("whole processes, processor time:")
    for name, values in took.items():
        report(name, values)
    bare = took["python -c pass"]
    for name in list(commands)[1:]:
        report(f"{name} / bare", [a / b for a, b in zip(took[name], bare, strict=True)], "x ")


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    # Compiled modules are what an installed abmlc starts from.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    starts(rounds)
    text = document()
    took = [phases(text) for _ in range(rounds + 2)][2:]
    print(f"a document of {len(text.splitlines())} lines to bytecode:")
    for name in took[0]:
        report(name, [one[name] for one in took])


if __name__ == "__main__":
    main()
