# Image: a program prepared for the machine, shared by all machines that run it.

from collections import OrderedDict

cdef object _images = OrderedDict()
# Programs whose prepared form is kept; a host that runs more of them at once prepares some anew.
cdef enum:
    KEPT_IMAGES = 128
    MOST_PATHS = 65535

cdef dict _UNIT_KINDS = {"flow": ABML_FLOW, "function": ABML_FUNCTION, "thunk": ABML_THUNK}


@cython.final
cdef class Image:
    """The tables of a program as C arrays, its constants as cells, its names as dictionaries."""

    cdef object program
    cdef abml_ins *code  # as the program has it
    cdef abml_ins *hot  # as the loop executes it
    cdef int32_t length
    cdef abml_unit *units
    cdef int32_t unit_count
    cdef abml_site *sites
    cdef int32_t *functions
    cdef unsigned char *readonly
    cdef abml_cell *constants
    cdef abml_name *names
    cdef abml_cell *registers
    cdef int32_t *depths
    cdef int32_t slot_count
    cdef int32_t register_count
    cdef int32_t first_temporary
    cdef uint32_t pinned
    cdef list pinned_objects
    cdef list unit_table, site_table, slot_table, constant_table, function_table, line_table
    cdef list line_starts, unit_starts
    cdef dict slot_numbers
    cdef int32_t error_slot, handled_slot, args_slot
    cdef int32_t error_unit
    cdef list global_slots, channel_names
    cdef list paths  # (first instruction, last one, root name, steps) of each path that may be a provider's
    cdef dict path_ends  # last instruction of a path -> its index
    cdef bint has_sources
    cdef object archetype

    def __cinit__(self, program):
        self.code = NULL
        self.hot = NULL
        self.units = NULL
        self.sites = NULL
        self.functions = NULL
        self.readonly = NULL
        self.constants = NULL
        self.names = NULL
        self.registers = NULL
        self.depths = NULL

    def __init__(self, program):
        self.program = program
        self.unit_table = list(program.units)
        self.site_table = list(program.sites)
        self.slot_table = list(program.slots)
        self.constant_table = list(program.constants)
        self.function_table = list(program.functions)
        self.line_table = list(program.lines)
        self.line_starts = [line.pc for line in program.lines]
        self.slot_count = len(self.slot_table)
        self.register_count = program.registers
        self.first_temporary = self.slot_count + program.preloaded
        self.unit_count = len(self.unit_table)
        if self.register_count < self.first_temporary or self.register_count > 65536 \
                or program.preloaded > len(self.constant_table):
            raise ProgramFormatError("the register file does not hold the program's slots and constants")
        metadata = program.info.get("metadata")
        self.archetype = metadata.get("archetype") if isinstance(metadata, dict) else None
        self.channel_names = [channel_name(site.name, self.archetype) for site in self.site_table]
        self.prepare_constants()
        self.prepare_slots()
        self.prepare_units()
        self.prepare_sites()
        self.prepare_code()
        info = program.info
        self.error_unit = info.get("error_unit", -1)
        if self.error_unit >= self.unit_count:
            raise ProgramFormatError("the error handler is not a unit of the program")

    def __dealloc__(self):
        free(self.code)
        free(self.hot)
        free(self.units)
        free(self.sites)
        free(self.functions)
        free(self.readonly)
        free(self.constants)
        free(self.names)
        free(self.registers)
        free(self.depths)

    cdef int prepare_constants(self) except -1:
        """Constants that do not fit a cell get the first handles of every machine."""
        cdef Py_ssize_t i
        cdef int overflow = 0
        self.constants = <abml_cell *>checked(calloc(len(self.constant_table) + 1, sizeof(abml_cell)))
        self.names = <abml_name *>checked(calloc(len(self.constant_table) + 1, sizeof(abml_name)))
        self.pinned_objects = []
        for i, value in enumerate(self.constant_table):
            kind = type(value)
            # Keys of maps are mostly the interned objects, which compare faster. No map has this one.
            self.names[i].text = <PyObject *>_MISSING
            if kind is str:
                value = self.constant_table[i] = sys.intern(value)
                self.names[i].text = <PyObject *>value
                self.constants[i] = abml_from_symbol(intern_symbol(value))
            elif kind is float:
                self.constants[i] = abml_from_double(<double>value)
            elif value is None:
                self.constants[i] = ABML_NULL
            elif kind is bool:
                self.constants[i] = ABML_TRUE if value else ABML_FALSE
            elif kind is int and -(1 << 47) <= value < (1 << 47):
                self.constants[i] = abml_from_int48(<int64_t>value)
            elif (kind is int and -(1 << 63) <= value < (1 << 63)) or kind is Duration:
                self.constants[i] = abml_from_handle(len(self.pinned_objects))
                self.pinned_objects.append(value)
            else:
                raise ProgramFormatError(f"a constant of type {kind.__name__} is not a value of the language")
        self.pinned = len(self.pinned_objects)
        return 0

    cdef int prepare_slots(self) except -1:
        cdef Py_ssize_t i
        self.readonly = <unsigned char *>checked(calloc(self.slot_count + 1, 1))
        self.depths = <int32_t *>checked(calloc(self.slot_count + 1, sizeof(int32_t)))
        self.registers = <abml_cell *>checked(calloc(self.register_count + 1, sizeof(abml_cell)))
        self.slot_numbers = {}
        self.has_sources = any(slot.mode == "source" for slot in self.slot_table)
        for i in range(self.register_count):
            self.registers[i] = ABML_NULL
        for i, slot in enumerate(self.slot_table):
            self.slot_numbers.setdefault(slot.name, i)
            self.readonly[i] = 1 if slot.is_readonly or slot.mode == "computed" else 0
            if slot.thunk >= self.unit_count or slot.thunk < -1:
                raise ProgramFormatError(f"the thunk of '{slot.name}' is not a unit of the program")
            if slot.kind == "chain":
                self.registers[i] = ABML_UNBOUND
                self.depths[i] = -1
            else:
                # Without a value until the defaults are computed; a value given before stays.
                self.depths[i] = 1
                lazy = slot.thunk >= 0 and slot.mode != "plain"
                self.registers[i] = ABML_LAZY if lazy else ABML_UNBOUND
        for i in range(<Py_ssize_t>(self.first_temporary - self.slot_count)):
            self.registers[self.slot_count + i] = self.constants[i]
        self.error_slot = self.slot_numbers.get("_error", -1)
        self.handled_slot = self.slot_numbers.get("_error_handled", -1)
        self.args_slot = self.slot_numbers.get("args", -1)
        return 0

    cdef int prepare_units(self) except -1:
        cdef Py_ssize_t i
        cdef abml_unit *u
        cdef int32_t length = <int32_t>(len(self.program.code) // 8)
        self.unit_starts = [unit.start for unit in self.unit_table]
        self.units = <abml_unit *>checked(calloc(self.unit_count + 1, sizeof(abml_unit)))
        for i, unit in enumerate(self.unit_table):
            u = &self.units[i]
            u.start, u.end = unit.start, unit.end
            u.region_start, u.region_end = unit.region_start, unit.region_end
            u.arity_least, u.arity_most = unit.arity
            u.kind = _UNIT_KINDS[unit.kind]
            if not 0 <= u.start < u.end <= length:
                raise ProgramFormatError(f"the code of '{unit.name}' lies outside of the program")
            if not 0 <= u.region_start <= u.region_end <= self.register_count:
                raise ProgramFormatError(f"the registers of '{unit.name}' lie outside of the register file")
            if u.kind == ABML_FUNCTION and not 0 <= u.arity_most <= u.region_end - u.region_start:
                raise ProgramFormatError(f"the parameters of '{unit.name}' have no registers")
        self.functions = <int32_t *>checked(calloc(len(self.function_table) + 1, sizeof(int32_t)))
        for i, reference in enumerate(self.function_table):
            if reference.unit >= self.unit_count:
                raise ProgramFormatError(f"'{reference.name}' is not a function of the program")
            self.functions[i] = reference.unit if reference.unit >= 0 else -1
            if reference.unit >= 0 and self.units[reference.unit].kind != ABML_FUNCTION:
                raise ProgramFormatError(f"'{reference.name}' is not a function")
        return 0

    cdef int prepare_sites(self) except -1:
        cdef Py_ssize_t i
        cdef abml_site *s
        self.sites = <abml_site *>checked(calloc(len(self.site_table) + 1, sizeof(abml_site)))
        for i, site in enumerate(self.site_table):
            s = &self.sites[i]
            if not -1 <= site.unit < self.unit_count:
                raise ProgramFormatError(f"the target of '{site.name}' is not a unit of the program")
            for slot in site.slots:
                if not -1 <= slot < self.slot_count:
                    raise ProgramFormatError(f"a slot of '{site.name}' is not a slot of the program")
            s.unit = site.unit
            s.count = site.count
            s.simple = site.kind == "call" and site.unit >= 0 and site.count == 0 \
                and "dynamic" not in site.flags and "branch" not in site.flags and ("args" not in site.flags or self.args_slot < 0) \
                and self.units[site.unit].kind == ABML_FLOW
            if s.simple and self.units[site.unit].region_end == self.units[site.unit].region_start:
                s.simple = 2
            s.start = self.units[site.unit].start if site.unit >= 0 else 0
        return 0

    cdef int prepare_code(self) except -1:
        """A copy of the code with an end that traps, every opcode known."""
        cdef bytes code = self.program.code
        cdef const unsigned char *text = code
        cdef Py_ssize_t i
        cdef abml_ins *ins
        cdef set seen = set()
        self.length = <int32_t>(len(code) // 8)
        self.code = <abml_ins *>checked(calloc(self.length + 1, sizeof(abml_ins)))
        for i in range(self.length):
            ins = &self.code[i]
            # Little endian on disk, whatever the processor.
            ins.op = text[8 * i] | (text[8 * i + 1] << 8)
            ins.a = text[8 * i + 2] | (text[8 * i + 3] << 8)
            ins.b = text[8 * i + 4] | (text[8 * i + 5] << 8)
            ins.c = text[8 * i + 6] | (text[8 * i + 7] << 8)
            if ins.op >= OPCODE_COUNT:
                raise ProgramFormatError(f"instruction {i} has an unknown opcode")
            if ins.op == ABML_OP_GLOBALV:
                seen.add(ins.a)
        self.code[self.length].op = ABML_OP_TRAP
        self.hot = <abml_ins *>checked(malloc((self.length + 1) * sizeof(abml_ins)))
        abml_fuse(self.code, self.hot, self.length, self.registers, self.slot_count, self.first_temporary)
        self.prepare_paths()
        abml_thread(self.hot, self.length)
        self.global_slots = sorted(slot for slot in seen if self.slot_table[slot].kind == "chain")
        return 0

    cdef int prepare_paths(self) except -1:
        """Paths of names that providers may answer: a LOADV, members of it, a PFIN."""
        cdef int32_t k, j
        self.paths = []
        self.path_ends = {}
        for k in range(self.length - 2):
            if self.code[k].op != ABML_OP_LOADV or len(self.paths) > MOST_PATHS:
                continue
            j = k + 1
            while self.code[j].op == ABML_OP_GETM and self.code[j].b == self.code[j - 1].a:
                j += 1
            if j == k + 1 or self.code[j].op != ABML_OP_PFIN or self.code[j].b != self.code[j - 1].a:
                continue
            if self.hot[k].op != ABML_OP_LOADV_FIELD:
                self.hot[k].op = ABML_OP_LOADV_PATH
            self.hot[k].c = <uint16_t>len(self.paths)
            self.path_ends[j] = len(self.paths)
            steps = tuple([self.constant_table[self.code[at].c] for at in range(k + 1, j)])
            self.paths.append((k, j, self.slot_table[self.code[k].b].name, steps))
        return 0

    cdef int32_t unit_at(self, int32_t pc):
        """The unit whose code an instruction belongs to."""
        return <int32_t>(bisect_right(self.unit_starts, pc) - 1)

    cdef object line_at(self, int32_t pc):
        """The row of the line table that covers an instruction, or None."""
        cdef Py_ssize_t i = bisect_right(self.line_starts, pc) - 1
        return self.line_table[i] if i >= 0 else None


cdef void *checked(void *memory) except NULL:
    if memory == NULL:
        raise MemoryError
    return memory


cdef Image image_of(object program):
    """The prepared form of a program; the last ones used are kept."""
    key = id(program)
    image = _images.get(key)
    if image is not None and (<Image>image).program is program:
        _images.move_to_end(key)
        return <Image>image
    image = Image(program)
    _images[key] = image
    if len(_images) > KEPT_IMAGES:
        _images.popitem(last=False)
    return <Image>image
