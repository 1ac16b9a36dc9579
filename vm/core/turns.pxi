# Turns: fibers that share one machine, each on it for the length of a turn (language 7.4, 7.5).
#
# A fiber off the machine keeps what it bound above the document scope, its frames and
# its temporaries. Putting it on binds that again over what the document scope has now,
# so document variables are shared and everything else is the fiber's own. An arm of
# `parallel` lies above the fiber it was started by: both are put on together.
#
# While fibers take turns the machine executes a copy of the code, in which the places
# where a turn may end carry the opcode TURN, and instructions that write a variable
# directly write to a register behind the file instead: the TURN after them assigns the
# variable by the set rule, which makes a channel's own copy where it has to.

cdef enum:
    LEAF_START = 1
    LEAF_END = 2
    ASSIGNS = 4
    MOST_FIBERS = 4096

# By opcode: its first operand is a register that it writes.
cdef list _WRITES_A = [row.operands[:1] == "w" for row in _OPCODES]

ctypedef struct abml_bound:
    abml_cell cell
    int32_t slot, depth


@cython.final
cdef class Fiber:
    """A channel, an arm of `parallel`, or a run of its own, off the machine between its turns.

    Made by `Machine.fiber`.

    Attributes:
        parent: the fiber whose `parallel` it is an arm of; None for others.
        channel: identity of the channel; None without channels.
        alias: name of the declared channel whose code it went on with by `branch`.
        is_isolated: assignments to document and given values make the fiber's own copies.
        is_active: started, not completed, not failed.
        reason, wake_at, pending, waiting, answered: as the machine's, of its last turn.
        mailbox: signals not yet taken, oldest first; arms share their channel's.
        value, fault: how it ended.
        unit: where it started.
        last: unit of its bottom frame when it last ran; not `unit` after a goto.
        bound: what was bound outside of frames when it ended, for a run without channels.
        has_turned: the last turn began a leaf action.
        used: instructions of the last turn, as the budget counts them.
    """

    cdef readonly Fiber parent
    cdef public object channel, alias
    cdef readonly bint is_isolated, is_active, has_turned
    cdef public object reason, wake_at, pending, waiting, answered, value, fault
    cdef readonly object bound
    cdef public list mailbox
    cdef readonly int64_t used
    cdef readonly int32_t unit, last
    cdef list faults_in_hand
    cdef dict extras
    cdef bytes entered
    cdef int32_t undo_base, mark_base, room, pc, gotos
    cdef Py_ssize_t nbound, nmarks, ntemporaries, nargs, nsaved, nframes
    cdef abml_bound *kept
    cdef int32_t *marks
    cdef abml_cell *temporaries
    cdef abml_cell *args
    cdef abml_cell *saved
    cdef abml_frame *frames

    def __cinit__(self):
        self.kept = NULL
        self.marks = NULL
        self.temporaries = self.args = self.saved = NULL
        self.frames = NULL
        self.nbound = self.nmarks = self.ntemporaries = self.nargs = self.nsaved = self.nframes = 0
        self.mailbox, self.faults_in_hand, self.extras = [], [], {}

    def __dealloc__(self):
        free(self.kept)
        free(self.marks)
        free(self.temporaries)
        free(self.args)
        free(self.saved)
        free(self.frames)

    @property
    def place(self):
        """Number of the instruction at which it goes on."""
        return self.pc


cdef int keep(void **place, const void *data, Py_ssize_t count, size_t size) except -1:
    """Copy an array of the machine into memory of a fiber."""
    cdef void *grown
    if count:
        grown = realloc(place[0], count * size)
        if grown == NULL:
            raise MemoryError
        place[0] = grown
        memcpy(grown, data, count * size)
    return 0


# ------------------------------------------------------------- on and off


