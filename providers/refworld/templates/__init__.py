"""Resource templates of the reference world, generated from its schemas by `abmlc templates gen`."""
