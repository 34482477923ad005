"""Forecasts: what policies would change, which of them reach a target, on what that hangs, and how fast a step must be."""

from procmine.simulate.forecast.ask import forecast as forecast
from procmine.simulate.forecast.effort import Effort as Effort
from procmine.simulate.forecast.needed import Needed as Needed
from procmine.simulate.forecast.needed import needed as needed
from procmine.simulate.forecast.result import ARMS as ARMS
from procmine.simulate.forecast.result import BAND as BAND
from procmine.simulate.forecast.result import Forecast as Forecast
from procmine.simulate.forecast.scenarios import Scenarios as Scenarios
from procmine.simulate.forecast.scenarios import scenarios as scenarios
from procmine.simulate.forecast.sensitivity import Sensitivity as Sensitivity
from procmine.simulate.forecast.sensitivity import sensitivity as sensitivity
from procmine.simulate.forecast.target import Target as Target
