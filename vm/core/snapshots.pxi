# Snapshots: the state of a machine as plain data.

cdef enum:
    SNAPSHOT_VERSION = 1


cdef object encode_cell(Machine m, abml_cell cell):
    """Cells that mean the same in every process as ints, symbols and objects as one-element tuples."""
    if abml_is_symbol(cell):
        return (symbol_text(abml_payload32(cell)),)
    if abml_is_heap(cell):
        return (object_at(m, cell),)
    return cell


cdef abml_cell decode_cell(Machine m, object data) except? 0:
    if type(data) is tuple:
        return to_cell(m, data[0])
    return <abml_cell>data


cdef list encode_cells(Machine m, const abml_cell *cells, Py_ssize_t count):
    return [encode_cell(m, cells[k]) for k in range(count)]


cdef dict make_snapshot(Machine m):
    cdef abml_vm *vm = &m.vm
    cdef int32_t k
    if m.running:
        raise ValueError("a running machine has no snapshot")
    registers = encode_cells(m, vm.r, m.image.slot_count)
    temporaries = encode_cells(m, vm.r + m.image.first_temporary, vm.nregisters - m.image.first_temporary)
    return {
        "version": SNAPSHOT_VERSION,
        "slots": registers,
        "temporaries": temporaries,
        "depths": [vm.depth[k] for k in range(m.image.slot_count)],
        "undo": [(vm.undo[k].slot, vm.undo[k].old_depth, encode_cell(m, vm.undo[k].old)) for k in range(vm.nundo)],
        "marks": [vm.marks[k] for k in range(vm.nmarks)],
        "args": encode_cells(m, vm.args, vm.nargs),
        "saved": encode_cells(m, vm.saved, vm.nsaved),
        "frames": frames_as_rows(m),
        "pc": vm.pc,
        "order": vm.row,
        "value": encode_cell(m, vm.value),
        "now": m.now_ms,
        "reason": m.reason,
        "wake_at": m.wake_at,
        "pending": m.pending,
        "waiting": m.waiting,
        "answered": m.answered,
        "mailbox": list(m.mailbox),
        "faults": list(m.faults_in_hand),
        "fault": m.fault,
        "overwritten": sorted(m.overwritten),
        "extras": dict(m.extras),
        "random": m.context.random.state,
    }


cdef int restore_snapshot(Machine m, dict data) except -1:
    """Checks what memory safety needs; the rest is as trustworthy as its source."""
    cdef abml_vm *vm = &m.vm
    cdef Py_ssize_t k
    cdef abml_frame *f
    if m.running:
        raise ValueError("the machine is running")
    if data.get("version") != SNAPSHOT_VERSION or len(data["slots"]) != m.image.slot_count \
            or len(data["temporaries"]) != vm.nregisters - m.image.first_temporary \
            or len(data["depths"]) != m.image.slot_count or len(data["frames"]) > vm.cap_frames:
        raise ValueError("the snapshot is of another program")
    check_frames(m, data["frames"], len(data["marks"]), len(data["args"]), data["saved"], vm.cap_frames)
    if any(not 0 <= mark <= len(data["undo"]) for mark in data["marks"]) \
            or any(not 0 <= row[0] < m.image.slot_count for row in data["undo"]) \
            or not 0 <= data["pc"] <= m.image.length:
        raise ValueError("the snapshot does not fit the program")
    check_waiting(m, data["waiting"])
    vm.nframes = vm.nmarks = vm.nundo = vm.nargs = vm.nsaved = vm.nshared = 0
    forget_intents(m)
    for k in range(m.image.slot_count):
        vm.r[k] = decode_cell(m, data["slots"][k])
        vm.depth[k] = data["depths"][k]
    for k in range(len(data["temporaries"])):
        vm.r[m.image.first_temporary + k] = decode_cell(m, data["temporaries"][k])
    reserve(<void **>&vm.undo, &vm.cap_undo, len(data["undo"]), sizeof(abml_undo))
    for slot, depth, cell in data["undo"]:
        vm.undo[vm.nundo].old = decode_cell(m, cell)
        vm.undo[vm.nundo].slot, vm.undo[vm.nundo].old_depth = slot, depth
        vm.nundo += 1
    reserve(<void **>&vm.marks, &vm.cap_marks, len(data["marks"]), sizeof(int32_t))
    for mark in data["marks"]:
        vm.marks[vm.nmarks] = mark
        vm.nmarks += 1
    reserve(<void **>&vm.args, &vm.cap_args, len(data["args"]), sizeof(abml_cell))
    for cell in data["args"]:
        vm.args[vm.nargs] = decode_cell(m, cell)
        vm.nargs += 1
    reserve(<void **>&vm.saved, &vm.cap_saved, len(data["saved"]), sizeof(abml_cell))
    for cell in data["saved"]:
        vm.saved[vm.nsaved] = decode_cell(m, cell)
        vm.nsaved += 1
    memset(vm.active, 0, vm.nunits * sizeof(int32_t))
    for row in data["frames"]:
        f = &vm.frames[vm.nframes]
        f.unit, f.ret, f.dst, f.marks, f.base_marks, f.args, f.saved, f.flags = row
        if f.flags & ABML_FRAME_COUNTED:
            vm.active[f.unit] += 1
        vm.nframes += 1
    vm.bottom = 0
    vm.pc = data["pc"]
    vm.row = data["order"]
    vm.value = decode_cell(m, data["value"])
    m.now_ms = data["now"]
    m.reason, m.wake_at, m.pending = data["reason"], data["wake_at"], data["pending"]
    m.waiting, m.answered = data["waiting"], data["answered"]
    m.mailbox = list(data["mailbox"])
    m.faults_in_hand = list(data["faults"])
    m.fault = data["fault"]
    m.overwritten = set(data["overwritten"])
    m.extras = dict(data["extras"])
    m.context.random.state = data["random"]
    return 0


