"""The semantic checks."""