cdef int put_bindings(Machine m, Fiber fiber) except -1:
    cdef abml_vm *vm = &m.vm
    cdef abml_undo *u
    cdef abml_bound *b
    cdef Py_ssize_t k
    fiber.undo_base, fiber.mark_base = vm.nundo, vm.nmarks
    reserve(<void **>&vm.undo, &vm.cap_undo, vm.nundo + fiber.nbound, sizeof(abml_undo))
    for k in range(fiber.nbound):
        b = &fiber.kept[k]
        u = &vm.undo[vm.nundo]
        vm.nundo += 1
        u.slot, u.old, u.old_depth = b.slot, vm.r[b.slot], vm.depth[b.slot]
        vm.r[b.slot], vm.depth[b.slot] = b.cell, b.depth
    reserve(<void **>&vm.marks, &vm.cap_marks, vm.nmarks + fiber.nmarks, sizeof(int32_t))
    for k in range(fiber.nmarks):
        vm.marks[vm.nmarks] = fiber.marks[k] + fiber.undo_base
        vm.nmarks += 1
    return 0


cdef int take_bindings(Machine m, Fiber fiber, bint kept) except -1:
    cdef abml_vm *vm = &m.vm
    cdef abml_undo *u
    cdef Py_ssize_t k, count = vm.nundo - fiber.undo_base
    cdef void *grown
    if kept and count:
        grown = realloc(fiber.kept, count * sizeof(abml_bound))
        if grown == NULL:
            raise MemoryError
        fiber.kept = <abml_bound *>grown
    for k in range(count - 1, -1, -1):
        u = &vm.undo[fiber.undo_base + k]
        if kept:
            fiber.kept[k].slot = u.slot
            fiber.kept[k].cell, fiber.kept[k].depth = vm.r[u.slot], vm.depth[u.slot]
        vm.r[u.slot], vm.depth[u.slot] = u.old, u.old_depth
    vm.nundo = fiber.undo_base
    if kept:
        fiber.nbound = count
        fiber.nmarks = vm.nmarks - fiber.mark_base
        keep(<void **>&fiber.marks, vm.marks + fiber.mark_base, fiber.nmarks, sizeof(int32_t))
        for k in range(fiber.nmarks):
            fiber.marks[k] -= fiber.undo_base
    vm.nmarks = fiber.mark_base
    return 0


cdef int attach(Machine m, Fiber fiber) except -1:
    """Put a fiber on the machine, which is idle."""
    cdef abml_vm *vm = &m.vm
    cdef Fiber one = fiber
    cdef Py_ssize_t k
    cdef list path = []
    if m.running or m.nested or vm.nframes or vm.nundo or m.path is not None:
        raise ValueError("a run is in progress")
    while one is not None:
        path.append(one)
        one = one.parent
    path.reverse()
    for one in path:
        put_bindings(m, one)
    m.path = path
    if fiber.ntemporaries:
        memcpy(vm.r + m.image.first_temporary, fiber.temporaries, fiber.ntemporaries * sizeof(abml_cell))
    reserve(<void **>&vm.args, &vm.cap_args, fiber.nargs, sizeof(abml_cell))
    if fiber.nargs:
        memcpy(vm.args, fiber.args, fiber.nargs * sizeof(abml_cell))
    reserve(<void **>&vm.saved, &vm.cap_saved, fiber.nsaved, sizeof(abml_cell))
    if fiber.nsaved:
        memcpy(vm.saved, fiber.saved, fiber.nsaved * sizeof(abml_cell))
    if fiber.nframes:
        memcpy(vm.frames, fiber.frames, fiber.nframes * sizeof(abml_frame))
    for k in range(fiber.nframes):
        if vm.frames[k].flags & ABML_FRAME_COUNTED:
            vm.active[vm.frames[k].unit] += 1
    vm.nargs, vm.nsaved, vm.nframes = <int32_t>fiber.nargs, <int32_t>fiber.nsaved, <int32_t>fiber.nframes
    vm.bottom = 0
    vm.pc, vm.gotos, vm.cap_frames = fiber.pc, fiber.gotos, fiber.room
    if fiber.entered is not None:
        memcpy(vm.entered, <const char *>fiber.entered, m.image.unit_count)
    m.channel, m.alias = fiber.channel, fiber.alias
    m.is_isolated, m.is_arm = fiber.is_isolated, fiber.parent is not None
    m.reason, m.wake_at, m.pending = fiber.reason, fiber.wake_at, fiber.pending
    m.waiting, m.answered = fiber.waiting, fiber.answered
    m.mailbox, m.faults_in_hand, m.extras = fiber.mailbox, fiber.faults_in_hand, fiber.extras
    return 0


