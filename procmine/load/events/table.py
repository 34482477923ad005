"""From a table of columns to an event log: the way in for a source that is in memory."""

from procmine.load.events.coding import coded as coded
from procmine.load.events.given import REASONS as REASONS
from procmine.load.events.given import Given as Given
from procmine.load.events.given import Loaded as Loaded
from procmine.load.events.settled import build as build
