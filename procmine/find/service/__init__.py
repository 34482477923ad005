"""Standards, promises and caseloads."""
