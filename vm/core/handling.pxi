# Faults: made from exceptions, carried to the handler that the error tables name.


@cython.final
cdef class ErrorObject:
    """The fault that an error handler's code keeps in a register.

    `at` is the instruction of the handler's frame at which the fault arrived.
    """

    cdef readonly object fault
    cdef readonly int32_t at

    def __init__(self, fault, int32_t at=-1):
        self.fault = fault
        self.at = at

    def __reduce__(self):
        return ErrorObject, (self.fault, self.at)


class FaultError(Exception):
    """A fault on its way through Python code; `fault` is the `abml.vm.faults.Fault`."""

    def __init__(self, fault):
        super().__init__(fault.message)
        self.fault = fault


cdef object place_of(Machine m, int32_t pc):
    """(flow, action, span) of an instruction that the innermost frame executes.

    Code that runs for a value (a document function, a computed variable) belongs
    to no action of its own; then it is the action that asked for the value.
    """
    line = m.image.line_at(pc)
    span = None
    action = None
    cdef int32_t k
    if line is not None:
        documents = m.image.program.documents
        path = documents[line.document] if 0 <= line.document < len(documents) else None
        span = Span(path, line.line, line.column, line.end_line, line.end_column)
        action = line.action or None
    for k in range(m.vm.nframes - 1, 0, -1):
        if action is not None or m.vm.units[m.vm.frames[k].unit].kind == ABML_FLOW:
            break
        line = m.image.line_at(m.vm.frames[k].ret - 1)
        action = line.action or None if line is not None else None
    return current_flow(m), action, span


cdef object make_fault(Machine m, int32_t pc, object error):
    """The fault of an exception that an instruction raised."""
    flow, action, span = place_of(m, pc)
    if isinstance(error, FaultError):
        fault = error.fault
        # Code that runs for a value (a computed variable) belongs to no action of its own.
        if fault.flow is None or fault.action is None or fault.span is None:
            fault = replace(
                fault,
                flow=fault.flow if fault.flow is not None else flow,
                action=fault.action if fault.action is not None else action,
                span=fault.span if fault.span is not None else span,
            )
        return fault
    if isinstance(error, ValueFault):
        return Fault.from_value_fault(error, flow=flow, action=action, channel=m.channel, span=span)
    if isinstance(error, MemoryError):
        return Fault("limit_exceeded", "there is not enough memory", flow, action, m.channel, span)
    if isinstance(error, RecursionError):
        return Fault("limit_exceeded", "values are nested too deeply", flow, action, m.channel, span)
    message = f"{type(error).__name__}: {error}"
    return Fault("internal_error", message, flow, action, m.channel, span, type(error).__name__)


cdef abml_cell register_of_frame(Machine m, int32_t k, int32_t register) noexcept:
    """A register as frame `k` left it, though its unit may have been entered again since."""
    cdef int32_t unit = m.vm.frames[k].unit
    cdef const abml_unit *u = &m.vm.units[unit]
    cdef int32_t above
    if u.region_start <= register < u.region_end:
        for above in range(k + 1, m.vm.nframes):
            if m.vm.frames[above].unit == unit and m.vm.frames[above].flags & ABML_FRAME_SAVED:
                return m.vm.saved[m.vm.frames[above].saved + register - u.region_start]
    return m.vm.r[register]


