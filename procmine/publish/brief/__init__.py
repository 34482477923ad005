"""Briefs: two pages of what was found, for people who will not open a notebook."""

from procmine.publish.brief.second_page import KNOWN_NOTES as KNOWN_NOTES
from procmine.publish.brief.second_page import things as things
from procmine.publish.brief.written import Brief as Brief
from procmine.publish.brief.written import brief as brief
