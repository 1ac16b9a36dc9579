"""Stores of bundles: archives that last and snapshots that expire, in memory and on SQLite."""
