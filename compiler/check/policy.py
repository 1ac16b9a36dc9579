"""Checks of writing: texts that look like code, hyphens, limits (ABML135, 137, 142, 206, 804, 805)."""

from __future__ import annotations

from abml.diagnostics import Fix, Note, Reporter
from abml.environment import ResourceTemplateSpec, TemplateRegistry
from abml.source import Source
from abml.syntax import ast
from abml.syntax.expressions import parse_expression
from abml.syntax.places import TextPlace
from abml.syntax.walk import walk

from .facts import Use
from .inspection import Inspection

# A text with none of these is no operator expression and no call.
_SIGNS = frozenset("+-*/%<>=!&|?(")
_WORDS = frozenset(("and", "or", "not", "in", "AND", "OR", "NOT", "IN", "contains"))
# Longer texts are prose.
_MAX_TEXT = 160


def check_literals(ins: Inspection) -> None:
    """ABML135 and ABML142 for texts in value fields."""
    visible = _Visible(ins)
    for literal, use in ins.facts.literals:
        text = literal.value
        if not isinstance(text, str):
            continue
        if "{{" in text or "{%" in text:
            _report_template(ins, literal, use, text)
        elif len(text) <= _MAX_TEXT and _looks_like_code(ins, visible, text.strip(), use):
            written = text.strip()
            ins.report(135, literal.span, written=written, fix=_wrap(ins, literal, written))
    for node, use in ins.facts.interpolations:
        if node.template is None:
            for part in node.parts:
                if isinstance(part, str) and ("{{" in part or "{%" in part):
                    _report_template(ins, node, use, part)
                    break


def _report_template(ins: Inspection, node: ast.Expr, use: Use, text: str) -> None:
    field = use.owner or (use.site.action.name if use.site is not None else use.role)
    inner = text.strip()
    suggestion = None
    if inner.startswith("{{") and inner.endswith("}}") and "|" not in inner and inner.count("{{") == 1:
        suggestion = "${" + inner[2:-2].strip() + "}"
    ins.report(142, node.span, field=field, suggestion=suggestion)


class _Visible:
    """The variables an author may mean by a bare word, by document and body."""

    def __init__(self, ins: Inspection) -> None:
        self.documents = [
            {*doc.variables, *doc.bindings, *ins.model.documents[0].bindings} for doc in ins.model.documents
        ]
        self.bodies: dict[int, set[str]] = {}
        for bind in ins.facts.binds:
            if bind.how != "clear":
                self.bodies.setdefault(id(bind.body), set()).add(bind.name)

    def names(self, use: Use) -> set[str]:
        """Names that mean a variable at the place of an expression."""
        own = self.bodies.get(id(use.body), set()) if use.body is not None else set()
        return self.documents[use.doc] | own | use.locals


def _looks_like_code(ins: Inspection, visible: _Visible, text: str, use: Use) -> bool:
    """Whether a text would mean something as an expression that an author may have meant.

    Words joined by `-`, `/`, `and` and the like are prose, names and references
    (`dialogue/guard/hail`, `rock and roll`) unless one of the words is a variable.
    """
    if not text:
        return False
    if text.isidentifier():
        return text.isascii() and text in visible.names(use)
    if not (_SIGNS & set(text) or _WORDS & set(text.split())):
        return False
    tree = parse_expression(text, TextPlace(Source(text)), Reporter())
    if tree is None:
        return False
    if isinstance(tree, ast.Chain):
        tree = tree.body
    if isinstance(tree, (ast.Call, ast.MethodCall)):
        return _is_function(ins, tree.name, use.doc)
    if not isinstance(tree, (ast.Binary, ast.Logical, ast.Unary, ast.Conditional)):
        return False
    names = visible.names(use)
    nodes = list(walk(tree))
    roots = [node.name for node in nodes if isinstance(node, ast.Name)]
    if any(root in names for root in roots):
        return True
    if any(
        isinstance(node, (ast.Call, ast.MethodCall)) and not _is_function(ins, node.name, use.doc) for node in nodes
    ):
        return False
    operators = {node.op for node in nodes if isinstance(node, (ast.Binary, ast.Logical, ast.Unary))}
    if not roots:
        # `16/9` and `2024-01-02` are names of things; `2 + 3` is not.
        return " " in text or bool(operators - {"-", "/"})
    only_words = all(isinstance(node, (ast.Name, ast.Binary, ast.Logical, ast.Unary, ast.Member)) for node in nodes)
    signs = any(sign in text for sign in ("==", "!=", "<", ">", "&&", "||", "??", "*", "%", "?"))
    if only_words and not signs:
        return "+" in text
    return " " in text or bool(operators - {"-", "/"})


def _is_function(ins: Inspection, name: str, doc: int) -> bool:
    from abml.builtins import find_builtin

    if find_builtin(name) is not None or ins.environment.function(name) is not None:
        return True
    return ins.model.resolve_function(doc, name) is not None


