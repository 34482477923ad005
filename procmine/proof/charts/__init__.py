"""Charts: a figure by week or month, which of its ups and downs stand out, and what changed with a change."""
