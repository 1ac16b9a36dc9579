"""Coroutines of several fibers: each goes on until its own time is over, whatever the others wait for."""

from __future__ import annotations

import asyncio
from typing import Any

import abml
from abml.result import RunResult

HEAD = 'version: "3.0"\nmetadata: {id: kiln}\n'


def run(body: str, **options: Any) -> RunResult:
    return abml.run(HEAD + body, **options)


def texts(result: RunResult) -> list[str]:
    return [record.message for record in result.logs]


async def fire(action: Any, context: Any) -> str:
    await asyncio.sleep(0.1)
    return "fired"


async def glaze(action: Any, context: Any) -> str:
    await asyncio.sleep(30)
    return "glazed"


def test_a_wait_of_another_channel_does_not_end_an_awaited_action() -> None:
    result = run(
        """
channels:
  oven: [{fire: {}, await: true, into: pot}, {log: "pot ${pot}"}]
  clock: [{wait: 0.02s}, {log: rung}]
""",
        handlers={"fire": fire},
    )
    assert (result.status, texts(result)) == ("completed", ["rung", "pot fired"])


def test_a_timeout_of_another_channel_does_not_end_an_awaited_action() -> None:
    body = """
channels:
  oven: [{fire: {}, await: true, into: pot}, {log: "pot ${pot}"}]
  bench: [{glaze: {}, await: true, timeout: 0.02s, on_timeout: [{log: late}]}, {log: on}]
"""
    result = run(body, handlers={"fire": fire, "glaze": glaze})
    assert (result.status, texts(result)) == ("completed", ["late", "on", "pot fired"])

    async def inside() -> RunResult:
        return run(body, handlers={"fire": fire, "glaze": glaze})

    assert texts(asyncio.run(inside())) == ["late", "on", "pot fired"]


def test_the_first_answer_wakes_its_channel() -> None:
    result = run(
        """
channels:
  bench: [{glaze: {until: "@oven.hot"}}, {log: cooled}]
  oven: [{fire: {}, await: true}, {emit: hot}]
""",
        handlers={"fire": fire, "glaze": glaze},
    )
    assert (result.status, texts(result)) == ("completed", ["cooled"])


def test_what_a_suspended_run_awaited_is_cancelled_with_it() -> None:
    ended: list[str] = []

    class Still:
        def now_us(self) -> int:
            return 0

    async def hold(action: Any, context: Any) -> None:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            ended.append(action.name)
            raise

    result = run("flows: {main: [{hold: {}, await: true, timeout: 0.02s}]}", handlers={"hold": hold}, clock=Still())
    assert (result.status, result.reason, ended) == ("suspended", "await hold", ["hold"])


def test_forgotten_coroutines_end_before_the_result_is_there() -> None:
    result = run('flows: {main: [{fire: {}, into: pot}, {return: "${pot}"}]}', handlers={"fire": fire})
    assert (result.status, result.value) == ("completed", None)