cdef int check_waiting(Machine m, object waiting) except -1:
    """A wait that stands at an instruction names one of the program."""
    if waiting is None or (type(waiting) is tuple and waiting and waiting[0] == "wait"):
        return 0
    if type(waiting) is not tuple or len(waiting) < 3 or type(waiting[1]) is not int \
            or not 0 <= waiting[1] < m.image.length:
        raise ValueError("the snapshot does not fit the program")
    return 0


cdef int check_frames(Machine m, list rows, Py_ssize_t marks, Py_ssize_t args, list saved, int32_t most) except -1:
    """Frames of a snapshot: what the loop takes for granted about them."""
    cdef int32_t unit
    if len(rows) > most:
        raise ValueError("the snapshot is of another program")
    for row in rows:
        if not 0 <= row[0] < m.image.unit_count or not 0 <= row[1] <= m.image.length \
                or not (-1 if row[7] & ABML_FRAME_BOTTOM or row[7] & ABML_FRAME_HANDLER else 0) <= row[2] <= m.vm.nregisters or not 0 <= row[3] <= row[4] <= marks \
                or not 0 <= row[5] <= args:
            raise ValueError("the snapshot does not fit the program")
        unit = row[0]
        if row[6] < 0 or row[7] & ~15 or (not row[7] & ABML_FRAME_SAVED and row[6] > m.image.length):
            raise ValueError("the snapshot does not fit the program")
        if row[7] & ABML_FRAME_SAVED and row[6] + m.vm.units[unit].region_end - m.vm.units[unit].region_start > len(saved):
            raise ValueError("the snapshot does not fit the program")
    return 0


cdef int reserve(void **place, int32_t *capacity, Py_ssize_t count, size_t size) except -1:
    if count > capacity[0] and not abml_grow(place, capacity, 0, <int32_t>count, size, 1 << 26):
        raise MemoryError
    return 0


# -------------------------------------------------------------------- fibers


cdef dict fiber_snapshot(Machine m, Fiber fiber):
    """What a fiber off the machine has, as plain data; its parent and its mailbox are the scheduler's."""
    cdef Py_ssize_t k
    cdef abml_frame *f
    cdef list rows = []
    if not fiber.is_active or m.path is not None:
        raise ValueError("only a fiber that waits has a snapshot")
    for k in range(fiber.nframes):
        f = &fiber.frames[k]
        rows.append((f.unit, f.ret, f.dst, f.marks, f.base_marks, f.args, f.saved, f.flags))
    return {
        "unit": fiber.unit, "last": fiber.last,
        "channel": fiber.channel, "alias": fiber.alias, "isolated": fiber.is_isolated,
        "bound": [(fiber.kept[k].slot, encode_cell(m, fiber.kept[k].cell), fiber.kept[k].depth) for k in range(fiber.nbound)],
        "marks": [fiber.marks[k] for k in range(fiber.nmarks)],
        "temporaries": encode_cells(m, fiber.temporaries, fiber.ntemporaries),
        "args": encode_cells(m, fiber.args, fiber.nargs),
        "saved": encode_cells(m, fiber.saved, fiber.nsaved),
        "frames": rows,
        "pc": fiber.pc, "gotos": fiber.gotos, "entered": fiber.entered,
        "reason": fiber.reason, "wake_at": fiber.wake_at, "pending": fiber.pending,
        "waiting": fiber.waiting, "answered": fiber.answered,
        "faults": list(fiber.faults_in_hand), "extras": dict(fiber.extras),
    }


