"""Nearest known name for a misspelled one."""

from __future__ import annotations

from collections.abc import Iterable

# Names longer than this are compared for equality of their prefix only: the
# distance costs the product of the lengths, and no author types such a name.
_LONGEST = 64


def distance(a: str, b: str, limit: int) -> int:
    """Edit distance of two texts (insert, delete, replace, swap of neighbours), or limit + 1 when it is larger."""
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    if a == b:
        return 0
    before: list[int] = []
    previous = list(range(len(b) + 1))
    beyond = [limit + 1] * (len(b) + 1)
    for row, x in enumerate(a, 1):
        # Cells farther than the limit from the diagonal are larger than it.
        current = beyond.copy()
        current[0] = best = row
        for column in range(max(1, row - limit), min(len(b), row + limit) + 1):
            y = b[column - 1]
            if x == y:
                cost = previous[column - 1]
            else:
                cost = 1 + min(previous[column - 1], previous[column], current[column - 1])
                if row > 1 and column > 1 and x == b[column - 2] and a[row - 2] == y:
                    cost = min(cost, 1 + before[column - 2])
            current[column] = cost
            if cost < best:
                best = cost
        # Two rows, because a swap reaches back past the last one.
        if best > limit and min(previous) > limit:
            return limit + 1
        before, previous = previous, current
    return min(previous[-1], limit + 1)


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate an author most likely meant by `name`, or None.

    A candidate counts when it differs only in letter case, when its edit
    distance is at most 2 (at most 1 for names of up to 3 letters), or when one
    of the two begins with the other and the shorter has at least 3 letters.
    Smaller distance wins, then the earlier in alphabetical order, so the answer
    does not depend on the order of the candidates.
    """
    if not name or len(name) > _LONGEST:
        return None
    folded = name.casefold()
    limit = 1 if len(name) <= 3 else 2
    best: tuple[int, str] | None = None
    for candidate in candidates:
        if candidate == name or not candidate or len(candidate) > _LONGEST:
            continue
        other = candidate.casefold()
        if other == folded:
            rank = 0
        else:
            rank = distance(folded, other, limit)
            if rank > limit:
                short, long = (folded, other) if len(folded) < len(other) else (other, folded)
                if len(short) < 3 or not long.startswith(short):
                    continue
                # A shared beginning is a weaker sign than a small distance.
                rank = limit + 1 + len(long) - len(short)
        if best is None or (rank, candidate) < best:
            best = (rank, candidate)
    return None if best is None else best[1]
