"""One load of provider data: the client it needs is opened before and closed after it, whatever happens."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from abml.vm.binding import BindingKey

from .base import FactorySpec, as_provider

Call = Callable[..., Any]
Finish = Callable[[Any], Any]


def load(spec: FactorySpec, binding: BindingKey) -> Any:
    """The provider of a key, or an awaitable of it.

    Raises:
        Exception: whatever the factory or the scope raises.
    """
    if spec.is_columnar:
        from .columns import row_provider

        return perform(
            spec,
            lambda *client: spec.factory.columns([binding], *client),
            lambda made: row_provider(spec, made),
        )
    return perform(
        spec,
        lambda *client: spec.factory.create(binding, *client),
        lambda made: as_provider(spec.namespace, made),
    )


def perform(spec: FactorySpec, call: Call, finish: Finish) -> Any:
    """What `finish` makes of what `call` gives, or an awaitable of it.

    Args:
        call: gets the client when the factory was registered with a scope.
    """
    if spec.scope is None:
        made = call()
        return _later(made, finish) if inspect.isawaitable(made) else finish(made)
    opened = spec.scope()
    if hasattr(opened, "__aenter__"):
        return _within_async(opened, call, finish)
    with _Handed(opened) as handed:
        made = call(handed.client)
        if inspect.isawaitable(made):
            # The coroutine closes the client when it has its answer.
            return handed.over(made, finish)
        return finish(made)


class _Handed:
    """A client that is closed at the end of the block, or later by the coroutine that it was handed over to."""

    def __init__(self, opened: Any) -> None:
        self.opened = opened
        self.client: Any = None
        self._is_over = False

    def __enter__(self) -> _Handed:
        self.client = self.opened.__enter__()
        return self

    def __exit__(self, *error: Any) -> Any:
        return False if self._is_over else self.opened.__exit__(*error)

    def over(self, made: Any, finish: Finish) -> Any:
        self._is_over = True
        return _closing(self.opened, made, finish)


async def _later(made: Any, finish: Finish) -> Any:
    return finish(await made)


async def _closing(opened: Any, made: Any, finish: Finish) -> Any:
    try:
        found = finish(await made)
    except BaseException as error:
        opened.__exit__(type(error), error, error.__traceback__)
        raise
    opened.__exit__(None, None, None)
    return found


async def _within_async(opened: Any, call: Call, finish: Finish) -> Any:
    async with opened as client:
        made = call(client)
        return finish(await made if inspect.isawaitable(made) else made)
