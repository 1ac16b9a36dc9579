"""The virtual machine: runs programs, knows nothing of their source text."""
