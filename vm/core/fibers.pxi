# Fibers: a suspended run is taken off the machine and put back, so that one
# instance can have several runs in flight over the same document variables.


cdef dict park_fiber(Machine m):
    """Take the suspended run off: its bindings leave the slots, the document's values come back."""
    cdef abml_vm *vm = &m.vm
    cdef abml_undo *u
    cdef int32_t k
    cdef list bound = []
    if m.running or m.nested:
        raise ValueError("a running machine cannot be parked")
    temporaries = encode_cells(m, vm.r + m.image.first_temporary, vm.nregisters - m.image.first_temporary)
    for k in range(vm.nundo - 1, -1, -1):
        u = &vm.undo[k]
        bound.append((u.slot, encode_cell(m, vm.r[u.slot]), vm.depth[u.slot]))
        vm.r[u.slot] = u.old
        vm.depth[u.slot] = u.old_depth
    bound.reverse()
    state = {
        "temporaries": temporaries,
        "bound": bound,
        "marks": [vm.marks[k] for k in range(vm.nmarks)],
        "args": encode_cells(m, vm.args, vm.nargs),
        "saved": encode_cells(m, vm.saved, vm.nsaved),
        "frames": frames_as_rows(m),
        "pc": vm.pc,
        "reason": m.reason, "wake_at": m.wake_at, "pending": m.pending,
        "waiting": m.waiting, "answered": m.answered,
        "mailbox": m.mailbox, "faults": m.faults_in_hand, "extras": m.extras,
    }
    vm.nundo = vm.nmarks = vm.nargs = vm.nsaved = vm.nframes = 0
    memset(vm.active, 0, vm.nunits * sizeof(int32_t))
    m.mailbox, m.faults_in_hand, m.extras = [], [], {}
    m.reason = m.wake_at = m.pending = m.waiting = m.answered = None
    return state


cdef int unpark_fiber(Machine m, dict state) except -1:
    """Put a parked run back; the machine must be idle and must be the one that parked it."""
    cdef abml_vm *vm = &m.vm
    cdef abml_frame *f
    cdef int32_t k
    if m.running or vm.nframes or vm.nundo:
        raise ValueError("a run is in progress")
    for k in range(len(state["temporaries"])):
        vm.r[m.image.first_temporary + k] = decode_cell(m, state["temporaries"][k])
    reserve(<void **>&vm.undo, &vm.cap_undo, len(state["bound"]), sizeof(abml_undo))
    for slot, cell, depth in state["bound"]:
        vm.undo[vm.nundo].slot = slot
        vm.undo[vm.nundo].old = vm.r[<int32_t>slot]
        vm.undo[vm.nundo].old_depth = vm.depth[<int32_t>slot]
        vm.nundo += 1
        vm.r[<int32_t>slot] = decode_cell(m, cell)
        vm.depth[<int32_t>slot] = depth
    reserve(<void **>&vm.marks, &vm.cap_marks, len(state["marks"]), sizeof(int32_t))
    for mark in state["marks"]:
        vm.marks[vm.nmarks] = mark
        vm.nmarks += 1
    reserve(<void **>&vm.args, &vm.cap_args, len(state["args"]), sizeof(abml_cell))
    for cell in state["args"]:
        vm.args[vm.nargs] = decode_cell(m, cell)
        vm.nargs += 1
    reserve(<void **>&vm.saved, &vm.cap_saved, len(state["saved"]), sizeof(abml_cell))
    for cell in state["saved"]:
        vm.saved[vm.nsaved] = decode_cell(m, cell)
        vm.nsaved += 1
    for row in state["frames"]:
        f = &vm.frames[vm.nframes]
        f.unit, f.ret, f.dst, f.marks, f.base_marks, f.args, f.saved, f.flags = row
        if f.flags & ABML_FRAME_COUNTED:
            vm.active[f.unit] += 1
        vm.nframes += 1
    vm.bottom = 0
    vm.pc = state["pc"]
    m.reason, m.wake_at, m.pending = state["reason"], state["wake_at"], state["pending"]
    m.waiting, m.answered = state["waiting"], state["answered"]
    m.mailbox, m.faults_in_hand, m.extras = state["mailbox"], state["faults"], state["extras"]
    return 0


cdef list frames_as_rows(Machine m):
    cdef abml_frame *f
    cdef int32_t k
    cdef list rows = []
    for k in range(m.vm.nframes):
        f = &m.vm.frames[k]
        rows.append((f.unit, f.ret, f.dst, f.marks, f.base_marks, f.args, f.saved, f.flags))
    return rows
