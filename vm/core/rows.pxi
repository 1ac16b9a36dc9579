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
        host, limits, random, host_functions, dispatch: as for `Machine`, shared by all rows.

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
    # Static reads that take their value from a column: where it lies, and the objects that own the memory.
    cdef abml_column *columns
    cdef Py_ssize_t column_count
    cdef list connected
    # A text of a column may be young.
    cdef bint has_new_texts
    # The numbers that were looked at last, and the greatest of them.
    cdef object numbers
    cdef int32_t most

    def __cinit__(self, *args, **keywords):
        self.cells = NULL
        self.count = 0
        self.width = 0
        self.exposed_from = self.exposed_to = 0
        self.columns = NULL
        self.column_count = 0
        self.connected = []
        self.has_new_texts = False

    def __init__(
        self, program, Py_ssize_t count, host, *, limits=None, random=None, host_functions=None, dispatch=None
    ):
        cdef Py_ssize_t i
        cdef Machine m = Machine(
            program, host, limits=limits, random=random, host_functions=host_functions, dispatch=dispatch
        )
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
        cdef Py_ssize_t i
        free(self.cells)
        for i in range(self.column_count):
            free(<void *>self.columns[i].texts)
        free(self.columns)

    cdef Py_ssize_t column(self, str name) except -1:
        slot = self.machine.image.slot_numbers.get(name)
        if slot is None:
            raise KeyError(name)
        return slot

    @cython.boundscheck(False)
    @cython.wraparound(False)
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
        self.has_new_texts = True
        return 0

    cdef int mark_exposed(self) noexcept:
        """Mark what rows hold that were written since the last collection."""
        cdef Machine m = self.machine
        cdef Py_ssize_t last = self.exposed_to
        if self.has_new_texts:
            self.mark_columns()
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

    @property
    def row(self):
        """Number of the row that runs, for a host that is asked something."""
        return self.machine.vm.row

    def watch(self, reads):
        """Let static reads of the program take their values from columns, once they are connected.

        A read that has no column, or whose name is bound in its row, asks the host as ever.

        Args:
            reads: as `abml.compiler.bytecode.reads` finds them; those that are not plain are left alone.
        """
        cdef Machine m = self.machine
        cdef Image image = m.image
        cdef Py_ssize_t i
        cdef int32_t pc
        cdef list plain = [read for read in reads if read.is_plain]
        if self.column_count:
            raise ValueError("the rows watch their reads already")
        if len(plain) > 0xFFFF:
            plain = plain[:0xFFFF]
        for read in plain:
            if not 0 <= read.pc < image.length or image.code[<int32_t>read.pc].op not in (ABML_OP_LOADV, ABML_OP_LOADD) \
                    or not 1 <= read.length <= image.length - read.pc \
                    or not 0 <= read.target < image.register_count \
                    or image.slot_count <= read.target < image.first_temporary:
                raise ValueError("these are not the reads of the program")
        self.columns = <abml_column *>checked(calloc(len(plain) + 1, sizeof(abml_column)))
        self.column_count = len(plain)
        self.connected = [None] * len(plain)
        if m.own_code == NULL:
            m.own_code = <abml_ins *>checked(malloc((image.length + 1) * sizeof(abml_ins)))
            memcpy(m.own_code, image.hot, (image.length + 1) * sizeof(abml_ins))
            m.vm.code = m.own_code
        for i, read in enumerate(plain):
            pc = read.pc
            self.columns[i].target = read.target
            self.columns[i].length = read.length - 1
            self.columns[i].is_document = image.code[pc].op == ABML_OP_LOADD
            m.own_code[pc].op = ABML_OP_COLUMN
            m.own_code[pc].c = <uint16_t>i
        abml_thread(m.own_code, image.length)
        m.vm.columns = self.columns
        return plain

    def connect(self, Py_ssize_t number, column, row_of=None):
        """Have a watched read take its values from a column until it is connected again.

        Args:
            number: place of the read among those that `watch` gave.
            column: `kind`, `values`, `valid`, `strings`; its arrays must not change while rows run. None:
                the read asks the host.
            row_of: int32, shape (count,): element of each row, below zero for null; None: row i has element i.
        """
        cdef abml_column found
        if not 0 <= number < self.column_count:
            raise ValueError("there is no such read")
        if self.machine.running:
            raise ValueError("the rows are running")
        memset(&found, 0, sizeof(abml_column))
        if column is not None:
            self.describe(column, row_of, &found)
        found.target = self.columns[number].target
        found.is_document = self.columns[number].is_document
        found.length = self.columns[number].length
        free(<void *>self.columns[number].texts)
        self.columns[number] = found
        self.has_new_texts = True
        self.connected[number] = None if column is None else (column.values, column.valid, row_of)

    def fill(self, list inputs):
        """Write variables of every row from columns, null where a column has none.

        Args:
            inputs: (name, column, row_of) of each variable; see `connect`.

        Returns:
            (name, row) of values that do not fit a cell and were not written: ints beyond 48 bits.
        """
        cdef Py_ssize_t count = len(inputs), i, first = 0, last
        cdef abml_column *found = <abml_column *>checked(calloc(count + 1, sizeof(abml_column)))
        cdef abml_cell **places = <abml_cell **>malloc((count + 1) * sizeof(abml_cell *))
        cdef int64_t left = 0
        try:
            if places == NULL:
                raise MemoryError
            for i, (name, column, row_of) in enumerate(inputs):
                places[i] = self.cells + self.column(name)
                self.describe(column, row_of, &found[i])
            self.expose_all()
            while first < self.count:
                last = min(first + FILLED_ROWS, self.count)
                for i in range(count):
                    left += abml_fill(&found[i], places[i], self.width, first, last)
                first = last
            return self.unfilled(inputs, found) if left else []
        finally:
            for i in range(count):
                free(<void *>found[i].texts)
            free(found)
            free(places)

    cdef list unfilled(self, list inputs, const abml_column *found):
        """The values that `fill` could not write."""
        cdef Py_ssize_t i, row
        cdef list left = []
        for i in range(len(inputs)):
            for row in range(self.count):
                if abml_column_cell(&found[i], found[i].row_of[row] if found[i].row_of != NULL else row) == ABML_LAZY:
                    left.append((inputs[i][0], row))
        return left

    def put(self, str name, Py_ssize_t row, value):
        """Write one variable of one row."""
        if not 0 <= row < self.count:
            raise IndexError(row)
        self.cells[row * self.width + self.column(name)] = to_cell(self.machine, value)
        self.exposed_from = min(self.exposed_from, row)
        self.exposed_to = max(self.exposed_to, row + 1)

    cdef object describe(self, column, row_of, abml_column *found):
        """Fill in where a column's elements lie; every element that a row leads to is there."""
        cdef const double[::1] floats
        cdef const int64_t[::1] ints
        cdef const uint8_t[::1] bools, valid
        cdef const int32_t[::1] codes, numbers
        cdef Py_ssize_t i, size = len(column.values)
        cdef int32_t most
        cdef abml_cell *texts
        kind = column.kind
        if row_of is None:
            if size != self.count:
                raise ValueError(f"the column has {size} elements for {self.count} rows")
        else:
            numbers = row_of
            if numbers.shape[0] != self.count:
                raise ValueError(f"row_of has {numbers.shape[0]} elements for {self.count} rows")
            if self.count:
                found.row_of = &numbers[0]
                # Numbers that cannot change are looked at once.
                if row_of is not self.numbers or row_of.flags.writeable:
                    self.most = abml_greatest(found.row_of, self.count)
                    self.numbers = row_of
                most = self.most
                if most >= size:
                    raise ValueError(f"row_of leads to element {most} of {size}")
        if column.valid is not None:
            valid = column.valid
            if valid.shape[0] != size:
                raise ValueError("valid has another length than values")
            if size:
                found.valid = &valid[0]
        if kind == "f64":
            floats = column.values
            found.kind = ABML_COLUMN_FLOAT
            found.values = &floats[0] if size else NULL
        elif kind == "i64":
            ints = column.values
            found.kind = ABML_COLUMN_INT
            found.values = &ints[0] if size else NULL
        elif kind == "bool":
            bools = column.values
            found.kind = ABML_COLUMN_BOOL
            found.values = &bools[0] if size else NULL
        elif kind == "str":
            codes = column.values
            strings = column.strings or []
            texts = <abml_cell *>checked(calloc(len(strings) + 1, sizeof(abml_cell)))
            found.texts = texts
            try:
                for i, text in enumerate(strings):
                    texts[i] = to_cell(self.machine, text)
            except BaseException:
                free(texts)
                raise
            found.kind = ABML_COLUMN_TEXT
            found.ntexts = <int32_t>len(strings)
            found.values = &codes[0] if size else NULL
        else:
            raise ValueError(f"a column is f64, i64, bool or str, not {kind!r}")
        found.count = size
        return None

    cdef int mark_columns(self) noexcept:
        """Mark the texts of columns; those that outlive a collection are old, until all are looked at."""
        cdef Py_ssize_t i
        for i in range(self.column_count):
            mark_cells(self.machine, self.columns[i].texts, self.columns[i].ntexts)
        self.has_new_texts = False
        return 0

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
