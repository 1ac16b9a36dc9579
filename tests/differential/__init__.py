"""Comparisons of the product with the judge."""
