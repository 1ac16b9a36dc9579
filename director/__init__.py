"""The director: watching and steering a world from outside."""
