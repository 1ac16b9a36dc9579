"""Handlers of the actions that documents ask for."""
