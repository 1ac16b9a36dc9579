"""Resource templates of a host: its registry, their generation from schemas, data read through them."""
