# Jumps, calls, transfers and safe points that the loop leaves to the slow path.


cdef int safe_point(Machine m) except -1:
    """Between two instructions: collect, be cancelled, or find the budget spent."""
    if m.vm.attention:
        m.vm.attention = 0
        # What was spent since the request counts.
        m.vm.budget = m.vm.reserve + m.vm.budget + 1
        if m.cancel_asked:
            m.cancel_asked = False
            raise ValueFault("cancelled", "the host cancelled the run")
        if is_collection_due(m):
            collect(m)
    if m.vm.budget < 0:
        raise ValueFault("limit_exceeded", f"more than {m.budget_limit} instructions without a pause")
    return 0


cdef inline int safe_point_if_due(Machine m) except -1:
    return safe_point(m) if m.vm.budget < 0 else 0


cdef int jump(Machine m, int32_t distance) except -1:
    """Go on `distance` instructions after the next one."""
    m.vm.pc += distance
    if distance < 0:
        m.vm.budget += distance
        return safe_point_if_due(m)
    return 0


cdef int raise_depth(Machine m) except -1:
    if m.vm.nframes >= m.vm.cap_frames:
        raise ValueFault("limit_exceeded", f"calls are nested deeper than {m.vm.cap_frames}")
    raise MemoryError


cdef int32_t find_flow(Machine m, str prefix, str text) except -2:
    """The unit of a flow named relative to the document with that prefix, -1 when there is none."""
    cdef dict info = m.image.program.info
    cdef list steps = text.split(".")
    prefixes = info.get("prefixes")
    names = info.get("flow_names")
    if prefixes and names and prefix in prefixes:
        document = prefixes.index(prefix)
        for alias in steps[:-1]:
            document = info["aliases"][document].get(alias)
            if document is None:
                return -1
        unit = names[document].get(steps[-1], -1)
    else:
        flow = info.get("flows", {}).get(prefix + text)
        unit = -1 if flow is None else flow["unit"]
    return unit if 0 <= unit < m.image.unit_count else -1


cdef int32_t target_of(Machine m, object site, const abml_site *s, int32_t height) except -1:
    """The unit that a call or goto enters; its arguments stand from `height` on."""
    cdef int32_t unit = s.unit
    if "dynamic" in site.flags:
        name = to_object(m, m.vm.args[height])
        if "branch" in site.flags:
            return branch_target(m, site, name)
        if type(name) is not str:
            raise ValueFault("flow_not_found", f"{values_describe(name)} does not name a flow")
        unit = find_flow(m, site.data or "", name)
        if unit < 0:
            raise ValueFault("flow_not_found", f"there is no flow named '{name}'")
    elif unit < 0:
        raise ValueFault("flow_not_found", f"there is no flow named '{site.name}'")
    if m.vm.units[unit].kind != ABML_FLOW:
        raise ValueFault("internal_error", f"'{site.name}' is not a flow")
    return unit


cdef int32_t branch_target(Machine m, object site, object name) except -1:
    """The unit of the channel, else the flow, that a branch names; the fiber is heard under a channel's name."""
    cdef int32_t unit
    channels = m.image.program.info.get("channels") or {}
    if type(name) is str:
        for qualified in ((site.data or "") + name, name):
            channel = channels.get(qualified)
            if channel is not None and 0 <= channel["unit"] < m.image.unit_count \
                    and m.vm.units[channel["unit"]].kind == ABML_FLOW:
                m.alias = qualified
                return channel["unit"]
        unit = find_flow(m, site.data or "", name)
        if unit >= 0 and m.vm.units[unit].kind == ABML_FLOW:
            return unit
    raise ValueFault("channel_not_found", f"there is no channel named {values_describe(name)}")


cdef int32_t open_arguments(Machine m, object site, const abml_site *s) except -1:
    """Where the site's values start on the argument stack."""
    cdef int32_t height = m.vm.nargs - s.count
    cdef bint dynamic = "dynamic" in site.flags
    if height < m.vm.frames[m.vm.nframes - 1].args:
        raise ValueFault("internal_error", "the argument stack does not hold that many values")
    if len(site.names) + dynamic != s.count or len(site.slots) != len(site.names):
        raise ValueFault("internal_error", f"the call of '{site.name}' does not say what its values are")
    return height


cdef int bind_arguments(Machine m, object site, int32_t first) except -1:
    """Make the values from `first` on locals of the scope that was just entered."""
    cdef Py_ssize_t k, count = len(site.names)
    cdef dict values
    for k in range(count):
        if site.slots[k] >= 0 and not abml_bind(&m.vm, site.slots[k], m.vm.args[first + k]):
            raise MemoryError
    if m.image.args_slot >= 0 and "args" in site.flags:
        values = {name: to_object(m, m.vm.args[first + k]) for k, name in enumerate(site.names)}
        return set_local(m, m.image.args_slot, new_handle(m, values))
    return 0


