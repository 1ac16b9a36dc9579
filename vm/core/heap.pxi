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
@cython.no_gc
cdef class Iterator:
    """A snapshot of a collection with the position of the next element.

    The loop makes iterators that share the list with whoever holds it; `unshare`
    gives them copies before anything may change a list. Texts, numbers, lists and
    maps refer to no iterator, so there are no cycles to collect.
    """

    # In the order of abml_iterator in objects.h.
    cdef public list items
    cdef public Py_ssize_t position
    cdef public bint is_limited
    cdef bint is_shared

    def __init__(self, list items, Py_ssize_t position=0, bint is_limited=True):
        self.items = items
        self.position = position
        self.is_limited = is_limited

    def __reduce__(self):
        return Iterator, (self.items, self.position, self.is_limited)


if (<PyTypeObject *>Iterator).tp_basicsize != sizeof(abml_iterator):
    raise ImportError("iterators do not lie in memory as the loop expects")
abml_iterator_type = <PyTypeObject *>Iterator
abml_provider_type = <PyTypeObject *>ProviderRef


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
    cdef abml_cell cell = abml_new_handle(&m.vm, <PyObject *>value)
    if cell == 0:
        raise ValueFault("limit_exceeded", "too many values are alive")
    return cell


cdef inline object object_at(Machine m, abml_cell cell):
    return <object>m.vm.heap.objects[abml_payload32(cell)]


cdef abml_cell to_cell(Machine m, object value) except? 0:
    """The cell of a plain value (or of an object of the machine)."""
    cdef abml_cell cell
    if abml_plain(&m.vm, <PyObject *>value, &cell):
        return cell
    cdef type kind = type(value)
    if kind is int:
        wrapped = values_wrap_int(value)
        return new_handle(m, value) if wrapped is value else abml_from_double(wrapped)
    if kind is str or kind is list or kind is dict or kind is Duration or kind is ProviderRef or kind is Iterator \
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
            unshare(m)
            return m.host.provide((<ProviderRef>value).name, (<ProviderRef>value).path)
        if kind is Iterator or kind is TextBuilder or kind is ErrorObject:
            raise ValueFault("internal_error", "a value of the machine was read as a value of the program")
        return value
    if cell == ABML_TRUE:
        return True
    if cell == ABML_FALSE:
        return False
    return None


cdef int unshare(Machine m, list changed=None) except -1:
    """Give iterators that share their list a copy of their own; somebody may change it now.

    With a list only those that share this one.
    """
    cdef Iterator iterator
    cdef int32_t k
    for k in range(m.vm.nshared):
        # A handle that was freed since may be free, or somebody else's.
        if m.vm.heap.objects[m.vm.shared[k]] == NULL:
            continue
        value = <object>m.vm.heap.objects[m.vm.shared[k]]
        if type(value) is Iterator:
            iterator = <Iterator>value
            if iterator.is_shared and (changed is None or iterator.items is changed):
                iterator.items = list(iterator.items)
                iterator.is_shared = False
    if changed is None:
        m.vm.nshared = 0
    return 0


# ----------------------------------------------------------------- collection


cdef inline bint is_collection_due(Machine m) noexcept:
    return m.vm.heap.fresh >= ABML_MOST_FRESH


cdef inline void mark_cell(Machine m, abml_cell cell) noexcept:
    if abml_is_heap(cell) and m.vm.heap.ages[abml_payload32(cell)] == ABML_YOUNG:
        m.vm.heap.ages[abml_payload32(cell)] = ABML_REACHED


cdef inline void mark_cells(Machine m, const abml_cell *cells, Py_ssize_t count) noexcept:
    cdef Py_ssize_t i
    for i in range(count):
        mark_cell(m, cells[i])


cdef int collect(Machine m) except -1:
    """Free the young handles that no cell holds, and all of them when there are many."""
    sweep_young(m)
    if m.vm.heap.live >= m.vm.heap.limit:
        collect_all(m)
    return 0


cdef int collect_all(Machine m) except -1:
    """Free every handle that no cell holds."""
    cdef abml_heap *h = &m.vm.heap
    cdef uint32_t i
    h.young, h.fresh = NO_HANDLE, 0
    for i in range(m.image.pinned, h.used):
        if h.ages[i] != ABML_FREE:
            h.ages[i] = ABML_YOUNG
            h.links[i] = h.young
            h.young = i
            h.fresh += 1
    if m.rows is not None:
        (<Rows>m.rows).expose_all()
    m.old_intents = 0
    sweep_young(m)
    h.limit = h.live * 2 if h.live * 2 > FIRST_COLLECTION else FIRST_COLLECTION
    return 0


cdef int mark_roots(Machine m) except -1:
    """Mark what is alive. Objects in the heap hold plain values, so nothing is followed."""
    cdef abml_vm *vm = &m.vm
    cdef int32_t i
    cdef Rows rows
    mark_cells(m, vm.r, vm.nregisters)
    for i in range(vm.nundo):
        mark_cell(m, vm.undo[i].old)
    mark_cells(m, vm.args, vm.nargs)
    mark_cells(m, vm.saved, vm.nsaved)
    for i in range(m.old_intents, vm.nintents):
        mark_cell(m, vm.intents[i].action)
    m.old_intents = vm.nintents
    mark_cell(m, vm.value)
    if vm.paths != NULL:
        for i in range(<int32_t>len(m.image.paths)):
            if vm.paths[i].version == vm.providers:
                mark_cell(m, vm.paths[i].value)
    mark_fibers(m)
    if m.rows is not None:
        rows = <Rows>m.rows
        rows.mark_exposed()
    return 0


cdef int sweep_young(Machine m) except -1:
    cdef abml_heap *h = &m.vm.heap
    cdef uint32_t index = h.young, next_index
    cdef Py_ssize_t count = 0
    cdef PyObject **dead = <PyObject **>checked(malloc((h.fresh + 1) * sizeof(PyObject *)))
    mark_roots(m)
    while index != NO_HANDLE:
        next_index = h.links[index]
        if h.ages[index] == ABML_REACHED:
            h.ages[index] = ABML_OLD
        else:
            dead[count] = h.objects[index]
            count += 1
            h.objects[index] = NULL
            h.ages[index] = ABML_FREE
            h.links[index] = h.free
            h.free = index
        index = next_index
    h.live -= <uint32_t>count
    h.young, h.fresh = NO_HANDLE, 0
    # The objects die after the table is consistent again: what they hold may run code.
    while count > 0:
        count -= 1
        Py_DECREF(<object>dead[count])
    free(dead)
    return 0


cdef void free_heap(Machine m) noexcept:
    cdef abml_heap *h = &m.vm.heap
    cdef uint32_t i
    for i in range(h.used):
        if h.objects[i] != NULL:
            Py_DECREF(<object>h.objects[i])
            h.objects[i] = NULL
    free(h.objects)
    free(h.links)
    free(h.ages)
    memset(h, 0, sizeof(abml_heap))
    h.free = h.young = NO_HANDLE
