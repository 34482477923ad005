"""Validation: the past foretold from days within it, and compared with what came."""

from procmine.simulate.validation.result import Validation as Validation
from procmine.simulate.validation.validate import validate as validate
