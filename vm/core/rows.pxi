# Rows: one program over many actors, their variables in one block of cells.


@cython.final
cdef class Rows:
    """The variables of many actors of one program, and a loop that ticks them all.

    Every actor is a row of cells, one per variable slot. A tick runs a flow to its
    end for each row; a row whose run fails or has to wait is reported and left as it
    was at that point, without its run scope.

    Args:
        program: what the rows run.
        count: number of rows.
        host, limits, random, dispatch: as for `Machine`, shared by all rows.

    Attributes:
        faults: row -> fault, of the last tick.
        waiting: rows of the last tick whose run had to wait.
    """

    cdef Machine machine
    cdef abml_cell *cells
    cdef readonly Py_ssize_t count
    cdef Py_ssize_t width
    # Rows in which a young handle may stand.
    cdef Py_ssize_t exposed_from, exposed_to
    cdef readonly dict faults
    cdef readonly list waiting

    def __cinit__(self, *args, **keywords):
        self.cells = NULL
        self.count = 0
        self.width = 0
        self.exposed_from = self.exposed_to = 0

    def __init__(self, program, Py_ssize_t count, host, *, limits=None, random=None, dispatch=None):
        cdef Py_ssize_t i
        cdef Machine m = Machine(program, host, limits=limits, random=random, dispatch=dispatch)
        self.machine = m
        self.width = m.vm.nslots
        self.faults = {}
        self.waiting = []
        if count < 0 or count > 1 << 30:
            raise ValueError("count must be between 0 and 2**30")
        self.cells = <abml_cell *>checked(malloc((count * self.width + 1) * sizeof(abml_cell)))
        for unit in program.info.get("init_units", ()):
            m.call_unit(unit, ())
        for i in range(self.width):
            if m.vm.depth[i] == 1 and m.vm.r[i] == ABML_UNBOUND:
                m.vm.r[i] = ABML_NULL
        for i in range(count):
            memcpy(self.cells + i * self.width, m.vm.r, self.width * sizeof(abml_cell))
        self.count = count
        m.vm.row_step = 0
        m.vm.max_intents = MOST_INTENTS
        m.rows = self

    def __dealloc__(self):
        free(self.cells)

    cdef Py_ssize_t column(self, str name) except -1:
        slot = self.machine.image.slot_numbers.get(name)
        if slot is None:
            raise KeyError(name)
        return slot

    def set(self, str name, values):
        """Write one variable of every row.

        Args:
            values: array or sequence of `count` numbers, bools, texts or other plain values.
        """
        cdef Py_ssize_t column = self.column(name), i
        cdef abml_cell *place = self.cells + column
        cdef const double[:] floats
        cdef Machine m = self.machine
        if len(values) != self.count:
            raise ValueError(f"{name} needs {self.count} values, got {len(values)}")
        kind = str(getattr(values, "dtype", ""))
        if kind == "float64":
            floats = values
            for i in range(self.count):
                place[i * self.width] = abml_from_double(floats[i])
            return
        if kind:
            values = values.tolist()
        self.expose_all()
        for i in range(self.count):
            place[i * self.width] = to_cell(m, values[i])

    cdef int expose_all(self) noexcept:
        self.exposed_from, self.exposed_to = 0, self.count
        return 0

    cdef int mark_exposed(self) noexcept:
        """Mark what rows hold that were written since the last collection."""
        cdef Machine m = self.machine
        cdef Py_ssize_t last = self.exposed_to
        if m.running and last < m.vm.next_row:
            last = m.vm.next_row
        if last > self.exposed_from:
            mark_cells(m, self.cells + self.exposed_from * self.width, (last - self.exposed_from) * self.width)
        # The one that runs is written back later.
        self.exposed_from = self.exposed_to = m.vm.next_row - 1 if m.running and m.vm.next_row > 0 else 0
        return 0

    def get(self, str name):
        """One variable of every row: a float64 or bool array, or a list when it holds anything else."""
        import numpy

        cdef Py_ssize_t column = self.column(name), i
        cdef abml_cell *place = self.cells + column
        cdef abml_cell cell
        cdef bint numbers = True, bools = True
        cdef double[:] floats
        for i in range(self.count):
            cell = place[i * self.width]
            if not abml_is_number(cell):
                numbers = False
            if cell != ABML_TRUE and cell != ABML_FALSE:
                bools = False
        if numbers:
            result = numpy.empty(self.count, dtype=numpy.float64)
            floats = result
            for i in range(self.count):
                floats[i] = abml_number(place[i * self.width])
            return result
        values = [to_object(self.machine, place[i * self.width]) for i in range(self.count)]
        return numpy.array(values, dtype=bool) if bools else values

    def tick(self, int flow, now_ms=0):
        """Run a flow to its end for every row.

        Args:
            flow: number of the flow's unit.
            now_ms: the VM clock.

        Returns:
            The number of rows that completed.
        """
        cdef Machine m = self.machine
        cdef abml_vm *vm = &m.vm
        cdef int64_t row = 0, last, stopped, done = 0
        cdef bint one_by_one = bool(m.image.global_slots) or m.image.has_sources
        if not 0 <= flow < m.image.unit_count or m.image.units[flow].kind != ABML_FLOW:
            raise ValueError(f"unit {flow} is not a flow of the program")
        if m.running:
            raise ValueError("the rows are running")
        m.set_clock(now_ms)
        self.faults = {}
        self.waiting = []
        vm.bottom = vm.nshared = 0
        forget_intents(m)
        if m.vm.heap.fresh:
            self.expose_all()
        vm.next_row = 0
        m.running = True
        try:
            while row < self.count:
                last = self.count
                if one_by_one:
                    # Names that `global` writes are bound in some rows and not in others.
                    last = row + 1
                    self.set_depths(row)
                vm.attention = 0
                if is_collection_due(m):
                    collect(m)
                stopped = abml_run_rows(vm, m.loop, self.cells, self.width, row, last, flow, m.budget_limit)
                done += stopped - row
                if m.overwritten and stopped == last:
                    self.leave_row(row)
                row = stopped
                if row < last and vm.next_row > row:
                    # This one went through the slow path at its end.
                    if m.outcome == COMPLETED:
                        done += 1
                    elif m.escape is not None:
                        break
                    else:
                        self.report(row)
                    self.leave_row(row)
                    row += 1
        finally:
            m.running = False
            if m.vm.heap.fresh:
                self.expose_all()
            while vm.nframes > 0:
                abml_pop_frame(vm)
        if m.escape is not None:
            error, m.escape = m.escape, None
            raise error
        return done

    cdef int set_depths(self, int64_t row) except -1:
        cdef abml_cell *place = self.cells + row * self.width
        for slot in self.machine.image.global_slots:
            self.machine.vm.depth[<int32_t>slot] = -1 if place[<int32_t>slot] == ABML_UNBOUND else 1
        return 0

    cdef int leave_row(self, int64_t row) except -1:
        """Undo what the run scope bound and write the row back."""
        cdef Machine m = self.machine
        abml_undo_run(&m.vm)
        for slot in m.overwritten:
            m.vm.r[<int32_t>slot] = ABML_LAZY
        m.overwritten.clear()
        abml_copy_row(self.cells + row * self.width, m.vm.r, self.width)
        return 0

    cdef int report(self, Py_ssize_t row) except -1:
        cdef Machine m = self.machine
        if m.outcome == FAILED:
            self.faults[row] = m.fault
        else:
            self.waiting.append(row)
            drop_frames(m)
        return 0

    @property
    def intents(self):
        """The intents of the last tick as arrays: row, channel (index into `channels`), action, urgency.

        `action` is a float64 array when every action is a number, else a list.
        """
        import numpy

        cdef Machine m = self.machine
        cdef Py_ssize_t i, count = m.vm.nintents
        cdef abml_intent *e
        cdef bint numbers = True
        rows = numpy.empty(count, dtype=numpy.int32)
        channels = numpy.empty(count, dtype=numpy.int32)
        urgencies = numpy.empty(count, dtype=numpy.float64)
        cdef int[:] row_view = rows
        cdef int[:] channel_view = channels
        cdef double[:] urgency_view = urgencies
        cdef double[:] action_view
        cdef dict numbers_of = {}
        cdef list site_channels = []
        for i, site in enumerate(m.image.site_table):
            name = m.image.channel_names[i]
            site_channels.append(numbers_of.setdefault(name, len(numbers_of)) if site.kind == "intent" else -1)
        for i in range(count):
            e = &m.vm.intents[i]
            row_view[i] = e.row
            channel_view[i] = site_channels[m.image.code[e.pc].a]
            urgency_view[i] = e.urgency
            if not abml_is_number(e.action):
                numbers = False
        if numbers:
            actions = numpy.empty(count, dtype=numpy.float64)
            action_view = actions
            for i in range(count):
                action_view[i] = abml_number(m.vm.intents[i].action)
        else:
            actions = [to_object(m, m.vm.intents[i].action) for i in range(count)]
        return rows, channels, actions, urgencies

    @property
    def channels(self):
        """Channel names in the order that `intents` numbers them."""
        names = {}
        for i, site in enumerate(self.machine.image.site_table):
            if site.kind == "intent":
                names.setdefault(self.machine.image.channel_names[i], len(names))
        return list(names)
