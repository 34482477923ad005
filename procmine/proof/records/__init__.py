"""Records: what was changed, where and when, who decided it, and what came of it."""
