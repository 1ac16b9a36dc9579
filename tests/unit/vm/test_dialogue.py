"""Dialogue: files, overrides, locales, and what speaking actions hand to their handlers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import abml
from abml.providers.dialogue import DialogueFiles
from abml.providers.folders import Folder
from abml.providers.localization import LocalizedStrings, StringSource
from abml.vm.dialogue import DialogueError, Locale, file_from_data, locale_of, resolve

HEAD = 'version: "3.0"\nmetadata: {id: talk}\n'
HAIL = """
localizations:
  en: "Vessel ahoy, {{ vessel.name }}!"
  no: "Ohoi, ${vessel.name}!"
overrides:
  - {condition: "${fog.density > 0.6}", priority: 20, text: "Sound your horn!"}
  - {condition: "vessel.flag == 'courier'", priority: 10, locale: en, localizations: {en: "The mail is early."}}
metadata: {voice: hoarse}
"""


def said(params: str, files: Any = None, **options: Any) -> dict[str, Any]:
    text = HEAD + f"flows: {{main: [ {{speak: {params}}} ]}}"
    result = abml.run(text, dialogue=files, **options)
    assert result.status == "completed", result.error
    return {**result.effects[0].params, "warnings": [log.message for log in result.logs]}


def vessel(**more: Any) -> dict[str, Any]:
    return {"vessel": {"name": "Petrel", **more}, "fog": {"density": 0}}


def test_the_files_text_is_rendered_in_the_actions_scope() -> None:
    found = said("{text: Hm, dialogue_ref: pilot/hail}", {"pilot/hail.yaml": HAIL}, scope=vessel())
    assert found["text"] == "Vessel ahoy, Petrel!"
    assert found["dialogue"] == {"source": "localization", "locale": "en", "metadata": {"voice": "hoarse"}}


def test_norwegian_is_a_locale_and_not_a_boolean() -> None:
    found = said("{text: Hm, dialogue_ref: hail}", {"hail.yml": HAIL}, scope=vessel(), locale="no-NO")
    assert (found["text"], found["dialogue"]["locale"]) == ("Ohoi, Petrel!", "no")


def test_overrides_come_by_priority() -> None:
    files = {"hail.yaml": HAIL}
    scope = vessel(flag="courier")
    assert said("{text: Hm, dialogue_ref: hail}", files, scope=scope)["text"] == "The mail is early."
    scope["fog"]["density"] = 1
    assert said("{text: Hm, dialogue_ref: hail}", files, scope=scope)["text"] == "Sound your horn!"


def test_parameters_of_the_action_are_names_of_the_text() -> None:
    files = {"a.yaml": "localizations: {en: '{{ emotion }} {{ mood }}'}\n"}
    found = said("{dialogue_ref: a, emotion: grim}", files, scope={"mood": "low", "emotion": "other"})
    assert found["text"] == "grim low"
    assert said("{text: '{{ emotion }}', emotion: grim}")["text"] == "grim"


def test_parameters_do_not_hide_variables_from_the_inline_text() -> None:
    text = (
        HEAD + "variables: {keeper: {name: Ada}}\n"
        "flows: {main: [ {speak: {text: 'I am {{ keeper.name }}', keeper: '${keeper.name}'}} ]}"
    )
    assert abml.run(text).effects[0].params["text"] == "I am Ada"


def test_inline_text_is_rendered_only_when_it_is_said() -> None:
    params = "{text: '${nothing.at.all.here}', dialogue_ref: hail}"
    assert said(params, {"hail.yaml": HAIL}, scope=vessel(), functions=None)["text"] == "Vessel ahoy, Petrel!"


def test_without_file_the_inline_text_and_without_that_the_reference() -> None:
    assert said("{text: 'Oh ${1 + 1}', dialogue_ref: gone}", {})["text"] == "Oh 2"
    found = said("{dialogue_ref: gone/away}", {})
    assert found["text"] == "gone/away" and len(found["warnings"]) == 1
    assert said("{dialogue_ref: gone/away}")["text"] == "gone/away"


def test_a_reference_may_be_computed() -> None:
    files = {"hail.yaml": HAIL}
    assert (
        said("{text: Hm, dialogue_ref: '${which}'}", files, scope={**vessel(), "which": "hail"})["text"][:6] == "Vessel"
    )
    assert said("{text: Hm, dialogue_ref: '${which}'}", files)["text"] == "Hm"


def test_a_malformed_text_of_a_file_is_said_as_it_is_written() -> None:
    found = said("{text: Hm, dialogue_ref: a}", {"a.yaml": "localizations: {en: 'Hello {{ name'}"})
    assert found["text"] == "Hello {{ name" and len(found["warnings"]) == 1


def test_a_condition_that_fails_is_false_and_told_about() -> None:
    file = "overrides: [ {condition: '${1 / 0}', text: a}, {condition: 'x x', text: b}, {condition: true, text: c} ]"
    found = said("{text: Hm, dialogue_ref: a}", {"a.yaml": file})
    assert found["text"] == "c" and len(found["warnings"]) == 2


@pytest.mark.parametrize(
    "text",
    [
        "localizations: [a]",
        "- a",
        "overrides: {a: b}",
        "overrides: [ {text: a} ]",
        "overrides: [ {condition: a} ]",
        "overrides: [ {condition: a, text: b, priority: high} ]",
        "overrides: [ {condition: a, text: [b]} ]",
        "localizations: {en: [unclosed",
        "localizations: {en: a, en: b}",
        "metadata: [ 1 ]",
        "\ufeff\x00",
        "",
    ],
)
def test_malformed_files_are_as_if_they_were_not_there(text: str) -> None:
    found = said("{text: inline, dialogue_ref: a}", {"a.yaml": text})
    assert found["text"] == "inline" and len(found["warnings"]) == 1


def test_unusable_files_make_way_for_those_of_other_folders() -> None:
    files = DialogueFiles([Folder({"a.yaml": "localizations: {en: low}"}, 1), Folder({"a.yaml": "- x"}, 5)])
    assert said("{text: Hm, dialogue_ref: a}", files)["text"] == "low"


@pytest.mark.parametrize(
    "reference", ["../secret", "a/../../secret", "/etc/secret", "\\\\secret", "..\\secret", "C:/secret", "a\0b", ""]
)
def test_references_do_not_leave_their_folder(reference: str, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("localizations: {en: stolen}")
    (tmp_path / "inner").mkdir()
    warnings: list[str] = []
    assert DialogueFiles(tmp_path / "inner").load(reference, warnings.append) is None
    assert len(warnings) == (reference != "")


def test_links_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("localizations: {en: stolen}")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "a.yaml").symlink_to(tmp_path / "secret.yaml")
    warnings: list[str] = []
    assert DialogueFiles(tmp_path / "inner").load("a", warnings.append) is None
    assert warnings


def test_files_are_kept_until_they_are_reloaded(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text("localizations: {en: one}")
    files = DialogueFiles(str(tmp_path))
    texts = []
    for text in ("two", "three"):
        file = files.load("a", pytest.fail)
        texts.append(file and file.localizations["en"])
        path.write_text(f"localizations: {{en: {text}}}")
    files.reload("a")
    file = files.load("a", pytest.fail)
    assert [*texts, file and file.localizations["en"]] == ["one", "one", "three"]


def test_locales() -> None:
    assert locale_of("zh-Hant-TW") == Locale("zh-Hant-TW", ("zh-Hant", "zh"), "en")
    assert locale_of({"locale": "fr", "fallbacks": ["de"], "default": "es"}) == Locale("fr", ("de",), "es")
    assert locale_of(None) == Locale("en", (), "en")


def test_an_overrides_locale_may_be_the_language_in_any_case() -> None:
    file = file_from_data(
        {"overrides": [{"condition": "x", "text": "a", "locale": "ES"}], "localizations": {"en": "b"}}
    )
    assert resolve(file, locale_of("es-MX"), lambda _: True).text == "a"
    assert resolve(file, locale_of("fr"), lambda _: True).text == "b"
    with pytest.raises(DialogueError):
        file_from_data({"overrides": [3]})


def test_dotted_and_other_speaking_actions() -> None:
    text = HEAD + (
        "bindings: {participants: {keeper: {id: k1}}}\n"
        "flows: {main: [ {keeper.speak: {text: Hm, dialogue_ref: a}}, {shout: {dialogue_ref: a}}, {narrate: {dialogue_ref: a}} ]}"
    )
    subjects: list[Any] = []
    result = abml.run(
        text,
        dialogue={"a.yaml": "localizations: {en: said}"},
        handlers={"speak": lambda action, context: subjects.append((action.name, action.subject))},
    )
    assert [effect.params["text"] for effect in result.effects] == ["said"] * 3
    assert subjects == [("keeper.speak", {"id": "k1"})]


def test_labels_of_options_have_references() -> None:
    text = HEAD + "flows: {main: [ {choice: {options: [ {label: Yes, label_ref: yes} ]}}, {log: '${_choice.label}'} ]}"
    result = abml.run(text, dialogue={"yes.yaml": "localizations: {fr: Oui}"}, locale="fr", answers=["Oui"])
    assert [log.message for log in result.logs] == ["Oui"]


def test_strings_by_key() -> None:
    sources = [
        StringSource("low", {"strings.en.yaml": "menu: {start: Start, Quit: Quit}\nn: 3", "strings.de-AT.yml": "a: b"}),
        StringSource("high", {"strings.EN.yaml": "menu: {start: Begin}", "strings.fr.yaml": "[unclosed"}, 5),
    ]
    warnings: list[str] = []
    strings = LocalizedStrings(sources, warnings.append)
    found = strings.get("Menu.Start", "fr-CA")
    assert found == ("Begin", "EN", True, "high") and len(warnings) == 1
    assert strings.get("menu.quit", "en") == ("Quit", "en", False, "low")
    assert strings.get("n", "en") == ("3", "en", False, "low")
    assert strings.get("a", "de-at") == ("b", "de-AT", False, "low")
    assert strings.get("gone", "en") is None
