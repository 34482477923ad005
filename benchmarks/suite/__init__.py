"""The benchmark suite: procmine beside other tools, each question in processes of its own, answers compared before times."""
