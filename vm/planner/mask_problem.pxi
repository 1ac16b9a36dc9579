# Problems whose facts take few values each: worlds of at most 64 bits.


cdef class MaskCore:
    """The tables of a problem over bits.

    Attributes:
        keys: the fact of every slot.
        actions: their number, at most 63.
        bits: of a state.
    """

    cdef mask_problem problem
    cdef readonly tuple keys
    cdef readonly int actions, bits
    # By slot: codes of bools, codes of other values, shift, (conditions, code of what they say) for unlisted values.
    cdef list by_bool, by_value, shifts, conditions, unlisted, billionths
    # By condition of the goal: slot, condition, distances by code.
    cdef list goal_slots, goal_conditions, goal_distances
    cdef bint has_numeric_goal

    def __cinit__(self):
        memset(&self.problem, 0, sizeof(mask_problem))

    def __init__(self, layout):
        """
        Args:
            layout: a `problem.MaskLayout`.
        """
        cdef int count = len(layout.keys), b, value, i, slot, width, code, offset
        cdef uint64_t allow, change
        self.keys = layout.keys
        self.actions = layout.actions
        self.bits = layout.bits
        self.by_bool, self.by_value = layout.by_bool, layout.by_value
        self.shifts, self.conditions, self.unlisted = layout.shifts, layout.conditions, layout.unlisted
        self.billionths = layout.billionths
        self.goal_slots = [slot for slot, _ in layout.goal]
        self.goal_conditions = [condition for _, condition in layout.goal]
        self.goal_distances = layout.goal_distances
        self.has_numeric_goal = any(condition.is_numeric for condition in self.goal_conditions)
        cdef mask_problem *problem = &self.problem
        problem.bits = layout.bits
        problem.bytes = max(1, (layout.bits + 7) // 8)
        problem.goals = len(layout.goal)
        problem.allow = <uint64_t *> malloc((problem.bytes + 1) * 256 * sizeof(uint64_t))
        problem.change = <uint64_t *> malloc((problem.bytes + 1) * 256 * sizeof(uint64_t))
        problem.shift = <uint8_t *> malloc(problem.goals + 1)
        problem.mask = <uint8_t *> malloc(problem.goals + 1)
        if problem.allow == NULL or problem.change == NULL or problem.shift == NULL or problem.mask == NULL:
            raise MemoryError
        for i in range(problem.bytes * 256):
            problem.allow[i] = ~<uint64_t> 0
            problem.change[i] = 0
        for slot in range(count):
            b, offset, width = layout.shifts[slot] // 8, layout.shifts[slot] % 8, layout.widths[slot]
            codes = layout.allows[slot]
            for value in range(256):
                code = (value >> offset) & ((1 << width) - 1)
                # A number that stands for no value is in no state that a search meets.
                allow = codes[code] if code < len(codes) else 0
                change = layout.changes[slot][code] if code < len(codes) else 0
                problem.allow[b * 256 + value] &= allow
                problem.change[b * 256 + value] |= change
        for i in range(self.actions):
            problem.keep[i] = layout.keeps[i]
            problem.put[i] = layout.puts[i]
            problem.moves_goal[i] = layout.moves_goal[i]
        for i in range(problem.goals):
            slot = self.goal_slots[i]
            problem.shift[i] = layout.shifts[slot]
            problem.mask[i] = (1 << <int> layout.widths[slot]) - 1

    def __dealloc__(self):
        free(self.problem.allow)
        free(self.problem.change)
        free(self.problem.shift)
        free(self.problem.mask)

    def encode(self, dict facts):
        """The number of a world; None when it has a value this layout does not list."""
        cdef uint64_t state = 0
        cdef Py_ssize_t slot
        for slot in range(len(self.keys)):
            value = facts.get(self.keys[slot])
            code = (<dict> (self.by_bool if type(value) is bool else self.by_value)[slot]).get(value)
            if code is None:
                if type(value) is float and self.billionths[slot] and self.is_twin(slot, value):
                    return None
                code = (<dict> self.unlisted[slot]).get(self.outcomes(slot, value))
                if code is None:
                    return None
            state |= <uint64_t> code << <int> self.shifts[slot]
        return state

    cdef bint is_twin(self, Py_ssize_t slot, double value):
        return abs(value) < 9e6 and round(value * 1e9) in <set> self.billionths[slot]

    def has_twin(self, dict facts):
        """Whether a number of a world is the same fact as one that an action sets, and not the same double."""
        cdef Py_ssize_t slot
        for slot in range(len(self.keys)):
            value = facts.get(self.keys[slot])
            if type(value) is float and (<dict> self.by_value[slot]).get(value) is None and self.is_twin(slot, value):
                return True
        return False

    def outcomes(self, Py_ssize_t slot, value):
        """Which conditions on a slot hold for a value: what a value that is not listed is told apart by."""
        return tuple([condition.satisfied(value) for condition in self.conditions[slot]])

    def encode_class(self, dict facts):
        """As `encode`, but a value that is not listed may stand for a listed one of the same conditions."""
        cdef uint64_t state = 0
        cdef Py_ssize_t slot
        for slot in range(len(self.keys)):
            value = facts.get(self.keys[slot])
            code = (<dict> self.unlisted[slot]).get(self.outcomes(slot, value))
            if code is None:
                return None
            state |= <uint64_t> code << <int> self.shifts[slot]
        return state

    def is_goal(self, uint64_t state):
        """Whether the goal holds."""
        return mask_choices(&self.problem, state) & MASK_GOAL != 0

    def has_own_number(self, dict facts):
        """Whether the goal compares a number of the world that no action sets: its distance is its own."""
        return any(self.is_own_number(c, facts) for c in range(len(self.goal_slots)))

    cdef bint is_own_number(self, Py_ssize_t c, dict facts):
        if not self.has_numeric_goal or not self.goal_conditions[c].is_numeric:
            return False
        slot = self.goal_slots[c]
        value = facts.get(self.keys[slot])
        return (<dict> (self.by_bool if type(value) is bool else self.by_value)[slot]).get(value) is None

    cdef double *estimates(self, dict facts, str heuristic, by_cost) except NULL:
        """What each condition of the goal adds to the estimate, by the code of its slot; the caller frees it."""
        cdef Py_ssize_t c, code, goals = self.problem.goals
        cdef double *found = <double *> calloc(goals * 256 + 1, sizeof(double))
        cdef bint is_scaled = heuristic == "scaled"
        if found == NULL:
            raise MemoryError
        try:
            for c in range(goals):
                distances = <list> self.goal_distances[c]
                # Every effect here sets, so that no gap closes gradually.
                for code in range(len(distances)):
                    found[c * 256 + code] = by_cost[c] if is_scaled and distances[code] else distances[code]
                if not is_scaled and facts is not None and self.is_own_number(c, facts):
                    slot = self.goal_slots[c]
                    value = facts.get(self.keys[slot])
                    code = (<dict> self.unlisted[slot])[self.outcomes(slot, value)]
                    found[c * 256 + code] = self.goal_conditions[c].distance(value)
        except BaseException:
            free(found)
            raise
        return found

    def search(self, dict facts, uint64_t start, costs, by_cost, rate, options, str heuristic, clock, cancelled):
        """Search from a world.

        Args:
            facts: of the world, for the distances of its own numbers.
            start: the world as `encode` gives it.
            costs: of every action, at least 0.
            by_cost: for each condition of the goal the least cost of an action on its fact.
            rate: not used here; the same for `CellCore`.
            heuristic: `distance_sum`, `scaled` or `zero`.
            clock: has `now_us()`; None is no time limit.
            cancelled: asked between two slices whether to end; None is never.
        """
        cdef _Memory memory = _take_memory()
        cdef double *cost = NULL
        cdef double *estimates = NULL
        try:
            cost = _doubles(costs, self.actions)
            estimates = self.estimates(facts, heuristic, by_cost)
            _limit(&memory.run, options, heuristic)
            status = self.run_search(memory, start, cost, estimates, _Watch(clock, cancelled, options))
            return _outcome(&memory.run, status)
        finally:
            free(cost)
            free(estimates)
            _give_memory(memory)

    cdef int run_search(
        self, _Memory memory, uint64_t start, double *cost, double *estimates, _Watch watch
    ) except -1:
        cdef mask_search search
        cdef int status = PLAN_RUNNING, verdict, is_whole = 1
        cdef double most_f = 0, most_h = 0
        search.problem, search.costs, search.estimates = &self.problem, cost, estimates
        self.bound(&memory.run, cost, estimates, &is_whole, &most_f, &most_h)
        if not mask_start(&search, &memory.run, start, is_whole, most_f, most_h):
            raise MemoryError
        while status == PLAN_RUNNING:
            verdict = watch.verdict()
            if verdict:
                return verdict
            with nogil:
                status = mask_step(&search, &memory.run, SLICE)
        return status

    cdef void bound(
        self, plan_run *run, const double *cost, const double *estimates, int *is_whole, double *most_f, double *most_h
    ) noexcept:
        """Whether every cost and estimate is a whole number, and bounds of f and h."""
        cdef Py_ssize_t i, c
        cdef double dearest = 0, most, one
        most_h[0] = 0
        for i in range(self.actions):
            if cost[i] != floor(cost[i]):
                is_whole[0] = 0
            dearest = max(dearest, cost[i])
        if run.heuristic != PLAN_ZERO and run.weight != 0:
            for c in range(self.problem.goals):
                most = 0
                for i in range(<int> self.problem.mask[c] + 1):
                    one = estimates[c * 256 + i] * run.weight
                    if one != floor(one):
                        is_whole[0] = 0
                    most = max(most, one)
                most_h[0] += most
        most_f[0] = dearest * run.max_depth + most_h[0]

    def search_many(self, starts, costs, by_cost, options, str heuristic):
        """Search from many worlds without a clock.

        Args:
            starts: numbers of worlds, as `encode` gives them: a buffer of uint64.

        Returns:
            (statuses, costs, nodes, lengths, steps): a byte, a double, an int64 and an
            int32 for each world, and one byte for each step, one plan after the other.
        """
        cdef const uint64_t[::1] worlds = starts
        cdef Py_ssize_t count = worlds.shape[0], i
        cdef _Memory memory = _take_memory()
        cdef double *cost = NULL
        cdef double *estimates = NULL
        cdef mask_search search
        cdef int status = PLAN_RUNNING, is_whole = 1
        cdef uint32_t index, length, k, room = 0, used = 0
        cdef double most_f = 0, most_h = 0
        statuses, totals = bytearray(count), array("d", bytes(8 * count))
        nodes, lengths = array("q", bytes(8 * count)), array("i", bytes(4 * count))
        cdef uint8_t[::1] status_of = statuses
        cdef double[::1] total_of = totals
        cdef int64_t[::1] nodes_of = nodes
        cdef int32_t[::1] length_of = lengths
        cdef list parts = []
        cdef bytearray steps = bytearray(4096)
        cdef uint8_t *out = steps
        room = 4096
        try:
            cost = _doubles(costs, self.actions)
            estimates = self.estimates(None, heuristic, by_cost)
            _limit(&memory.run, options, heuristic)
            search.problem, search.costs, search.estimates = &self.problem, cost, estimates
            self.bound(&memory.run, cost, estimates, &is_whole, &most_f, &most_h)
            for i in range(count):
                if not i & 63:
                    PyErr_CheckSignals()
                with nogil:
                    if not mask_start(&search, &memory.run, worlds[i], is_whole, most_f, most_h):
                        status = PLAN_NO_MEMORY
                    else:
                        status = mask_step(&search, &memory.run, 0x7fffffff)
                    nodes_of[i] = memory.run.expanded
                    if status == PLAN_FOUND:
                        length = plan_at(&memory.run, memory.run.goal).depth
                        total_of[i] = plan_at(&memory.run, memory.run.goal).g
                status_of[i] = PLAN_NODE_LIMIT if status == PLAN_NO_MEMORY else status
                if status != PLAN_FOUND:
                    length_of[i] = -1
                    continue
                length_of[i] = <int32_t> length
                if used + length > room:
                    parts.append(bytes(steps[:used]))
                    used = 0
                    if length > room:
                        room = length
                        steps = bytearray(room)
                        out = steps
                index = memory.run.goal
                for k in range(length):
                    out[used + length - 1 - k] = <uint8_t> plan_at(&memory.run, index).action
                    index = plan_at(&memory.run, index).parent
                used += length
            parts.append(bytes(steps[:used]))
            return statuses, totals, nodes, lengths, b"".join(parts)
        finally:
            free(cost)
            free(estimates)
            _give_memory(memory)
