"""The resource templates of the world are those of its schemas, and checks use them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import abml
from abml.cli.templates import command
from abml.providers.refworld import schemas
from abml.providers.refworld.library import TEMPLATES
from abml.registries import read_registry

SCHEMAS = Path(schemas.__file__).parent
EXAMPLE = Path(__file__).resolve().parents[4] / "examples/13_god_of_tragedy/templates.yml"


def generate(*arguments: str) -> None:
    done = CliRunner().invoke(command, ["gen", *arguments], standalone_mode=False)
    assert (done.exception, done.return_value) == (None, 0), done.output


def test_generating_again_changes_no_byte(tmp_path: Path) -> None:
    generate(str(SCHEMAS), "-o", str(tmp_path / "all"))
    made = {path.name: path.read_bytes() for path in (tmp_path / "all").iterdir()}
    assert made == {path.name: path.read_bytes() for path in TEMPLATES.glob("*.yml")}
    generate(str(SCHEMAS), "-o", str(tmp_path / "one.yml"))
    assert (tmp_path / "one.yml").read_bytes() == EXAMPLE.read_bytes()


def check(template: str, path: str, registry: Path) -> list[str]:
    text = (
        f'version: "3.0"\nmetadata: {{ id: t, type: event_brain, resource_templates: [{template}] }}\nflows:\n  main:\n'
        '    - load_snapshot: { resource_type: character, resource_id: "${id}", name: x }\n'
        f'    - log: "${{x.{path}}}"\n'
    )
    found = abml.check(text, templates=read_registry(registry))
    return [one.code for one in found if one.severity == "error"]


@pytest.mark.parametrize("axis", ["aggression", "loyalty", "neuroticism"])
def test_res_050_personality_has_short_paths(axis: str, tmp_path: Path) -> None:
    """Both forms compile against the world's templates; without the shortcut only the long one."""
    assert check("character-personality", f"personality.traits.{axis}", TEMPLATES) == []
    assert check("character-personality", f"personality.{axis}", TEMPLATES) == []
    text = (SCHEMAS / "character.yml").read_text("utf-8")
    start = text.index("      x-template-shortcuts:")
    plain = tmp_path / "plain.yml"
    plain.write_text(text[:start] + text[text.index("      properties:", start) :], "utf-8")
    generate(str(plain), "-o", str(tmp_path / "plain"))
    assert check("character-personality", f"personality.traits.{axis}", tmp_path / "plain") == []
    assert check("character-personality", f"personality.{axis}", tmp_path / "plain") == ["ABML403"]
