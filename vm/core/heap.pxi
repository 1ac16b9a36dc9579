# Values between cells and Python, and the table that owns the objects behind handles.


@cython.final
cdef class ProviderRef:
    """A host provider with the path that a chain has followed so far.

    Attributes:
        name: the root name.
        path: the steps after it.
    """

    cdef readonly str name
    cdef readonly tuple path

    def __init__(self, str name, tuple path=()):
        self.name = name
        self.path = path

    def __reduce__(self):
        return ProviderRef, (self.name, self.path)


@cython.final
cdef class Iterator:
    """A snapshot of a collection with the position of the next element."""

    cdef public list items
    cdef public Py_ssize_t position
    cdef public bint is_limited

    def __init__(self, list items, Py_ssize_t position=0, bint is_limited=True):
        self.items = items
        self.position = position
        self.is_limited = is_limited

    def __reduce__(self):
        return Iterator, (self.items, self.position, self.is_limited)


@cython.final
cdef class TextBuilder:
    """Pieces of a text that is being rendered."""

    cdef public list parts
    cdef public Py_ssize_t length

    def __init__(self, list parts=None, Py_ssize_t length=0):
        self.parts = [] if parts is None else parts
        self.length = length

    def __reduce__(self):
        return TextBuilder, (self.parts, self.length)


cdef abml_cell new_handle(Machine m, object value) except? 0:
    """A cell for an object; the table holds it until a collection finds it unused."""
    cdef uint32_t index
    cdef uint32_t size
    cdef PyObject **grown
    cdef uint32_t *links
    if m.heap_free != NO_HANDLE:
        index = m.heap_free
        m.heap_free = m.heap_links[index]
    else:
        if m.heap_used == m.heap_size:
            if m.heap_size >= MAX_HANDLES:
                raise ValueFault("limit_exceeded", "too many values are alive")
            size = m.heap_size * 2 if m.heap_size else 64
            grown = <PyObject **>realloc(m.heap, size * sizeof(PyObject *))
            if grown == NULL:
                raise MemoryError
            m.heap = grown
            links = <uint32_t *>realloc(m.heap_links, size * sizeof(uint32_t))
            if links == NULL:
                raise MemoryError
            m.heap_links = links
            m.heap_size = size
        index = m.heap_used
        m.heap_used += 1
    Py_INCREF(value)
    m.heap[index] = <PyObject *>value
    m.heap_live += 1
    if m.heap_live >= m.heap_limit:
        abml_request(&m.vm)
    return abml_from_handle(index)


cdef inline object object_at(Machine m, abml_cell cell):
    return <object>m.heap[abml_payload32(cell)]


cdef abml_cell to_cell(Machine m, object value) except? 0:
    """The cell of a plain value (or of an object of the machine)."""
    cdef type kind = type(value)
    cdef long long number
    cdef int overflow = 0
    if kind is float:
        return abml_from_double(<double>value)
    if value is None:
        return ABML_NULL
    if value is True:
        return ABML_TRUE
    if value is False:
        return ABML_FALSE
    if kind is int:
        number = PyLong_AsLongLongAndOverflow(value, &overflow)
        if overflow == 0:
            if abml_fits_int48(number):
                return abml_from_int48(number)
            return new_handle(m, value)
        return abml_from_double(values_wrap_int(value))
    if kind is str:
        if len(<str>value) <= SYMBOL_LENGTH:
            found = _symbol_numbers.get(value)
            if found is not None:
                return abml_from_symbol(found)
        return new_handle(m, value)
    if kind is list or kind is dict or kind is Duration or kind is ProviderRef or kind is Iterator \
            or kind is TextBuilder or kind is ErrorObject:
        return new_handle(m, value)
    # Subclasses that a host passed count as their base; other objects have no place in a program.
    if isinstance(value, (bool, int, float, str)):
        for base in (int, float, str):
            if isinstance(value, base):
                return to_cell(m, base(value))
    if isinstance(value, (list, dict)):
        return new_handle(m, value)
    if isinstance(value, Provider):
        return to_cell(m, value.root())
    raise ValueFault("type_error", f"a host value of type {kind.__name__} cannot be used here")


cdef object to_object(Machine m, abml_cell cell):
    """The plain value of a cell; a provider reference becomes the value it leads to."""
    if abml_is_double(cell):
        return PyFloat_FromDouble(abml_to_double(cell))
    cdef uint32_t tag = abml_tag(cell)
    if tag == TAG_INT:
        return PyLong_FromLongLong(abml_to_int(cell))
    if tag == TAG_SYMBOL:
        return symbol_text(abml_payload32(cell))
    if tag == TAG_HEAP:
        value = object_at(m, cell)
        kind = type(value)
        if kind is ProviderRef:
            return m.host.provide((<ProviderRef>value).name, (<ProviderRef>value).path)
        if kind is Iterator or kind is TextBuilder or kind is ErrorObject:
            raise ValueFault("internal_error", "a value of the machine was read as a value of the program")
        return value
    if cell == ABML_TRUE:
        return True
    if cell == ABML_FALSE:
        return False
    return None


# ----------------------------------------------------------------- collection


cdef inline void mark_cell(Machine m, unsigned char *marks, abml_cell cell) noexcept:
    if abml_is_heap(cell):
        marks[abml_payload32(cell)] = 1


cdef int collect(Machine m) except -1:
    """Free the handles that no cell holds. Objects in the heap hold plain values, so nothing is followed."""
    cdef unsigned char *marks = <unsigned char *>calloc(m.heap_used + 1, 1)
    cdef Py_ssize_t i, j
    cdef uint32_t live = 0
    cdef list dead = []
    cdef Rows rows
    if marks == NULL:
        raise MemoryError
    for i in range(m.image.pinned):
        marks[i] = 1
    for i in range(m.vm.nregisters):
        mark_cell(m, marks, m.vm.r[i])
    for i in range(m.vm.nundo):
        mark_cell(m, marks, m.vm.undo[i].old)
    for i in range(m.vm.nargs):
        mark_cell(m, marks, m.vm.args[i])
    for i in range(m.vm.nsaved):
        mark_cell(m, marks, m.vm.saved[i])
    for i in range(m.vm.nintents):
        mark_cell(m, marks, m.vm.intents[i].action)
    mark_cell(m, marks, m.vm.value)
    mark_fibers(m, marks)
    for i in range(m.kept_count):
        mark_cell(m, marks, m.kept[i])
    if m.rows is not None:
        rows = m.rows
        for i in range(rows.count * rows.width):
            mark_cell(m, marks, rows.cells[i])
    for i in range(m.heap_used):
        if m.heap[i] == NULL:
            continue
        if marks[i]:
            live += 1
            continue
        # The objects die after the table is consistent again: what they hold may run code.
        dead.append(<object>m.heap[i])
        Py_DECREF(<object>m.heap[i])
        m.heap[i] = NULL
        m.heap_links[i] = m.heap_free
        m.heap_free = <uint32_t>i
    free(marks)
    m.heap_live = live
    m.heap_limit = live * 2 if live * 2 > FIRST_COLLECTION else FIRST_COLLECTION
    return 0


cdef void free_heap(Machine m) noexcept:
    cdef uint32_t i
    for i in range(m.heap_used):
        if m.heap[i] != NULL:
            Py_DECREF(<object>m.heap[i])
            m.heap[i] = NULL
    free(m.heap)
    free(m.heap_links)
    m.heap = NULL
    m.heap_links = NULL
    m.heap_used = m.heap_size = m.heap_live = 0
    m.heap_free = NO_HANDLE
