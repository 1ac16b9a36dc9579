# Problems with numbers that change: a cell for each fact beside a bit for each condition.

_OPERATORS = {"==": 0, "!=": 1, "<": 2, "<=": 3, ">": 4, ">=": 5}


cdef class CellCore:
    """The tables of a problem over numbers.

    Attributes:
        keys: the fact of every slot.
        actions: their number.
    """

    cdef cell_problem problem
    cdef readonly tuple keys
    cdef readonly int actions
    # Text -> symbol; by slot and symbol the bits of conditions that hold; conditions by slot.
    cdef dict symbols
    cdef list held, conditions, numbers

    def __cinit__(self):
        memset(&self.problem, 0, sizeof(cell_problem))

    def __init__(self, layout):
        """
        Args:
            layout: a `problem.CellLayout`.
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

    def __dealloc__(self):
        cdef cell_problem *problem = &self.problem
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
        cdef _Memory memory = _take_memory()
        cdef cell_search search
        cdef Py_ssize_t slot
        cdef int status = PLAN_RUNNING, verdict
        cdef double *cost = NULL
        cdef double *least = NULL
        cdef double *rates = NULL
        cdef double *own = NULL
        cdef bint is_whole = True
        cdef double dearest = 0
        cdef uint8_t *is_number = NULL
        cdef _Watch watch = _Watch(clock, cancelled, options)
        try:
            cost = _doubles(costs, self.actions)
            least = _doubles(by_cost, self.problem.goals)
            rates = _doubles(rate, self.problem.goals)
            own = <double *> calloc(self.problem.slots + 1, sizeof(double))
            is_number = <uint8_t *> calloc(self.problem.slots + 1, 1)
            if own == NULL or is_number == NULL:
                raise MemoryError
            for slot in range(len(self.keys)):
                value = facts.get(self.keys[slot])
                if isinstance(value, str) and value not in self.symbols:
                    number = number_of(value)
                    own[slot] = number or 0
                    is_number[slot] = number is not None
            _limit(&memory.run, options, heuristic)
            search.problem, search.costs, search.by_cost, search.rate = &self.problem, cost, least, rates
            search.own_number, search.own_is_number = own, is_number
            for slot in range(self.actions):
                is_whole = is_whole and cost[slot] == floor(cost[slot])
                dearest = max(dearest, cost[slot])
            if not cell_start(&search, &memory.run, <const uint64_t *> <const char *> start, is_whole, dearest):
                raise MemoryError
            while status == PLAN_RUNNING:
                verdict = watch.verdict()
                if verdict:
                    status = verdict
                    break
                with nogil:
                    status = cell_step(&search, &memory.run, SLICE)
            return _outcome(&memory.run, status)
        finally:
            free(cost)
            free(least)
            free(rates)
            free(own)
            free(is_number)
            _give_memory(memory)
