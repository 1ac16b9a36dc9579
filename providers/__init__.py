"""Providers of read-only namespaces."""
