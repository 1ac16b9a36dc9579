"""The visitor finds every action and expression of a document."""

from __future__ import annotations

from abml.diagnostics import Reporter
from abml.source import Source
from abml.syntax import ast
from abml.syntax.nodes import Node
from abml.syntax.parser import parse_document
from abml.syntax.visitor import document_actions, document_expressions, expression_nodes

# Every kind of field that holds an expression, with a name of its own inside.
TEXT = """
version: "3.0"
metadata: {id: quay}
variables: {a: "${v01}", b: {source: "${v02}"}, c: {computed: "${v03}"}}
context: {requirements: {r: "${v04}"}}
config: {k: "${v05}"}
bindings: {props: {q: ["${v06}", {x: "${v07}"}]}}
options: {work: [{id: o, preference: "${v08}", available: "${v09}", risk: "${v10}", cooldownMs: "${v11}"}]}
events: [{pattern: "a.${v12}", handler: main, condition: "${v13}"}]
subscriptions: ["s.${v14}"]
perception_filter: [{event: a, conditions: [{check: "${v15}"}, "${v16}"]}]
goals: {g: {priority: "${v17}", conditions: {oil: ">= ${v18}"}, preconditions: {lit: "${v89}"}}}
world_state: {gold: "${v90}"}
functions: {f: {params: [{name: p, default: "${v19}"}], body: "x = v20\\nreturn v21"}}
flows:
  main:
    params: [{name: p, default: "${v22}"}]
    triggers: [{condition: "${v23}"}]
    goap: {cost: "${v24}", cost_modifiers: [{when: "${v91}", add: "${v92}"}]}
    on_error: [{log: "${v25}"}]
    actions:
      - log: {message: "{% if v26 %}{{ v27 | append: v28 }}{% endif %}${v29}", data: "${v30}"}
        when: "${v31}"
        on_error: [{log: "${v32}"}]
      - cond: [{when: "${v33}", then: [{log: "${v34}"}]}, {else: [{log: "${v35}"}]}]
      - switch: {value: "${v36}", cases: [{case: ["${v37}"], then: [{log: "${v38}"}]}], default: [{log: "${v39}"}]}
      - condition: "${v40}"
      - for_each: {variable: i, collection: "${v41}", do: [{repeat: {times: "${v42}", do: [{log: "${v43}"}]}}]}
      - call: {flow: "${v44}", args: {x: "${v45}"}, into: "t[v46]"}
      - set: {"t[v47]": "${v48}"}
      - increment: {variable: "t[v49]", by: "${v50}"}
      - clear: "t[v51]"
      - state_update: {path: "t[v52]", value: "${v53}"}
      - wait: {duration: "${v54}", until: "${v55}", timeout: "${v56}", on_timeout: [{log: "${v57}"}]}
      - wait_for: {all_of: ["${v58}"], timeout: "${v59}", on_timeout: [{log: "${v60}"}]}
      - emit: {signal: "${v61}", payload: "${v62}"}
      - sync: {point: p, timeout: "${v63}", on_timeout: "${v64}"}
      - emit_intent: {channel: "${v65}", action: "${v66}", urgency: "${v67}", target: "${v68}", mood: "${v69}"}
      - choice:
          prompt: "${v70}"
          options: [{label: "${v71}", value: "${v72}", condition: "${v73}", then: [{log: "${v74}"}]}]
          on_timeout: [{log: "${v75}"}]
      - qte: {prompt: "${v76}", default: "${v77}", on_success: [{log: "${v78}"}], on_failure: [{log: "${v79}"}]}
      - ring: {strokes: "${v80}", until: "${v81}", timeout: "${v82}", on_timeout: [{log: "${v83}"}], into: "t[v84]"}
      - parallel: [{log: "${v85}"}]
      - return: "${v86}"
channels:
  side: {actions: [{branch: "${v87}"}], on_error: [{goto: {flow: main, args: {x: "${v88}"}}}]}
"""


def everything(node):
    """Every node below, by the fields of the classes: what the visitor must not miss."""
    if isinstance(node, Node):
        yield node
        for name in node.node_fields():
            yield from everything(getattr(node, name))
    elif isinstance(node, dict):
        for value in node.values():
            yield from everything(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from everything(value)


def test_nothing_is_missed():
    reporter = Reporter(Source(TEXT))
    doc = parse_document(reporter.source, reporter)
    assert not reporter.diagnostics, [str(diag) for diag in reporter.diagnostics]
    nodes = list(everything(doc))
    found = {
        node.name for expr in document_expressions(doc) for node in expression_nodes(expr) if isinstance(node, ast.Name)
    }
    wanted = {node.name for node in nodes if isinstance(node, ast.Name)}
    assert wanted >= {f"v{number:02}" for number in range(1, 93)}
    assert found == wanted
    assert {id(action) for action in document_actions(doc)} == {
        id(node) for node in nodes if isinstance(node, ast.Action)
    }


def test_parents_first_in_written_order():
    reporter = Reporter(Source(TEXT))
    doc = parse_document(reporter.source, reporter)
    lines = [action.span.line for action in document_actions(doc) if action in doc.flows["main"].actions.items]
    assert lines == sorted(lines)
