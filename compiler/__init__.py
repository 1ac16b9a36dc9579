"""From a document set to a program: checks, intermediate representation, passes, bytecode."""
