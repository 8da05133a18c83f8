"""Reads content/ and locales/ into a Catalog, and tells authors what is wrong with them."""
