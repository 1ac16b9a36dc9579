# Slow forms of arithmetic, comparison, access, building of values and iteration.


cdef int binary(Machine m, const abml_ins *i, object function) except -1:
    cdef abml_cell *r = m.vm.r
    r[i.a] = to_cell(m, function(to_object(m, r[i.b]), to_object(m, r[i.c])))
    return 0


cdef int add_values(Machine m, const abml_ins *i) except -1:
    cdef abml_cell *r = m.vm.r
    left, right = to_object(m, r[i.b]), to_object(m, r[i.c])
    r[i.a] = to_cell(m, values_add(left, right, max_text=m.limits.max_text, max_list=m.limits.max_list))
    return 0


cdef int step_value(Machine m, const abml_ins *i, int sign) except -1:
    """INC and DEC: numeric rules on both sides, an integral result in range is an int."""
    cdef abml_cell *r = m.vm.r
    left, right = values_num(to_object(m, r[i.b])), values_num(to_object(m, r[i.c]))
    result = left + right if sign > 0 else left - right
    if type(result) is float:
        if INT_LOW <= result < INT_HIGH and result == int(result):
            result = int(result)
    else:
        result = values_wrap_int(result)
    r[i.a] = to_cell(m, result)
    return 0


cdef int extreme(Machine m, const abml_ins *i, str name) except -1:
    cdef abml_cell *r = m.vm.r
    args = [to_object(m, r[i.b]), to_object(m, r[i.c])]
    r[i.a] = to_cell(m, call_named(m, name, args))
    return 0


cdef bint truth(Machine m, abml_cell cell) except *:
    if abml_is_heap(cell) and type(object_at(m, cell)) is ProviderRef:
        return values_truthy(to_object(m, cell))
    return values_truthy(to_object(m, cell))


cdef int compare(Machine m, const abml_ins *i, object function, bint negate) except -1:
    cdef abml_cell *r = m.vm.r
    cdef bint result = function(to_object(m, r[i.b]), to_object(m, r[i.c]))
    r[i.a] = ABML_TRUE if result != negate else ABML_FALSE
    return 0


cdef int compare_jump(Machine m, const abml_ins *i, object function, bint wanted) except -1:
    """Jumps of comparisons: operands a and b, distance c."""
    cdef abml_cell *r = m.vm.r
    cdef bint result = function(to_object(m, r[i.a]), to_object(m, r[i.b]))
    if result == wanted:
        return jump(m, <int16_t>i.c)
    return 0


# --------------------------------------------------------------------- access


cdef int get_member(Machine m, const abml_ins *i) except -1:
    cdef abml_cell *r = m.vm.r
    cdef abml_cell target = r[i.b]
    cdef str name = <str>m.image.constant_table[i.c]
    if abml_is_heap(target):
        value = object_at(m, target)
        if type(value) is dict:
            found = (<dict>value).get(name, _MISSING)
            if found is not _MISSING:
                r[i.a] = to_cell(m, found)
                return 0
        elif type(value) is ProviderRef:
            r[i.a] = new_handle(m, ProviderRef((<ProviderRef>value).name, (<ProviderRef>value).path + (name,)))
            return 0
    r[i.a] = to_cell(m, values_member(to_object(m, target), name))
    return 0


cdef int get_index(Machine m, const abml_ins *i) except -1:
    cdef abml_cell *r = m.vm.r
    cdef abml_cell target = r[i.b]
    key = to_object(m, r[i.c])
    if abml_is_heap(target):
        value = object_at(m, target)
        if type(value) is ProviderRef:
            step = values_to_text(key)
            r[i.a] = new_handle(m, ProviderRef((<ProviderRef>value).name, (<ProviderRef>value).path + (step,)))
            return 0
    r[i.a] = to_cell(m, values_index(to_object(m, target), key))
    return 0


cdef int finish_provider(Machine m, const abml_ins *i) except -1:
    cdef abml_cell *r = m.vm.r
    cdef abml_cell target = r[i.b]
    cdef abml_cell value
    if abml_is_heap(target) and type(object_at(m, target)) is ProviderRef:
        reference = object_at(m, target)
        found = to_object(m, target)
        value = to_cell(m, found)
        r[i.a] = value
        if m.vm.providers and type(found) is not dict and type(found) is not list:
            remember_path(m, <ProviderRef>reference, value)
    else:
        r[i.a] = ABML_NULL if abml_is_open(target) else target
    return 0


cdef int remember_path(Machine m, ProviderRef reference, abml_cell value) except -1:
    """What a provider said at a path of the code, for the next time within the tick."""
    cdef abml_path *path
    cdef Py_ssize_t k
    index = m.image.path_ends.get(m.vm.pc - 1)
    if index is None or m.rows is not None:
        # One machine runs all rows, each of which may have providers of its own.
        return 0
    first, last, name, steps = m.image.paths[index]
    if reference.name != name or reference.path != steps:
        return 0
    if m.vm.paths == NULL:
        m.vm.paths = <abml_path *>checked(calloc(len(m.image.paths), sizeof(abml_path)))
    path = &m.vm.paths[<Py_ssize_t>index]
    path.value, path.version = value, m.vm.providers
    path.length, path.to = <uint16_t>(last - first), m.image.code[<Py_ssize_t>last].a
    return 0


# ------------------------------------------------------------------- building


cdef object pop_objects(Machine m, int32_t count):
    """The top arguments in push order, taken off the stack."""
    cdef int32_t height = m.vm.nargs - count
    cdef int32_t k
    if height < m.vm.frames[m.vm.nframes - 1].args:
        raise ValueFault("internal_error", "the argument stack does not hold that many values")
    cdef list taken = [to_object(m, m.vm.args[height + k]) for k in range(count)]
    m.vm.nargs = height
    return taken


