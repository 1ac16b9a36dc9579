"""Static paths of a program, found in its code."""

from __future__ import annotations

import abml
from abml.compiler.bytecode.assemble import assemble
from abml.compiler.bytecode.reads import static_paths, static_reads


def program(body: str) -> abml.Program:
    return abml.compile(f'version: "3.0"\nmetadata: {{id: x}}\n{body}')


def test_paths_by_root_in_the_order_of_the_code() -> None:
    made = program("""
variables: {mood: 0, dark: {source: "${world.time.is_night}"}}
flows:
  main:
    - set: {mood: "${personality.traits.calm * 2 + world.day}"}
    - if: {condition: "${personality.traits.calm > mood}", then: [{log: "${personality}"}]}
""")
    assert static_paths(made) == {
        "personality": ["traits.calm", ""],
        "world": ["day", "time.is_night"],
    }
    assert all(read.is_plain for read in static_reads(made))


def test_declared_variables_and_computed_steps_are_no_static_paths() -> None:
    made = program('variables: {a: {b: 1}, k: x}\nflows: {main: [{log: "${a.b} ${body[k]} ${body.deep[k].more}"}]}')
    assert static_paths(made) == {}


def test_the_same_paths_in_a_program_that_was_loaded() -> None:
    made = program('flows: {main: [{log: "${body.x.y}"}, {call: other}], other: [{return: "${body.z}"}]}')
    assert static_paths(abml.Program.from_bytes(made.to_bytes())) == static_paths(made) == {"body": ["x.y", "z"]}


def test_a_read_whose_steps_are_used_again_is_not_plain() -> None:
    made = assemble("""
slot body
slot a document
flow main
    LOADV t0, body
    GETM  t1, t0, #"x"
    PFIN  t2, t1
    GETM  t1, t0, #"y"
    PFIN  a, t1
    RET   t2
""")
    (read,) = static_reads(made)
    assert read.path == ("x",) and not read.is_plain


def test_a_jump_into_a_chain_makes_it_no_static_read() -> None:
    made = assemble("""
slot body
flow main
    LOADV t0, body
again: GETM t0, t0, #"x"
    JT    t0, again
    PFIN  t0, t0
    RET   t0
""")
    assert static_reads(made) == []