cdef int detach(Machine m, Fiber fiber, bint kept) except -1:
    """Take the fiber off; with `kept` false what it has is forgotten, its parents' is not."""
    cdef abml_vm *vm = &m.vm
    cdef Fiber one
    cdef Py_ssize_t k
    for k in range(vm.nframes):
        if vm.frames[k].flags & ABML_FRAME_COUNTED:
            vm.active[vm.frames[k].unit] -= 1
    if kept:
        fiber.ntemporaries = vm.nregisters - m.image.first_temporary
        keep(<void **>&fiber.temporaries, vm.r + m.image.first_temporary, fiber.ntemporaries, sizeof(abml_cell))
        keep(<void **>&fiber.args, vm.args, vm.nargs, sizeof(abml_cell))
        keep(<void **>&fiber.saved, vm.saved, vm.nsaved, sizeof(abml_cell))
        keep(<void **>&fiber.frames, vm.frames, vm.nframes, sizeof(abml_frame))
        fiber.nargs, fiber.nsaved, fiber.nframes = vm.nargs, vm.nsaved, vm.nframes
        fiber.pc, fiber.gotos = vm.pc, vm.gotos
        if vm.tick_mode:
            fiber.entered = (<char *>vm.entered)[:m.image.unit_count]
    else:
        fiber.ntemporaries = fiber.nargs = fiber.nsaved = fiber.nframes = fiber.nbound = fiber.nmarks = 0
    fiber.reason, fiber.wake_at, fiber.pending = m.reason, m.wake_at, m.pending
    fiber.waiting, fiber.answered, fiber.alias = m.waiting, m.answered, m.alias
    fiber.mailbox, fiber.faults_in_hand, fiber.extras = m.mailbox, m.faults_in_hand, m.extras
    for one in reversed(m.path):
        take_bindings(m, one, kept or one is not fiber)
    m.path = None
    vm.nargs = vm.nsaved = vm.nframes = 0
    vm.cap_frames = m.limits.max_call_depth
    m.mailbox, m.faults_in_hand, m.extras = [], [], {}
    m.reason = m.wake_at = m.pending = m.waiting = m.answered = None
    m.channel = m.alias = None
    m.is_isolated = m.is_arm = False
    return 0


cdef Fiber new_fiber(Machine m, int32_t unit, Fiber parent, object channel, bint isolated, dict given, dict names):
    """A fiber that stands at the start of a flow."""
    cdef Fiber fiber = Fiber()
    cdef abml_frame *f
    if not 0 <= unit < m.image.unit_count or m.image.units[unit].kind != ABML_FLOW:
        raise ValueError(f"unit {unit} is not a flow of the program")
    if len(m.fibers) >= MOST_FIBERS:
        raise ValueFault("limit_exceeded", f"more than {MOST_FIBERS} fibers at once")
    fiber.parent, fiber.channel, fiber.is_isolated = parent, channel, isolated
    fiber.unit = fiber.last = unit
    fiber.room = m.limits.max_call_depth
    if parent is not None:
        fiber.room = parent.room - <int32_t>parent.nframes
        fiber.channel, fiber.is_isolated, fiber.alias = parent.channel, parent.is_isolated, parent.alias
        fiber.mailbox, fiber.extras = parent.mailbox, parent.extras
        if fiber.room < 1:
            raise ValueFault("limit_exceeded", f"calls are nested deeper than {m.limits.max_call_depth}")
    attach(m, fiber)
    try:
        f = abml_push_frame(&m.vm, unit, 0, -1, ABML_FRAME_BOTTOM)
        if f == NULL:
            raise MemoryError
        if parent is not None:
            if not abml_push_scope(&m.vm):
                raise MemoryError
            f.base_marks = m.vm.nmarks
        bind_start(m, given, names)
        m.vm.pc = m.image.units[unit].start
        if m.vm.tick_mode:
            memset(m.vm.entered, 0, m.image.unit_count)
            m.vm.entered[unit] = 1
    finally:
        detach(m, fiber, True)
    fiber.is_active = True
    m.fibers.append(fiber)
    return fiber


