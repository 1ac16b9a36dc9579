"""The composition root: the public functions that put front end, compiler and machine together.

Everything is imported inside the functions, so that importing `abml` costs
nothing and checking a document never loads the machine.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from abml.arguments import Functions, Text, environment_of, limits_of, open_source, text_of

if TYPE_CHECKING:
    from abml.compiler.bytecode.program import Program
    from abml.diagnostics import Diagnostic, Reporter
    from abml.environment import Environment
    from abml.loader import DocumentSet
    from abml.resolver import Resolver
    from abml.result import RunResult
    from abml.syntax.ast import Document
    from abml.vm.planner import Plan


# ------------------------------------------------------------------ expressions


def evaluate(
    expression: str,
    scope: Mapping[str, Any] | None = None,
    *,
    functions: Functions | None = None,
    seed: int | None = None,
    now: float | None = None,
) -> Any:
    """The value of one expression, with or without the surrounding `${ }`.

    Args:
        scope: variables by name; missing names are null. Values are copied.
        functions: host functions; they come before built-ins of their name.
        seed: of the random functions; None draws one from the system.
        now: what `now()` gives, in milliseconds; None is the system's time.

    Returns:
        None, bool, int, float, str, `Duration`, list or dict.

    Raises:
        AbmlSyntaxError: the text is no expression.
        AbmlRuntimeError: evaluating it failed; `kind` is a word of appendix E.

    Source: language reference, section 4.
    """
    from abml.compiler.expressions import expression_program, template_program
    from abml.vm.evaluation import evaluate as execute

    program = expression_program(text_of(expression, "an expression"))
    return execute(program, scope, functions=functions, seed=seed, now_ms=now, compile_template=template_program)


def render(
    template: str, scope: Mapping[str, Any] | None = None, *, seed: int | None = None, now: float | None = None
) -> str:
    """Text with `${ }`, `{{ }}` and `{% %}` resolved.

    Raises:
        AbmlSyntaxError: the template is malformed. An output that fails while
            rendering is empty and no error.

    Source: language reference, section 5.
    """
    from abml.compiler.expressions import template_program
    from abml.vm.evaluation import evaluate as execute

    program = template_program(text_of(template, "a template"))
    result: str = execute(program, scope, seed=seed, now_ms=now, compile_template=template_program)
    return result


# -------------------------------------------------------------------- documents


def parse(source: Text, *, path: str | None = None) -> Document:
    """The syntax tree of a document, every node with its span.

    Args:
        source: text, bytes, or a path.
        path: the name diagnostics use for a text.

    Raises:
        AbmlSyntaxError: the document has errors of form.
        AbmlFileError: a path that cannot be read.
    """
    from abml.diagnostics import Reporter
    from abml.errors import AbmlSyntaxError
    from abml.syntax.parser import parse_document

    reporter = Reporter()
    opened = open_source(source, path, reporter)
    document = None if opened is None else parse_document(opened, reporter)
    if document is None or reporter.has_errors:
        raise AbmlSyntaxError(reporter.sorted())
    return document


def format(source: Text, *, path: str | None = None, manifest: Any = None) -> str:
    """The document in canonical form: every spelling the language has one form for (language reference, 2).

    Comments, blank lines and the order of keys stay; `format(format(x))` is
    `format(x)`, and compiling either gives the same program.

    Args:
        source: text, bytes, or a path.
        path: the name diagnostics use for a text.
        manifest: what the host offers; with it, scalar arguments of actions that
            have no primary parameter are written out.

    Raises:
        AbmlSyntaxError: the document has errors of form. Missing metadata, unknown
            names and wrong values do not keep it from being formatted.
        AbmlFileError: a path that cannot be read.
    """
    from abml.diagnostics import Reporter
    from abml.errors import AbmlSyntaxError
    from abml.syntax.formatter import format_source

    reporter = Reporter()
    opened = open_source(source, path, reporter)
    if opened is None:
        raise AbmlSyntaxError(reporter.sorted())
    environment = environment_of(manifest=manifest)
    return format_source(opened, manifest=environment.manifest)


def check(
    source: Text,
    *,
    path: str | None = None,
    templates: Any = None,
    resolver: Resolver | None = None,
    manifest: Any = None,
    fragment: bool = False,
    functions: Functions | None = None,
    strict: bool = False,
    lenient: bool = False,
    style: bool = False,
    limits: Any = None,
) -> list[Diagnostic]:
    """Everything that is wrong or odd about a document, by position; never raises on bad documents.

    Args:
        source: text, bytes, or a path.
        templates: resource templates (a registry, its data, or a folder).
        resolver: where imports come from; None: the files around `path`.
        manifest: what the host offers (`Manifest` or its data, appendix B).
        fragment: the text is a piece of a document (language reference, 0.5).
        strict: warnings marked in the language reference are errors.
        lenient: unresolved names are warnings.
        style: older spellings are told too (ABML114), with fixes where one word does it, and
            loads that are fetched before their loops (ABML415).

    Raises:
        AbmlFileError: a path that cannot be read.
        ValueError: templates, manifest or limits of the wrong shape.
    """
    environment = environment_of(templates, manifest, functions, limits, strict=strict, lenient=lenient)
    return inspect(source, environment, path=path, resolver=resolver, fragment=fragment, style=style)[0]


def inspect(
    source: Text,
    environment: Environment,
    *,
    path: str | None = None,
    resolver: Resolver | None = None,
    fragment: bool = False,
    style: bool = False,
) -> tuple[list[Diagnostic], list[str]]:
    """`check`, with the paths of the documents that this one imports, directly or not."""
    from abml.diagnostics import Reporter

    reporter = Reporter(strict=environment.is_strict)
    with _CollectorPause():
        loaded = _load(source, path, resolver, environment, reporter, fragment=fragment, style=style)
        if loaded is not None and style and not fragment:
            from abml.syntax.formatter import report_style

            reporter.source = loaded.documents[0].source
            report_style(reporter.source, reporter, manifest=environment.manifest, limits=environment.limits)
        if loaded is not None:
            from abml.compiler.check import check as check_documents

            check_documents(loaded, environment, reporter, style=style)
        imported = () if loaded is None else loaded.documents[1:]
        return _unique(reporter.sorted()), [found.path for found in imported if found.path is not None]


def compile(
    source: Text,
    *,
    path: str | None = None,
    templates: Any = None,
    resolver: Resolver | None = None,
    manifest: Any = None,
    functions: Functions | None = None,
    optimize: int = 1,
    lenient: bool = False,
    limits: Any = None,
) -> Program:
    """The program of a document and its imports.

    Args:
        functions: host functions; only their names and arities are used.
        optimize: 0 leaves the code as lowered.
        lenient: names that lead nowhere are warnings: flows (ABML201, 215, 217),
            channels (202), functions (204), imports, types and schemas (220, 226,
            230). What uses them fails when it runs, with `flow_not_found`,
            `channel_not_found` or `unknown_function`, which `on_error` can catch;
            a wait for a signal of a missing channel waits for its timeout.
        limits: limits of appendix A (`Limits` or its data).

    Raises:
        CompileError: the document has errors; `diagnostics` has them all.
        AbmlFileError: a path that cannot be read.
    """
    from abml.errors import CompileError

    program, diagnostics = translate(
        source,
        path=path,
        templates=templates,
        resolver=resolver,
        manifest=manifest,
        functions=functions,
        optimize=optimize,
        lenient=lenient,
        limits=limits,
    )
    if program is None:
        raise CompileError(diagnostics)
    return program


def translate(
    source: Text,
    *,
    path: str | None = None,
    templates: Any = None,
    resolver: Resolver | None = None,
    manifest: Any = None,
    functions: Functions | None = None,
    optimize: int = 1,
    lenient: bool = False,
    limits: Any = None,
) -> tuple[Program | None, list[Diagnostic]]:
    """`compile` that raises nothing: the program, None when there are errors, and every diagnostic."""
    from abml.compiler.check import check as check_documents
    from abml.diagnostics import Reporter

    environment = environment_of(templates, manifest, functions, limits, lenient=lenient)
    reporter = Reporter(strict=environment.is_strict)
    with _CollectorPause():
        loaded = _load(source, path, resolver, environment, reporter)
        model = None if loaded is None else check_documents(loaded, environment, reporter)
        if model is None or reporter.has_errors:
            return None, _unique(reporter.sorted())
        from abml.compiler.emit import TooManyRegisters
        from abml.compiler.pipeline import TooLarge, compile_model

        try:
            program = compile_model(model, level=optimize, limits=environment.limits)
            return program, _unique(reporter.sorted())
        except (TooLarge, TooManyRegisters) as error:
            root = model.documents[0].node.span
            place = root._replace(end_line=root.line, end_column=root.column)
            reporter.report(804, place, limit=str(error))
            return None, reporter.sorted()


def run(
    source_or_program: Text | Program,
    *,
    flow: str | None = None,
    channels: Mapping[str, str] | None = None,
    scope: Mapping[str, Any] | None = None,
    handlers: Mapping[str, Callable[..., Any]] | None = None,
    functions: Functions | None = None,
    services: Iterable[str] | None = None,
    providers: Any = None,
    templates: Any = None,
    seed: int | None = 0,
    clock: Any = None,
    ticks: int | None = None,
    limits: Any = None,
    lenient: bool = False,
    strict: bool = False,
    answers: Any = None,
    extensions: Mapping[str, Text | Program] | None = None,
    resources: Any = None,
    dialogue: Any = None,
    locale: Any = None,
    manifest: Any = None,
    binding: Any = None,
    **options: Any,
) -> RunResult:
    """Run one document with one actor until it completes, fails, or waits for the outside.

    Args:
        source_or_program: a program, or what `compile` takes.
        flow: entry flow; None: the entry rules (language reference, 1.8).
        channels: flows to start as channels, by the name of the channel (7.1).
        scope: given values by name (6.3); they are copied.
        handlers: action name -> `handler(action, context)`, may be async; `*` takes
            the rest. Actions without one are recorded in `effects`.
        functions: host functions by name.
        services: names of the services the host has; None checks nothing.
        providers: for `${namespace.path}`: namespace -> object with `get(path)` or plain data;
            or a `ProviderRegistry`, or a list of factories.
        seed: of the random functions; None: that of the document's id when it is
            `deterministic`, else one of the system. The result names it (12.2).
        clock: None is a virtual clock that starts at 0 and jumps over waits.
        ticks: None runs to completion; N drives the actor by N ticks.
        strict: an action nobody handles fails with `unknown_action`.
        answers: to the questions of `choice` and `qte`, in order: an option's value, index
            or label, or `{"success": ..., "value": ...}`; None lets a question time out. A
            function of the question may stand in their place, as may handlers named
            `choice` and `qte`.
        extensions: continuation point -> the document or program that is entered there.
        resources: what `load_snapshot`, `prefetch_snapshots` and `watch` ask for the data
            of entities (`abml.vm.protocols.Resources`); without it nothing is available.
        dialogue: where the files of dialogue references lie: a folder or several, in
            memory a mapping of paths to texts (8.8).
        locale: of spoken texts, such as `es-MX`, or a mapping of `locale`, `fallbacks`
            and `default`.
        manifest: what the host offers; its routes can be called by handlers of their actions.
        binding: whom the actor is bound to, for factories: a `BindingKey` or a mapping of
            its fields, such as `character_id`.
        options: `external_signals`: names of signals that the host may still send, or True
            for any: a wait for one of them suspends the run and is no deadlock (7.6);
            others as for `abml.vm.runner.run`.

    Returns:
        What happened; errors of the run are in it and not raised.

    Raises:
        CompileError: a document that does not compile.
    """
    from abml.compiler.bytecode.program import Program
    from abml.vm.runner import run as execute

    if isinstance(source_or_program, Program):
        program = source_or_program
    else:
        program = compile(
            source_or_program,
            path=options.pop("path", None),
            resolver=options.pop("resolver", None),
            templates=templates,
            functions=functions,
            manifest=manifest,
            lenient=lenient,
            limits=limits,
        )
    if flow is not None:
        text_of(flow, "the name of a flow")
    routes = dict(options.pop("routes", None) or {})
    if manifest is not None:
        from abml.environment import Manifest

        declared = manifest if isinstance(manifest, Manifest) else Manifest.from_data(manifest)
        routes = {**declared.routes, **routes}
    bound = None
    if providers is not None and not isinstance(providers, Mapping):
        from abml.providers.registry import for_run

        names = [slot.name for slot in program.slots]
        providers = bound = for_run(providers, binding, options.get("actor_id"), names)
    if dialogue is not None and not hasattr(dialogue, "load"):
        from abml.providers.dialogue import DialogueFiles

        dialogue = DialogueFiles(dialogue)
    try:
        return execute(
            program,
            flow=flow,
            channels=channels,
            scope=scope,
            handlers=handlers,
            functions=functions,
            services=services,
            providers=providers,
            seed=seed,
            clock=clock,
            ticks=ticks,
            limits=limits_of(limits),
            strict=strict,
            answers=answers,
            extensions={
                point: entered
                if isinstance(entered, Program)
                else compile(entered, functions=functions, lenient=lenient)
                for point, entered in (extensions or {}).items()
            },
            resources=resources,
            dialogue=dialogue,
            locale=locale,
            routes=routes,
            **options,
        )
    finally:
        if bound is not None:
            bound.close()


def plan(world_state: Any, goal: Any, actions: Any, *, modifiers: Any = None, options: Any = None) -> Plan | None:
    """The cheapest sequence of actions that makes every condition of a goal hold.

    Args:
        world_state: facts: name -> bool, number or text.
        goal: conditions by fact, such as `{"oil": ">= 2", "lit": True}`; or a mapping with
            `conditions` and perhaps `id` or `name`, `priority`, `preconditions`; or a `GoapGoal`.
        actions: name -> mapping with `preconditions`, `effects`, `cost`, perhaps
            `action_type`, `tags`, `violations`; or a sequence of such with an `id` or `name`.
            `steps` are allowed and not read. Of plans that cost the same the one of earlier
            actions wins.
        modifiers: what is added to costs: action -> amount, or source -> {action: amount},
            or objects like `abml.vm.planner.CostModifierSource`, or a list of these. The
            source `director` names action types; its discounts never exceed the base cost.
        options: the name of a preset, a mapping of options, or `PlanningOptions`.

    Returns:
        The plan; an empty one when the goal holds already; None when there is none.
        `abml.vm.planner.search` says why.

    Raises:
        AbmlPlanningError: something that cannot be read; `code` is ABML601 for a condition,
            ABML602 an effect, ABML603 a cost, ABML607 a priority, ABML906 anything else.

    Source: language reference, section 10; runtime reference, section 4.
    """
    from abml.vm.clock import SteadyClock
    from abml.vm.planner import search

    return search(world_state, goal, actions, modifiers=modifiers, options=options, clock=SteadyClock()).plan


# ---------------------------------------------------------------------- helpers


class _CollectorPause:
    """Stops the search for cyclic garbage while a document is read.

    Trees and tables grow and stay; the collector would walk them again and
    again and find nothing.
    """

    def __enter__(self) -> None:
        self.was_enabled = gc.isenabled()
        gc.disable()

    def __exit__(self, *error: object) -> None:
        if self.was_enabled:
            gc.enable()


def _load(
    source: Text,
    path: str | None,
    resolver: Resolver | None,
    environment: Environment,
    reporter: Reporter,
    *,
    fragment: bool = False,
    style: bool = False,
) -> DocumentSet | None:
    from abml.loader import load

    opened = open_source(source, path, reporter)
    if opened is None:
        return None
    return load(
        opened,
        reporter,
        path=opened.path,
        resolver=resolver,
        limits=environment.limits,
        fragment=fragment,
        manifest=environment.manifest,
        style=style,
    )


def _unique(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """The same finding at the same place is told once."""
    seen = set()
    kept = []
    for diag in diagnostics:
        key = (diag.code, diag.span, diag.message)
        if key not in seen:
            seen.add(key)
            kept.append(diag)
    return kept
