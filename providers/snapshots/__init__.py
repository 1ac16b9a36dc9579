"""Snapshots of living entities and archives of past ones: collected, cached, and read by paths (runtime 6)."""
