"""Shaping: several tables, or wide ones, become one table with an event on each row."""
