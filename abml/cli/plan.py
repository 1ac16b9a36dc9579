"""`abmlc plan`: the plan for a goal of a document, and why."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from abml.cli import inputs, options, output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from abml.compiler.bytecode.program import Program
    from abml.vm.instance import Instance
    from abml.vm.planner import GoapAction, GoapGoal, PlanningOptions, PlanResult, WorldState

PRESETS = ("default", "fast", "thorough", "low", "medium", "high")


@click.command("plan", context_settings=options.SETTINGS)
@click.argument("path", metavar="PATH")
@click.option("--goal", metavar="G", help="The goal to plan for.  [default: the one an actor would choose]")
@click.option("--state", metavar="JSON|@FILE", help="Facts of the world: a JSON object, or a file with one.")
@click.option(
    "--modifiers",
    metavar="JSON|@FILE",
    help="What is added to costs: {action: amount}, or {source: {action: amount}} with the source 'director', "
    "'personality' or any other.",
)
@options.scope
@click.option("--preset", type=click.Choice(PRESETS), help="How much the search may do.  [default: default]")
@click.option("--urgency", type=click.FloatRange(0, 1), metavar="0..1", help="Choose the preset as an actor would.")
@click.option("--depth", type=click.IntRange(min=0), metavar="N", help="Most actions of a plan.")
@click.option("--nodes", type=click.IntRange(min=0), metavar="N", help="Most states to look at.")
@click.option("--heuristic", type=click.Choice(("auto", "distance_sum", "scaled", "zero")), help="The estimate.")
@options.templates
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", help="[default: text]")
@click.option("--svg", metavar="FILE", help="Also write a picture of the plan.")
def command(
    path: str,
    goal: str | None,
    state: str | None,
    modifiers: str | None,
    scope: str | None,
    preset: str | None,
    urgency: float | None,
    depth: int | None,
    nodes: int | None,
    heuristic: str | None,
    templates: str | None,
    form: str,
    svg: str | None,
) -> int:
    """Print the plan for a goal and why it is that one, or what is missing.

    PATH is a document, a compiled program (.abmc), or - for standard input. The
    exit status is 1 when there is no plan.
    """
    if preset is not None and urgency is not None:
        raise click.UsageError("--preset and --urgency exclude each other")
    from abml.cli.programs import load

    facts = inputs.mapping(state, "--state", "the names of facts")
    added = inputs.mapping(modifiers, "--modifiers", "actions or sources")
    values = inputs.scope(scope)
    limits = _limits(preset, urgency, depth, nodes, heuristic)
    program = load(path, templates=templates)
    if program is None:
        return 1
    if not program.goals:
        return _complain(f"{path}: the document has no goals; give it some with\n{_EXAMPLE}", 1)
    instance = _instance(program, values)
    if instance is None:
        return 1
    from abml.errors import AbmlPlanningError

    request = _Request(instance, added, limits)
    try:
        request.world = request.data.world(facts)
        chosen = request.choose(goal)
        if chosen is None:
            return 0 if goal is None else 2
        result = request.plan(chosen)
    except AbmlPlanningError as error:
        return _complain(error.message, 2)
    finally:
        request.warn()
    if svg is not None:
        from abml.vm.planner.picture import draw_result

        output.write_file(svg, draw_result(result, request.actions).encode())
    if form == "json":
        from abml.vm.planner.data import result_data

        output.write_json({"chosen": goal is None, **result_data(result, request.actions)}, indent=2)
    else:
        _tell(result, request.actions, is_chosen=goal is None)
    return 0 if result.is_found else 1


_EXAMPLE = "  goals: { rest: { conditions: { weariness: '< 2' } } }"


class _Request:
    """One request: the document's planning data as they are now, and what the command line adds."""

    world: WorldState

    def __init__(self, instance: Instance, added: dict[str, Any], limits: PlanningOptions) -> None:
        from abml.vm.planner.actors import cost_sources, planning_data

        self._instance = instance
        self._added = added
        self._limits = limits
        self.data = planning_data(instance)
        self._sources = cost_sources(instance)
        self.goals: Sequence[GoapGoal] = self.data.goals()
        self.actions: Sequence[GoapAction] = self.data.actions()

    def choose(self, name: str | None) -> GoapGoal | None:
        """The goal of a name, or the one an actor would choose; None after saying why there is none."""
        if name is None:
            from abml.vm.planner import select_goal

            found = select_goal(self.goals, self.world)
            if found is None:
                _tell_idle(self.goals, self.world)
            return found
        known = {goal.id: goal for goal in self.goals}
        if name in known:
            return known[name]
        folded = [goal for goal in self.goals if goal.id.casefold() == name.casefold()]
        if len(folded) == 1:
            return folded[0]
        from abml.suggest import nearest

        near = nearest(name, known)
        more = f"did you mean '{near}'?" if near else f"there are: {', '.join(known)}"
        _complain(f"no goal is named '{name}'; {more}", 2)
        return None

    def plan(self, goal: GoapGoal) -> PlanResult:
        """The result of planning, with every source of costs."""
        from abml.vm.planner import modifier_sources, search

        self._check_names()
        sources = [*self._sources, *modifier_sources(self._added)]
        return search(self.world, goal, self.actions, modifiers=sources, options=self._limits)

    def _check_names(self) -> None:
        """Say which modifiers name no action: they would be ignored without a word."""
        from abml.suggest import nearest

        known = dict.fromkeys([action.id for action in self.actions] + [action.action_type for action in self.actions])
        for key, value in self._added.items():
            for name in value if isinstance(value, dict) else (key,):
                if name not in known:
                    near = nearest(name, known)
                    more = f"; did you mean '{near}'?" if near else ""
                    output.write(f"warning: --modifiers: no action is named '{name}'{more}", sys.stderr)

    def warn(self) -> None:
        """Tell what could not be evaluated."""
        for record in self._instance.logs:
            if record["level"] == "warn":
                output.write(f"warning: {record['message']}", sys.stderr)


