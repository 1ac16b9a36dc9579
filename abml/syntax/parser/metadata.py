"""The head of a document: version, metadata, imports."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from abml.diagnostics import Fix
from abml.source import Span
from abml.syntax.ast import Import, Metadata, ResourceTemplate
from abml.syntax.cst_nodes import CstMapping, CstScalar

from . import values
from .base import DOCUMENT_ID, Entries, Parser, describe, is_null, plain, shown

if TYPE_CHECKING:
    from abml.syntax.cst_nodes import CstNode

DOCUMENT_TYPES = (
    "behavior",
    "dialogue",
    "dialplan",
    "cutscene",
    "timeline",
    "event_brain",
    "character_brain",
    "object_brain",
)
FETCH_MODES = ("explicit", "auto", "track_on_store", "all")

METADATA_FIELDS = {
    name: name
    for name in (
        "id",
        "type",
        "description",
        "tags",
        "deterministic",
        "resource_templates",
        "fetch_mode",
        "cognition_template",
        "conscience",
        "violation_map",
        "archetype",
        "estimated_duration",
        "skippable",
        "skip_destinations",
        "drama",
        "author",
        "license",
        "since",
    )
}
# Fields with their own place in the AST; the others are kept as plain data.
_OWN = frozenset(
    ("id", "type", "description", "tags", "deterministic", "resource_templates", "fetch_mode", "archetype")
)
_MAPPINGS = frozenset(("skip_destinations", "drama", "violation_map"))
_TEXTS = frozenset(("cognition_template", "author", "license", "since"))

_VERSION = re.compile(r"([0-9]+)(?:\.([0-9]+))?")
_SUPPORTED = "2.x and 3.0"


# -------------------------------------------------------------------- version


def version(p: Parser, entry: tuple[CstScalar, CstNode] | None, root: Span) -> str:
    """The version as text; missing is ABML104, unsupported ABML105."""
    if entry is None or is_null(entry[1]):
        if not p.is_fragment:
            p.report(104, _head(root) if entry is None else entry[0].span)
        return "3.0"
    node = entry[1]
    text = node.text.strip() if isinstance(node, CstScalar) else ""
    match = _VERSION.fullmatch(text)
    if match is None or isinstance(getattr(node, "value", None), bool) or match[1] not in ("2", "3"):
        p.report(105, node.span, given=shown(node), supported=_SUPPORTED)
        return "3.0"
    major, minor = match[1], match[2] or "0"
    if major == "3" and minor.strip("0"):
        p.report(105, node.span, severity="warning", given=text, supported=_SUPPORTED)
    if isinstance(node, CstScalar) and not (isinstance(node.value, str) and match[2]):
        written = f'"{major}.{minor}"'
        if p.style:
            p.report(114, node.span, spelling=text, canonical=written, fix=Fix(node.span, written))
    return f"{major}.{minor}"


def _head(root: Span) -> Span:
    """A point at the beginning of the document, for what is missing from it."""
    return Span(root.path, root.line, root.column, root.line, root.column)


# ------------------------------------------------------------------- metadata


def metadata(p: Parser, entry: tuple[CstScalar, CstNode] | None, root: Span) -> Metadata:
    """The `metadata` section; missing or no mapping is ABML106."""
    if entry is None:
        if not p.is_fragment:
            p.report(106, _head(root))
        return Metadata(_head(root), "")
    key, node = entry
    if not isinstance(node, CstMapping):
        p.report(106, key.span if is_null(node) else node.span)
        return Metadata(node.span, "")
    return metadata_fields(p, node.span, key.span, p.entries(node))


def metadata_fields(p: Parser, span: Span, key_span: Span, entries: Entries) -> Metadata:
    """Metadata from its fields."""
    meta = Metadata(span, "")
    has_id = False
    taken = {text for text, _, _ in entries}
    for text, key, node in entries:
        if text not in METADATA_FIELDS:
            p.report(109, key.span, field=text, **p.near(key.span, text, METADATA_FIELDS, taken))
            meta.fields[text] = plain(node)
        elif text not in _OWN:
            meta.fields[text] = _kept(p, text, node)
        elif text == "id":
            has_id = True
            meta.id = _id(p, key, node)
        elif is_null(node):
            continue
        else:
            _own_field(p, meta, text, node)
    if not has_id and not p.is_fragment:
        p.report(107, key_span, problem="missing", suggestion="my_document")
    return meta


def _id(p: Parser, key: CstScalar, node: CstNode) -> str:
    text = node.text.strip() if isinstance(node, CstScalar) else ""
    if DOCUMENT_ID.fullmatch(text) and not (isinstance(node, CstScalar) and node.value is None):
        return text
    if is_null(node) or not text:
        if not p.is_fragment:
            p.report(107, key.span, problem="missing", suggestion="my_document")
        return ""
    suggestion = re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("-.") or "my_document"
    if not DOCUMENT_ID.fullmatch(suggestion):
        suggestion = "_" + suggestion
    p.report(107, node.span, problem=f"malformed: '{shown(node)}'", suggestion=suggestion)
    return text


def _own_field(p: Parser, meta: Metadata, field: str, node: CstNode) -> None:
    if field == "description":
        meta.description = p.text(node, field)
    elif field == "tags":
        meta.tags = p.texts(node, field)
    elif field == "deterministic":
        meta.deterministic = p.flag(node, field)
    elif field == "type":
        word = p.text(node, field)
        if word is not None:
            meta.type = word.strip()
            if meta.type not in DOCUMENT_TYPES:
                p.report(
                    111,
                    node.span,
                    type=meta.type,
                    known=", ".join(DOCUMENT_TYPES),
                    **p.near(node.span, meta.type, DOCUMENT_TYPES),
                )
    elif field == "fetch_mode":
        word = p.text(node, field)
        if word is not None:
            if word.strip() in FETCH_MODES:
                meta.fetch_mode = word.strip()
            else:
                p.report(409, node.span, mode=word.strip(), **p.near(node.span, word.strip(), FETCH_MODES))
    elif field == "archetype":
        word = p.text(node, field)
        meta.archetype = None if word is None else word.strip()
    else:
        for item in p.items(node, field):
            _template(p, meta, item)


def _template(p: Parser, meta: Metadata, item: CstNode) -> None:
    """One item of `resource_templates`: a type, or `{type, alias}` (A7)."""
    if isinstance(item, CstScalar):
        meta.resource_templates.append(ResourceTemplate(item.span, item.text.strip()))
        return
    if not isinstance(item, CstMapping):
        p.shape(item, "resource_templates", "a template type or a mapping with 'type'")
        return
    found = p.fields(p.entries(item), {"type": "type", "alias": "alias"}, "resource_templates")
    kind = found.get("type")
    if kind is None:
        p.missing(item.span, "resource_templates", "type")
        return
    name = p.text(kind[1], "type")
    template = ResourceTemplate(kind[1].span, "" if name is None else name.strip())
    alias = found.get("alias")
    if alias is not None:
        template.alias = p.text(alias[1], "alias")
        template.alias_span = alias[1].span
    meta.resource_templates.append(template)


def _kept(p: Parser, field: str, node: CstNode) -> Any:
    """A field for tools and host: checked for its shape, kept as plain data."""
    if is_null(node):
        return None
    if field in _MAPPINGS:
        if not isinstance(node, CstMapping):
            p.shape(node, field, "a mapping")
    elif field in _TEXTS:
        return p.text(node, field)
    elif field == "conscience":
        return p.flag(node, field)
    elif field == "estimated_duration":
        values.duration(p, node, field)
    elif not isinstance(node, CstScalar):
        p.shape(node, field, f"true, false or a text, not {describe(node)}")
    return plain(node)


# -------------------------------------------------------------------- imports


def imports(p: Parser, node: CstNode) -> list[Import]:
    """The `imports` section. Aliases and paths are judged by the loader."""
    found: list[Import] = []
    for item in p.items(node, "imports"):
        if isinstance(item, CstScalar):
            if not is_null(item):
                found.append(Import(item.span, item.text.strip(), None, file_span=item.span))
        elif isinstance(item, CstMapping):
            found.append(_import(p, item))
        else:
            p.shape(item, "imports", "a path or a mapping with 'file'")
    return found


_IMPORT_FIELDS = {"file": "file", "as": "as", "schema": "schema", "types": "types"}


def _import(p: Parser, item: CstMapping) -> Import:
    found = p.fields(p.entries(item), _IMPORT_FIELDS, "imports")
    file = found.get("file")
    path = None
    if file is not None:
        # A file that is written but null is as empty as "".
        path = "" if is_null(file[1]) else (p.text(file[1], "file") or "")
    schema = found.get("schema")
    types = found.get("types")
    alias = found.get("as")
    name = None if alias is None else p.text(alias[1], "as")
    return Import(
        item.span,
        path,
        name,
        schema=None if schema is None else p.text(schema[1], "schema"),
        types=[] if types is None else p.texts(types[1], "types"),
        file_span=item.span if file is None else file[1].span,
        alias_given=alias is not None,
    )
