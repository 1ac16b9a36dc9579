# The slow path of every instruction, by opcode.

# Instructions that change no list that the program can see and run no code of the host.
cdef uint8_t[256] _QUIET
memset(_QUIET, 0, 256)
for _row in _OPCODES:
    _QUIET[<int>_row.number] = _row.name in (
        "ADD SUB MUL DIV MOD NEG INC DEC EQ NE LT LE IN NOT BOOL JT JF JLT JNLT JLE JNLE JEQ JNE GETM GETI PFIN LIST APPEND"
        " MAP PUT TEXT TBNEW TBADD TBEND ITER ITERL NEXT INDEX TIMES COUNT SCOPE LOCALV INTENT INTENTX"
    ).split()


cdef int slow_path(void *machine, int32_t pc) noexcept:
    """What the loop calls: 0 goes on at vm.pc. Whatever is raised becomes a fault here."""
    cdef Machine m = <Machine>machine
    cdef int32_t at = m.vm.pc if pc < 0 else pc
    cdef int32_t height = m.vm.nargs
    cdef int result
    cdef abml_ins operands
    try:
        if pc < 0:
            return leave(m, safe_point(m))
        m.vm.pc = pc + 1
        if m.vm.nshared and not _QUIET[m.image.code[pc].op]:
            unshare(m)
        if m.vm.base != NULL:
            operands = instruction_at(m, pc)
            return leave(m, execute(m, &operands))
        return leave(m, execute(m, &m.image.code[pc]))
    except Exception as error:
        return raised(m, at, error)
    except BaseException as error:
        # An interrupt of the host: the run ends, and the exception goes on to whoever resumed it.
        m.escape = error
        return leave(m, STOPPED)


cdef abml_ins instruction_at(Machine m, int32_t pc) noexcept:
    """An instruction by its public opcode, with the operands that the running code has."""
    cdef abml_ins i
    if m.vm.base == NULL:
        return m.image.code[pc]
    i = m.vm.base[pc]
    i.op = m.image.code[pc].op
    return i


cdef inline int leave(Machine m, int outcome) noexcept:
    m.outcome = outcome
    return outcome


cdef int raised(Machine m, int32_t pc, object error) noexcept:
    try:
        return leave(m, propagate(m, make_fault(m, pc, error), pc))
    except BaseException as second:
        # Not even the handler could be entered.
        m.fault = Fault("internal_error", f"{type(second).__name__}: {second}")
        while m.vm.nframes > m.vm.bottom:
            abml_pop_frame(&m.vm)
        return leave(m, FAILED)