cdef int call_flow(Machine m, const abml_ins *i) except -1:
    site = m.image.site_table[i.b]
    cdef const abml_site *s = &m.vm.sites[i.b]
    cdef int32_t height = open_arguments(m, site, s)
    cdef int32_t unit = target_of(m, site, s, height)
    cdef abml_frame *f
    m.vm.nargs = height
    f = abml_push_frame(&m.vm, unit, m.vm.pc, i.a, 0)
    if f == NULL:
        return raise_depth(m)
    if not abml_push_scope(&m.vm):
        abml_pop_frame(&m.vm)
        raise MemoryError
    f.base_marks = m.vm.nmarks
    m.vm.entered[unit] = 1
    bind_arguments(m, site, height + s.count - <int32_t>len(site.names))
    m.vm.pc = m.vm.units[unit].start
    m.vm.budget -= CALL_COST
    return safe_point_if_due(m)


cdef int go_to(Machine m, const abml_ins *i) except -1:
    site = m.image.site_table[i.a]
    cdef const abml_site *s = &m.vm.sites[i.a]
    cdef int32_t height = open_arguments(m, site, s)
    cdef int32_t unit = target_of(m, site, s, height)
    if "branch" in site.flags and "dynamic" not in site.flags:
        m.alias = site.data
    return transfer(m, site, unit, height + s.count - <int32_t>len(site.names))


cdef int transfer(Machine m, object site, int32_t unit, int32_t first) except -1:
    """Drop all frames and enter a flow; the values of `site` from `first` on become its locals."""
    cdef bint again
    if not m.vm.tick_mode:
        if m.vm.gotos >= m.vm.max_gotos:
            raise ValueFault("limit_exceeded", f"more than {m.vm.max_gotos} gotos without a pause")
        m.vm.gotos += 1
    again = m.vm.tick_mode and m.vm.entered[unit]
    if not abml_transfer(&m.vm, unit):
        return raise_depth(m)
    m.faults_in_hand.clear()
    if site is not None:
        bind_arguments(m, site, first)
    m.vm.pc = m.vm.units[unit].start
    if again:
        # A cycle of gotos goes round once per tick.
        return suspend(m, "goto", None, None)
    m.vm.budget -= CALL_COST
    return safe_point_if_due(m)


cdef int call_function(Machine m, const abml_ins *i) except -1:
    """CALLF of a built-in or host function, or of a document function with a wrong number of arguments."""
    cdef int32_t unit = m.vm.functions[i.b]
    name = m.image.function_table[i.b].name
    cdef list args
    if unit >= 0:
        if not m.vm.units[unit].arity_least <= i.c <= m.vm.units[unit].arity_most:
            raise ValueFault(
                "argument_error", f"{name} takes {m.vm.units[unit].arity_most} arguments at most, got {i.c}"
            )
        if m.vm.nargs - m.vm.frames[m.vm.nframes - 1].args < i.c:
            raise ValueFault("internal_error", "the argument stack does not hold that many values")
        return raise_depth(m)
    args = pop_objects(m, i.c)
    bound = m.bound_functions[i.b]
    if bound is None:
        bound = m.bound_functions[i.b] = bind_function(m, name)
    kind, function, spec = bound
    if kind == 0:
        if not spec.min_args <= len(args) <= spec.max_args:
            m.vm.r[i.a] = to_cell(m, functions_call(m.context, name, args))
        else:
            m.vm.r[i.a] = to_cell(m, function(m.context, args))
    elif kind == 1:
        m.vm.r[i.a] = to_cell(m, m.host.call_function(name, args))
    elif kind == 3:
        if spec is not None and not spec.min_args <= len(args) - 1 <= spec.max_args:
            raise ValueFault("argument_error", f"the filter '{spec.name}' takes {arity_text(spec)}")
        m.vm.r[i.a] = to_cell(m, function(m.context, args))
    else:
        raise ValueFault("unknown_function", f"there is no function named '{name}'")
    return 0


