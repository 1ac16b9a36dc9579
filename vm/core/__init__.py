"""Cells, frames and the interpreter loop."""