cdef int bind_start(Machine m, dict given, dict names) except -1:
    """Arguments of the first flow, and further names, as locals."""
    for values in (given, names):
        for name, value in (values or {}).items():
            slot = m.image.slot_numbers.get(name)
            if slot is not None:
                set_local(m, slot, to_cell(m, value))
            elif values is names:
                m.extras[name] = value
    if given is not None and m.image.args_slot >= 0:
        set_local(m, m.image.args_slot, new_handle(m, dict(given)))
    return 0


cdef str run_turn(Machine m, Fiber fiber, object now_ms, int64_t budget, bint in_turns):
    """One turn of a fiber; see `Machine.turn`."""
    cdef abml_vm *vm = &m.vm
    cdef const abml_ins *code = vm.code
    cdef int outcome = 0
    cdef bint done = True
    if not fiber.is_active:
        raise ValueError("the fiber has ended")
    if in_turns:
        prepare_turns(m)
    attach(m, fiber)
    m.set_clock(now_ms)
    m.fault = None
    m.leaf_done = False
    if in_turns:
        vm.code, vm.base = m.turn_code, m.base_code
        vm.r[vm.nregisters] = ABML_UNBOUND
    vm.budget, vm.attention = budget, 0
    m.budget_limit = m.limits.max_instructions_per_turn if in_turns else m.limits.max_instructions_per_tick
    if m.cancel_asked or is_collection_due(m):
        abml_request(vm)
    m.is_scheduled = True
    try:
        outcome = m.wake()
        if outcome == 0:
            outcome = m.run_loop()
        done = outcome != SUSPENDED
    finally:
        m.is_scheduled = False
        vm.code, vm.base = code, NULL
        if vm.attention:
            vm.budget = vm.reserve + vm.budget + 1
            vm.attention = 0
        fiber.used = budget - vm.budget
        fiber.last = vm.frames[0].unit
        m.budget_limit = m.limits.max_instructions_per_tick
        fiber.has_turned = m.leaf_done
        if outcome == COMPLETED:
            fiber.value = to_object(m, vm.value)
        fiber.fault = m.fault
        m.fault = None
        if done and fiber.parent is None and not fiber.is_isolated:
            fiber.bound = m.bindings()
        if done:
            m.reason = m.wake_at = m.pending = m.waiting = m.answered = None
            fiber.is_active = False
            m.fibers.remove(fiber)
        elif m.reason != "turn":
            # The fiber suspends: it may go round again.
            vm.gotos = 0
            if vm.tick_mode and m.reason != "parallel":
                memset(vm.entered, 0, m.image.unit_count)
                if m.reason == "goto":
                    vm.entered[vm.frames[0].unit] = 1
        detach(m, fiber, not done)
    return "suspended" if outcome == SUSPENDED else "completed" if outcome == COMPLETED else "failed"


# ------------------------------------------------------- the code of turns