def _limits(
    preset: str | None, urgency: float | None, depth: int | None, nodes: int | None, heuristic: str | None
) -> PlanningOptions:
    """Without a look at the clock: the same command gives the same plan on every machine."""
    from dataclasses import replace

    from abml.vm.planner import options_for_urgency, planning_options

    limits = planning_options(preset) if urgency is None else options_for_urgency(urgency)
    given = {"max_depth": depth, "max_nodes": nodes, "heuristic": heuristic}
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    return replace(limits, deterministic=True, **changes)


def _instance(program: Program, values: dict[str, Any]) -> Instance | None:
    """An actor that has its variables and bindings; None after saying why there is none."""
    from abml.vm.core.machine import FaultError
    from abml.vm.host_values import HostValueError
    from abml.vm.instance import Instance

    try:
        instance = Instance(program, scope=values)
        instance.create()
        instance.begin()
    except FaultError as error:
        _complain(f"{error.fault.kind}: {error.fault.message}", 1)
        return None
    except HostValueError as error:
        raise inputs.Unreadable(f"--scope: {error.message}") from None
    return instance


def _tell(result: PlanResult, actions: Sequence[GoapAction], *, is_chosen: bool) -> None:
    from abml.vm.planner.explaining import explain_result

    if is_chosen:
        output.write(output.style(f"planning for '{result.goal.id}', priority {result.goal.priority}", dim=True))
    first, *others = explain_result(result, actions).split("\n")
    output.write(output.style(first, None if result.is_found else "red", bold=True))
    for line in others:
        output.write(line)


def _tell_idle(goals: Sequence[GoapGoal], world: WorldState) -> None:
    """Why no goal is worth planning for."""
    from abml.vm.planner.conditions import unmet

    output.write("nothing to plan for:")
    for goal in goals:
        if goal.is_satisfied(world):
            output.write(f"  {goal.id} holds already")
        else:
            needs = ", ".join(f"{key} {condition}" for key, condition in unmet(goal.preconditions, world))
            output.write(f"  {goal.id} is not pursued: {needs} does not hold")


def _complain(text: str, status: int) -> int:
    output.write(f"abmlc: {text}", sys.stderr)
    return status
