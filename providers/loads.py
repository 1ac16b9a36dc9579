"""One load of a provider: the client it needs is opened before and closed after it, whatever happens."""

from __future__ import annotations

import inspect
from typing import Any

from abml.vm.binding import BindingKey

from .base import FactorySpec, as_provider


def load(spec: FactorySpec, binding: BindingKey, entry: Any = None) -> Any:
    """The provider of a key, or an awaitable of it.

    Raises:
        Exception: whatever the factory or the scope raises.
    """
    if spec.scope is None:
        return _finished(spec, binding, _make(spec, binding))
    opened = spec.scope()
    if hasattr(opened, "__aenter__"):
        return _within_async(spec, binding, opened)
    manager = opened.__enter__()
    try:
        made = _make(spec, binding, manager)
        if not inspect.isawaitable(made):
            found = as_provider_of(spec, binding, made)
    except BaseException as error:
        if not opened.__exit__(type(error), error, error.__traceback__):
            raise
        return None
    if inspect.isawaitable(made):
        return _within(spec, binding, opened, made)
    opened.__exit__(None, None, None)
    return found


def _make(spec: FactorySpec, binding: BindingKey, *client: Any) -> Any:
    if spec.is_columnar:
        return spec.factory.columns([binding], *client)
    return spec.factory.create(binding, *client)


def as_provider_of(spec: FactorySpec, binding: BindingKey, made: Any) -> Any:
    """A provider of what a factory gave; columns of one row become one over their values."""
    if spec.is_columnar:
        from .columns import row_provider

        return row_provider(spec, made)
    return as_provider(spec.namespace, made)


def _finished(spec: FactorySpec, binding: BindingKey, made: Any) -> Any:
    return _later(spec, binding, made) if inspect.isawaitable(made) else as_provider_of(spec, binding, made)


async def _later(spec: FactorySpec, binding: BindingKey, made: Any) -> Any:
    return as_provider_of(spec, binding, await made)


async def _within(spec: FactorySpec, binding: BindingKey, opened: Any, made: Any) -> Any:
    """Wait for a factory, then close the client that it was given."""
    try:
        found = as_provider_of(spec, binding, await made)
    except BaseException as error:
        if not opened.__exit__(type(error), error, error.__traceback__):
            raise
        return None
    opened.__exit__(None, None, None)
    return found


async def _within_async(spec: FactorySpec, binding: BindingKey, opened: Any) -> Any:
    async with opened as client:
        made = _make(spec, binding, client)
        return as_provider_of(spec, binding, await made if inspect.isawaitable(made) else made)
