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
        problem.value = <mask_value *> malloc((problem.bytes + 1) * 256 * sizeof(mask_value))
        problem.shift = <uint8_t *> malloc(problem.goals + 1)
        problem.mask = <uint8_t *> malloc(problem.goals + 1)
        if problem.value == NULL or problem.shift == NULL or problem.mask == NULL:
            raise MemoryError
        for i in range((problem.bytes + 1) * 256):
            problem.value[i].allow = ~<uint64_t> 0
            problem.value[i].change = 0
        for slot in range(count):
            b, offset, width = layout.shifts[slot] // 8, layout.shifts[slot] % 8, layout.widths[slot]
            codes = layout.allows[slot]
            for value in range(256):
                code = (value >> offset) & ((1 << width) - 1)
                # A number that stands for no value is in no state that a search meets.
                allow = codes[code] if code < len(codes) else 0
                change = layout.changes[slot][code] if code < len(codes) else 0
                problem.value[b * 256 + value].allow &= allow
                problem.value[b * 256 + value].change |= change
        for i in range(self.actions):
            problem.keep[i] = layout.keeps[i]
            problem.put[i] = layout.puts[i]
            problem.moves_goal[i] = layout.moves_goal[i]
        for i in range(problem.goals):
            slot = self.goal_slots[i]
            problem.shift[i] = layout.shifts[slot]
            problem.mask[i] = (1 << <int> layout.widths[slot]) - 1

    def __dealloc__(self):
        free(self.problem.value)
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

    cdef _MaskSearch prepared(self, dict facts, costs, by_cost, options, str heuristic):
        cdef _MaskSearch prepared = _MaskSearch()
        prepared.core = self
        prepared.cost = _doubles(costs, self.actions)
        prepared.estimates = self.estimates(facts, heuristic, by_cost)
        prepared.memory = _take_memory()
        _limit(&prepared.memory.run, options, heuristic)
        prepared.prepare()
        return prepared

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
        cdef _Watch watch = _Watch(clock, cancelled, options)
        cdef _MaskSearch prepared = self.prepared(facts, costs, by_cost, options, heuristic)
        cdef int status
        try:
            status = prepared.start(start)
            while status == PLAN_RUNNING:
                status = watch.verdict()
                if status:
                    break
                with nogil:
                    status = prepared.step(SLICE)
            return _outcome(&prepared.memory.run, status)
        finally:
            _give_memory(prepared.memory)

    def search_many(self, starts, costs, by_cost, options, str heuristic):
        """Search from many worlds without a clock.

        Args:
            starts: numbers of worlds, as `encode` gives them: a buffer of uint64.

        Returns:
            (statuses, costs, nodes, lengths, steps): a byte, a double, an int64 and an
            int32 for each world, and one byte for each step, one plan after the other.
        """
        cdef const uint64_t[::1] worlds = starts
        cdef Py_ssize_t count = worlds.shape[0], i, used = 0
        cdef uint32_t length, k
        cdef plan_step step
        cdef int status
        statuses, totals = bytearray(count), array("d", bytes(8 * count))
        nodes, lengths = array("q", bytes(8 * count)), array("i", bytes(4 * count))
        cdef uint8_t[::1] status_of = statuses
        cdef double[::1] total_of = totals
        cdef int64_t[::1] nodes_of = nodes
        cdef int32_t[::1] length_of = lengths
        cdef bytearray steps = bytearray(4096)
        cdef _MaskSearch prepared = self.prepared(None, costs, by_cost, options, heuristic)
        cdef plan_run *run = &prepared.memory.run
        try:
            for i in range(count):
                if not i & 63:
                    PyErr_CheckSignals()
                with nogil:
                    status = prepared.start(worlds[i])
                    if status == PLAN_RUNNING:
                        status = prepared.step(0x7fffffff)
                nodes_of[i] = run.expanded
                status_of[i] = PLAN_NODE_LIMIT if status == PLAN_NO_MEMORY else status
                if status != PLAN_FOUND:
                    length_of[i] = -1
                    continue
                step = plan_step_at(run, run.goal)
                total_of[i] = step.g
                length = step.depth
                length_of[i] = <int32_t> length
                if used + length > len(steps):
                    steps.extend(bytes(len(steps) + length))
                for k in range(length):
                    (<uint8_t *> <char *> steps)[used + length - 1 - k] = <uint8_t> step.action
                    step = plan_step_at(run, step.parent)
                used += length
            return statuses, totals, nodes, lengths, bytes(steps[:used])
        finally:
            _give_memory(prepared.memory)


