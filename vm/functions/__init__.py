"""The built-in functions."""
