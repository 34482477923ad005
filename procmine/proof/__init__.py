"""Before and after: what changed, and what one may say of it."""