cdef class _MaskSearch:
    """Costs, estimates and memory of searches in one problem."""

    cdef MaskCore core
    cdef _Memory memory
    cdef mask_search search
    cdef double *cost
    cdef double *estimates
    # The same as whole numbers, where all are.
    cdef whole_way[64] ways
    # By byte of the state and its value: of all conditions of the goal on facts in that byte.
    cdef uint16_t[512] whole_estimates
    cdef bint is_whole
    cdef double most_f, most_h

    def __dealloc__(self):
        free(self.cost)
        free(self.estimates)

    cdef int prepare(self) except -1:
        """Bounds of f and h, and the whole numbers for the fast form."""
        cdef mask_problem *problem = &self.core.problem
        cdef plan_run *run = &self.memory.run
        cdef Py_ssize_t i, c
        cdef double dearest = 0, most, one
        self.search.problem, self.search.costs, self.search.estimates = problem, self.cost, self.estimates
        self.is_whole = True
        self.most_h = 0
        for i in range(self.core.actions):
            if self.cost[i] != floor(self.cost[i]) or self.cost[i] > 65535:
                self.is_whole = False
            dearest = max(dearest, self.cost[i])
        for c in range(problem.goals):
            most = 0
            for i in range(<int> problem.mask[c] + 1):
                one = 0 if run.weight == 0 or run.heuristic == PLAN_ZERO else self.estimates[c * 256 + i] * run.weight
                if one != floor(one) or one > 65535:
                    self.is_whole = False
                most = max(most, one)
            self.most_h += most
        self.most_f = dearest * run.max_depth + self.most_h
        self.is_whole = self.is_whole and problem.bits <= MASK_DIRECT_BITS
        if self.is_whole:
            for i in range(self.core.actions):
                self.ways[i].keep, self.ways[i].put = <uint16_t> problem.keep[i], <uint16_t> problem.put[i]
                self.ways[i].cost = <uint16_t> self.cost[i]
            self.ways[WHOLE_NO_WAY] = whole_way(0xffff, 0, 0xffff)
            self.weigh()
        return 0

    cdef void weigh(self) noexcept nogil:
        """Whole estimates by byte, which is what the fast form adds up."""
        cdef mask_problem *problem = &self.core.problem
        cdef plan_run *run = &self.memory.run
        cdef Py_ssize_t c, value, offset
        cdef uint16_t one
        cdef uint16_t *place
        memset(self.whole_estimates, 0, sizeof(self.whole_estimates))
        if run.weight == 0 or run.heuristic == PLAN_ZERO:
            return
        for c in range(problem.goals):
            offset = problem.shift[c] & 7
            for value in range(256):
                one = <uint16_t> (self.estimates[c * 256 + (value >> offset & problem.mask[c])] * run.weight)
                place = self.whole_estimates + (problem.shift[c] >> 3) * 256 + value
                if run.heuristic == PLAN_SCALED:
                    place[0] = max(place[0], one)
                else:
                    place[0] += one

    cdef int start(self, uint64_t world) noexcept nogil:
        """Puts the first node in place: PLAN_RUNNING or PLAN_NO_MEMORY."""
        cdef int done = -1
        if self.is_whole:
            done = whole_start(&self.search, &self.memory.run, world, self.most_f, self.most_h)
            # Too many lists stay too many.
            self.is_whole = done >= 0
        if done < 0:
            done = mask_start(&self.search, &self.memory.run, world)
        return PLAN_RUNNING if done else PLAN_NO_MEMORY

    cdef int step(self, int pops) noexcept nogil:
        if self.is_whole:
            return whole_step(&self.search, &self.memory.run, self.ways, self.whole_estimates, pops)
        return mask_step(&self.search, &self.memory.run, pops)
