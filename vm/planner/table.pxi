# Goal tables: planning for many worlds once every state of a small problem has its best action.


cdef class TableCore:
    """The best action of every state of a problem over bits, at most 16 of them.

    Attributes:
        core: the problem.
        states: their number.
    """

    cdef goal_table table
    cdef readonly MaskCore core
    cdef readonly int states

    def __cinit__(self):
        memset(&self.table, 0, sizeof(goal_table))

    def __init__(self, MaskCore core, costs):
        """
        Args:
            costs: of every action, at least 0.
        """
        cdef double *cost
        cdef int is_built
        if core.bits > TABLE_MOST_BITS:
            raise ValueError("a goal table has at most 16 bits")
        self.core = core
        cost = _doubles(costs, core.actions)
        with nogil:
            is_built = table_build(&self.table, &core.problem, cost, core.actions)
        free(cost)
        if not is_built:
            raise MemoryError
        self.states = self.table.states

    def __dealloc__(self):
        table_free(&self.table)

    def cost(self, uint32_t state):
        """Cost of the cheapest way from a state; infinite when there is none."""
        if state >= self.table.states:
            raise IndexError(state)
        return self.table.cost[state]

    def steps(self, uint32_t state):
        """Actions of the best way from a state; None when there is none."""
        if state >= self.table.states:
            raise IndexError(state)
        if self.table.cost[state] == INFINITY:
            return None
        cdef bytearray found = bytearray(self.table.steps[state])
        table_follow(&self.table, &self.core.problem, state, found, self.table.steps[state])
        return list(found)

    def follow_many(self, starts, int width):
        """The best ways from many states.

        Args:
            starts: numbers of states: a buffer of uint64.
            width: most steps of a way.

        Returns:
            (lengths, costs, steps): an int32 and a double for each state and `width`
            bytes of actions; the length is -1 where there is no way so short.
        """
        cdef const uint64_t[::1] worlds = starts
        cdef Py_ssize_t count = worlds.shape[0], i
        if width < 0 or width > 4096:
            raise ValueError("a way has at most 4096 steps here")
        lengths, costs = array("i", bytes(4 * count)), array("d", bytes(8 * count))
        cdef int32_t[::1] length_of = lengths
        cdef double[::1] cost_of = costs
        cdef bytearray steps = bytearray(count * width + 1)
        cdef uint8_t *out = steps
        for i in range(count):
            if worlds[i] >= self.table.states:
                raise IndexError(worlds[i])
        with nogil:
            for i in range(count):
                length_of[i] = table_follow(
                    &self.table, &self.core.problem, worlds[i], out + i * width, <uint32_t> width
                )
                cost_of[i] = self.table.cost[worlds[i]] if length_of[i] >= 0 else INFINITY
        return lengths, costs, steps
