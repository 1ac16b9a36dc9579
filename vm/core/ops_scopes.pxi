# Slow forms of variable access: lazy and unbound slots, writes by the rules of language 6.3.


cdef int enter_thunk(Machine m, int32_t slot, int32_t destination) except -1:
    """Run the thunk of a lazy slot; its value goes to a register."""
    cdef int32_t unit = m.image.slot_table[slot].thunk
    if unit < 0:
        raise ValueFault("internal_error", "a lazy variable has nothing that computes it")
    if abml_push_frame(&m.vm, unit, m.vm.pc, destination, 0) == NULL:
        raise_depth(m)
    m.vm.pc = m.vm.units[unit].start
    m.vm.budget -= CALL_COST
    return safe_point_if_due(m)


cdef int read_outside(Machine m, int32_t slot, int32_t destination) except -1:
    """A name that no scope binds: what the host knows, else null."""
    value = m.host.resolve(m.image.slot_table[slot].name)
    m.vm.r[destination] = to_cell(m, value)
    return 0


cdef int load_slot(Machine m, int32_t slot, int32_t destination) except -1:
    cdef abml_cell cell = m.vm.r[slot]
    if cell == ABML_LAZY:
        return enter_thunk(m, slot, destination)
    if cell == ABML_UNBOUND:
        return read_outside(m, slot, destination)
    m.vm.r[destination] = cell
    return 0


cdef int32_t lowest_binding(Machine m, int32_t slot) noexcept:
    """Index of the undo entry that keeps what the document scope has, -1 when nothing hides it."""
    cdef int32_t k
    if m.vm.depth[slot] <= 1:
        return -1
    for k in range(m.vm.nundo):
        if m.vm.undo[k].slot == slot:
            return k
    return -1


cdef int load_document(Machine m, int32_t slot, int32_t destination) except -1:
    """LOADD: the document scope's value, whatever the reader's scopes bind."""
    cdef int32_t k = lowest_binding(m, slot)
    if k < 0:
        return load_slot(m, slot, destination)
    cdef abml_cell cell = m.vm.undo[k].old
    if cell == ABML_LAZY:
        return enter_thunk(m, slot, destination)
    if cell == ABML_UNBOUND:
        return read_outside(m, slot, destination)
    m.vm.r[destination] = cell
    return 0


cdef int refuse_readonly(Machine m, int32_t slot) except -1:
    raise ValueFault("readonly_target", f"'{m.image.slot_table[slot].name}' cannot be assigned")


cdef int set_slot_value(Machine m, int32_t slot, abml_cell value) except -1:
    """The set rule; in a channel what lies outside of it is copied on write."""
    cdef abml_cell old = m.vm.r[slot]
    if old == ABML_LAZY or m.vm.depth[slot] <= 1:
        # The document's own: a local binding of the same name may be written.
        if m.vm.readonly[slot]:
            return refuse_readonly(m, slot)
    if m.is_isolated and not m.nested:
        if abml_is_heap(value) and m.vm.depth[slot] <= 1:
            value = own_cell(m, slot, value)
        if old != ABML_UNBOUND:
            bind_own(m, slot, value)
            return 0
    if old == ABML_LAZY:
        m.overwritten.add(slot)
        m.vm.r[slot] = value
        return 0
    if old == ABML_UNBOUND:
        if not abml_bind(&m.vm, slot, value):
            raise MemoryError
        return 0
    m.vm.r[slot] = value
    return 0


cdef abml_cell own_cell(Machine m, int32_t slot, abml_cell value) except? 0:
    """What a channel keeps as its own of a list or map; a copy when that is the one all channels share.

    `set: { crew: "${captain ?? crew}" }` would otherwise have its later writes to `crew.size` reach the others.
    """
    cdef abml_cell shared = m.vm.r[slot]
    kept = to_object(m, value)
    if type(kept) is not list and type(kept) is not dict or shared == ABML_LAZY:
        return value
    if kept is (m.host.resolve(m.image.slot_table[slot].name) if shared == ABML_UNBOUND else to_object(m, shared)):
        return to_cell(m, values_copy(kept))
    return value


cdef int set_library(Machine m, const abml_ins *i) except -1:
    """SETL: the dynamic chain first, else the library's own variable."""
    return set_slot_value(m, i.c if m.vm.r[i.a] == ABML_UNBOUND else i.a, m.vm.r[i.b])


cdef int set_local(Machine m, int32_t slot, abml_cell value) except -1:
    if not abml_bind(&m.vm, slot, value):
        raise MemoryError
    return 0


cdef int set_global(Machine m, int32_t slot, abml_cell value) except -1:
    """Write to the document scope, below everything that hides the name there."""
    cdef int32_t k = lowest_binding(m, slot)
    if m.vm.readonly[slot]:
        return refuse_readonly(m, slot)
    if k < 0:
        if m.vm.r[slot] == ABML_LAZY:
            m.overwritten.add(slot)
        m.vm.r[slot] = value
        m.vm.depth[slot] = 1
    else:
        if m.vm.undo[k].old == ABML_LAZY:
            m.overwritten.add(slot)
        m.vm.undo[k].old = value
        m.vm.undo[k].old_depth = 1
    return 0


