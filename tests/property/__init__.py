"""Generators of expressions and documents."""