cdef int propagate(Machine m, object fault, int32_t pc) except -1:
    """Find who handles a fault, inside out; nothing is unwound before that is known."""
    cdef int32_t k, at = pc, failed_at = pc
    cdef abml_cell kept
    left = None
    if not fault.is_catchable:
        return fail(m, fault)
    for k in range(m.vm.nframes - 1, m.vm.bottom - 1, -1):
        for row in m.image.unit_table[m.vm.frames[k].unit].handlers:
            if not row.start <= at < row.end:
                continue
            if row.kind == "reraise":
                kept = register_of_frame(m, k, row.register)
                original = object_at(m, kept) if abml_is_heap(kept) else None
                if type(original) is ErrorObject:
                    fault = (<ErrorObject>original).fault.with_handler_error(fault.message)
                    # The action that failed is the original's, not a part of the handler's code.
                    failed_at = (<ErrorObject>original).at
                left = (k, row)
            elif row.kind == "substitute":
                return substitute(m, fault, k, row)
            else:
                return handle(m, fault, k, row, at)
        if m.vm.frames[k].flags & ABML_FRAME_HANDLER:
            # The document's own handler failed: the error it was called for is unhandled.
            return fail(m, m.faults_in_hand[-1])
        if k > m.vm.bottom:
            at = failed_at = m.vm.frames[k].ret - 1
    if not m.nested and not m.is_arm and m.image.error_unit >= 0:
        if left is not None:
            # The handler that failed had left what is inside its owner; its own calls end here.
            unwind_to(m, left[0], left[1])
        return run_document_handler(m, fault, pc, failed_at)
    return fail(m, fault)


cdef int unwind_to(Machine m, int32_t k, object row) except -1:
    """Leave the frames above frame `k`, and inside it the scopes and arguments above a handler's owner."""
    cdef int32_t marks, args
    while m.vm.nframes - 1 > k:
        abml_pop_frame(&m.vm)
    marks = m.vm.frames[k].base_marks + <int32_t>row.scopes
    if marks < m.vm.nmarks:
        abml_pop_scopes(&m.vm, marks)
    args = m.vm.frames[k].args + <int32_t>row.args
    if args < m.vm.nargs:
        m.vm.nargs = args
    m.vm.pc = row.target
    return 0


cdef int substitute(Machine m, object fault, int32_t k, object row) except -1:
    unwind_to(m, k, row)
    m.vm.r[row.register] = m.vm.constants[row.constant]
    if row.warn:
        m.host.warn("template_error", fault.message)
    return 0


cdef int handle(Machine m, object fault, int32_t k, object row, int32_t at) except -1:
    cdef int32_t top
    unwind_to(m, k, row)
    m.vm.r[row.register] = new_handle(m, ErrorObject(fault, at))
    bind_error(m, fault)
    if row.resume != NO_REGISTER:
        top = next_top(m, m.vm.frames[k].unit, at)
        m.vm.r[row.resume] = abml_from_int48(top)
    return 0


cdef int bind_error(Machine m, object fault) except -1:
    """`_error` and `_error_handled` as locals of the current scope."""
    if m.image.error_slot >= 0:
        set_local(m, m.image.error_slot, new_handle(m, fault.to_map()))
    if m.image.handled_slot >= 0:
        set_local(m, m.image.handled_slot, ABML_NULL)
    return 0


cdef int run_document_handler(Machine m, object fault, int32_t pc, int32_t failed_at) except -1:
    """Call the document's handler from the failing frame, before anything is unwound.

    `failed_at` is the instruction of the bottom frame that contains the failure.
    """
    cdef int32_t unit = m.image.error_unit
    cdef abml_frame *f = abml_push_frame(&m.vm, unit, pc + 1, -1, ABML_FRAME_HANDLER)
    if f == NULL:
        return fail(m, fault)
    if not abml_push_scope(&m.vm):
        return fail(m, fault)
    f.base_marks = m.vm.nmarks
    m.faults_in_hand.append(fault)
    # The handler returns no value; its frame remembers where the bottom flow failed instead.
    f.dst = failed_at
    bind_error(m, fault)
    m.vm.entered[unit] = 1
    m.vm.pc = m.vm.units[unit].start
    m.vm.budget -= CALL_COST
    return 0


cdef int fail(Machine m, object fault) except -1:
    """End the activation with a fault."""
    m.fault = fault
    drop_frames(m)
    return FAILED


cdef int drop_frames(Machine m) except -1:
    """Leave every frame of the activation; the scope it started in stays."""
    while m.vm.nframes > m.vm.bottom:
        abml_pop_frame(&m.vm)
    if not m.nested:
        m.faults_in_hand.clear()
        m.waiting = None
        m.pending = None
    return 0
