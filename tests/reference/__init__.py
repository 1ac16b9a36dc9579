"""The judge: a slow, direct evaluator of the language, written from its reference."""