def _wrap(ins: Inspection, literal: ast.Literal, text: str) -> Fix | None:
    """The edit that puts a text into `${}`; None when the text in the source differs from its value."""
    span = literal.span
    source = ins.sources.get(span.path)
    if source is None or span.line != span.end_line:
        return None
    line = source.line(span.line)
    written = line[span.column - 1 : span.end_column - 1]
    before = line[span.column - 2 : span.column - 1] if span.column > 1 else ""
    if written == text and before in ("'", '"'):
        return Fix(span, "${" + text + "}")
    if written[:1] in ("'", '"') and written[1:-1] == text:
        return Fix(span, f"{written[0]}${{{text}}}{written[0]}")
    if written != text:
        return None
    quote = "'" if '"' in text or "\\" in text else '"'
    return Fix(span, f"{quote}${{{text.replace(quote, quote * 2) if quote == chr(39) else text}}}{quote}")


def check_hyphens(ins: Inspection) -> None:
    """ABML137: hyphenated members that name nothing known."""
    if ins.fragment and not any(info.node.metadata.resource_templates for info in ins.model.documents):
        # The templates they may belong to are declared elsewhere.
        return
    registry = ins.environment.templates or TemplateRegistry()
    registered: set[str] | None = None
    written: dict[int, set[str]] = {}
    for node, use in ins.facts.members:
        if "-" not in node.name:
            continue
        if registered is None:
            registered = {name for spec in registry for name in (*spec.names, *_path_names(spec))}
        name = node.name
        declared = ins.model.documents[use.doc].node.metadata.resource_templates
        if name in registered or any(
            name in (template.type, template.alias, registry.namespace(template.type), *registry.aliases(template.type))
            for template in declared
        ):
            continue
        if use.doc not in written:
            written[use.doc] = ins.facts.keys | _schema_keys(ins, use.doc) | _filter_names(ins)
        if name in written[use.doc] or not ins.first(137, use.doc, name):
            continue
        left, _, right = name.partition("-")
        ins.report(137, node.name_span or node.span, name=name, suggestion=f"{left} - {right}")


def _filter_names(ins: Inspection) -> set[str]:
    """What the filters of resource actions name."""
    from .resources import RESOURCE_ACTIONS, filter_entries, text_of

    actions = (site.action for site in ins.facts.sites)
    resource_actions = [one for one in actions if isinstance(one, ast.Domain) and one.name in RESOURCE_ACTIONS]
    return {text_of(entry) or "" for action in resource_actions for entry in filter_entries(action)}


def _path_names(spec: ResourceTemplateSpec) -> set[str]:
    """The names along the registered paths of a template."""
    return {name.replace("[]", "") for path in spec.paths for name in path.split(".")}


def _schema_keys(ins: Inspection, doc: int) -> set[str]:
    """Property names that declarations and imported types spell out."""
    found: set[str] = set()
    for schema in ins.docset.documents[doc].types.values():
        found.update(schema.properties)
    for variable in ins.model.documents[doc].variables.values():
        if isinstance(variable.node.properties, dict):
            found.update(str(key) for key in variable.node.properties)
    return found


def check_duplicates(ins: Inspection) -> None:
    """ABML206 for functions whose names differ in letter case only; the parser sees the rest."""
    for doc in ins.model.documents:
        first: dict[str, ast.Function] = {}
        for function in doc.node.functions.values():
            earlier = first.setdefault(function.name.lower(), function)
            if earlier is not function:
                note = Note("first defined here", earlier.name_span)
                line = earlier.name_span.line
                ins.report(206, function.name_span, kind="function", name=function.name, first_line=line, notes=(note,))


def check_limits(ins: Inspection) -> None:
    """ABML804 and ABML805: too many of something, and literal bounds that will be cut short."""
    limits = ins.environment.limits
    root = ins.docset.root.span
    for what, count, most in (
        ("flows", len(ins.model.flows), limits.max_flows),
        ("channels", len(ins.model.channels), limits.max_channels),
    ):
        if count > most:
            ins.report(
                804, root._replace(end_line=root.line, end_column=root.column), limit=f"{count} {what} of {most}"
            )
    _check_locals(ins, limits.max_locals)
    for site in ins.facts.sites:
        action = site.action
        if isinstance(action, ast.Repeat) and isinstance(action.times, ast.Literal):
            times = action.times.value
            if isinstance(times, (int, float)) and not isinstance(times, bool) and times > limits.max_loop_iterations:
                ins.report(
                    805, action.times.span, value=times, limit=limits.max_loop_iterations, field="max_loop_iterations"
                )
        elif isinstance(action, ast.ForEach) and isinstance(action.collection, ast.ListExpr):
            count = len(action.collection.items)
            if count > limits.max_loop_iterations:
                ins.report(
                    805,
                    action.collection.span,
                    value=f"a list of {count} items",
                    limit=limits.max_loop_iterations,
                    field="max_loop_iterations",
                )


def _check_locals(ins: Inspection, most: int) -> None:
    names: dict[int, set[str]] = {}
    for bind in ins.facts.binds:
        names.setdefault(id(bind.body), set()).add(bind.name)
    for body in ins.facts.bodies:
        count = len(names.get(id(body), ()))
        if count > most:
            ins.report(804, body.node.name_span, limit=f"{count} variables in '{body.name}' of {most}")
