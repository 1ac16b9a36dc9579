"""What the kinds of runtime errors mean, for `abmlc explain`."""

from __future__ import annotations

# kind -> (meaning, example of an action that fails so, what to do)
MEANINGS: dict[str, tuple[str, str, str]] = {
    "flow_not_found": (
        "A call, a goto or the entry of a run names a flow that the program does not have.",
        'call: { flow: "${picked}" }',
        "Check dynamic names before the call, or handle the error with on_error.",
    ),
    "null_access": (
        "A member or an index of null was read.",
        'log: "${boat.captain.name}"   # boat has no captain',
        "Use ?. where null is expected: boat.captain?.name",
    ),
    "type_error": (
        "An operator, an ordering or an assignment met a value of a type it has no rule for.",
        "set: { x: \"${'soft' * 2}\" }",
        "Convert first (to_number, to_string), or look where the value comes from.",
    ),
    "division_by_zero": (
        "The right side of /, %, idiv or mod is zero.",
        'set: { share: "${12 / heads}" }   # heads is 0',
        "Use safe_div(a, b, fallback), or test the divisor.",
    ),
    "unknown_function": (
        "Neither the document, nor the host, nor the language has a function of this name.",
        'set: { x: "${tally(list)}" }',
        "Define it under functions:, or give it to the run.",
    ),
    "argument_error": (
        "A function was called with too few, too many or unfit arguments.",
        'set: { x: "${sqrt(-1)}" }',
        "Look up what the function takes.",
    ),
    "not_iterable": (
        "for_each was given a number or a bool.",
        'for_each: { variable: n, collection: "${5}", do: [] }',
        "Use range(n) to count, or [x] for a list of one.",
    ),
    "index_out_of_range": (
        "An assignment through an index lies beyond the end of the list.",
        'set: { "crew[9]": Ada }',
        "An index equal to the length appends; append(list, x) makes a new list.",
    ),
    "readonly_target": (
        "A constant, a binding, a computed variable or a provider was assigned.",
        'set: { "config.speed": 3 }',
        "Keep the new value in a variable of your own.",
    ),
    "action_failed": (
        "A handler or a function of the host failed; the message is the host's.",
        "open_gate: { gate: north }",
        "Handle it with on_error; _error has what the host added.",
    ),
    "unknown_action": (
        "The host has no handler for this action and refuses what it does not know.",
        "dance: { style: slow }",
        "Check the name, or register a handler.",
    ),
    "forbidden_action": (
        "Actions that reach services directly are refused, whatever the host says.",
        "http_call: { url: /x }",
        "Use an action that the host offers for this purpose.",
    ),
    "wait_timeout": (
        "A wait ran out of its timeout and has no on_timeout.",
        'wait: { until: "${ready}", timeout: 5s }',
        "Add on_timeout, or handle the error with on_error.",
    ),
    "await_timeout": (
        "The host did not finish an awaited action in time.",
        "walk: { to: pier, await: completion, timeout: 5s }",
        "Add on_timeout, or a longer timeout.",
    ),
    "channel_not_found": (
        "branch names neither a channel nor a flow of the program.",
        'branch: "${next}"',
        "Check dynamic names before branching.",
    ),
    "resource_error": (
        "A resource could not be loaded or watched.",
        "load_snapshot: { resource_type: ship, resource_id: '7', name: ship }",
        "Handle it with on_error, and go on without the data.",
    ),
    "template_error": (
        "An output or a condition of a text template failed; it counts as empty, and a warning is logged.",
        'log: "{{ 1 / 0 }}"',
        "Use the default filter for what may be missing.",
    ),
    "no_channels": (
        "The host started a run with an empty set of channels.",
        "abml.run(program, channels={})",
        "Name at least one channel, or none at all for the document's own.",
    ),
    "deadlock": (
        "Every channel waits for a signal or a barrier that only another waiting channel could give.",
        'a: [ { wait_for: "@b.x" } ]   b: [ { wait_for: "@a.y" } ]',
        "Emit before waiting, or give one wait a timeout.",
    ),
    "limit_exceeded": (
        "A limit that protects the host was reached: loop rounds, call depth, instructions, sizes.",
        "main: [ { goto: main } ]",
        "End the loop, wait inside it, or have the host raise the limit.",
    ),
    "global_timeout": (
        "The run took longer than the host allows.",
        "wait: 3d",
        "Shorten the waits, or have the host raise global_timeout.",
    ),
    "cancelled": ("The host cancelled the run.", "", ""),
    "requirement_not_met": (
        "A requirement of the document does not hold, or a required service is missing, so nothing was started.",
        "context: { requirements: { has_lighthouse: true } }",
        "Give the run the value, or the service, that it asks for.",
    ),
    "internal_error": (
        "The virtual machine contradicted itself. This is a defect of ours, not of the document.",
        "",
        "Please report it with the document.",
    ),
}