cdef int clear_slot(Machine m, int32_t slot) except -1:
    """Null where set would write; a source variable that was assigned is bound to its source again."""
    if m.vm.r[slot] == ABML_UNBOUND:
        return 0
    if m.is_isolated and m.vm.depth[slot] <= 2 and m.image.slot_table[slot].mode == "source":
        # Only the channel's own copy can have been assigned.
        if m.vm.depth[slot] == 2:
            m.vm.r[slot] = ABML_LAZY
        return 0
    if m.vm.depth[slot] <= 1:
        if m.vm.readonly[slot]:
            return refuse_readonly(m, slot)
        if m.is_isolated:
            return bind_own(m, slot, ABML_NULL)
        if m.image.slot_table[slot].mode == "source":
            m.overwritten.discard(slot)
            m.vm.r[slot] = ABML_LAZY
            return 0
    m.vm.r[slot] = ABML_NULL
    return 0


cdef int make_lazy(Machine m, int32_t slot) except -1:
    """LAZY: in the document scope, whatever hides the name now."""
    cdef int32_t k = lowest_binding(m, slot)
    if m.image.slot_table[slot].thunk < 0:
        raise ValueFault("internal_error", "LAZY needs a variable that is computed")
    m.overwritten.discard(slot)
    if k < 0:
        m.vm.r[slot] = ABML_LAZY
        m.vm.depth[slot] = 1
    else:
        m.vm.undo[k].old = ABML_LAZY
        m.vm.undo[k].old_depth = 1
    return 0


# ---------------------------------------------------------------------- paths


cdef int store_path(Machine m, const abml_ins *i) except -1:
    """STORE: write through the steps on the stack, by the root that the site's word asks for."""
    site = m.image.site_table[i.a]
    cdef list steps = pop_objects(m, m.vm.sites[i.a].count)
    value = to_object(m, m.vm.r[i.b])
    cdef int32_t slot
    if not site.slots:
        raise ValueFault("internal_error", "a store has no variable")
    slot = site.slots[0]
    if slot < 0:
        raise ValueFault("internal_error", "a store has no variable")
    operation = "set"
    kind = "set"
    for word in site.flags:
        if word == "local" or word == "global":
            kind = word
        elif word != "set" and word != "state":
            operation = word
    cdef int32_t depth = abml_scope_depth(&m.vm), k
    root = before = None
    if kind == "local":
        if m.vm.depth[slot] == depth and not abml_is_open(m.vm.r[slot]):
            root = to_object(m, m.vm.r[slot])
    elif kind == "global":
        # What the host gave under that name lies outside the document scope.
        k = lowest_binding(m, slot)
        if (m.vm.depth[slot] if k < 0 else m.vm.undo[k].old_depth) > 0:
            root = document_value(m, slot)
    else:
        if m.vm.r[slot] == ABML_UNBOUND and len(site.slots) > 1 and site.slots[1] >= 0:
            slot = site.slots[1]
        if m.vm.r[slot] == ABML_UNBOUND:
            root = m.host.resolve(m.image.slot_table[slot].name)
            if type(root) is ProviderRef:
                raise ValueFault("readonly_target", f"'{site.name}' belongs to a provider")
            if root is None and operation in ("clear", "remove"):
                return 0
        else:
            root = document_value(m, slot) if m.vm.r[slot] == ABML_LAZY else to_object(m, m.vm.r[slot])
    if kind != "local" and m.vm.readonly[slot] and m.vm.depth[slot] <= 1:
        return refuse_readonly(m, slot)
    cdef bint own = m.is_isolated and kind == "set" and m.vm.depth[slot] <= 1
    if own:
        # The document's value stays as it is for everybody else.
        before, root = root, values_copy(root)
    changed = paths_write(root, steps, operation, value, site.name, m.limits)
    if own and operation in ("clear", "remove") and changed == before:
        # There was nothing of the kind, so there is nothing to keep a copy for.
        return 0
    if changed is root and not own and not (kind == "set" and abml_is_open(m.vm.r[slot])):
        return 0
    cdef abml_cell cell = to_cell(m, changed)
    if kind == "local":
        return set_local(m, slot, cell)
    if kind == "global":
        return set_global(m, slot, cell)
    return set_slot_value(m, slot, cell)


cdef object document_value(Machine m, int32_t slot):
    """What the document scope has for a slot; a lazy one is computed now."""
    cdef int32_t k = lowest_binding(m, slot)
    cdef abml_cell cell = m.vm.r[slot] if k < 0 else m.vm.undo[k].old
    if cell == ABML_LAZY:
        return m.call_unit(m.image.slot_table[slot].thunk, ())
    return to_object(m, cell)


cdef int convert_value(Machine m, const abml_ins *i) except -1:
    """CONVERT: lossless, else the value as it is and a warning."""
    cdef abml_cell cell = m.vm.r[i.b]
    if cell == ABML_NULL:
        m.vm.r[i.a] = cell
        return 0
    value = to_object(m, cell)
    wanted = m.image.constant_table[i.c]
    converted, fits = conversion_convert(value, wanted)
    if not fits:
        m.host.warn("type_error", f"{values_describe(value)} is not {wanted}; it is kept as it is")
        m.vm.r[i.a] = cell
        return 0
    m.vm.r[i.a] = cell if converted is value else to_cell(m, converted)
    return 0
