"""What documents read from resource templates: ABML402, 403, 404, 405, 408, 410 to 414."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from abml.diagnostics import Diagnostic
from abml.environment import ResourceTemplateSpec
from abml.resource_paths import suggestions

REGISTRY = {
    "templates": [
        {
            "type": "harbor-crew",
            "namespace": "crew",
            "paths": {
                "size": "int",
                "mood": "enum(calm, brisk)",
                "captain.name": "string",
                "captain.patience": "float",
                "members": "list",
                "members[].name": "string",
                "members[].posts[].hours": "int",
                "log": "list<string>",
                "notes": "any",
            },
        },
        {"type": "harbor-stores", "namespace": "stores", "paths": {"oil": "float", "last-check": "string"}},
        {"type": "character-personality", "paths": {"patience": "float", "aggression": "float"}},
    ]
}

LOAD = "{load_snapshot: {resource_type: harbor, resource_id: north, name: post}}"


def document(
    *actions: str, declared: str = "[harbor-crew]", mode: str = "explicit", head: str = "", more: str = ""
) -> str:
    """A document with a flow of actions, one a line."""
    lines = "".join(f"    - {action}\n" for action in actions)
    return (
        f"version: '3.0'\nmetadata: {{id: a, fetch_mode: {mode}, resource_templates: {declared}}}\n"
        f"{head}flows:\n  main:\n{lines}{more}"
    )


def reading(path: str, declared: str = "[harbor-crew]") -> str:
    """A document that loads `post` and reads one path."""
    return document(LOAD, f'{{log: "${{{path}}}"}}', declared=declared)


GOOD = [
    "post.crew.size",
    "post.harbor-crew.size",
    "post.crew",
    "post.crew.captain",
    "post.crew.members",
    "post.crew.members[0].name",
    "post.crew.members.0.name",
    "post.crew.members.first.name",
    "post.crew.members.length",
    "post.crew.members[0].posts[1].hours",
    "post.crew.log[2]",
    "post.crew.log.last",
    "post.crew.mood.length",
    "post.crew.notes.anything[4].below",
    "post.crew[event.key].whatever",
    "post.crew.captain[event.key].whatever",
    "post[event.key].whatever",
    "post._error.message",
    "post._sources",
    "post?.crew?.size",
    "post['crew'].size",
    "post.crew.members.map(m => m.name)",
    "post.crew.members.filter(m => m.posts.length > 0).map(m => m.name)",
    "post.crew.members.map('name')",
]


@pytest.mark.parametrize("path", GOOD)
def test_registered_paths(path: str, inspect: Callable[..., Any]) -> None:
    found, _ = inspect(reading(path), templates=REGISTRY)
    # `last` of a text is one too.
    assert [str(diag) for diag in found if diag.code.startswith("ABML4") and diag.code != "ABML408"] == []


BAD: list[tuple[int, str, str, str | None]] = [
    (402, "error", "post.¶stores.oil", "'harbor-stores'"),
    (402, "error", "post.¶harbor-stores.oil", "'harbor-stores'"),
    (403, "error", "post.crew.¶syze", "'size'"),
    (403, "error", "post.crew.captain.¶patients", "'captain.patience'"),
    (403, "error", "post.crew.¶capt", "'captain.name' or 'captain.patience'"),
    (403, "error", "post.crew.members[0].¶nmae", "'members[].name'"),
    (403, "error", "post.crew.members.¶name", "'members[].name'"),
    (403, "error", "post.¶crw.size", "'crew'"),
    (403, "error", "post?.crew.¶syze", None),
    (403, "error", "1 + length([post.crew.¶syze])", None),
    (403, "error", "post.crew.members.map(m => m.¶nmae)", None),
    (403, "error", "post.crew.members | map(m => m.¶nmae) | first", None),
    (403, "error", "post.crew.members.filter(m => m.name != '').any(m => m.¶posst)", None),
    (404, "error", "post.crew.size.¶x", "'post.crew.size'"),
    (404, "error", "post.crew.mood.¶tone", None),
    (404, "error", "post.crew.log[0].¶line", None),
    (404, "error", "post.crew.members.length.¶x", None),
    (413, "info", "post.crew.¶Size", "'size'"),
    (413, "info", "post.crew.¶CAPTAIN.name", "'captain'"),
    (413, "info", "post.¶Crew.size", "'crew'"),
]


@pytest.mark.parametrize(("code", "severity", "path", "help"), BAD)
def test_paths_of_snapshots(
    code: int, severity: str, path: str, help: str | None, expect: Callable[..., Diagnostic]
) -> None:
    found = expect(code, reading(path), severity, templates=REGISTRY)
    assert help is None or (found.help is not None and help in found.help), found.help


def test_without_declarations_every_registered_template_counts(inspect: Callable[..., Any]) -> None:
    found, _ = inspect(reading("post.stores.oil", declared="[]"), templates=REGISTRY)
    assert not found
    found, _ = inspect(reading("post.stores.oill", declared="[]"), templates=REGISTRY)
    assert [diag.code for diag in found] == ["ABML403"]


def test_without_a_registry_no_path_is_compared(inspect: Callable[..., Any]) -> None:
    found, _ = inspect(reading("post.crew.syze"))
    assert not found


CASES: list[tuple[int, str, str, str]] = [
    (405, "warning", reading("post.crew.size", "[harbor-crew, ¶harbor-tides]"), reading("post.crew.size")),
    (
        402,
        "error",
        document(
            "{load_snapshot: {resource_type: harbor, resource_id: n, name: post, filter: [crew]}}",
            '{log: "${post.¶stores.oil} ${post.crew.size}"}',
            declared="[harbor-crew, harbor-stores]",
        ),
        document(
            "{load_snapshot: {resource_type: harbor, resource_id: n, name: post, filter: [harbor_stores, c]}}",
            '{log: "${post.stores.oil} ${post.c.size}"}',
            declared="[{type: harbor-crew, alias: c}, harbor-stores]",
        ),
    ),
    (
        408,
        "info",
        reading("post.crew.size", "[harbor-crew, ¶harbor-stores]"),
        reading("post.crew.size + post.stores.oil", "[harbor-crew, harbor-stores]"),
    ),
    (408, "info", document("noop", declared="[¶harbor-crew]"), document(LOAD, '{ring: {data: "${post}"}}')),
    (
        411,
        "warning",
        document(
            "{load_snapshot: {resource_type: harbor, resource_id: n, name: ¶post}}",
            '{log: "${post.crew.size}"}',
            head="context: {variables: {post: 1}}\n",
        ),
        reading("post.crew.size"),
    ),
    (
        411,
        "warning",
        document("{set: {post: 1}}", "{load_snapshot: {resource_type: harbor, resource_id: n, name: ¶post}}"),
        document("{set: {past: 1}}", "{load_snapshot: {resource_type: harbor, resource_id: n, name: post}}"),
    ),
    (
        411,
        "warning",
        document("{load_snapshot: {resource_type: harbor, resource_id: n, name: ¶agent}}", "{log: '${agent.crew}'}"),
        reading("post.crew.size"),
    ),
    (
        412,
        "warning",
        document("{prefetch: {resource_type: harbor, ids: [a], filter: [¶harbor-stores, crew]}}"),
        document("{prefetch: {resource_type: harbor, ids: [a], filter: [harbor_crew]}}"),
    ),
    (
        412,
        "warning",
        document("{watch: {resource_type: harbor, resource_id: a, sources: [¶harbor-crow]}}"),
        document("{watch: {resource_type: harbor, resource_id: a, sources: [crew]}}"),
    ),
    (
        414,
        "warning",
        document('{for_each: {variable: pier, collection: "${world.piers}", do: [ {log: "${pier.¶crew.size}"} ]}}'),
        document(
            '{for_each: {variable: pier, collection: "${world.piers}", do: [ {log: "${pier.kind.size}"} ]}}',
            LOAD,
            '{log: "${post.crew.size}"}',
        ),
    ),
    (
        414,
        "warning",
        document('{ring: {at: "${world.piers.filter(p => p.¶crew.size > 2)}"}}'),
        document('{ring: {at: "${world.piers.filter(p => p.crew.size > 2)}"}}', mode="auto"),
    ),
    (
        414,
        "warning",
        document('{log: "{% for p in world.piers %}{{ p.¶crew.size }}{% endfor %}"}'),
        document('{log: "{% for p in world.piers %}{{ p.size }}{% endfor %}"}'),
    ),
    (
        414,
        "warning",
        document(
            '{for_each: {variable: p, collection: "${world.piers}", do: [ {set: {best: "${p}"}} ]}}',
            '{log: "${best.¶crew.size}"}',
            head="context: {variables: {best: null}}\n",
        ),
        document(
            '{for_each: {variable: p, collection: "${world.piers}", do: [ {set: {best: "${p.name}"}} ]}}',
            '{log: "${best.crew.size}"}',
            head="context: {variables: {best: null}}\n",
        ),
    ),
    (
        403,
        "error",
        document(
            '{for_each: {variable: p, collection: "${world.piers}", do: [ {log: "${p.crew.¶syze}"} ]}}', mode="all"
        ),
        document(
            '{for_each: {variable: p, collection: "${world.piers}", do: [ {log: "${p.crew.size} ${p.x.y}"} ]}}',
            mode="all",
        ),
    ),
    (
        402,
        "error",
        document('{for_each: {variable: p, collection: "${world.p}", do: [ {log: "${p.¶stores.oil}"} ]}}', mode="auto"),
        document('{for_each: {variable: p, collection: "${world.p}", do: [ {log: "${p.crew.size}"} ]}}', mode="auto"),
    ),
    (
        403,
        "error",
        document(LOAD, '{for_each: {variable: m, collection: "${post.crew.members}", do: [ {log: "${m.¶nmae}"} ]}}'),
        document(LOAD, '{for_each: {variable: m, collection: "${post.crew.members}", do: [ {log: "${m.name}"} ]}}'),
    ),
    (
        403,
        "error",
        document(LOAD, '{ring: {how: {deep: [ {tone: "at ${post.crew.¶syze}"} ]}}}'),
        document(LOAD, '{ring: {how: {deep: [ {tone: "at ${post.crew.size}"} ]}}}'),
    ),
    (
        403,
        "error",
        document(LOAD, '{log: "{% if post.crew.¶syze > 2 %}many{% endif %}"}'),
        document(LOAD, '{log: "{% if post.crew.size > 2 %}many{% endif %}"}'),
    ),
]

READ = '{log: "${¶post.crew.size}"}'
FINE = READ.replace("¶", "")


def branch(then: str, otherwise: str = "[]") -> str:
    return f'{{cond: [ {{when: "${{world.open}}", then: {then}}}, {{else: {otherwise}}} ]}}'


WAYS: list[tuple[str, str]] = [
    (document(READ, LOAD), document(LOAD, FINE)),
    (document(branch(f"[{LOAD}]"), READ), document(branch(f"[{LOAD}]", f"[{LOAD}]"), FINE)),
    (document(branch(f"[{LOAD}]"), READ), document(branch(f"[{LOAD}]", "[return]"), FINE)),
    (
        document(f'{{for_each: {{variable: i, collection: "${{world.a}}", do: [{LOAD}]}}}}', READ),
        document(f'{{for_each: {{variable: i, collection: "${{world.a}}", do: [{LOAD}, {FINE}]}}}}'),
    ),
    (
        document(f'{{repeat: {{times: "${{world.n}}", do: [{LOAD}]}}}}', READ),
        document(f"{{repeat: {{times: 2, do: [{LOAD}]}}}}", FINE),
    ),
    (
        document("{call: fetch}", READ, more=f"  fetch: [ {branch(f'[{LOAD}]')} ]\n"),
        document("{call: fetch}", FINE, more=f"  fetch: [ {LOAD} ]\n"),
    ),
    (
        document(branch("[{call: show}]"), LOAD, "{call: show}", more=f"  show: [ {READ} ]\n"),
        document(LOAD, "{call: show}", more=f"  show: [ {FINE} ]\n"),
    ),
    (
        document(branch("[{goto: show}]"), LOAD, "{goto: show}", more=f"  show: [ {READ} ]\n"),
        document(LOAD, "{goto: show}", more=f"  show: [ {FINE} ]\n"),
    ),
    (
        document(branch("[{goto: show}]"), LOAD, more=f"  show: [ {READ} ]\n"),
        document(
            "{watch: {resource_type: harbor, resource_id: n, name: post, on_change: show}}",
            more=f"  show: [ {FINE} ]\n",
        ),
    ),
    (
        document(
            "{load_snapshot: {resource_type: harbor, resource_id: n, name: post}, on_error: [noop]}",
            READ,
        ),
        document(
            "{load_snapshot: {resource_type: harbor, resource_id: n, name: post}, on_error: [return]}",
            FINE,
        ),
    ),
    (
        document('{condition: "${world.open}"}', branch(f'[{{condition: "${{world.b}}"}}, {LOAD}]', f"[{LOAD}]"), READ),
        document('{condition: "${world.open}"}', LOAD, FINE),
    ),
    (
        document(branch(f"[{LOAD}]"), "{parallel: [ [noop], [noop] ]}", READ),
        document(f"{{parallel: [ [noop], [{LOAD}] ]}}", FINE),
    ),
]
CASES += [(410, "warning", bad, good) for bad, good in WAYS]


@pytest.mark.parametrize(("code", "severity", "bad", "good"), CASES)
def test_checks(
    code: int,
    severity: str,
    bad: str,
    good: str,
    expect: Callable[..., Diagnostic],
    expect_not: Callable[..., None],
) -> None:
    expect(code, bad, severity, templates=REGISTRY)
    expect_not(code, good, templates=REGISTRY)


def test_strict_makes_undeclared_filters_errors(expect: Callable[..., Diagnostic]) -> None:
    expect(
        412,
        document("{prefetch: {resource_type: harbor, ids: [a], filter: [¶harbor-stores, crew]}}"),
        "error",
        templates=REGISTRY,
        strict=True,
    )


@pytest.mark.parametrize("code", [402, 410, 414])
def test_fragments_without_declarations(code: int, inspect: Callable[..., Any]) -> None:
    text = (
        '- log: "${post.stores.oil}"\n'
        "- load_snapshot: {resource_type: harbor, resource_id: n, name: post, filter: [harbor-crew]}\n"
        '- for_each: {variable: p, collection: "${ps}", do: [ {log: "${p.stores.oil}"} ]}\n'
    )
    found, _ = inspect(text, fragment=True, templates=REGISTRY)
    assert f"ABML{code}" not in {diag.code for diag in found}
    declared = "metadata: {resource_templates: [harbor-crew]}\nflows:\n  main:\n" + "".join(
        f"    {line}\n" for line in text.splitlines()
    )
    found, _ = inspect(declared, fragment=True, templates=REGISTRY)
    assert f"ABML{code}" in {diag.code for diag in found}


def test_hyphens_of_registered_names(expect_not: Callable[..., None]) -> None:
    expect_not(137, reading("post.stores.last-check", declared="[harbor-stores]"), templates=REGISTRY)


def test_snapshots_read_in_an_imported_document(inspect: Callable[..., Any]) -> None:
    text = (
        "version: '3.0'\nmetadata: {id: a, resource_templates: [harbor-crew]}\nimports: [{file: b.yml, as: b}]\n"
        f"flows:\n  main:\n    - {LOAD}\n    - call: b.show\n"
    )
    other = "version: '3.0'\nmetadata: {id: b}\nflows: {show: [ {log: '${post.crew.syze}'} ]}\n"
    found, _ = inspect(text, files={"b.yml": other}, templates=REGISTRY)
    assert [(diag.code, diag.span.path) for diag in found if diag.code == "ABML403"] == [("ABML403", "b.yml")]


def test_suggestions() -> None:
    paths = ResourceTemplateSpec(
        "a-b", "b", dict.fromkeys(["roles", "roles[].title", "role_count", "patience", "vigor", "zeal"], "any")
    ).paths
    assert suggestions(paths, "") == ["roles", "roles[].title", "role_count", "patience", "vigor"]
    assert suggestions(paths, "roles[0].titel") == ["roles[].title", "roles"]
    assert suggestions(paths, "ro") == ["roles", "role_count", "roles[].title"]
    assert suggestions(paths, "patiense") == ["patience"]
    assert suggestions(paths, "quite_other") == []
