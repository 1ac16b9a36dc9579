"""Passes over the intermediate representation, one file each."""
