# Derived from abml/diagnostics/ABML*.md by abml/diagnostics/generate.py (make gen).
"""The catalogue of diagnostics: code -> (severity, error in strict mode, message template, help template)."""

# fmt: off

from __future__ import annotations

CATALOGUE: dict[int, tuple[str, bool, str, str | None]] = {
    100: (
        "error", False,
        "not valid YAML: {reason}",
        None,
    ),
    101: (
        "error", False,
        "the document is {found}, not a mapping of sections",
        "start with 'version: \"3.0\"' and 'metadata: {{id: ...}}'",
    ),
    102: (
        "error", False,
        "the key '{key}' is repeated; it first stands in line {first_line}",
        "give each key once, or join the two values under one key",
    ),
    103: (
        "info", False,
        "read as quoted text ({rule}): {repaired}",
        "write the quotes yourself: {repaired}",
    ),
    104: (
        "error", False,
        "the document has no 'version'",
        "add 'version: \"3.0\"' as the first line",
    ),
    105: (
        "error", False,
        "unsupported version '{given}'; supported are {supported}",
        "write 'version: \"3.0\"'",
    ),
    106: (
        "error", False,
        "the document has no 'metadata' mapping",
        "add 'metadata: {{id: my_document, type: behavior}}'",
    ),
    107: (
        "error", False,
        "'metadata.id' is {problem}",
        "give it letters, digits, '_', '-' or '.', beginning with a letter: 'id: {suggestion}'",
    ),
    108: (
        "warning", True,
        "unknown top-level key '{key}'",
        "did you mean '{nearest}'?",
    ),
    109: (
        "info", False,
        "unknown metadata field '{field}'; it is kept for the host",
        "did you mean '{nearest}'?",
    ),
    110: (
        "error", False,
        "'{field}' must be {expected}, not {found}",
        None,
    ),
    111: (
        "warning", False,
        "unknown document type '{type}', treated like 'behavior'; known types are {known}",
        "did you mean '{nearest}'?",
    ),
    112: (
        "error", False,
        "'{name}' is not a valid {kind} name",
        "use letters, digits and '_', beginning with a letter: '{suggestion}'",
    ),
    113: (
        "error", False,
        "the flow '{flow}' must be a list of actions or a mapping, not {found}",
        "write '{flow}: [ ... ]' with one action an item",
    ),
    114: (
        "info", False,
        "'{spelling}' is an older spelling of '{canonical}'",
        "write '{canonical}'; 'abmlc fmt' does it for you",
    ),
    115: (
        "warning", False,
        "the document has no flows, channels, goals, options or functions, so there is nothing to run",
        "add a 'flows:' section with at least one flow",
    ),
    116: (
        "error", False,
        "the document exceeds a size limit: {limit}",
        None,
    ),
    130: (
        "error", False,
        "expression syntax: found {found}, expected {expected}",
        None,
    ),
    131: (
        "error", False,
        "'${{' without its closing '}}'",
        "close the expression with '}}', or write '$${{' for the two characters themselves",
    ),
    132: (
        "error", False,
        "the {what} is empty",
        "write an expression such as '${{oil < 3}}'",
    ),
    133: (
        "error", False,
        "comparisons cannot be chained",
        "join two comparisons with '&&': '{suggestion}'",
    ),
    134: (
        "warning", False,
        "'{operator}' binds tighter than '??', so this compares the default only",
        "put parentheses around the '??': '{suggestion}'",
    ),
    135: (
        "warning", True,
        "'{written}' is used as plain text, though it looks like an expression",
        "wrap it to have it evaluated: '${{{written}}}'; for the text itself write \"${{'{written}'}}\"",
    ),
    136: (
        "error", False,
        "a function like 'x => ...' may stand only as an argument of a collection function",
        "give it to a function such as map or filter: 'list.map(x => ...)'",
    ),
    137: (
        "warning", False,
        "'{name}' is read as one name with a hyphen, and no such namespace is known",
        "for a subtraction put spaces around '-': '{suggestion}'",
    ),
    138: (
        "warning", False,
        "'!' applies to the whole 'in' test here",
        "write '{suggestion}' so that no reader has to guess",
    ),
    139: (
        "error", False,
        "the expression is nested more than {limit} levels deep",
        "compute a part of it into a variable first",
    ),
    140: (
        "error", False,
        "template syntax: found {found}, expected {expected}",
        None,
    ),
    141: (
        "error", False,
        "unknown filter '{name}'",
        "did you mean '{nearest}'?",
    ),
    142: (
        "warning", False,
        "'{{{{ }}}}' and '{{% %}}' are not read in the field '{field}'; it is kept as it stands",
        "use '${{ }}' here: '{suggestion}'",
    ),
    143: (
        "error", False,
        "unbalanced template block: {problem}",
        None,
    ),
    160: (
        "error", False,
        "an action must be a word or a mapping, not {found}",
        "write '- action: argument' or '- action: {{field: value}}'",
    ),
    161: (
        "error", False,
        "one item holds several actions or gives a field twice: {names}",
        "begin a new '- ' item for each action; give each field once",
    ),
    162: (
        "error", False,
        "'{action}' needs the field '{field}'",
        None,
    ),
    163: (
        "warning", True,
        "'{action}' has no field '{field}'",
        "did you mean '{nearest}'?",
    ),
    164: (
        "error", False,
        "'{value}' is not allowed for '{field}'; allowed is {allowed}",
        "did you mean '{nearest}'?",
    ),
    165: (
        "error", False,
        "the conditional has no branches",
        "add a branch: '- {{when: \"${{ ... }}\", then: [ ... ]}}'",
    ),
    166: (
        "warning", False,
        "this branch has no actions",
        "add 'then:' with a list of actions, or write 'then: [noop]' when nothing shall happen",
    ),
    167: (
        "error", False,
        "'{word}' has no conditional before it, or is not its last branch",
        "put it directly after an 'if' or at the end of a 'cond'",
    ),
    168: (
        "error", False,
        "'{target}' cannot be assigned to",
        "use a name or a path such as 'crew.mood' or 'crew[0].mood'",
    ),
    169: (
        "error", False,
        "'{written}' is not an assignment",
        "write 'name = value', 'name += value', or a mapping 'name: value'",
    ),
    170: (
        "warning", False,
        "this mapping is read as assignments to {names}",
        "write '- set: {{ ... }}' if that is meant, or '- action: ...' for an action",
    ),
    171: (
        "warning", False,
        "'for_each' without 'variable'; the element is called 'item'",
        "name it: 'variable: item'",
    ),
    201: (
        "error", False,
        "no flow named '{name}' in this document or its imports ({place})",
        "did you mean '{nearest}'?",
    ),
    202: (
        "error", False,
        "no channel named '{name}' in this document",
        "did you mean '{nearest}'?",
    ),
    203: (
        "warning", False,
        "nothing defines the variable '{name}'; it reads as null",
        "did you mean '{nearest}'?",
    ),
    204: (
        "warning", True,
        "unknown function '{name}'",
        "did you mean '{nearest}'?",
    ),
    205: (
        "error", False,
        "the {whose} function '{name}' takes {allowed}, not {given}",
        None,
    ),
    206: (
        "error", False,
        "the {kind} '{name}' is defined twice; it first stands in line {first_line}",
        "rename one of the two",
    ),
    207: (
        "info", False,
        "the flow '{name}' is never used",
        "call it, give it triggers, or remove it",
    ),
    208: (
        "info", False,
        "the flow '{name}' is empty",
        "add actions, or 'noop' to say that nothing shall happen",
    ),
    209: (
        "warning", False,
        "nothing after '{action}' is ever reached",
        "remove these actions, or put them before '{action}'",
    ),
    210: (
        "error", False,
        "'{action}' outside a loop",
        "use 'return' to leave a flow",
    ),
    211: (
        "warning", False,
        "'{name}' is a reserved name; names that begin with '_' belong to the language",
        "choose a name without the leading '_': '{suggestion}'",
    ),
    212: (
        "error", False,
        "'{name}' cannot be changed: {why}",
        "keep your own value in a variable of another name",
    ),
    213: (
        "error", False,
        "these variables are computed from each other: {path}",
        "break the circle: give one of them a 'default' instead",
    ),
    214: (
        "warning", False,
        "'{name}' is set only inside {where}, so it may be gone or null here",
        "set it before, declare it under 'context: variables:', or use 'global'",
    ),
    215: (
        "error", False,
        "the entry flow '{name}' does not exist",
        "did you mean '{nearest}'?",
    ),
    216: (
        "info", False,
        "runs start with '{name}', because it is the first flow that nothing else starts",
        "say so: 'flow: {name}'",
    ),
    217: (
        "error", False,
        "'on_error' names no flow of this document: '{name}'",
        "did you mean '{nearest}'?",
    ),
    218: (
        "warning", False,
        "these flows call each other without a condition and never end: {path}",
        "put the call under a condition, or use 'goto' for an endless round",
    ),
    219: (
        "warning", False,
        "'goto' in '{flow}' drops its callers; it is called from '{caller}', which will not go on",
        "use 'call' here if '{caller}' shall go on",
    ),
    220: (
        "error", False,
        "the import '{file}' was not found; tried {tried}",
        "paths count from the importing document; did you mean '{nearest}'?",
    ),
    221: (
        "error", False,
        "documents import each other in a circle: {path}",
        "move what they share into a third document that imports neither",
    ),
    222: (
        "error", False,
        "the import alias is {problem}",
        "give each import its own short name: 'as: {suggestion}'",
    ),
    223: (
        "error", False,
        "an import needs 'file' or 'schema'",
        "write '- {{file: name.yml, as: name}}'",
    ),
    224: (
        "info", False,
        "the import '{alias}' is never used",
        "remove it, or use it as '{alias}.flow_name'",
    ),
    225: (
        "error", False,
        "the imported document '{file}' has {count}",
        "run 'abmlc check {file}' and mend them first",
    ),
    226: (
        "error", False,
        "the schema '{schema}' has no type '{name}'",
        "did you mean '{nearest}'?",
    ),
    227: (
        "warning", False,
        "the import of '{alias}' has an empty path and is skipped",
        "fill in 'file', or remove the entry",
    ),
    228: (
        "error", False,
        "the continuation point lacks '{field}'",
        "give it 'name', 'timeout' and 'default_flow'",
    ),
    229: (
        "error", False,
        "the continuation point '{name}' is defined twice; it first stands in line {first_line}",
        "rename one of the two",
    ),
    230: (
        "error", False,
        "the schema '{schema}' cannot be read: {reason}; tried {tried}",
        "paths count from the importing document",
    ),
    232: (
        "warning", False,
        "'_result' is read where no call comes before; it is null",
        "put the 'call' whose result you want before this line",
    ),
    240: (
        "error", False,
        "the body of function '{name}' is malformed in its line {body_line}: {reason}",
        None,
    ),
    301: (
        "warning", True,
        "expected {expected}, found {found}",
        None,
    ),
    302: (
        "warning", False,
        "this condition is always {value}",
        "remove the condition, or compare with something that can change",
    ),
    303: (
        "error", False,
        "the default {value} does not fit the declared type '{type}'",
        None,
    ),
    304: (
        "error", False,
        "unknown type '{name}'",
        "did you mean '{nearest}'?",
    ),
    305: (
        "error", False,
        "{value} is not a member of the enum; members are {members}",
        "did you mean '{nearest}'?",
    ),
    306: (
        "warning", False,
        "this comparison can never be true: {left} against {right}",
        None,
    ),
    307: (
        "error", False,
        "'{written}' is not a duration",
        "write a number with a unit (ms, s, m, h, d), for example '2.5s' or '1m30s'",
    ),
    308: (
        "error", False,
        "{found} cannot be looped over",
        "give a list, for example \"${{crew}}\" or \"${{range(3)}}\"",
    ),
    309: (
        "warning", False,
        "'{name}' may be null here",
        "read it with '?.' ('{suggestion}'), or give a fallback with '??'",
    ),
    310: (
        "error", False,
        "the option lacks '{field}'",
        "an option needs 'actionId', 'preference' and 'available'",
    ),
    311: (
        "warning", False,
        "{value} lies outside 0..1, the range of '{field}'",
        "use a number from 0 to 1",
    ),
    312: (
        "warning", False,
        "unknown intent channel '{name}'; known are {known}",
        "did you mean '{nearest}'?",
    ),
    313: (
        "error", False,
        "the intent for channel '{channel}' has no action",
        "add 'action: ...'",
    ),
    401: (
        "error", False,
        "'{type}' is not a valid template type",
        "use lower-case words joined by '-': '{suggestion}'",
    ),
    402: (
        "error", False,
        "'{namespace}' belongs to the template '{type}', which this document does not declare",
        "add '{type}' to 'metadata: resource_templates:'",
    ),
    403: (
        "error", False,
        "the template '{type}' has no path '{path}'",
        "did you mean {suggestions}?",
    ),
    404: (
        "error", False,
        "'{path}' goes on after '{scalar}', which is a single value",
        "end the path at '{scalar}'",
    ),
    405: (
        "warning", False,
        "the template '{type}' is not in the registry, so its paths are not checked",
        "did you mean '{nearest}'?",
    ),
    406: (
        "warning", False,
        "the template '{type}' is declared twice",
        "remove one of the two",
    ),
    407: (
        "error", False,
        "the alias '{alias}' is already {other}",
        "choose another alias",
    ),
    408: (
        "info", False,
        "the template '{type}' is declared and never used",
        "remove it, or read it from a snapshot",
    ),
    409: (
        "error", False,
        "unknown fetch mode '{mode}'; known are explicit, auto, track_on_store, all",
        "did you mean '{nearest}'?",
    ),
    410: (
        "warning", False,
        "the snapshot '{name}' may not be loaded yet on some way to this line",
        "put 'load_snapshot' for '{name}' before it on every way",
    ),
    411: (
        "warning", False,
        "the snapshot name '{name}' hides a variable of that name",
        "choose another name for the snapshot",
    ),
    412: (
        "warning", True,
        "'{field}' names the template '{type}', which this document does not declare",
        "add '{type}' to 'metadata: resource_templates:'; did you mean '{nearest}'?",
    ),
    413: (
        "info", False,
        "'{path}' is written '{registered}' in the registry",
        "write '{registered}'",
    ),
    414: (
        "warning", False,
        "'{path}' reads a template of '{name}', which is never loaded (fetch mode '{mode}')",
        "load it with 'load_snapshot' first, or set 'fetch_mode: auto'",
    ),
    415: (
        "info", False,
        "what this load needs is fetched for all rounds together, before the loop",
        "nothing has to be changed; a load that shall ask in its own round says how old its data may be, 'max_age_s'",
    ),
    420: (
        "error", False,
        "{what} has to be {expected}, and is {found}",
        None,
    ),
    421: (
        "error", False,
        "no schema in '{file}' is marked as a resource template",
        "add 'x-resource-template: true' to the schemas of the data that documents read",
    ),
    422: (
        "error", False,
        "'{key}' has to be {expected}, and is {found}",
        None,
    ),
    423: (
        "error", False,
        "the reference '{ref}' leads nowhere: {reason}",
        None,
    ),
    424: (
        "error", False,
        "the template '{type}' and '{other}' both have the name '{name}'",
        "give one of them another 'x-template-namespace', or another 'x-source-type'",
    ),
    425: (
        "error", False,
        "the template '{type}' has more than {limit} paths",
        "describe less of the data, or give the rest as an object with 'additionalProperties: true'",
    ),
    426: (
        "warning", False,
        "the property '{name}' cannot be written as a step of a path, and is left out",
        "paths cannot hold dots, brackets, quotes or blanks in a name",
    ),
    501: (
        "error", False,
        "'{name}' is forbidden: behaviors may not call services directly",
        "use {alternatives} instead",
    ),
    502: (
        "error", False,
        "publishing to a raw topic is forbidden",
        "use 'emit_event' with an event the manifest allows",
    ),
    503: (
        "error", False,
        "the route '{route}' is not granted by the manifest",
        "did you mean '{nearest}'?",
    ),
    504: (
        "warning", True,
        "the route '{route}' cannot be checked without a manifest",
        "check with the manifest of the host: '--manifest FILE'",
    ),
    505: (
        "warning", True,
        "the manifest has no action '{name}'",
        "did you mean '{nearest}'?",
    ),
    506: (
        "error", False,
        "the import path '{path}' is absolute or leaves the project root {root}",
        "import only files below the project root",
    ),
    507: (
        "error", False,
        "the action '{action}' needs the parameter '{parameter}'",
        "add '{parameter}: ...'",
    ),
    508: (
        "error", False,
        "'{value}' is not a name; '{parameter}' of '{action}' must be an identifier",
        "use letters, digits and '_': '{suggestion}'",
    ),
    509: (
        "error", False,
        "'{parameter}' of '{action}' must be {expected}, not {found}",
        None,
    ),
    510: (
        "warning", False,
        "the action '{action}' has no parameter '{parameter}'",
        "did you mean '{nearest}'?",
    ),
    511: (
        "error", False,
        "the action '{action}' cannot be awaited",
        "remove 'await'",
    ),
    512: (
        "error", False,
        "the action '{action}' is not allowed in a document of type '{type}'; allowed in {allowed}",
        None,
    ),
    513: (
        "error", False,
        "'{name}' is data of one's own character, and an event brain has none",
        "read it from a snapshot ('load_snapshot'), or bind the brain's character as 'self' in 'bindings'",
    ),
    601: (
        "error", False,
        "the condition of '{key}' is malformed: {reason}",
        "write a comparison such as '>= 3', a word, or true/false",
    ),
    602: (
        "error", False,
        "the effect on '{key}' is malformed: {reason}",
        "write a value such as 3 or true, or a change such as '+2'",
    ),
    603: (
        "error", False,
        "the cost {value} is negative or not a number",
        "give a number of at least 0",
    ),
    604: (
        "warning", False,
        "the goal '{name}' has no conditions, so it always holds",
        "add 'conditions:'",
    ),
    605: (
        "warning", False,
        "no flow changes anything the goal '{name}' asks for ({keys})",
        "give a flow 'goap: {{effects: ...}}' on one of them",
    ),
    606: (
        "info", False,
        "no flow produces '{key}'; it must come from the world",
        "give a flow an effect on '{key}' if the planner shall bring it about",
    ),
    607: (
        "error", False,
        "the priority {value} is not an integer",
        "write a whole number such as 50",
    ),
    608: (
        "info", False,
        "'{written}' is read as the fact '{fact}'",
        "write '{fact}: true' to say it directly",
    ),
    609: (
        "warning", False,
        "'{written}' gives alternatives; only the first, '{first}', is planned",
        "write two flows, one for each alternative",
    ),
    610: (
        "error", False,
        "'{name}' has both 'steps' and 'actions'",
        "keep one of the two",
    ),
    701: (
        "warning", False,
        "nothing emits the signal '{signal}'",
        "did you mean '{nearest}'?",
    ),
    702: (
        "info", False,
        "nothing waits for the signal '{signal}'",
        "remove the 'emit', or wait for it with 'wait_for: \"@{signal}\"'",
    ),
    703: (
        "warning", False,
        "these channels wait for each other, and none can begin: {path}",
        "let one of them emit before it waits",
    ),
    704: (
        "error", False,
        "the wait has neither a signal nor a condition",
        "add 'signal: ...', 'until: ...' or a duration",
    ),
    705: (
        "warning", False,
        "only one channel reaches the sync point '{point}', so it waits for nobody",
        "add 'sync: {point}' to another channel, or remove it",
    ),
    706: (
        "error", False,
        "'{name}' is both a flow and a channel",
        "rename one of the two",
    ),
    707: (
        "warning", False,
        "'branch' outside a channel",
        "use 'call' or 'goto' in a flow",
    ),
    708: (
        "info", False,
        "others go on with the channel '{name}', so it does not start by itself",
        "write 'start: auto' if it shall start with the others",
    ),
    709: (
        "warning", False,
        "'set' of the document variable '{name}' inside a channel stays in that channel",
        "use 'global' to change it for everyone",
    ),
    801: (
        "warning", False,
        "'{name}' in a deterministic document depends on the clock of the host",
        "take the time from the event or from a variable",
    ),
    802: (
        "error", False,
        "the {kind} '{name}' is not deterministic by its manifest",
        "remove it, or set 'deterministic: false'",
    ),
    803: (
        "info", False,
        "'{name}' in a deterministic document draws from a seed made of the document id",
        "give a seed with the run to vary it",
    ),
    804: (
        "error", False,
        "a compile-time limit is exceeded: {limit}",
        "split the document into several that import each other",
    ),
    805: (
        "warning", False,
        "{value} is more than the limit of {limit} for '{field}'",
        "lower it, or raise the limit of the host",
    ),
    806: (
        "info", False,
        "the reference '{reference}' has no inline text",
        "add 'text: ...' for when the dialogue file lacks it",
    ),
    807: (
        "info", False,
        "these flows go to each other without waiting: {path}",
        "put a 'wait' on the way, or let the host drive it by ticks",
    ),
}