cdef tuple bind_function(Machine m, str name):
    """(0, built-in or filter, its specification), (1, None, None) for the host's, (2, None, None) for nothing.

    A name that starts with `|` is a template filter.
    """
    if m.host_functions and name.lower() in m.host_functions:
        return (1, None, None)
    if name.startswith("|"):
        # Filters that only templates have, or that differ there from the function of their name.
        if name == "|items":
            return (3, template_items, None)
        spec = FILTER_SPECS.get(name[1:])
        return (2, None, None) if spec is None else (3, FILTERS[spec.name], spec)
    spec = find_builtin(name)
    if spec is None:
        return (2, None, None)
    return (0, FUNCTIONS[spec.name], spec)


def template_items(context, list args):
    """What `for` of a template goes over: (collection, limit, offset, reversed) as a list."""
    if len(args) != 4:
        raise ValueFault("internal_error", "a template's loop does not say what it goes over")
    items, limit, offset, backwards = args
    if items is None:
        items = []
    elif isinstance(items, dict):
        items = [{"key": key, "value": item} for key, item in items.items()]
    elif isinstance(items, str):
        items = list(items)
    elif not isinstance(items, list):
        raise ValueFault("not_iterable", f"for cannot go over {values_describe(items)}")
    if offset is not None:
        items = items[max(whole_number(offset), 0):]
    if limit is not None:
        items = items[:max(whole_number(limit), 0)]
    return items[::-1] if values_truthy(backwards) else list(items)


cdef object whole_number(object value):
    number = values_num(value)
    if number != number or number == _INFINITY or number == -_INFINITY:
        raise ValueFault("argument_error", "limit and offset of a loop must be finite numbers")
    return int(number)


cdef object call_named(Machine m, str name, list args):
    """A function by name: the host's before the built-in."""
    if m.host_functions and name.lower() in m.host_functions:
        return m.host.call_function(name, args)
    return functions_call(m.context, name, args)


cdef int call_higher_order(Machine m, const abml_ins *i) except -1:
    """CALLH: list, results of the lambda, rest."""
    name = m.image.function_table[i.b].name
    cdef list args = pop_objects(m, i.c)
    spec = find_builtin(name)
    function = None if spec is None else HIGHER_ORDER.get(spec.name)
    if function is None:
        raise ValueFault("unknown_function", f"there is no function named '{name}'")
    if len(args) < 2:
        raise ValueFault("internal_error", f"{name} needs a list and the results of its function")
    m.vm.r[i.a] = to_cell(m, function(m.context, args[0], args[1], args[2:]))
    return 0


# -------------------------------------------------------------------- endings


cdef int32_t next_top(Machine m, int32_t unit, int32_t pc) noexcept:
    """The first top-level action of a unit after an instruction, -1 when there is none."""
    for top in m.image.unit_table[unit].tops:
        if top > pc:
            return top
    return -1


cdef int return_slowly(Machine m, const abml_ins *i) except -1:
    """RET and FRET from the document's error handler, or a value that must be looked at."""
    cdef abml_frame *f = &m.vm.frames[m.vm.nframes - 1]
    cdef bint handled
    cdef int32_t failed_at
    if not f.flags & ABML_FRAME_HANDLER:
        raise ValueFault("internal_error", "this return needs no help")
    handled = m.image.handled_slot >= 0 and m.vm.r[m.image.handled_slot] == ABML_TRUE
    m.faults_in_hand.pop()
    failed_at = f.dst
    while m.vm.nframes > m.vm.bottom + 1:
        abml_pop_frame(&m.vm)
    f = &m.vm.frames[m.vm.bottom]
    abml_pop_scopes(&m.vm, f.base_marks)
    m.vm.nargs = f.args
    if handled:
        m.vm.pc = next_top(m, f.unit, failed_at)
        if m.vm.pc >= 0:
            return 0
    abml_pop_frame(&m.vm)
    m.vm.value = ABML_NULL
    return COMPLETED


cdef int resume_after(Machine m, const abml_ins *i) except -1:
    """RESUME: only to the start of a top-level action of the unit that runs."""
    cdef abml_cell cell = m.vm.r[i.a]
    cdef int32_t unit = m.vm.frames[m.vm.nframes - 1].unit
    cdef int64_t target
    if abml_is_int(cell):
        target = abml_to_int(cell)
        if target in m.image.unit_table[unit].tops \
                and m.vm.units[unit].start <= target < m.vm.units[unit].end:
            distance = target - m.vm.pc
            return jump(m, <int32_t>distance)
    raise ValueFault("internal_error", "RESUME needs the start of a top-level action")


cdef int raise_kind(Machine m, const abml_ins *i) except -1:
    kind = m.image.constant_table[i.a]
    message = to_object(m, m.vm.r[i.b])
    if type(kind) is not str or kind not in KINDS:
        kind = "internal_error"
    raise ValueFault(kind, message if type(message) is str else values_to_text(message))
