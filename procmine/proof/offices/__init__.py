"""Offices: those where nothing was changed, beside those where something was."""

from procmine.proof.offices.against import AgainstOffices as AgainstOffices
from procmine.proof.offices.against import against_offices as against_offices
from procmine.proof.offices.study import EventStudy as EventStudy
from procmine.proof.offices.study import event_study as event_study