cdef Fiber restore_fiber(Machine m, dict data, Fiber parent):
    """A fiber from its snapshot; checks what memory safety needs."""
    cdef Fiber fiber = Fiber()
    cdef abml_frame *f
    cdef Py_ssize_t k, marks = len(data["marks"])
    cdef Fiber one = parent
    cdef list frames = data["frames"]
    fiber.parent, fiber.channel, fiber.alias = parent, data["channel"], data["alias"]
    fiber.is_isolated = bool(data["isolated"])
    fiber.room = m.limits.max_call_depth if parent is None else parent.room - <int32_t>parent.nframes
    while one is not None:
        marks += one.nmarks
        one = one.parent
    check_frames(m, frames, marks, len(data["args"]), data["saved"], fiber.room)
    if not frames or not frames[0][7] & ABML_FRAME_BOTTOM or len(m.fibers) >= MOST_FIBERS \
            or len(data["temporaries"]) != m.vm.nregisters - m.image.first_temporary \
            or any(not 0 <= row[0] < m.image.slot_count for row in data["bound"]) \
            or any(not 0 <= mark <= len(data["bound"]) for mark in data["marks"]) \
            or not 0 <= data["pc"] < m.image.length or not 0 <= data["unit"] < m.image.unit_count \
            or (data["entered"] is not None and len(data["entered"]) != m.image.unit_count):
        raise ValueError("the snapshot does not fit the program")
    check_waiting(m, data["waiting"])
    fiber.kept = <abml_bound *>checked(calloc(len(data["bound"]) + 1, sizeof(abml_bound)))
    for slot, cell, depth in data["bound"]:
        fiber.kept[fiber.nbound].slot, fiber.kept[fiber.nbound].depth = slot, depth
        fiber.kept[fiber.nbound].cell = decode_cell(m, cell)
        fiber.nbound += 1
    fiber.marks = <int32_t *>checked(calloc(len(data["marks"]) + 1, sizeof(int32_t)))
    for mark in data["marks"]:
        fiber.marks[fiber.nmarks] = mark
        fiber.nmarks += 1
    fiber.ntemporaries = fill_cells(m, &fiber.temporaries, data["temporaries"])
    fiber.nargs = fill_cells(m, &fiber.args, data["args"])
    fiber.nsaved = fill_cells(m, &fiber.saved, data["saved"])
    fiber.frames = <abml_frame *>checked(calloc(len(frames) + 1, sizeof(abml_frame)))
    for row in frames:
        f = &fiber.frames[fiber.nframes]
        f.unit, f.ret, f.dst, f.marks, f.base_marks, f.args, f.saved, f.flags = row
        fiber.nframes += 1
    fiber.unit, fiber.last = data["unit"], data["last"]
    fiber.pc, fiber.gotos, fiber.entered = data["pc"], data["gotos"], data["entered"]
    fiber.reason, fiber.wake_at, fiber.pending = data["reason"], data["wake_at"], data["pending"]
    fiber.waiting, fiber.answered = data["waiting"], data["answered"]
    fiber.faults_in_hand, fiber.extras = list(data["faults"]), dict(data["extras"])
    if parent is not None:
        fiber.mailbox, fiber.extras = parent.mailbox, parent.extras
    fiber.is_active = True
    m.fibers.append(fiber)
    return fiber


cdef Py_ssize_t fill_cells(Machine m, abml_cell **place, list data) except -1:
    cdef Py_ssize_t k
    place[0] = <abml_cell *>checked(calloc(len(data) + 1, sizeof(abml_cell)))
    for k in range(len(data)):
        place[0][k] = decode_cell(m, data[k])
    return len(data)
