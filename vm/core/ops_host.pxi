# What reaches the host: logs, intents, actions, signals; and everything that waits for it.


cdef int suspend(Machine m, str reason, object wake_at, object waiting) except -1:
    """Leave the loop; the next resume goes on at vm.pc."""
    if m.nested:
        raise ValueFault("internal_error", "an expression cannot wait")
    m.reason = reason
    m.wake_at = wake_at
    m.waiting = waiting
    return SUSPENDED


cdef int write_log(Machine m, const abml_ins *i) except -1:
    site = m.image.site_table[i.a]
    cdef list values = pop_objects(m, m.vm.sites[i.a].count)
    if not values:
        raise ValueFault("internal_error", "a log has no message")
    message = values[0]
    if type(message) is not str:
        message = values_to_text(message, max_text=m.limits.max_text)
    m.host.log(site.name or "info", message, values_copy(values[1]) if len(values) > 1 else None)
    return 0


cdef double urgency_of(Machine m, abml_cell cell) except? -1.0:
    number = values_num(to_object(m, cell))
    return 1.0 if number > 1 else float(number) if number > 0 else 0.0


cdef int emit_intent(Machine m, const abml_ins *i) except -1:
    """INTENT and INTENTX with everything the loop does not do: conversions, fields, limits."""
    site = m.image.site_table[i.a]
    cdef list values = pop_objects(m, m.vm.sites[i.a].count)
    cdef abml_intent *e
    cdef double urgency = urgency_of(m, m.vm.r[i.c])
    channel = None
    if "dynamic" in site.flags or not site.name:
        if not values:
            raise ValueFault("internal_error", "an intent has no channel")
        channel = values.pop(0)
        channel = channel if type(channel) is str else values_to_text(channel)
    if len(values) != len(site.names):
        raise ValueFault("internal_error", "an intent does not say what its values are")
    if m.vm.nintents >= m.vm.max_intents:
        raise ValueFault("limit_exceeded", f"more than {m.vm.max_intents} intents")
    if m.vm.nintents >= m.vm.cap_intents:
        grow_intents(m)
    if channel is not None or values:
        m.intent_fields[m.vm.nintents] = (channel, intent_fields_of(site, values))
    e = &m.vm.intents[m.vm.nintents]
    m.vm.nintents += 1
    action = m.vm.r[i.b]
    if abml_is_heap(action):
        # A list or map must not change after it was emitted.
        action = to_cell(m, values_copy(to_object(m, action)))
    e.action = action
    e.urgency = urgency
    e.pc = m.vm.pc - 1
    e.row = m.vm.row
    m.vm.row += m.vm.row_step
    return 0


cdef int grow_intents(Machine m) except -1:
    """More room for intents, never for more than the limit: the loop looks at the room only."""
    cdef int64_t size = max(m.vm.cap_intents * 2, 16)
    cdef abml_intent *grown
    if size > m.vm.max_intents:
        size = m.vm.max_intents
    grown = <abml_intent *>realloc(m.vm.intents, size * sizeof(abml_intent))
    if grown == NULL:
        raise MemoryError
    m.vm.intents = grown
    m.vm.cap_intents = <int32_t>size
    return 0


cdef int forget_intents(Machine m) except -1:
    m.vm.nintents = m.old_intents = 0
    m.intent_fields.clear()
    return 0


cdef tuple intent_fields_of(object site, list values):
    """(target, position, data): parameters that are no field are collected into `data`."""
    cdef list names = list(site.names)
    cdef int collected = len(site.data) if site.data else 0
    cdef dict data = {}
    fields = {"target": None, "position": None, "data": None}
    for k, name in enumerate(names):
        value = values_copy(values[k])
        if k < len(names) - collected and name in fields:
            fields[name] = value
        else:
            data[name] = value
    given = fields["data"]
    return fields["target"], fields["position"], {**given, **data} if isinstance(given, dict) else data


