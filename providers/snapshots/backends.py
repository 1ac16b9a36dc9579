"""Where bundles come from: the protocol of backends, what their answers mean, one that opens a client for each load."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from inspect import isawaitable
from typing import Any, NamedTuple, Protocol

from abml.errors import AbmlError

from .collectors import CollectFault, ResourceMissing
from .models import ArchiveFault, BundleKind, ResourceArchive, ResourceBundle, SnapshotEntry, SourceFailure
from .nesting import bundle_of
from .timing import drive
from .wire import bundle_from_data

Answer = ResourceBundle | ResourceArchive | Mapping[str, Any] | None


class Backend(Protocol):
    """Gives complete bundles; implemented by the host, or `api.LocalBackend`.

    A backend that can load several at once also has
    `load_many(kind, resource_type, resource_ids) -> Mapping[str, Answer] | Awaitable of it`;
    ids that are not in its answer do not exist.
    """

    def load(self, kind: BundleKind, resource_type: str, resource_id: str) -> Answer | Awaitable[Answer]:
        """Everything there is of a resource, newly asked for.

        Returns:
            A bundle, a nested archive, or the plain data of a bundle (`wire.bundle_from_data`);
            None when there is no such resource.

        Raises:
            ResourceMissing: there is no such resource.
            TimeoutError: it took too long.
            Exception: anything else: it cannot be had now.
        """
        ...


class Outcome(NamedTuple):
    """What a load came to: a bundle, or why there is none.

    Attributes:
        kind: `not_found unavailable timeout decode_error`; None with a bundle.
    """

    bundle: ResourceBundle | None
    kind: str | None = None
    message: str = ""


def outcome_of(answer: object, kind: BundleKind, resource_type: str, resource_id: str) -> Outcome:
    """The outcome of what a backend gave: an answer, or an exception it raised."""
    if isinstance(answer, BaseException):
        return _outcome_of_error(answer, resource_type, resource_id)
    try:
        if answer is None:
            return Outcome(None, "not_found", f"there is no {resource_type} '{resource_id}'")
        if isinstance(answer, Mapping):
            answer = bundle_from_data(answer)
        elif not isinstance(answer, ResourceBundle) and isinstance(answer, ResourceArchive):
            answer = bundle_of(answer)
        if not isinstance(answer, ResourceBundle):
            raise ArchiveFault(f"{type(answer).__name__} is no bundle")
        _check(answer, kind, resource_type, resource_id)
    except Exception as error:
        # Archives are objects of the host, whose properties may raise anything.
        return Outcome(None, "decode_error", f"the answer cannot be read: {str(error)[:200]}")
    return Outcome(answer)


def _check(bundle: ResourceBundle, kind: str, resource_type: str, resource_id: str) -> None:
    if (bundle.resource_type, bundle.resource_id) != (resource_type, resource_id):
        raise ArchiveFault(f"it is of {bundle.resource_type} '{bundle.resource_id}'")
    if bundle.kind != kind:
        raise ArchiveFault(f"it is of kind {bundle.kind!r}")
    if not isinstance(bundle.entries, tuple) or not all(isinstance(one, SnapshotEntry) for one in bundle.entries):
        raise ArchiveFault("its entries are no entries")
    if not all(isinstance(one.source_type, str) for one in bundle.entries):
        raise ArchiveFault("an entry has no source type")
    if not all(isinstance(one, SourceFailure) for one in bundle.failures):
        raise ArchiveFault("its failures are no failures")


def _outcome_of_error(error: BaseException, resource_type: str, resource_id: str) -> Outcome:
    if isinstance(error, ResourceMissing):
        return Outcome(None, "not_found", f"there is no {resource_type} '{resource_id}'")
    if isinstance(error, CollectFault):
        return Outcome(None, error.kind, error.message)
    if isinstance(error, TimeoutError):
        return Outcome(None, "timeout", f"{resource_type} '{resource_id}' took too long")
    text = str(error) if isinstance(error, AbmlError) else f"{type(error).__name__}: {error}"
    return Outcome(None, "unavailable", f"{resource_type} '{resource_id}' cannot be had: {text[:200]}")


class ScopedBackend:
    """Opens a client for each load and closes it after it, so that nothing holds one (runtime 5, scope factories).

    Args:
        open_client: makes a context manager, plain or asynchronous, that gives a `Backend`.
        is_bulk: the clients have `load_many`.
    """

    def __init__(self, open_client: Callable[[], Any], *, is_bulk: bool = False) -> None:
        self._open = open_client
        if is_bulk:
            self.load_many = self._load_many

    def load(self, kind: BundleKind, resource_type: str, resource_id: str) -> Any:
        return self._within(lambda client: client.load(kind, resource_type, resource_id))

    def _load_many(self, kind: BundleKind, resource_type: str, resource_ids: Sequence[str]) -> Any:
        return self._within(lambda client: client.load_many(kind, resource_type, resource_ids))

    def _within(self, work: Callable[[Any], Any]) -> Any:
        scope = self._open()
        if hasattr(scope, "__aenter__"):
            return _scoped(scope, work)
        return drive(_steps(scope, work))


def _steps(scope: Any, work: Callable[[Any], Any]) -> Generator[Any, Any, Any]:
    with scope as client:
        return (yield work(client))


async def _scoped(scope: Any, work: Callable[[Any], Any]) -> Any:
    async with scope as client:
        found = work(client)
        return await found if isawaitable(found) else found
