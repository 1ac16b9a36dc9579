# cython: language_level=3, boundscheck=True, wraparound=False, cdivision=True, initializedcheck=False
"""The compiled search: problems over bits, problems over numbers, and goal tables (runtime 4.4).

`problem.py` decides the form of a problem and lays it out; here are the tables of
each form, the reading of worlds into them, and the slices in which a search runs.
Objects are immutable after they are made, except for the memory of searches, which
is taken from a list and given back; so threads may search one problem at once.
"""

from cpython.exc cimport PyErr_CheckSignals
from libc.math cimport INFINITY, floor
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memset

from array import array

from abml.vm.planner.literals import number_of

include "declarations.pxi"

# Pops between two looks at the clock, at the wish to cancel and at signals.
cdef int SLICE = 128
# A search that needed more memory than this gives it back at once.
cdef size_t MOST_KEPT_BYTES = 8 << 20
cdef int MOST_KEPT = 16

FOUND = PLAN_FOUND
EXHAUSTED = PLAN_EXHAUSTED
NODE_LIMIT = PLAN_NODE_LIMIT
TIMEOUT = 100
CANCELLED = 101

_HEURISTICS = {"distance_sum": PLAN_DISTANCE_SUM, "scaled": PLAN_SCALED, "zero": PLAN_ZERO}


cdef class Outcome:
    """What a search came to.

    Attributes:
        status: `FOUND`, `EXHAUSTED`, `NODE_LIMIT`, `TIMEOUT` or `CANCELLED`.
        steps: places of the actions of the plan; empty when there is none.
        cost: sum of their costs.
        nodes: states looked at.
        best_h: estimate of the state nearest to the goal.
        nearest: places of the actions that lead to it.
        was_cut: whether the limit of depth kept states from being expanded.
    """

    cdef readonly int status
    cdef readonly list steps
    cdef readonly double cost
    cdef readonly int64_t nodes
    cdef readonly double best_h
    cdef readonly list nearest
    cdef readonly bint was_cut


cdef class _Memory:
    """Nodes, queue and table of one search, used again by the next."""

    cdef plan_run run

    def __cinit__(self):
        memset(&self.run, 0, sizeof(plan_run))

    def __dealloc__(self):
        plan_free(&self.run)


cdef list _memories = []


cdef _Memory _take_memory():
    if _memories:
        return <_Memory> _memories.pop()
    return _Memory()


cdef void _give_memory(_Memory memory):
    if memory.run.bytes > MOST_KEPT_BYTES:
        plan_free(&memory.run)
    if len(_memories) < MOST_KEPT:
        _memories.append(memory)


cdef void _limit(plan_run *run, options, str heuristic):
    run.max_nodes = options.max_nodes
    run.max_depth = options.max_depth
    run.weight = options.heuristic_weight
    run.forbid_repeats = not options.allow_duplicate_actions
    run.heuristic = _HEURISTICS[heuristic]


cdef list _way(plan_run *run, uint32_t index):
    """Actions from the start to a node."""
    cdef list found = []
    cdef plan_step step
    if index == PLAN_NONE:
        return found
    step = plan_step_at(run, index)
    while step.parent != PLAN_NONE:
        found.append(step.action)
        step = plan_step_at(run, step.parent)
    found.reverse()
    return found


cdef Outcome _outcome(plan_run *run, int status):
    cdef Outcome outcome = Outcome.__new__(Outcome)
    # Without memory for more nodes a search ends as at the limit of nodes.
    outcome.status = PLAN_NODE_LIMIT if status == PLAN_NO_MEMORY else status
    outcome.nodes = run.expanded
    outcome.best_h = run.best_h
    outcome.was_cut = run.was_cut
    outcome.cost = 0
    outcome.steps = []
    outcome.nearest = []
    if status == PLAN_FOUND:
        outcome.steps = _way(run, run.goal)
        outcome.cost = plan_step_at(run, run.goal).g
    else:
        outcome.nearest = _way(run, run.nearest)
    return outcome


cdef class _Watch:
    """Says between two slices whether a search has to end."""

    cdef object clock, cancelled
    cdef int64_t start, allowed
    cdef bint is_timed

    def __init__(self, clock, cancelled, options):
        self.cancelled = cancelled
        self.is_timed = clock is not None and not options.deterministic
        self.clock = clock
        if self.is_timed:
            self.start = clock.now_us()
            self.allowed = <int64_t> min(options.timeout_ms * 1000.0, 9e15)

    cdef int verdict(self) except -1:
        """0 to go on, else TIMEOUT or CANCELLED."""
        PyErr_CheckSignals()
        if self.cancelled is not None and self.cancelled():
            return CANCELLED
        if self.is_timed and <int64_t> self.clock.now_us() - self.start > self.allowed:
            return TIMEOUT
        return 0


cdef double *_doubles(values, Py_ssize_t count) except NULL:
    """A copy of so many numbers; the caller frees it."""
    cdef double *copied = <double *> malloc((count + 1) * sizeof(double))
    cdef Py_ssize_t i
    if copied == NULL:
        raise MemoryError
    try:
        for i in range(count):
            copied[i] = values[i]
    except BaseException:
        free(copied)
        raise
    return copied


include "mask_problem.pxi"
include "cell_problem.pxi"
include "table.pxi"
