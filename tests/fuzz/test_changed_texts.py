"""No text, however changed, makes a public function raise what it does not promise."""

from __future__ import annotations

import os

from tests.fuzz import fuzz_text


def test_changed_texts_are_read_or_refused() -> None:
    count = 20_000 if os.environ.get("HYPOTHESIS_PROFILE") == "fuzz" else 300
    broken = fuzz_text.run(0, count)
    assert not broken, "\n".join(f"{text!r}\n{wrong}" for text, wrong in broken[:3])
