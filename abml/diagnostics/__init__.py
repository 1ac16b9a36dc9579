"""What is said about a source text, and how it is shown."""
