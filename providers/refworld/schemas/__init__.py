"""What the sources of the reference world answer, as OpenAPI; the resource templates are generated from these."""
