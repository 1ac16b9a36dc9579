"""Clock, timers, channels."""
