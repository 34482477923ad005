"""python -m procmine.cli: the command line without its script."""

from procmine.cli import main

main(prog_name="procmine")