cdef int build_text(Machine m, const abml_ins *i) except -1:
    cdef list parts = pop_objects(m, i.b)
    cdef Py_ssize_t k
    for k in range(len(parts)):
        if type(parts[k]) is not str:
            parts[k] = values_to_text(parts[k], max_text=m.limits.max_text)
    text = "".join(parts)
    check_text(m, len(text))
    m.vm.r[i.a] = to_cell(m, text)
    return 0


cdef int check_text(Machine m, Py_ssize_t length) except -1:
    if length > m.max_text:
        raise ValueFault("limit_exceeded", f"a text is longer than {m.max_text} characters")
    return 0


cdef int append_value(Machine m, const abml_ins *i) except -1:
    cdef abml_cell target = m.vm.r[i.a]
    value = object_at(m, target) if abml_is_heap(target) else None
    if type(value) is not list:
        raise ValueFault("internal_error", "APPEND needs a list")
    if len(<list>value) >= m.max_list:
        raise ValueFault("limit_exceeded", f"a list is longer than {m.max_list} elements")
    if m.vm.nshared:
        unshare(m, <list>value)
    (<list>value).append(to_object(m, m.vm.r[i.b]))
    return 0


cdef int put_value(Machine m, const abml_ins *i) except -1:
    cdef abml_cell target = m.vm.r[i.a]
    value = object_at(m, target) if abml_is_heap(target) else None
    if type(value) is not dict:
        raise ValueFault("internal_error", "PUT needs a map")
    if len(<dict>value) >= m.max_map:
        raise ValueFault("limit_exceeded", f"a map has more than {m.max_map} entries")
    key = to_object(m, m.vm.r[i.b])
    if type(key) is not str:
        key = values_to_text(key, max_text=m.limits.max_text)
    (<dict>value)[key] = to_object(m, m.vm.r[i.c])
    return 0


cdef TextBuilder builder_at(Machine m, abml_cell cell):
    value = object_at(m, cell) if abml_is_heap(cell) else None
    if type(value) is not TextBuilder:
        raise ValueFault("internal_error", "this instruction needs a text builder")
    return <TextBuilder>value


cdef int add_text(Machine m, const abml_ins *i) except -1:
    cdef TextBuilder builder = builder_at(m, m.vm.r[i.a])
    value = to_object(m, m.vm.r[i.b])
    cdef str text = value if type(value) is str else values_to_text(
        value, "null" if i.c else "", max_text=m.limits.max_text
    )
    builder.length += len(text)
    check_text(m, builder.length)
    builder.parts.append(text)
    return 0


# ------------------------------------------------------------------ iteration


cdef int make_iterator(Machine m, const abml_ins *i) except -1:
    """ITER: a snapshot by the rules of `for_each`."""
    value = to_object(m, m.vm.r[i.b])
    if isinstance(value, Provider):
        value = value.root()
    if value is None:
        items = []
    elif isinstance(value, list):
        items = list(value)
    elif isinstance(value, dict):
        items = [{"key": key, "value": item} for key, item in value.items()]
    elif isinstance(value, str):
        items = list(value)
    else:
        raise ValueFault("not_iterable", f"for_each cannot go over {values_describe(value)}")
    m.vm.r[i.a] = new_handle(m, Iterator(items))
    return 0


cdef int make_list_iterator(Machine m, const abml_ins *i) except -1:
    """ITERL: over the list argument of a function."""
    name = m.image.function_table[i.c].name
    spec = find_builtin(name)
    items = functions_as_list(name if spec is None else spec.name, to_object(m, m.vm.r[i.b]))
    m.vm.r[i.a] = new_handle(m, Iterator(list(items), 0, False))
    return 0


cdef int next_element(Machine m, const abml_ins *i) except -1:
    cdef abml_cell cell = m.vm.r[i.a]
    value = object_at(m, cell) if abml_is_heap(cell) else None
    if type(value) is not Iterator:
        raise ValueFault("internal_error", "NEXT needs an iterator")
    cdef Iterator iterator = <Iterator>value
    if iterator.position >= len(iterator.items):
        return jump(m, <int16_t>i.c)
    if iterator.is_limited and iterator.position >= m.vm.max_loop:
        raise ValueFault("limit_exceeded", f"a loop ran more than {m.vm.max_loop} times")
    m.vm.r[i.b] = to_cell(m, iterator.items[iterator.position])
    iterator.position += 1
    return 0


cdef int element_index(Machine m, const abml_ins *i) except -1:
    cdef abml_cell cell = m.vm.r[i.b]
    value = object_at(m, cell) if abml_is_heap(cell) else None
    if type(value) is not Iterator:
        raise ValueFault("internal_error", "INDEX needs an iterator")
    m.vm.r[i.a] = abml_from_int48((<Iterator>value).position - 1)
    return 0


cdef int count_rounds(Machine m, const abml_ins *i) except -1:
    """TIMES: null and what is no number cannot count."""
    value = to_object(m, m.vm.r[i.b])
    if value is None:
        raise ValueFault("type_error", "repeat needs a number of times, got null")
    number = values_num(value)
    if number != number or number < 0:
        number = 0
    m.vm.r[i.a] = abml_from_int48(<int64_t>min(number, MOST_ROUNDS))
    return 0


cdef int count_step(Machine m, const abml_ins *i) except -1:
    """COUNT when the loop could not do it: the limit, or operands that are no counters."""
    if not abml_is_int(m.vm.r[i.a]) or not abml_is_int(m.vm.r[i.b]):
        raise ValueFault("internal_error", "COUNT needs counters")
    raise ValueFault("limit_exceeded", f"a loop ran more than {m.vm.max_loop} times")
