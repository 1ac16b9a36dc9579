"""Resource templates of a program: what is declared, what is loaded under which name (ABML405, 408, 411, 412)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from abml.compiler.model import AMBIENT_NAMES, PROVIDER_ROOTS, RUNTIME_NAMES
from abml.resource_paths import PathNode
from abml.resource_templates import ResourceTemplateSpec, TemplateRegistry, is_template_type
from abml.syntax import ast
from abml.syntax.walk import walk as expression_walk

from .facts import Site
from .inspection import Inspection

RESOURCE_ACTIONS = frozenset(("load_snapshot", "prefetch_snapshots", "watch", "unwatch"))

_FILTERS = {"load_snapshot": "filter", "prefetch_snapshots": "filter", "watch": "sources"}


class Declared:
    """What one document declares.

    Attributes:
        templates: by type, first declarations only.
        aliases: to the type.
        namespaces: to the type, with the aliases that the registry gives.
        mode: how snapshots are fetched.
    """

    __slots__ = ("aliases", "mode", "namespaces", "templates")

    def __init__(self, metadata: ast.Metadata, registry: TemplateRegistry) -> None:
        self.mode = metadata.fetch_mode
        self.templates: dict[str, ast.ResourceTemplate] = {}
        self.aliases: dict[str, str] = {}
        self.namespaces: dict[str, str] = {}
        for template in metadata.resource_templates:
            if not is_template_type(template.type):
                continue
            self.templates.setdefault(template.type, template)
            if template.alias is not None:
                self.aliases.setdefault(template.alias, template.type)
            self.namespaces.setdefault(registry.namespace(template.type), template.type)
        for kind in self.templates:
            for name in registry.aliases(kind):
                self.namespaces.setdefault(name, kind)

    @property
    def names(self) -> dict[str, str]:
        """Every name of a declared template, to its type."""
        types = {kind: kind for kind in self.templates}
        return {**self.namespaces, **types, **self.aliases}

    @property
    def is_automatic(self) -> bool:
        """Whether reading a path of a variable loads its snapshot."""
        return self.mode in ("auto", "all")


class Load(NamedTuple):
    """An action that registers a snapshot; `types` is its filter, None where it has none."""

    name: str
    site: Site
    param: ast.Argument
    types: frozenset[str] | None


class Resources:
    """The tables that all checks of resources share.

    Attributes:
        used: template types that something reads, names or may hand on.
        uses_all: a whole snapshot is handed on, so that every template may be read.
        candidates: names that hold an entity or its id somewhere in the program.
    """

    def __init__(self, ins: Inspection) -> None:
        self.ins = ins
        self.registry = ins.environment.templates
        known = self.registry or TemplateRegistry()
        self.declared = [Declared(info.node.metadata, known) for info in ins.model.documents]
        self.used: set[str] = set()
        self.uses_all = False
        self.namespaces = {name: spec.type for spec in known for name in (spec.namespace, *spec.aliases)}
        self.loads: dict[str, list[Load]] = {}
        self._names: dict[int, list[str]] = {}
        self._folded: dict[int, dict[str, str]] = {}
        self.sites = [
            site
            for site in ins.facts.sites
            if isinstance(site.action, ast.Domain) and site.action.name in RESOURCE_ACTIONS
        ]
        #: Checks that need the declarations are off in fragments without any (language 0.5).
        self.is_bare = ins.fragment and not any(declared.templates for declared in self.declared)
        for site in self.sites:
            self._add(site)
        self.candidates = self._candidates()

    # --------------------------------------------------------------- templates

    def resolve(self, doc: int, name: str) -> str | None:
        """The template type that a second step or filter entry means in a document, else None."""
        declared = self.declared[doc]
        found = declared.aliases.get(name)
        if found is not None:
            return found
        if name in declared.templates:
            return name
        found = declared.namespaces.get(name)
        if found is not None:
            return found
        if self.registry is not None and name in self.registry.templates:
            return name
        return self.namespaces.get(name)

    def names(self, doc: int) -> list[str]:
        """Every name a second step may have, declared ones first."""
        if doc not in self._names:
            declared = self.declared[doc]
            found = [*declared.aliases, *declared.namespaces, *declared.templates]
            if not declared.templates:
                found += [*self.namespaces, *(spec.type for spec in self.registry or ())]
            self._names[doc] = list(dict.fromkeys(found))
        return self._names[doc]

    def cased(self, doc: int, name: str) -> str | None:
        """The first of `names` that differs from a name in nothing but letter case."""
        if doc not in self._folded:
            self._folded[doc] = {known.casefold(): known for known in reversed(self.names(doc))}
        return self._folded[doc].get(name.casefold())

    def tree(self, template_type: str) -> tuple[ResourceTemplateSpec, PathNode] | None:
        """A registered template and the tree of its paths; None where nothing is known of them."""
        spec = None if self.registry is None else self.registry.get(template_type)
        if spec is None or not spec.paths:
            return None
        assert self.registry is not None
        return spec, self.registry.tree(spec)

    def loaded(self, name: str, doc: int) -> frozenset[str] | None:
        """The template types a snapshot may hold when a document reads it; None for any."""
        found: set[str] = set()
        for load in self.loads.get(name, ()):
            if load.types is None:
                declared = self.declared[doc].templates
                if not declared:
                    return None
                found.update(declared)
            else:
                found |= load.types
        return frozenset(found)

    def holds_unregistered(self, name: str, step: str) -> bool:
        """Whether a filter of a snapshot names the template of a second step, and the registry does not know it."""
        known = self.registry or TemplateRegistry()
        kinds = {kind for load in self.loads.get(name, ()) for kind in load.types or ()}
        return any(step in (kind, known.namespace(kind)) for kind in kinds if known.get(kind) is None)

    def is_filtered(self, name: str) -> bool:
        """Whether every load of a snapshot has a filter."""
        return all(load.types is not None for load in self.loads.get(name, ()))

    # ------------------------------------------------------------------- loads

    def _add(self, site: Site) -> None:
        action = site.action
        assert isinstance(action, ast.Domain)
        types = self._filter(site.body.doc, action)
        if types is not None:
            self.used |= types
        elif action.name == "prefetch_snapshots" or (action.name == "watch" and param_of(action, "name") is None):
            self.uses_all = True
        param = param_of(action, "name")
        if action.name in ("load_snapshot", "watch") and param is not None:
            name = text_of(param.value)
            if name is not None:
                # `sources` of a watch chooses changes, not what is loaded.
                held = types if action.name == "load_snapshot" else None
                self.loads.setdefault(name, []).append(Load(name, site, param, held))

    def _filter(self, doc: int, action: ast.Domain) -> frozenset[str] | None:
        """The types a filter names; None without a filter, or where it is not known what it names."""
        found = set()
        for entry in filter_entries(action):
            name = text_of(entry)
            if name is None or "${" in name:
                return None
            found.add(self.filter_type(doc, name) or name)
        return frozenset(found) or None

    def filter_type(self, doc: int, name: str) -> str | None:
        """The type that an entry of a filter means: a type, namespace or alias, `_` for `-` included."""
        found = self.resolve(doc, name)
        if found is None and "_" in name:
            found = self.resolve(doc, name.replace("_", "-"))
        if found is None:
            cased = self.cased(doc, name)
            found = None if cased is None else self.resolve(doc, cased)
        return found

    # -------------------------------------------------------------- candidates

    def _candidates(self) -> frozenset[str]:
        """Variables used as `<v>.id` in resource actions, and what is assigned from them or from loop variables."""
        found: set[str] = set()
        for site in self.sites:
            action = site.action
            assert isinstance(action, ast.Domain)
            for param in action.params:
                if param.name in ("resource_id", "resource_ids"):
                    found |= {name for name in _owners(param.value) if loop_of(site, name) is None}
        ambient = AMBIENT_NAMES | PROVIDER_ROOTS | RUNTIME_NAMES
        found -= ambient - self.ins.facts.bound_names()
        copies: list[tuple[str, str, Site]] = []
        for site in self.ins.facts.sites:
            action = site.action
            if isinstance(action, ast.Assign):
                for assignment in action.assignments:
                    if isinstance(assignment.value, ast.Name) and not assignment.target.steps and assignment.op == "=":
                        copies.append((assignment.target.name, assignment.value.name, site))
            elif isinstance(action, (ast.CallFlow, ast.Goto)):
                for argument in action.args:
                    if isinstance(argument.value, ast.Name):
                        copies.append((argument.name, argument.value.name, site))
        changed = True
        while changed:
            changed = False
            for target, source, site in copies:
                if target not in found and (source in found or loop_of(site, source) is not None):
                    found.add(target)
                    changed = True
        return frozenset(found)


def _owners(value: ast.Expr) -> Iterator[str]:
    """The names `v` in every `v.id` of an expression."""
    for node in expression_walk(value):
        if isinstance(node, ast.Member) and node.name == "id" and isinstance(node.target, ast.Name):
            yield node.target.name


def loop_of(site: Site | None, name: str) -> Site | None:
    """The enclosing `for_each` whose variable has a name."""
    for outer in site.enclosing() if site is not None else ():
        if isinstance(outer.action, ast.ForEach) and outer.action.variable == name:
            return outer
    return None


def param_of(action: ast.Domain, name: str) -> ast.Argument | None:
    return next((param for param in action.params if param.name == name), None)


def text_of(value: ast.Expr) -> str | None:
    """The text of a literal, None for anything else."""
    return value.value if isinstance(value, ast.Literal) and isinstance(value.value, str) else None


def filter_entries(action: ast.Domain) -> list[ast.Expr]:
    """The entries of `filter` or `sources` as written."""
    param = param_of(action, _FILTERS.get(action.name, "filter"))
    if param is None:
        return []
    return param.value.items if isinstance(param.value, ast.ListExpr) else [param.value]


# -------------------------------------------------------------------- the checks


def check_declared(resources: Resources) -> None:
    """ABML405: declared templates that the registry does not know."""
    registry = resources.registry
    if registry is None:
        return
    for declared in resources.declared:
        for template in declared.templates.values():
            if registry.get(template.type) is None:
                near = resources.ins.near(template.span, template.type, list(registry.templates))
                resources.ins.report(405, template.span, type=template.type, **near)


def check_filters(resources: Resources) -> None:
    """ABML412: `filter` and `sources` that name what the document does not declare."""
    for site in resources.sites:
        action = site.action
        declared = resources.declared[site.body.doc]
        if not declared.templates or not isinstance(action, ast.Domain):
            continue
        for entry in filter_entries(action):
            name = text_of(entry)
            if name is None or "${" in name:
                continue
            found = resources.filter_type(site.body.doc, name)
            if found in declared.templates:
                continue
            field = _FILTERS.get(action.name, "filter")
            near = {} if found is not None else resources.ins.near(entry.span, name, resources.names(site.body.doc))
            if near.get("nearest") is not None:
                hint = f"did you mean '{near['nearest']}'?"
            else:
                hint = f"add '{found or name}' to 'metadata: resource_templates:'"
            resources.ins.report(412, entry.span, field=field, type=found or name, hint=hint, **near)


def check_names(resources: Resources) -> None:
    """ABML411: snapshots under the name of a variable, or of what the host gives."""
    ins = resources.ins
    manifest = ins.environment.manifest
    given = AMBIENT_NAMES | PROVIDER_ROOTS | (frozenset(manifest.providers) if manifest is not None else frozenset())
    shadowing = {bind.name for bind in ins.facts.binds if bind.how not in ("snapshot", "clear")}
    for name, loads in resources.loads.items():
        for load in loads:
            info = ins.model.documents[load.site.body.doc]
            root = ins.model.documents[0]
            owned = any(name in table for table in (info.variables, info.bindings, root.variables, root.bindings))
            if owned or name in shadowing:
                ins.report(411, load.param.value.span, name=name)
            elif name in given:
                text = f"the snapshot name '{name}' hides what the host gives under that name"
                ins.report(411, load.param.value.span, name=name, text=text)


def check_unused(resources: Resources) -> None:
    """ABML408: templates that nothing reads, names or hands on."""
    if resources.uses_all or resources.ins.fragment:
        # What a fragment does not show may use them.
        return
    for declared in resources.declared:
        for template in declared.templates.values():
            if template.type not in resources.used:
                resources.ins.report(408, template.span, type=template.type)