cdef list intents_as_records(Machine m):
    cdef int32_t k
    cdef abml_intent *e
    cdef list records = []
    for k in range(m.vm.nintents):
        e = &m.vm.intents[k]
        number = m.image.code[e.pc].a
        site = m.image.site_table[number]
        channel, target, position, data = m.image.channel_names[number], None, None, {}
        fields = m.intent_fields.get(k)
        if fields is not None:
            given, (target, position, data) = fields
            if given is not None:
                channel = channel_name(given, m.image.archetype)
        records.append({
            "channel": channel,
            "action": to_object(m, e.action),
            "urgency": e.urgency,
            "target": target,
            "position": position,
            "data": data,
            "flow": m.image.unit_table[m.image.unit_at(e.pc)].name,
            "order": e.row,
        })
    return records


# -------------------------------------------------------------------- actions


cdef str current_flow(Machine m):
    """Qualified name of the innermost flow that runs."""
    cdef int32_t k
    for k in range(m.vm.nframes - 1, -1, -1):
        if m.vm.units[m.vm.frames[k].unit].kind == ABML_FLOW:
            return m.image.unit_table[m.vm.frames[k].unit].name
    return None


cdef object pop_deadline(Machine m, list values):
    """The last value: a time limit as DEADLINE makes them, or None."""
    if not values:
        raise ValueFault("internal_error", "a time limit is missing")
    limit = values.pop()
    if limit is not None and type(limit) is not int and type(limit) is not float:
        raise ValueFault("internal_error", "a time limit is not a number")
    return limit


cdef int act(Machine m, const abml_ins *i) except -1:
    site = m.image.site_table[i.b]
    cdef list values = pop_objects(m, m.vm.sites[i.b].count)
    deadline = pop_deadline(m, values) if "timeout" in site.flags else None
    if len(values) != len(site.names):
        raise ValueFault("internal_error", f"the action '{site.name}' does not say what its values are")
    if "ahead" in site.flags:
        # Nobody keeps or changes what is only looked at.
        params = dict(zip(site.names, values))
    else:
        params = {name: values_copy(value) for name, value in zip(site.names, values)}
    status, answer = m.host.act(site, params, current_flow(m), m.channel)
    if status == "done":
        m.vm.r[i.a] = to_cell(m, answer)
        return 0
    if status == "failed":
        raise FaultError(answer)
    if "await" in site.flags or "implicit" in site.flags:
        m.pending = answer
        return suspend(m, "await", deadline, ("await", m.vm.pc - 1, answer, deadline, site.data))
    m.vm.r[i.a] = ABML_NULL
    return 0


cdef int load_automatically(Machine m, const abml_ins *i) except -1:
    """AUTO: a reference to the snapshot of an id; the fiber waits while it is loaded."""
    cdef abml_cell cell = m.vm.r[i.b]
    if not abml_is_heap(cell) and not abml_is_symbol(cell):
        m.vm.r[i.a] = ABML_NULL if abml_is_open(cell) else cell
        return 0
    if abml_is_heap(cell) and type(object_at(m, cell)) is ProviderRef:
        m.vm.r[i.a] = cell
        return 0
    name, token = m.host.load_automatically(m.image.site_table[i.c], to_object(m, cell), not m.nested)
    if name is None:
        m.vm.r[i.a] = cell
    elif token is None:
        m.vm.r[i.a] = new_handle(m, ProviderRef(name))
    else:
        m.pending = token
        return suspend(m, "await", None, ("await", m.vm.pc - 1, token, None, {"provider": name}))
    return 0


cdef int emit_signal(Machine m, const abml_ins *i) except -1:
    site = m.image.site_table[i.a]
    cdef list values = pop_objects(m, m.vm.sites[i.a].count)
    name = site.name
    if "dynamic" in site.flags:
        if not values:
            raise ValueFault("internal_error", "a signal has no name")
        name = values.pop(0)
        name = name if type(name) is str else values_to_text(name)
    payload = values[0] if values else None
    m.host.signal(name, values_copy(payload), m.channel)
    signal = Signal(name, payload, m.channel, m.channel, m.alias)
    if m.is_scheduled and m.post is not None:
        # Every channel hears it.
        m.post(signal)
        return 0
    return put_in_mailbox(m, signal)


