# The machine as Python code sees it: runs, suspensions, calls, bindings.


@cython.final
cdef class Machine:
    """State of one actor that runs a program.

    Args:
        program: a verified `Program`; machines share what is prepared from it.
        host: answers what the program cannot (see `abml.vm.protocols.MachineHost`).
        limits: run-time limits; the defaults when None.
        random: the generator of the instance.
        host_functions: names (lower case) that `host.call_function` answers.
        dispatch: "goto" or "switch"; None for the faster one (or ABML_DISPATCH).
        tick_mode: a cycle of gotos goes round once per tick.

    Not safe for two threads at once.
    """

    cdef abml_vm vm
    cdef Image image
    cdef object host, limits, context, host_functions
    cdef list bound_functions
    cdef Py_ssize_t max_text, max_list, max_map
    cdef int64_t budget_limit
    cdef object now_ms
    cdef int (*loop)(abml_vm *) noexcept
    cdef abml_ins *own_code
    cdef unsigned char *own_readonly
    cdef abml_site *own_sites
    # Intents before this one hold no young handles.
    cdef int32_t old_intents
    # run
    cdef int outcome, nested
    cdef bint running, cancel_asked, default_asked
    cdef object escape
    cdef readonly object fault, wake_at, reason, pending, waiting
    cdef object answered
    cdef object channel
    cdef list mailbox, faults_in_hand
    cdef dict intent_fields
    cdef set overwritten
    cdef dict extras
    cdef object rows
    # fibers
    cdef list fibers, path
    cdef object alias
    cdef public object post
    cdef bint is_isolated, is_arm, is_scheduled, leaf_done
    cdef abml_ins *turn_code
    cdef abml_ins *base_code
    cdef unsigned char *turn_marks

    def __cinit__(self, *args, **keywords):
        memset(&self.vm, 0, sizeof(abml_vm))
        self.own_code = NULL
        self.own_readonly = NULL
        self.own_sites = NULL
        self.turn_code = self.base_code = NULL
        self.turn_marks = NULL
        self.vm.heap.free = self.vm.heap.young = NO_HANDLE
        self.vm.heap.limit = FIRST_COLLECTION

    def __init__(self, program, host, *, limits=None, random=None, host_functions=None, dispatch=None,
                 bint tick_mode=False):
        cdef Image image = image_of(program)
        self.image = image
        self.host = host
        self.limits = limits if limits is not None else Limits()
        self.max_text, self.max_list, self.max_map = self.limits.max_text, self.limits.max_list, self.limits.max_map
        self.context = Context(
            random=random if random is not None else Random(0), limits=self.limits, warn=host.warn, render=self.render
        )
        self.host_functions = frozenset(name.lower() for name in host_functions or ())
        self.bound_functions = [None] * len(image.function_table)
        self.now_ms = 0
        self.mailbox = []
        self.intent_fields = {}
        self.faults_in_hand = []
        self.overwritten = set()
        self.extras = {}
        self.fibers = []
        self.choose_dispatch(dispatch)
        self.allocate(tick_mode)

    def __dealloc__(self):
        free_heap(self)
        free(self.vm.r)
        free(self.vm.depth)
        free(self.vm.args)
        free(self.vm.frames)
        free(self.vm.undo)
        free(self.vm.marks)
        free(self.vm.saved)
        free(self.vm.active)
        free(self.vm.entered)
        free(self.vm.went)
        free(self.vm.intents)
        free(self.vm.paths)
        free(self.own_code)
        free(self.own_readonly)
        free(self.own_sites)
        free(self.turn_code)
        free(self.base_code)
        free(self.turn_marks)

    cdef int choose_dispatch(self, object wanted) except -1:
        wanted = wanted or os.environ.get("ABML_DISPATCH") or "goto"
        if wanted == "goto":
            self.loop = abml_loop_goto
        elif wanted == "switch":
            self.loop = abml_loop_switch
        else:
            raise ValueError(f"dispatch is 'goto' or 'switch', not {wanted!r}")
        return 0

    cdef int allocate(self, bint tick_mode) except -1:
        cdef Image image = self.image
        cdef abml_vm *vm = &self.vm
        cdef Py_ssize_t i
        vm.r = <abml_cell *>checked(malloc((image.register_count + 1) * sizeof(abml_cell)))
        memcpy(vm.r, image.registers, image.register_count * sizeof(abml_cell))
        vm.depth = <int32_t *>checked(malloc((image.slot_count + 1) * sizeof(int32_t)))
        memcpy(vm.depth, image.depths, image.slot_count * sizeof(int32_t))
        vm.active = <int32_t *>checked(calloc(image.unit_count + 1, sizeof(int32_t)))
        vm.entered = <uint8_t *>checked(calloc(image.unit_count + 1, 1))
        vm.went = <uint8_t *>checked(calloc(image.unit_count + 1, 1))
        vm.cap_frames = self.limits.max_call_depth
        vm.frames = <abml_frame *>checked(calloc(vm.cap_frames + 1, sizeof(abml_frame)))
        vm.code, vm.units, vm.sites = image.hot, image.units, image.sites
        vm.functions, vm.constants = image.functions, image.constants
        vm.names, vm.symbols = image.names, <PyObject *>_symbol_numbers
        vm.readonly = image.readonly
        vm.nslots, vm.nregisters, vm.nunits = image.slot_count, image.register_count, image.unit_count
        vm.max_loop, vm.max_gotos = self.limits.max_loop_iterations, self.limits.max_gotos
        vm.max_intents = self.limits.max_intents
        vm.tick_mode = tick_mode
        vm.row_step = 1
        vm.value = ABML_NULL
        vm.self = <void *>self
        vm.slow = slow_path
        vm.turn = turn_path
        vm.base = NULL
        self.budget_limit = self.limits.max_instructions_per_tick
        if tick_mode:
            # The loop's short form of calls does not note which flows were entered.
            self.own_sites = <abml_site *>checked(malloc((len(image.site_table) + 1) * sizeof(abml_site)))
            memcpy(self.own_sites, image.sites, (len(image.site_table) + 1) * sizeof(abml_site))
            for i in range(len(image.site_table)):
                if self.own_sites[i].simple == 2:
                    self.own_sites[i].simple = 1
            vm.sites = self.own_sites
        for value in image.pinned_objects:
            vm.heap.ages[abml_payload32(new_handle(self, value))] = ABML_OLD
        # Constants are never collected.
        vm.heap.young, vm.heap.fresh = NO_HANDLE, 0
        if "min" in self.host_functions or "max" in self.host_functions:
            # The host's functions come before the built-in ones, so MIN and MAX must ask.
            self.own_code = <abml_ins *>checked(malloc((image.length + 1) * sizeof(abml_ins)))
            memcpy(self.own_code, image.hot, (image.length + 1) * sizeof(abml_ins))
            for i in range(image.length):
                if image.code[i].op == ABML_OP_MIN or image.code[i].op == ABML_OP_MAX:
                    self.own_code[i].op = ABML_OP_SLOW
            abml_thread(self.own_code, image.length)
            vm.code = self.own_code
        return 0

    def render(self, str text):
        """What `render(text)` gives: a template over the visible names."""
        return self.host.render(text, self)

    # ------------------------------------------------------------------- runs

    def start(self, int unit, args=None, names=None):
        """Begin a run in a flow, in the run scope; `resume` then executes it.

        Args:
            unit: number of the flow's unit.
            args: values of the flow's parameters by name; they become locals of the run.
            names: further locals of the run, such as `event`, that are no arguments.
        """
        cdef abml_frame *f
        if not 0 <= unit < self.image.unit_count or self.image.units[unit].kind != ABML_FLOW:
            raise ValueError(f"unit {unit} is not a flow of the program")
        if self.vm.nframes:
            raise ValueError("a run is in progress")
        self.fault = self.wake_at = self.reason = self.pending = None
        self.waiting = self.answered = None
        self.cancel_asked = self.default_asked = False
        self.outcome = 0
        self.vm.bottom = 0
        self.vm.nargs = self.vm.nshared = 0
        self.vm.value = ABML_NULL
        f = abml_push_frame(&self.vm, unit, 0, -1, ABML_FRAME_BOTTOM)
        if f == NULL:
            raise MemoryError
        if args is not None:
            for name, value in args.items():
                slot = self.image.slot_numbers.get(name)
                if slot is not None:
                    set_local(self, slot, to_cell(self, value))
            if self.image.args_slot >= 0:
                set_local(self, self.image.args_slot, new_handle(self, dict(args)))
        if names is not None:
            for name, value in names.items():
                slot = self.image.slot_numbers.get(name)
                if slot is None:
                    # No code of the program names it; templates built at run time may.
                    self.extras[name] = value
                else:
                    set_local(self, slot, to_cell(self, value))
        self.vm.pc = self.image.units[unit].start

    def resume(self, now_ms):
        """Go on until the run completes, fails or has to wait.

        Args:
            now_ms: the VM clock in milliseconds.

        Returns:
            "completed", "failed" (see `fault`) or "suspended" (see `reason`, `wake_at`, `pending`).
        """
        if self.running:
            raise ValueError("the machine is running")
        if not self.vm.nframes:
            raise ValueError("no run is in progress")
        self.now_ms = now_ms
        self.context.now_ms = now_ms if type(now_ms) is int else int(now_ms)
        self.vm.budget = self.budget_limit
        self.vm.attention = 0
        if self.cancel_asked or is_collection_due(self):
            abml_request(&self.vm)
        self.vm.gotos = 0
        memset(self.vm.entered, 0, self.image.unit_count)
        memset(self.vm.went, 0, self.image.unit_count)
        self.vm.entered[self.vm.frames[0].unit] = 1
        cdef int outcome = self.wake()
        if outcome == 0:
            outcome = self.run_loop()
        return self.report(outcome)

    cdef int wake(self) except -1:
        """What a suspended run waited for: 0 when it goes on, else what `resume` reports."""
        cdef int32_t pc = self.vm.pc
        cdef abml_ins i
        if self.cancel_asked:
            self.cancel_asked = False
            return self.fault_at(pc, ValueFault("cancelled", "the host cancelled the run"))
        if self.waiting is None:
            self.reason = self.wake_at = None
            return 0
        try:
            kind = self.waiting[0]
            if kind == "wait":
                if not self.waiting[2] and self.waiting[1] is not None and self.now_ms < self.waiting[1]:
                    return SUSPENDED
                self.waiting = None
            elif kind == "await":
                pc = self.waiting[1]
                i = instruction_at(self, pc)
                if self.is_scheduled and self.answered is None and has_ended_early(self):
                    self.host.abandon(self.waiting[2])
                    self.answered = ("done", None)
                if self.answered is not None and self.answered[0] != "expired":
                    status, answer = self.answered
                    if status == "done" and self.waiting[4] and "provider" in self.waiting[4]:
                        answer = ProviderRef(self.waiting[4]["provider"])
                    self.answered = self.waiting = self.pending = None
                    if status == "failed":
                        raise FaultError(answer)
                    self.vm.r[i.a] = to_cell(self, answer)
                elif self.waiting[3] is not None and self.now_ms >= self.waiting[3]:
                    token = self.waiting[2]
                    self.waiting = self.pending = self.answered = None
                    self.host.abandon(token)
                    if not i.c:
                        raise ValueFault("await_timeout", "the action was not answered in time")
                    jump(self, <int16_t>i.c)
                else:
                    return SUSPENDED
            elif kind == "signal":
                pc = self.waiting[1]
                if take_signals(self) == SUSPENDED:
                    return SUSPENDED
            elif kind == "continuation":
                pc = self.waiting[1]
                if continue_point(self) == SUSPENDED:
                    return SUSPENDED
            elif kind == "sync":
                pc = self.waiting[1]
                if leave_barrier(self) == SUSPENDED:
                    return SUSPENDED
            elif kind == "parallel":
                pc = self.waiting[1]
                if self.answered is None:
                    return SUSPENDED
                status, answer = self.answered
                self.answered = self.waiting = None
                if status == "failed":
                    raise FaultError(answer)
                i = instruction_at(self, pc)
                self.vm.r[i.a] = ABML_TRUE if status == "stopped" else ABML_FALSE
            self.reason = self.wake_at = None
            return 0
        except Exception as error:
            self.waiting = self.pending = self.reason = self.wake_at = None
            return self.fault_at(pc, error)

    cdef int fault_at(self, int32_t pc, object error) except -1:
        """Raise an error at an instruction while the loop does not run."""
        return raised(self, pc, error)

    cdef int run_loop(self) except -1:
        self.running = True
        self.outcome = 0
        if self.loop(&self.vm):
            self.outcome = COMPLETED
        self.running = False
        if self.escape is not None:
            error, self.escape = self.escape, None
            if not self.nested:
                drop_frames(self)
            raise error
        return self.outcome

    cdef str report(self, int outcome):
        if outcome == SUSPENDED:
            return "suspended"
        self.wake_at = self.reason = self.pending = None
        self.waiting = None
        return "completed" if outcome == COMPLETED else "failed"

    @property
    def value(self):
        """What the last run returned."""
        return to_object(self, self.vm.value)

    @property
    def is_active(self):
        """A run is in progress: started, not completed, not failed."""
        return self.vm.nframes > 0

    @property
    def flow(self):
        """Qualified name of the flow at the bottom of the run; None when idle."""
        if not self.vm.nframes:
            return None
        return self.image.unit_table[self.vm.frames[0].unit].name

    def went_to(self, int unit):
        """Whether the last resume entered a flow by goto."""
        return 0 <= unit < self.image.unit_count and self.vm.went[unit] != 0

    @property
    def until(self):
        """What ends the awaited action early: [channel or None, signal], the number of a thunk, or None."""
        if self.waiting is not None and self.waiting[0] == "await" and self.waiting[4]:
            return self.waiting[4].get("until", self.waiting[4].get("until_unit"))
        return None

    def take_signal(self, channel, str name):
        """Take the first signal of that name out of the mailbox; None when there is none."""
        taken = []
        if take(self.mailbox, [(channel, name)], False, taken, self.channel):
            return taken[0][0]
        return None

    @property
    def now(self):
        """The VM clock of the last resume, in milliseconds."""
        return self.now_ms

    @property
    def order(self):
        """Number of the next record of the run."""
        return self.vm.row

    def set_order(self, int number):
        """Continue the numbering of another machine's run."""
        self.vm.row = number

    def next_order(self):
        """Take a number in the order of everything the run did."""
        cdef int32_t order = self.vm.row
        self.vm.row += self.vm.row_step
        return order

    def set_clock(self, now_ms):
        """Move the VM clock for code that runs outside of a run (thunks, requirements)."""
        self.now_ms = now_ms
        self.context.now_ms = now_ms if type(now_ms) is int else int(now_ms)

    def answer(self, token, value):
        """The host's answer to the awaited action; the next resume goes on with it."""
        if self.waiting is not None and self.waiting[0] == "await" and self.waiting[2] == token:
            self.answered = ("done", value)

    def fail(self, token, fault):
        """The awaited action failed; the next resume raises the fault at the action."""
        if self.waiting is not None and self.waiting[0] == "await" and self.waiting[2] == token:
            self.answered = ("failed", fault)

    def deliver(self, str name, payload=None, source=None):
        """Put a signal into the mailbox."""
        put_in_mailbox(self, Signal(name, payload, source))

    def enter_default(self):
        """Let the continuation point that waits enter its default flow at the next resume."""
        self.default_asked = True

    def cancel(self):
        """End the run with `cancelled` at its next safe point or resume."""
        self.cancel_asked = True
        if self.running:
            abml_request(&self.vm)

    def drop(self):
        """Forget a run in progress without running anything."""
        if self.running:
            raise ValueError("the machine is running")
        self.vm.bottom = 0
        drop_frames(self)

    # ------------------------------------------------------------------ calls

    def call(self, int unit, args=()):
        """Run a thunk or function to its end and give its value; also while a run is suspended.

        Raises:
            FaultError: it failed.
        """
        if not 0 <= unit < self.image.unit_count or self.image.units[unit].kind == ABML_FLOW:
            raise ValueError(f"unit {unit} is not a thunk or function of the program")
        return self.call_unit(unit, args)

    cdef object call_unit(self, int32_t unit, object args):
        cdef abml_vm *vm = &self.vm
        cdef const abml_unit *u = &vm.units[unit]
        cdef int32_t bottom = vm.bottom, pc = vm.pc, base = vm.nframes, height = vm.nargs, saved = vm.nsaved
        cdef int32_t temporaries = vm.nregisters - self.image.first_temporary
        cdef bint running = self.running
        cdef int outcome = self.outcome
        cdef abml_cell value = vm.value
        cdef int32_t k
        cdef list cells
        if u.arity_most < len(args):
            raise ValueFault("argument_error", f"a function takes {u.arity_most} arguments at most")
        if not running:
            vm.budget = self.budget_limit
            vm.attention = 0
        # The instruction that led here may hold values in any temporary.
        if vm.nsaved + temporaries > vm.cap_saved and not abml_grow(
            <void **>&vm.saved, &vm.cap_saved, vm.nsaved, temporaries, sizeof(abml_cell), ABML_MAX_SAVED
        ):
            raise MemoryError
        if temporaries:
            memcpy(vm.saved + vm.nsaved, vm.r + self.image.first_temporary, temporaries * sizeof(abml_cell))
        vm.nsaved += temporaries
        vm.bottom = base
        self.nested += 1
        try:
            if abml_push_frame(vm, unit, 0, -1, ABML_FRAME_BOTTOM) == NULL:
                raise_depth(self)
            for k in range(u.arity_most):
                vm.r[u.region_start + k] = to_cell(self, args[k]) if k < len(args) else ABML_NULL
            if u.kind == ABML_FUNCTION:
                vm.r[u.region_start + u.arity_most] = abml_from_int48(len(args))
            vm.pc = u.start
            if self.run_loop() != COMPLETED:
                fault, self.fault = self.fault, None
                raise FaultError(fault)
            try:
                return to_object(self, vm.value)
            except ValueFault as error:
                # Code that no compiler made returns what is no value of the language.
                raise FaultError(Fault.from_value_fault(error)) from None
        finally:
            while vm.nframes > base:
                abml_pop_frame(vm)
            self.nested -= 1
            vm.bottom = bottom
            vm.pc = pc
            vm.nargs = height
            vm.nsaved = saved
            if temporaries:
                memcpy(vm.r + self.image.first_temporary, vm.saved + saved, temporaries * sizeof(abml_cell))
            vm.value = value
            self.running = running
            self.outcome = outcome

    # --------------------------------------------------------------- bindings

    def get(self, str name):
        """A variable by the read rule of the current scope; None when nothing has that name."""
        slot = self.image.slot_numbers.get(name)
        if slot is None:
            if name in self.extras:
                return self.extras[name]
            value = self.host.resolve(name)
        else:
            cell = self.vm.r[<int32_t>slot]
            if cell == ABML_LAZY:
                return self.call_unit(self.image.slot_table[slot].thunk, ())
            if cell != ABML_UNBOUND:
                return to_object(self, cell)
            value = self.host.resolve(name)
        if type(value) is ProviderRef:
            return self.host.provide((<ProviderRef>value).name, (<ProviderRef>value).path)
        return value

    def set(self, str name, value):
        """Assign a variable by the rule of `set` in the current scope.

        Raises:
            ValueFault: `readonly_target`.
        """
        slot = self.image.slot_numbers.get(name)
        if slot is None:
            # No code of the program names it; templates and the host may read it.
            self.extras[name] = value
        else:
            set_slot_value(self, slot, to_cell(self, value))

    def forget_providers(self):
        """Providers may say something else from now on, or other ones answer: they are asked again."""
        # Before the first call nothing is remembered, so that hosts which never call it are safe.
        self.vm.providers += 1
        if not self.vm.providers:
            self.vm.providers = 1
            free(self.vm.paths)
            self.vm.paths = NULL

    def find(self, str name):
        """Number of the slot of a name, or None."""
        return self.image.slot_numbers.get(name)

    def slot(self, int number):
        """The raw content of a slot: (value, depth), value None when it is unbound or lazy."""
        self.check_slot(number)
        cell = self.vm.r[number]
        return (None if abml_is_open(cell) else to_object(self, cell)), self.vm.depth[number]

    def outer_slot(self, int number):
        """What the document scope has in a slot, whatever hides it: (value, whether it is bound); lazy is not bound."""
        self.check_slot(number)
        cdef int32_t k = lowest_binding(self, number)
        cdef abml_cell cell = self.vm.r[number] if k < 0 else self.vm.undo[k].old
        return (None, False) if abml_is_open(cell) else (to_object(self, cell), True)

    def set_slot(self, int number, value, int depth):
        """Put a value into a slot at a depth (0 given layer, 1 document scope), under what hides it."""
        self.check_slot(number)
        cdef int32_t k = lowest_binding(self, number)
        cdef abml_cell cell = to_cell(self, value)
        if k < 0:
            self.vm.r[number] = cell
            self.vm.depth[number] = depth
        else:
            self.vm.undo[k].old = cell
            self.vm.undo[k].old_depth = depth

    def unset_slot(self, int number):
        """Make a slot unbound again, outside of a run; a variable of the program is lazy or null then."""
        self.check_slot(number)
        cdef abml_cell cell = self.image.registers[number]
        slot = self.image.slot_table[number]
        self.vm.r[number] = ABML_NULL if cell == ABML_UNBOUND and slot.kind != "chain" else cell
        self.vm.depth[number] = self.image.depths[number]

    def protect(self, int number):
        """Let assignments to a slot raise `readonly_target`, on this machine only."""
        self.check_slot(number)
        if self.own_readonly == NULL:
            self.own_readonly = <unsigned char *>checked(malloc(self.image.slot_count + 1))
            memcpy(self.own_readonly, self.image.readonly, self.image.slot_count + 1)
            self.vm.readonly = self.own_readonly
        self.own_readonly[number] = 1

    cdef int check_slot(self, int number) except -1:
        if not 0 <= number < self.image.slot_count:
            raise IndexError(f"there is no slot {number}")
        return 0

    def is_bound(self, int number):
        """Whether a slot holds a value (is neither unbound nor lazy)."""
        self.check_slot(number)
        return not abml_is_open(self.vm.r[number])

    def bindings(self):
        """Name -> (value, depth) of everything that is bound at the given layer, document or run scope.

        Lazy variables are left out unless a run assigned them. Inside frames the
        outer values are given, as they will be when the frames are left.
        """
        cdef dict found = {}
        cdef int32_t k
        cdef abml_cell cell
        cdef dict outer = {}
        cdef int32_t height = self.vm.marks[0] if self.vm.nmarks else self.vm.nundo
        for k in range(self.vm.nundo - 1, height - 1, -1):
            outer[self.vm.undo[k].slot] = k
        for k, slot in enumerate(self.image.slot_table):
            if slot.kind == "hidden":
                continue
            at = outer.get(k)
            if at is None:
                cell, depth = self.vm.r[k], self.vm.depth[k]
            else:
                cell, depth = self.vm.undo[<int32_t>at].old, self.vm.undo[<int32_t>at].old_depth
            if depth < 0 or depth > 2 or abml_is_open(cell):
                continue
            found[slot.name] = (to_object(self, cell), depth)
        for name, value in self.extras.items():
            found.setdefault(name, (value, 2))
        return found

    @property
    def assigned_sources(self):
        """Names of the source variables whose binding an assignment hides until the run ends."""
        return [self.image.slot_table[slot].name for slot in sorted(self.overwritten)]

    def end_run(self):
        """Leave the run scope: its bindings go, assigned source variables are bound to their sources again."""
        cdef int32_t n = self.vm.nundo
        if self.running:
            raise ValueError("the machine is running")
        self.vm.bottom = 0
        drop_frames(self)
        abml_pop_scopes(&self.vm, 0)
        while self.vm.nundo > 0:
            self.vm.nundo -= 1
            n = self.vm.nundo
            self.vm.r[self.vm.undo[n].slot] = self.vm.undo[n].old
            self.vm.depth[self.vm.undo[n].slot] = self.vm.undo[n].old_depth
        if self.overwritten:
            for slot in self.overwritten:
                self.vm.r[<int32_t>slot] = ABML_LAZY
            self.overwritten.clear()
        self.extras.clear()
        self.mailbox.clear()

    def drop_given(self):
        """Unbind what stands in the given layer."""
        cdef int32_t k
        for k in range(self.image.slot_count):
            if self.vm.depth[k] == 0:
                self.unset_slot(k)

    # ---------------------------------------------------------------- intents

    def take_intents(self):
        """The intents since the last call, oldest first, as maps (language 8.4)."""
        records = intents_as_records(self)
        forget_intents(self)
        return records

    @property
    def heap_values(self):
        """(handles in use, handles in use that make the next collection look at all), for tests and tools."""
        return self.vm.heap.live, self.vm.heap.limit

    def collect(self):
        """Collect unused handles now, while the machine does not run."""
        if not self.running:
            collect_all(self)

    # ----------------------------------------------------------------- fibers

    def fiber(self, int unit, *, Fiber parent=None, str channel=None, bint isolated=False, args=None, names=None):
        """A fiber that stands at the start of a flow, in a scope of its own above the document scope.

        Args:
            parent: the fiber it is an arm of; it must stand at its `parallel`.
            channel: the identity of its channel.
            isolated: assignments to document and given values make its own copies.
            args, names: as for `start`.

        Raises:
            ValueFault: `limit_exceeded`: too many fibers, or nested too deeply.
        """
        return new_fiber(self, unit, parent, channel, isolated, args, names)

    def turn(self, Fiber fiber not None, now_ms, int64_t budget, bint in_turns=True):
        """Let a fiber go on until it has done one leaf action, has to wait, or ends.

        Args:
            now_ms: the VM clock.
            budget: instructions it may execute.
            in_turns: false: go on until it has to wait or ends.

        Returns:
            "suspended" (with the fiber's `reason` "turn" after a leaf action), "completed" or "failed".
        """
        return run_turn(self, fiber, now_ms, budget, in_turns)

    @property
    def current(self):
        """The fiber whose turn it is; None when nobody takes turns."""
        return self.path[-1] if self.path is not None else None

    def within(self, Fiber fiber not None, work):
        """Call `work()` while a waiting fiber is on the machine: `get` and `set` mean its scopes then.

        Raises:
            ValueError: another run is in progress, or the fiber has ended.
        """
        if not fiber.is_active:
            raise ValueError("the fiber has ended")
        attach(self, fiber)
        try:
            return work()
        finally:
            detach(self, fiber, True)

    def begin_cycles(self):
        """A run of fibers goes on after a pause: forget which flows were entered by goto."""
        memset(self.vm.went, 0, self.image.unit_count)

    def bindings_of(self, Fiber fiber not None):
        """What `bindings` gives while a fiber that has not ended is on the machine."""
        return self.within(fiber, self.bindings)

    def release(self, Fiber fiber not None):
        """Forget a fiber that did not end by itself."""
        if fiber in self.fibers:
            self.fibers.remove(fiber)
        fiber.is_active = False

    # -------------------------------------------------------------- snapshots

    def park(self):
        """Take the suspended run off the machine, which is idle then; `unpark` puts it back.

        The state belongs to this machine. Document variables are shared: what other
        runs write meanwhile is seen afterwards.
        """
        return park_fiber(self)

    def unpark(self, state):
        """Put a parked run back; `resume` goes on with it."""
        unpark_fiber(self, state)

    def fiber_snapshot(self, Fiber fiber not None):
        """What a waiting fiber has, as plain data; `restore_fiber` makes one from it.

        Raises:
            ValueError: the fiber runs or has ended.
        """
        return fiber_snapshot(self, fiber)

    def restore_fiber(self, dict data, *, Fiber parent=None):
        """A fiber from a snapshot of one of the same program; an arm's parent comes first.

        Raises:
            ValueError: the data does not fit the program.
        """
        return restore_fiber(self, data, parent)

    def snapshot(self):
        """Everything that changes, as plain data; `restore` continues from it, on this or another machine."""
        return make_snapshot(self)

    def restore(self, data):
        """Take over a snapshot of a machine of the same program."""
        restore_snapshot(self, data)
