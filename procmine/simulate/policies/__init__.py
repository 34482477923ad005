"""Policies: what a change is made of, what it may not take away, and what it becomes in numbers."""