cdef int put_in_mailbox(Machine m, object signal) except -1:
    dropped = post(m.mailbox, signal, m.limits.max_mailbox)
    if dropped is not None:
        m.host.warn("mailbox", f"the mailbox is full: the signal '{dropped.name}' was dropped")
    return 0


cdef int wait_at_barrier(Machine m, const abml_ins *i) except -1:
    """SYNC: a run without channels is alone and never waits."""
    site = m.image.site_table[i.b]
    deadline = time_at(m, m.vm.r[i.a])
    if not m.is_scheduled or m.channel is None:
        return 0
    return suspend(m, "sync", deadline, ("sync", m.vm.pc - 1, site.name, site.data, deadline))


cdef int leave_barrier(Machine m) except -1:
    """Go on when the barrier opened; when the time is over, that is an error or the timeout's code."""
    cdef abml_ins i = instruction_at(m, m.waiting[1])
    name = m.waiting[2]
    if m.answered is not None and m.answered[0] == "done":
        m.answered = m.waiting = None
        return 0
    if m.answered is None:
        return SUSPENDED
    m.answered = m.waiting = None
    if i.c:
        return jump(m, <int16_t>i.c)
    raise ValueFault("wait_timeout", f"the others did not come to the barrier '{name}' in time")


cdef int start_arms(Machine m, const abml_ins *i) except -1:
    """PARALLEL: whoever drives the fiber runs the arms."""
    site = m.image.site_table[i.b]
    m.vm.r[i.a] = ABML_FALSE
    if not site.data:
        return 0
    return suspend(m, "parallel", None, ("parallel", m.vm.pc - 1, tuple(site.data)))


cdef bint has_ended_early(Machine m) except -1:
    """Whether the condition holds that ends an awaited action before its answer."""
    until = m.waiting[4]
    return bool(until) and "until_unit" in until and values_truthy(m.call_unit(until["until_unit"], ()))


# ---------------------------------------------------------------------- waits