cdef int execute(Machine m, const abml_ins *i) except -1:
    cdef abml_cell *r = m.vm.r
    cdef int op = i.op
    if op == ABML_OP_ADD:
        return add_values(m, i)
    elif op == ABML_OP_SUB:
        return binary(m, i, values_subtract)
    elif op == ABML_OP_MUL:
        return binary(m, i, values_multiply)
    elif op == ABML_OP_DIV:
        return binary(m, i, values_divide)
    elif op == ABML_OP_MOD:
        return binary(m, i, values_remainder)
    elif op == ABML_OP_NEG:
        r[i.a] = to_cell(m, values_negate(to_object(m, r[i.b])))
        return 0
    elif op == ABML_OP_INC:
        return step_value(m, i, 1)
    elif op == ABML_OP_DEC:
        return step_value(m, i, -1)
    elif op == ABML_OP_MIN:
        return extreme(m, i, "min")
    elif op == ABML_OP_MAX:
        return extreme(m, i, "max")
    elif op == ABML_OP_EQ:
        return compare(m, i, values_equal, False)
    elif op == ABML_OP_NE:
        return compare(m, i, values_equal, True)
    elif op == ABML_OP_LT:
        return compare(m, i, values_less, False)
    elif op == ABML_OP_LE:
        return compare(m, i, values_less_equal, False)
    elif op == ABML_OP_IN:
        return compare(m, i, values_contains, False)
    elif op == ABML_OP_NOT:
        r[i.a] = ABML_FALSE if truth(m, r[i.b]) else ABML_TRUE
        return 0
    elif op == ABML_OP_BOOL:
        r[i.a] = ABML_TRUE if truth(m, r[i.b]) else ABML_FALSE
        return 0
    elif op == ABML_OP_JT:
        return jump(m, abml_label32(i)) if truth(m, r[i.a]) else 0
    elif op == ABML_OP_JF:
        return 0 if truth(m, r[i.a]) else jump(m, abml_label32(i))
    elif op == ABML_OP_JLT:
        return compare_jump(m, i, values_less, True)
    elif op == ABML_OP_JNLT:
        return compare_jump(m, i, values_less, False)
    elif op == ABML_OP_JLE:
        return compare_jump(m, i, values_less_equal, True)
    elif op == ABML_OP_JNLE:
        return compare_jump(m, i, values_less_equal, False)
    elif op == ABML_OP_JEQ:
        return compare_jump(m, i, values_equal, True)
    elif op == ABML_OP_JNE:
        return compare_jump(m, i, values_equal, False)
    elif op == ABML_OP_GETM:
        return get_member(m, i)
    elif op == ABML_OP_GETI:
        return get_index(m, i)
    elif op == ABML_OP_PFIN:
        return finish_provider(m, i)
    elif op == ABML_OP_LIST:
        r[i.a] = new_handle(m, [])
        return 0
    elif op == ABML_OP_APPEND:
        return append_value(m, i)
    elif op == ABML_OP_MAP:
        r[i.a] = new_handle(m, {})
        return 0
    elif op == ABML_OP_PUT:
        return put_value(m, i)
    elif op == ABML_OP_TEXT:
        return build_text(m, i)
    elif op == ABML_OP_TBNEW:
        r[i.a] = new_handle(m, TextBuilder())
        return 0
    elif op == ABML_OP_TBADD:
        return add_text(m, i)
    elif op == ABML_OP_TBEND:
        r[i.a] = to_cell(m, "".join(builder_at(m, r[i.b]).parts))
        return 0
    elif op == ABML_OP_ARG or op == ABML_OP_ARG2 or op == ABML_OP_ARG3:
        raise ValueFault("limit_exceeded", "the argument stack is full")
    elif op == ABML_OP_CALLF:
        return call_function(m, i)
    elif op == ABML_OP_CALLH:
        return call_higher_order(m, i)
    elif op == ABML_OP_ITER:
        return make_iterator(m, i)
    elif op == ABML_OP_ITERL:
        return make_list_iterator(m, i)
    elif op == ABML_OP_NEXT:
        return next_element(m, i)
    elif op == ABML_OP_INDEX:
        return element_index(m, i)
    elif op == ABML_OP_TIMES:
        return count_rounds(m, i)
    elif op == ABML_OP_COUNT:
        return count_step(m, i)
    elif op == ABML_OP_SCOPE:
        raise ValueFault("limit_exceeded", "scopes are nested too deeply")
    elif op == ABML_OP_UNSCOPE:
        raise ValueFault("internal_error", "UNSCOPE leaves more scopes than the frame has")
    elif op == ABML_OP_LOADV:
        return load_slot(m, i.b, i.a)
    elif op == ABML_OP_LOADL:
        return load_slot(m, i.c if r[i.b] == ABML_UNBOUND else i.b, i.a)
    elif op == ABML_OP_LOADD:
        return load_document(m, i.b, i.a)
    elif op == ABML_OP_SETV:
        return set_slot_value(m, i.a, r[i.b])
    elif op == ABML_OP_SETL:
        return set_library(m, i)
    elif op == ABML_OP_LOCALV:
        return set_local(m, i.a, r[i.b])
    elif op == ABML_OP_GLOBALV:
        return set_global(m, i.a, r[i.b])
    elif op == ABML_OP_CLEARV:
        return clear_slot(m, i.a)
    elif op == ABML_OP_LAZY:
        return make_lazy(m, i.a)
    elif op == ABML_OP_STORE:
        return store_path(m, i)
    elif op == ABML_OP_CONVERT:
        return convert_value(m, i)
    elif op == ABML_OP_CALLFLOW:
        return call_flow(m, i)
    elif op == ABML_OP_GOTO:
        return go_to(m, i)
    elif op == ABML_OP_RET or op == ABML_OP_FRET:
        return return_slowly(m, i)
    elif op == ABML_OP_RESUME:
        return resume_after(m, i)
    elif op == ABML_OP_RAISE:
        return raise_kind(m, i)
    elif op == ABML_OP_LOG:
        return write_log(m, i)
    elif op == ABML_OP_WARN:
        m.host.warn("warning", values_to_text(m.image.constant_table[i.a]))
        return 0
    elif op == ABML_OP_INTENT or op == ABML_OP_INTENTX:
        return emit_intent(m, i)
    elif op == ABML_OP_ACT:
        return act(m, i)
    elif op == ABML_OP_EMIT:
        return emit_signal(m, i)
    elif op == ABML_OP_WAITFOR:
        return wait_for(m, i)
    elif op == ABML_OP_DEADLINE:
        return make_deadline(m, i)
    elif op == ABML_OP_JPAST:
        return jump_past(m, i)
    elif op == ABML_OP_YIELD:
        return yield_until(m, i)
    elif op == ABML_OP_CONT:
        return continuation_point(m, i)
    elif op == ABML_OP_SYNC:
        return wait_at_barrier(m, i)
    elif op == ABML_OP_PARALLEL:
        return start_arms(m, i)
    elif op == ABML_OP_AUTO:
        return load_automatically(m, i)
    elif op == ABML_OP_MOV:
        r[i.a] = r[i.b]
        return 0
    raise ValueFault("internal_error", "control left the code of the program")
