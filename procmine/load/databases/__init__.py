"""Databases: a table or a query, to a table of what it gives."""