cdef int make_deadline(Machine m, const abml_ins *i) except -1:
    """DEADLINE: milliseconds of the VM clock, null for no limit."""
    value = to_object(m, m.vm.r[i.b])
    if value is None and i.c == 2:
        value = m.limits.wait_timeout
    if value is None:
        m.vm.r[i.a] = ABML_NULL
        return 0
    if type(value) is str:
        number = values_parse_number(value.strip())
        value = parse_duration(value) if number is None else number
    if isinstance(value, Duration):
        micros = value.micros
    else:
        micros = round_finite(values_num(value) * (1000 if i.c == 1 else 1_000_000))
    if micros < 0:
        raise ValueFault("argument_error", "a time limit is negative")
    # In whole microseconds, so that a clock that is set to the deadline has reached it.
    moment = round(m.now_ms * 1000) + micros
    m.vm.r[i.a] = to_cell(m, moment // 1000 if moment % 1000 == 0 else moment / 1000)
    return 0


cdef object round_finite(object number):
    if number != number or number == _INFINITY or number == -_INFINITY:
        raise ValueFault("argument_error", "a time limit is not a finite number")
    return round(number)


cdef object time_at(Machine m, abml_cell cell):
    """A deadline's number of milliseconds, None for none."""
    if cell == ABML_NULL:
        return None
    if not abml_is_number(cell):
        raise ValueFault("internal_error", "a deadline is not a number")
    return to_object(m, cell)


cdef int jump_past(Machine m, const abml_ins *i) except -1:
    limit = time_at(m, m.vm.r[i.a])
    if limit is not None and m.now_ms >= limit:
        return jump(m, abml_label32(i))
    return 0


cdef int yield_until(Machine m, const abml_ins *i) except -1:
    first, second = time_at(m, m.vm.r[i.a]), time_at(m, m.vm.r[i.b])
    wake_at = first if second is None or (first is not None and first <= second) else second
    return suspend(m, "wait", wake_at, ("wait", wake_at, bool(i.c)))


cdef int wait_for(Machine m, const abml_ins *i) except -1:
    site = m.image.site_table[i.b]
    cdef list values = pop_objects(m, m.vm.sites[i.b].count)
    deadline = pop_deadline(m, values) if "timeout" in site.flags else None
    addresses = []
    for address in site.data or ():
        if address is None:
            if not values:
                raise ValueFault("internal_error", "a signal to wait for is missing")
            address = signal_address(values.pop(0))
        addresses.append((address[0], address[1]))
    if deadline is None and m.limits.wait_timeout is not None:
        deadline = m.now_ms + m.limits.wait_timeout.micros / 1000
    m.waiting = ("signal", m.vm.pc - 1, addresses, "all" in site.flags, [], deadline)
    return take_signals(m)


cdef tuple signal_address(object text):
    """(channel or None, signal) of `@channel.signal`, `@signal` or `signal`."""
    if type(text) is not str:
        raise ValueFault("argument_error", f"{values_describe(text)} does not name a signal")
    if text.startswith("@"):
        channel, dot, name = text[1:].partition(".")
        return (channel, name) if dot else (None, channel)
    return (None, text)


cdef int take_signals(Machine m) except -1:
    """Take what matches out of the mailbox; go on, suspend, or find the wait over time."""
    cdef int32_t pc
    cdef abml_ins i
    kind, at, addresses, every, got, deadline = m.waiting
    pc = at
    i = instruction_at(m, pc)
    expired = m.answered is not None and m.answered[0] == "expired"
    if not expired and take(m.mailbox, addresses, every, got, m.channel):
        m.waiting = m.answered = None
        m.vm.pc = pc + 1
        m.vm.r[i.a] = new_handle(m, [signal.to_map() for signal, _ in got])
        return 0
    # Of several fibers nobody's time is over before the next cycle begins.
    if expired or (not m.is_scheduled and deadline is not None and m.now_ms >= deadline):
        m.waiting = m.answered = None
        m.vm.pc = pc + 1
        if i.c:
            return jump(m, <int16_t>i.c)
        raise ValueFault("wait_timeout", "the signal did not come in time")
    return suspend(m, "signal", deadline, m.waiting)


cdef int continuation_point(Machine m, const abml_ins *i) except -1:
    """CONT: an extension that is there already, else a wait for one, else the default flow."""
    site = m.image.site_table[i.a]
    cdef list values = pop_objects(m, m.vm.sites[i.a].count)
    deadline = pop_deadline(m, values)
    m.waiting = ("continuation", m.vm.pc - 1, site.name, deadline)
    return continue_point(m)


cdef int continue_point(Machine m) except -1:
    cdef int32_t pc
    kind, at, name, deadline = m.waiting
    pc = at
    site = m.image.site_table[m.image.code[pc].a]
    m.pending = name
    # An extension may come until the time is over, not after it; one that was there before is entered at once.
    late = m.reason == "continuation" and deadline is not None and m.now_ms >= deadline
    if not late and not m.default_asked and m.host.continuation(name) is not None:
        # The host takes over: what follows runs in the extension's own machine.
        return suspend(m, "extension", None, m.waiting)
    if deadline is not None and m.now_ms < deadline and not m.default_asked:
        return suspend(m, "continuation", deadline, m.waiting)
    m.default_asked = False
    m.waiting = None
    m.pending = None
    m.vm.pc = pc + 1
    if site.unit < 0:
        raise ValueFault("flow_not_found", f"there is no flow named '{site.data or site.name}'")
    return transfer(m, None, site.unit, 0)