cdef int prepare_turns(Machine m) except -1:
    """The copies of the code that fibers execute while they take turns."""
    cdef int32_t length = m.image.length, pc
    cdef abml_ins *base
    cdef int32_t spare = m.vm.nregisters
    if m.turn_code != NULL:
        return 0
    m.turn_marks = <unsigned char *>checked(calloc(length + 1, 1))
    m.base_code = <abml_ins *>checked(malloc((length + 1) * sizeof(abml_ins)))
    memcpy(m.base_code, m.image.code, (length + 1) * sizeof(abml_ins))
    m.turn_code = <abml_ins *>checked(malloc((length + 1) * sizeof(abml_ins)))
    cdef bint asks = "min" in m.host_functions or "max" in m.host_functions
    for unit in m.image.unit_table:
        if unit.kind != "flow":
            continue
        for pc in range(unit.start, unit.end):
            base = &m.base_code[pc]
            if base.op == ABML_OP_SETV or base.op == ABML_OP_SETL:
                base.op = ABML_OP_SLOW
            elif base.op == ABML_OP_NEXT:
                if base.b < m.image.slot_count:
                    base.b = spare
                    m.turn_marks[pc + 1] |= ASSIGNS
            elif base.op != ABML_OP_COUNT and _WRITES_A[base.op] and base.a < m.image.slot_count:
                base.a = spare
                m.turn_marks[pc + 1] |= ASSIGNS
    if asks:
        for pc in range(length):
            if m.base_code[pc].op == ABML_OP_MIN or m.base_code[pc].op == ABML_OP_MAX:
                m.base_code[pc].op = ABML_OP_SLOW
    memcpy(m.turn_code, m.base_code, (length + 1) * sizeof(abml_ins))
    for unit in m.image.unit_table:
        for place in unit.leaves:
            m.turn_marks[<int32_t>place] |= LEAF_START
        for place in unit.leaf_ends:
            m.turn_marks[<int32_t>place] |= LEAF_END
    for pc in range(length):
        if m.turn_marks[pc]:
            m.turn_code[pc].op = ABML_OP_TURN
    abml_thread(m.base_code, length)
    abml_thread(m.turn_code, length)
    return 0


cdef int turn_path(void *machine, int32_t pc) noexcept:
    """TURN: 0 executes the instruction at its place, 1 leaves the loop, 2 goes on at vm.pc."""
    cdef Machine m = <Machine>machine
    cdef abml_cell value = m.vm.r[m.vm.nregisters]
    cdef const abml_ins *before
    if value != ABML_UNBOUND:
        m.vm.r[m.vm.nregisters] = ABML_UNBOUND
        before = &m.image.code[pc - 1]
        m.vm.pc = pc
        try:
            set_slot_value(m, before.b if before.op == ABML_OP_NEXT else before.a, value)
        except Exception as error:
            return 1 if raised(m, pc - 1, error) else 2
    if m.nested:
        return 0
    # In the middle of a leaf action there are only assignments to be done.
    if m.leaf_done and m.turn_marks[pc] & (LEAF_START | LEAF_END):
        m.vm.pc = pc
        m.reason = "turn"
        m.wake_at = m.waiting = None
        m.outcome = SUSPENDED
        return 1
    if m.turn_marks[pc] & LEAF_START:
        m.leaf_done = True
    return 0


# ----------------------------------------------------------- own copies


cdef int bind_own(Machine m, int32_t slot, abml_cell value) except -1:
    """Bind a slot in the channel's scope, below every scope inside it."""
    cdef abml_vm *vm = &m.vm
    cdef int32_t at = vm.marks[0] if vm.nmarks else vm.nundo
    cdef int32_t k
    cdef Fiber one
    if vm.depth[slot] > 1:
        vm.r[slot] = value
        return 0
    reserve(<void **>&vm.undo, &vm.cap_undo, vm.nundo + 1, sizeof(abml_undo))
    for k in range(vm.nundo, at, -1):
        vm.undo[k] = vm.undo[k - 1]
    vm.nundo += 1
    vm.undo[at].slot, vm.undo[at].old, vm.undo[at].old_depth = slot, vm.r[slot], vm.depth[slot]
    vm.r[slot], vm.depth[slot] = value, 2
    for k in range(vm.nmarks):
        vm.marks[k] += 1
    if m.path is not None:
        for one in m.path[1:]:
            one.undo_base += 1
    return 0


cdef int mark_fibers(Machine m) except -1:
    """What fibers off the machine hold is alive."""
    cdef Fiber fiber
    cdef Py_ssize_t k
    if m.turn_code != NULL:
        mark_cell(m, m.vm.r[m.vm.nregisters])
    for fiber in m.fibers:
        for k in range(fiber.nbound):
            mark_cell(m, fiber.kept[k].cell)
        mark_cells(m, fiber.temporaries, fiber.ntemporaries)
        mark_cells(m, fiber.args, fiber.nargs)
        mark_cells(m, fiber.saved, fiber.nsaved)
    return 0
