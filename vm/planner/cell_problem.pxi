# Problems with numbers that change: a cell for each fact beside a bit for each condition.

_OPERATORS = {"==": 0, "!=": 1, "<": 2, "<=": 3, ">": 4, ">=": 5}


cdef class CellCore:
    """The tables of a problem over numbers.

    Attributes:
        keys: the fact of every slot.
        actions: their number.
    """

    cdef cell_problem problem
    # Without actions where ids do not serve.
    cdef ids_problem ids
    cdef readonly tuple keys
    cdef readonly int actions
    # Text -> symbol; by slot and symbol the bits of conditions that hold; conditions by slot.
    cdef dict symbols
    cdef list held, conditions, numbers

    def __cinit__(self):
        memset(&self.problem, 0, sizeof(cell_problem))
        memset(&self.ids, 0, sizeof(ids_problem))

    def __init__(self, layout, bint by_ids=True):
        """
        Args:
            layout: a `problem.CellLayout`.
            by_ids: whether small problems are searched by ids of their numbers.
        """
        cdef cell_problem *problem = &self.problem
        cdef Py_ssize_t i, k, at, slots, conditions, actions, words
        self.keys, self.actions = layout.keys, layout.actions
        self.symbols, self.held = layout.symbols, layout.held
        self.conditions, self.numbers = layout.conditions_of, layout.numbers_of
        slots, conditions, actions = len(layout.keys), len(layout.conditions), layout.actions
        words = max(1, (conditions + 63) // 64)
        problem.slots, problem.words, problem.conditions, problem.actions = slots, words, conditions, actions
        problem.goals, problem.symbols = len(layout.goal), len(layout.symbols)
        problem.condition = <cell_condition *> calloc(conditions + 1, sizeof(cell_condition))
        problem.by_slot = <uint32_t *> calloc(conditions + 1, sizeof(uint32_t))
        problem.slot_start = <uint32_t *> calloc(slots + 1, sizeof(uint32_t))
        problem.symbol_number = <double *> calloc(problem.symbols + 1, sizeof(double))
        problem.symbol_is_number = <uint8_t *> calloc(problem.symbols + 1, 1)
        problem.action = <cell_action *> calloc(actions + 1, sizeof(cell_action))
        problem.set = <cell_set *> calloc(layout.set_count + 1, sizeof(cell_set))
        problem.delta = <cell_delta *> calloc(layout.delta_count + 1, sizeof(cell_delta))
        problem.need = <uint64_t *> calloc(actions * words + 1, sizeof(uint64_t))
        problem.clear = <uint64_t *> calloc(actions * words + 1, sizeof(uint64_t))
        problem.fill = <uint64_t *> calloc(actions * words + 1, sizeof(uint64_t))
        problem.goal = <uint64_t *> calloc(words, sizeof(uint64_t))
        problem.goal_condition = <uint32_t *> calloc(problem.goals + 1, sizeof(uint32_t))
        if (
            problem.condition == NULL
            or problem.by_slot == NULL
            or problem.slot_start == NULL
            or problem.symbol_number == NULL
            or problem.symbol_is_number == NULL
            or problem.action == NULL
            or problem.set == NULL
            or problem.delta == NULL
            or problem.need == NULL
            or problem.clear == NULL
            or problem.fill == NULL
            or problem.goal == NULL
            or problem.goal_condition == NULL
        ):
            raise MemoryError
        for i, (slot, condition) in enumerate(layout.conditions):
            problem.condition[i].slot = slot
            problem.condition[i].op = _OPERATORS[condition.op]
            problem.condition[i].is_numeric = condition.is_numeric
            problem.condition[i].target = float(condition.target) if condition.is_numeric else 0
            cell_condition_start(&problem.condition[i])
        at = 0
        for i in range(slots):
            problem.slot_start[i] = at
            for number in self.numbers[i]:
                problem.by_slot[at] = number
                at += 1
        problem.slot_start[slots] = at
        for text, symbol in layout.symbols.items():
            number = layout.number_of_symbol(text)
            problem.symbol_number[symbol] = number or 0
            problem.symbol_is_number[symbol] = number is not None
        self.fill_actions(layout, words)
        self.mark(problem.goal, layout.goal)
        for i, number in enumerate(layout.goal):
            problem.goal_condition[i] = number
        if actions <= 64 and conditions <= 64:
            self.fill_choices(layout)
            if slots <= IDS_SLOTS and by_ids:
                self.fill_ids(layout)

    cdef void mark(self, uint64_t *bits, numbers):
        for number in numbers:
            bits[<int> number >> 6] |= <uint64_t> 1 << (<int> number & 63)

    cdef int fill_actions(self, layout, Py_ssize_t words) except -1:
        cdef cell_problem *problem = &self.problem
        cdef Py_ssize_t i, sets = 0, deltas = 0
        for i, action in enumerate(layout.each_action):
            self.mark(problem.need + i * words, action.needs)
            problem.action[i].first_set, problem.action[i].set_count = sets, len(action.sets)
            problem.action[i].first_delta, problem.action[i].delta_count = deltas, len(action.deltas)
            problem.action[i].moves_goal = action.moves_goal
            problem.action[i].effort = problem.slots // 8 + sum(len(self.numbers[slot]) for slot, _ in action.deltas)
            for slot, value in action.sets:
                problem.set[sets].slot = slot
                problem.set[sets].cell = self.cell(slot, value)
                problem.set[sets].hash = cell_hash(slot, problem.set[sets].cell)
                sets += 1
                self.mark(problem.clear + i * words, self.numbers[slot])
                held = [
                    number
                    for number, condition in zip(self.numbers[slot], self.conditions[slot], strict=True)
                    if condition.satisfied(value)
                ]
                self.mark(problem.fill + i * words, held)
            for slot, delta in action.deltas:
                problem.delta[deltas].slot = slot
                problem.delta[deltas].delta = delta
                deltas += 1
        return 0

    cdef int fill_choices(self, layout) except -1:
        """For each byte of the conditions and each value of it the actions that it allows, a bit for each."""
        cdef cell_problem *problem = &self.problem
        cdef int size = (problem.conditions + 7) // 8, b, value
        cdef Py_ssize_t i
        cdef uint64_t wanted
        problem.allow = <uint64_t *> calloc(size * 256 + 1, sizeof(uint64_t))
        if problem.allow == NULL:
            raise MemoryError
        for b in range(size):
            for i in range(self.actions):
                wanted = problem.need[i] >> (8 * b) & 255
                for value in range(256):
                    if value & wanted == wanted:
                        problem.allow[b * 256 + value] |= <uint64_t> 1 << i
        return 0

    cdef int fill_ids(self, layout) except -1:
        """The ids of what effects set: by slot in the order of the actions."""
        cdef cell_problem *problem = &self.problem
        cdef ids_problem *ids = &self.ids
        cdef Py_ssize_t i, slot
        cdef uint32_t k, known
        cdef uint64_t cell
        ids.known = <uint8_t *> calloc(problem.slots + 1, 1)
        ids.cell = <uint64_t *> calloc(problem.slots * 256 + 1, sizeof(uint64_t))
        ids.held = <uint64_t *> calloc(problem.slots * 256 + 1, sizeof(uint64_t))
        ids.setters = <uint64_t *> calloc(problem.slots * 256 + 1, sizeof(uint64_t))
        ids.changers = <uint64_t *> calloc(problem.slots + 1, sizeof(uint64_t))
        for i in range(self.actions):
            ids.changes = max(ids.changes, problem.action[i].delta_count)
        ids.change = <ids_delta *> calloc(self.actions * ids.changes + 1, sizeof(ids_delta))
        cdef ids_action *actions = <ids_action *> calloc(self.actions + 1, sizeof(ids_action))
        if (
            ids.known == NULL
            or ids.cell == NULL
            or ids.held == NULL
            or ids.setters == NULL
            or ids.changers == NULL
            or ids.change == NULL
            or actions == NULL
        ):
            free(actions)
            raise MemoryError
        for i in range(self.actions):
            actions[i].keep.low = actions[i].keep.high = ~<uint64_t> 0
            for k in range(problem.action[i].first_set, problem.action[i].first_set + problem.action[i].set_count):
                slot, cell = problem.set[k].slot, problem.set[k].cell
                known = 0
                while known < ids.known[slot] and ids.cell[slot * 256 + known] != cell:
                    known += 1
                if known == ids.known[slot]:
                    # The ids of one slot must leave room for numbers; twins among them are left to cells.
                    if known == IDS_MOST - 1 or self.is_twin(slot, cell):
                        free(actions)
                        return 0
                    ids.cell[slot * 256 + known] = cell
                    ids.held[slot * 256 + known] = problem.fill[i] & self.conditions_on(slot)
                    ids.known[slot] += 1
                ids_set(&actions[i].keep, slot, 0)
                ids_set(&actions[i].put, slot, known)
                ids.setters[slot * 256 + 255] |= <uint64_t> 1 << i
                # Taken back where the slot has the value already.
                ids.setters[slot * 256 + known] |= <uint64_t> 1 << i
        for slot in range(problem.slots):
            for known in range(ids.known[slot]):
                ids.setters[slot * 256 + known] ^= ids.setters[slot * 256 + 255]
        self.fill_changes(actions, layout.delta_count)
        ids.action = actions
        return 0

    cdef void fill_changes(self, ids_action *actions, uint32_t filler):
        """As many changes for every action: those it has, and the one that changes nothing."""
        cdef cell_problem *problem = &self.problem
        cdef ids_problem *ids = &self.ids
        cdef Py_ssize_t i
        cdef uint32_t k, number, slot
        for i in range(self.actions):
            actions[i].first_change = <uint32_t> i * ids.changes
            for k in range(ids.changes):
                number = problem.action[i].first_delta + k
                slot = problem.slots
                if k < problem.action[i].delta_count:
                    slot = problem.delta[number].slot
                    ids.changers[slot] |= <uint64_t> 1 << i
                else:
                    number = filler
                ids.change[i * ids.changes + k].delta = number
                ids.change[i * ids.changes + k].half = slot >> 3
                ids.change[i * ids.changes + k].shift = 8 * (slot & 7)
                ids.change[i * ids.changes + k].mask.low = ~<uint64_t> 0 if slot < 8 else 0
                ids.change[i * ids.changes + k].mask.high = ~<uint64_t> 0 if slot >= 8 else 0

    cdef bint is_twin(self, Py_ssize_t slot, uint64_t cell):
        """Whether an id of the slot has another double that is the same number in states."""
        cdef Py_ssize_t i
        for i in range(self.ids.known[slot]):
            if cell_identity(self.ids.cell[slot * 256 + i]) == cell_identity(cell):
                return True
        return False

    cdef uint64_t conditions_on(self, Py_ssize_t slot):
        cdef uint64_t found = 0
        cdef uint32_t k
        for k in range(self.problem.slot_start[slot], self.problem.slot_start[slot + 1]):
            found |= <uint64_t> 1 << self.problem.by_slot[k]
        return found

    def __dealloc__(self):
        cdef cell_problem *problem = &self.problem
        free(self.ids.action)
        free(self.ids.known)
        free(self.ids.cell)
        free(self.ids.held)
        free(self.ids.setters)
        free(self.ids.changers)
        free(self.ids.change)
        free(problem.condition)
        free(problem.by_slot)
        free(problem.slot_start)
        free(problem.symbol_number)
        free(problem.symbol_is_number)
        free(problem.action)
        free(problem.set)
        free(problem.delta)
        free(problem.need)
        free(problem.clear)
        free(problem.fill)
        free(problem.goal)
        free(problem.goal_condition)
        free(problem.allow)

    cdef uint64_t cell(self, uint32_t slot, value) except? 0:
        if value is None or type(value) is bool or isinstance(value, str):
            symbol = self.symbols.get(value)
            return CELL_SYMBOL_TAG << 48 | <uint64_t> (CELL_OWN | slot if symbol is None else <uint32_t> symbol)
        return cell_of(<double> value)

    def encode(self, dict facts):
        """A world as bytes: the bits of conditions, then the cells."""
        cdef cell_problem *problem = &self.problem
        cdef Py_ssize_t slot, size = (problem.words + problem.slots) * sizeof(uint64_t)
        cdef uint32_t k, number
        cdef bytes encoded = bytes(size)
        cdef uint64_t *data = <uint64_t *> <char *> encoded
        cdef uint64_t bit
        cdef double here
        for slot in range(len(self.keys)):
            value = facts.get((<tuple> self.keys)[slot])
            data[problem.words + slot] = self.cell(slot, value)
            if value is None or type(value) is bool or isinstance(value, str):
                holds = (<dict> self.held[slot]).get(value)
                if holds is None:
                    holds = [condition.satisfied(value) for condition in self.conditions[slot]]
                for k in range(problem.slot_start[slot], problem.slot_start[slot + 1]):
                    if (<list> holds)[k - problem.slot_start[slot]]:
                        number = problem.by_slot[k]
                        data[number >> 6] |= <uint64_t> 1 << (number & 63)
                continue
            here = value
            for k in range(problem.slot_start[slot], problem.slot_start[slot + 1]):
                number = problem.by_slot[k]
                if (
                    cell_holds(problem.condition + number, here)
                    if problem.condition[number].is_numeric
                    else problem.condition[number].op == 1
                ):
                    data[number >> 6] |= <uint64_t> 1 << (number & 63)
        return encoded

    def is_goal(self, bytes start):
        """Whether the goal holds in an encoded world."""
        return cell_has_all(<const uint64_t *> <const char *> start, self.problem.goal, self.problem.words) != 0

    def search(self, dict facts, bytes start, costs, by_cost, rate, options, str heuristic, clock, cancelled):
        """Search from a world.

        Args:
            facts: of the world, for its own texts.
            start: the world as `encode` gives it.
            costs: of every action, at least 0.
            by_cost: for each condition of the goal the least cost of an action on its fact.
            rate: the largest change of the fact for a unit of cost; -1 where an effect sets
                or the condition is not about a number.
            heuristic: `distance_sum`, `scaled` or `zero`.
            clock: has `now_us()`; None is no time limit.
            cancelled: asked between two slices whether to end; None is never.
        """
        cdef _Watch watch = _Watch(clock, cancelled, options)
        cdef _CellSearch prepared = _CellSearch(self, facts, costs, by_cost, rate, options, heuristic)
        cdef const uint64_t *data = <const uint64_t *> <const char *> start
        cdef int status
        prepared.memory = _take_memory()
        try:
            _limit(&prepared.memory.run, options, heuristic)
            status = PLAN_GIVEN_UP
            if self.ids.action != NULL:
                status = prepared.run_ids(data, watch)
            if status == PLAN_GIVEN_UP:
                status = prepared.run_cells(data, watch)
            return _outcome(&prepared.memory.run, status)
        finally:
            _give_memory(prepared.memory)


cdef class _CellSearch:
    """Costs, estimates and memory of one search."""

    cdef CellCore core
    cdef _Memory memory
    cdef cell_search search
    cdef double *cost
    cdef double *by_cost
    cdef double *rate
    cdef double *own_number
    cdef uint8_t *own_is_number
    cdef bint is_whole
    cdef double dearest

    def __init__(self, CellCore core, dict facts, costs, by_cost, rate, options, str heuristic):
        cdef Py_ssize_t i
        self.core = core
        self.cost = _doubles(costs, core.actions)
        self.by_cost = _doubles(by_cost, core.problem.goals)
        self.rate = _doubles(rate, core.problem.goals)
        self.own_number = <double *> calloc(core.problem.slots + 1, sizeof(double))
        self.own_is_number = <uint8_t *> calloc(core.problem.slots + 1, 1)
        if self.own_number == NULL or self.own_is_number == NULL:
            raise MemoryError
        for i in range(len(core.keys)):
            value = facts.get((<tuple> core.keys)[i])
            if isinstance(value, str) and value not in core.symbols:
                number = number_of(value)
                self.own_number[i] = number or 0
                self.own_is_number[i] = number is not None
        self.is_whole = True
        for i in range(core.actions):
            self.is_whole = self.is_whole and self.cost[i] == floor(self.cost[i])
            self.dearest = max(self.dearest, self.cost[i])
        self.search.problem, self.search.costs = &core.problem, self.cost
        self.search.by_cost, self.search.rate = self.by_cost, self.rate
        self.search.own_number, self.search.own_is_number = self.own_number, self.own_is_number

    def __dealloc__(self):
        free(self.cost)
        free(self.by_cost)
        free(self.rate)
        free(self.own_number)
        free(self.own_is_number)

    cdef int run_cells(self, const uint64_t *data, _Watch watch) except -1:
        cdef plan_run *run = &self.memory.run
        cdef int status = PLAN_RUNNING, verdict
        if not cell_start(&self.search, run, data, self.is_whole, self.dearest):
            return PLAN_NO_MEMORY
        while status == PLAN_RUNNING:
            verdict = watch.verdict()
            if verdict:
                return verdict
            with nogil:
                status = cell_step(&self.search, run, SLICE)
        return status

    cdef int run_ids(self, const uint64_t *data, _Watch watch) except -1:
        """The same by small ids, PLAN_GIVEN_UP when they do not suffice."""
        cdef plan_run *run = &self.memory.run
        cdef int status = PLAN_NO_MEMORY, verdict
        cdef Py_ssize_t i, changes = 0
        cdef ids_search *search = <ids_search *> malloc(sizeof(ids_search))
        for i in range(self.core.actions):
            changes += self.core.problem.action[i].delta_count
        if search == NULL:
            return PLAN_NO_MEMORY
        search.cells, search.problem = &self.search, &self.core.ids
        search.estimate = <double *> malloc((self.core.problem.goals * 256 + 1) * sizeof(double))
        search.after = <uint8_t *> malloc((changes + 1) * 256)
        try:
            if search.estimate != NULL and search.after != NULL:
                status = ids_start(search, run, data, self.is_whole, self.dearest)
            while status == PLAN_RUNNING:
                verdict = watch.verdict()
                if verdict:
                    return verdict
                with nogil:
                    status = ids_step(search, run, SLICE)
            return status
        finally:
            free(search.estimate)
            free(search.after)
            free(search)
