"""Process mining for public services: read a log, see it, find where the time goes, try a policy, prove it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from procmine.calendars import Calendar as Calendar
    from procmine.clocks import OfficeHours as OfficeHours
    from procmine.clocks import WorkingTime as WorkingTime
    from procmine.clocks import office_hours as office_hours
    from procmine.find.consistency import consistency as consistency
    from procmine.find.drivers.drivers import drivers as drivers
    from procmine.find.first_time_right import first_time_right as first_time_right
    from procmine.find.first_time_right import missing_items as missing_items
    from procmine.find.hearings import hearings as hearings
    from procmine.find.procedure import procedure as procedure
    from procmine.find.quality import quality as quality
    from procmine.find.service.breaches import at_risk as at_risk
    from procmine.find.service.breaches import breaches as breaches
    from procmine.find.service.caseload import Counting as Counting
    from procmine.find.service.caseload import caseload as caseload
    from procmine.find.service.late import late_cases as late_cases
    from procmine.find.service.measures import Measure as Measure
    from procmine.find.service.measures import measure as measure
    from procmine.find.service.near_limit import near_limit as near_limit
    from procmine.find.service.promise import kept_promises as kept_promises
    from procmine.find.service.promise import promise as promise
    from procmine.find.service.standards import Standard as Standard
    from procmine.find.service.standards import standards as standards
    from procmine.find.service.templates import copy_template as copy_template
    from procmine.find.service.templates import standard_templates as standard_templates
    from procmine.find.sessions import sessions as sessions
    from procmine.find.shorter.step import if_step_took as if_step_took
    from procmine.find.shorter.wins import quick_wins as quick_wins
    from procmine.find.time.bottlenecks import bottlenecks as bottlenecks
    from procmine.find.voice.staff import staff_ranking as staff_ranking
    from procmine.find.voice.voice import voice as voice
    from procmine.find.voice.waits import voice_by_wait as voice_by_wait
    from procmine.find.waits.causes import causes as causes
    from procmine.find.waits.extraneous import unexplained_waits as unexplained_waits
    from procmine.load.columns import Columns as Columns
    from procmine.load.columns import Milestone as Milestone
    from procmine.load.databases.database import Database as Database
    from procmine.load.door import read as read
    from procmine.load.events.watch import EVERY_CASE as EVERY_CASE
    from procmine.load.report import load_report as load_report
    from procmine.load.sharding.making import shard as shard
    from procmine.load.sharding.months import add_month as add_month
    from procmine.load.spark.read import read_spark as read_spark
    from procmine.load.spark.spread import on_spark as on_spark
    from procmine.load.write import write as write
    from procmine.log import LogError as LogError
    from procmine.proof.charts.control import control_chart as control_chart
    from procmine.proof.charts.interrupted import interrupted_series as interrupted_series
    from procmine.proof.compare import compare as compare
    from procmine.proof.ledger.ledger import Ledger as Ledger
    from procmine.proof.ledger.track import how_good as how_good
    from procmine.proof.moved.difference import map_difference as map_difference
    from procmine.proof.offices.study import event_study as event_study
    from procmine.proof.records.change import Change as Change
    from procmine.proof.records.change import Measured as Measured
    from procmine.proof.records.changes import Changes as Changes
    from procmine.proof.records.changes import changes as changes
    from procmine.proof.records.sizing import plan_size as plan_size
    from procmine.proof.watch import watch as watch
    from procmine.publish.brief import brief as brief
    from procmine.publish.explorer.explore import Explorer as Explorer
    from procmine.publish.explorer.explore import explore as explore
    from procmine.publish.huddle import huddle as huddle
    from procmine.publish.ledger_page import ledger_page as ledger_page
    from procmine.publish.month.ask import this_month as this_month
    from procmine.publish.month.others import against as against
    from procmine.publish.notebooks import run_report as run_report
    from procmine.publish.plans.check_plan import check_plan as check_plan
    from procmine.publish.plans.plan import Plan as Plan
    from procmine.publish.plans.portfolio import portfolio as portfolio
    from procmine.publish.slides.slides import slides as slides
    from procmine.scale.months import compact as compact
    from procmine.scale.shards import save as save
    from procmine.see.activity import case_parts as case_parts
    from procmine.see.activity import event_times as event_times
    from procmine.see.clock_rules import service_clock as service_clock
    from procmine.see.dots import dotted_chart as dotted_chart
    from procmine.see.ending import mean_within as mean_within
    from procmine.see.ending import outcomes as outcomes
    from procmine.see.flow import directly_follows as directly_follows
    from procmine.see.flow import flow as flow
    from procmine.see.flow import handovers as handovers
    from procmine.see.flow import rework as rework
    from procmine.see.flow import variants as variants
    from procmine.see.happy import happy_path as happy_path
    from procmine.see.maps import process_map as process_map
    from procmine.see.pending import pending_cases as pending_cases
    from procmine.see.pending import waiting_now as waiting_now
    from procmine.see.rework_cost import rework_cost as rework_cost
    from procmine.see.service import service_cases as service_cases
    from procmine.see.service import service_times as service_times
    from procmine.see.spectrum import performance_spectrum as performance_spectrum
    from procmine.see.spread import time_distribution as time_distribution
    from procmine.see.staged import staged_flow as staged_flow
    from procmine.see.survival import survival as survival
    from procmine.see.times import case_times as case_times
    from procmine.see.times import cycle_times as cycle_times
    from procmine.see.times import first as first
    from procmine.see.times import last as last
    from procmine.see.times import step_times as step_times
    from procmine.see.times import time_between as time_between
    from procmine.see.week import week_heatmap as week_heatmap
    from procmine.see.work import activity_times as activity_times
    from procmine.see.work import case_work as case_work
    from procmine.simulate.fit import fit as fit
    from procmine.simulate.forecast.ask import forecast as forecast
    from procmine.simulate.forecast.effort import Effort as Effort
    from procmine.simulate.forecast.needed import needed as needed
    from procmine.simulate.forecast.scenarios import scenarios as scenarios
    from procmine.simulate.forecast.sensitivity import sensitivity as sensitivity
    from procmine.simulate.forecast.target import Target as Target
    from procmine.simulate.policies.takes import Takes as Takes
    from procmine.simulate.policy import Policy as Policy
    from procmine.simulate.predict import keep_score as keep_score
    from procmine.simulate.predict import predict as predict
    from procmine.simulate.standing import cheapest_first as cheapest_first
    from procmine.simulate.validation.validate import validate as validate

NAMES = {
    "Calendar": "procmine.calendars",
    "OfficeHours": "procmine.clocks",
    "office_hours": "procmine.clocks",
    "service_clock": "procmine.see.clock_rules",
    "service_times": "procmine.see.service",
    "service_cases": "procmine.see.service",
    "WorkingTime": "procmine.clocks",
    "read_spark": "procmine.load.spark.read",
    "on_spark": "procmine.load.spark.spread",
    "bottlenecks": "procmine.find.time.bottlenecks",
    "causes": "procmine.find.waits.causes",
    "drivers": "procmine.find.drivers.drivers",
    "missing_items": "procmine.find.first_time_right",
    "first_time_right": "procmine.find.first_time_right",
    "quality": "procmine.find.quality",
    "procedure": "procmine.find.procedure",
    "if_step_took": "procmine.find.shorter.step",
    "quick_wins": "procmine.find.shorter.wins",
    "voice": "procmine.find.voice.voice",
    "staff_ranking": "procmine.find.voice.staff",
    "voice_by_wait": "procmine.find.voice.waits",
    "Standard": "procmine.find.service.standards",
    "standards": "procmine.find.service.standards",
    "late_cases": "procmine.find.service.late",
    "at_risk": "procmine.find.service.breaches",
    "breaches": "procmine.find.service.breaches",
    "near_limit": "procmine.find.service.near_limit",
    "kept_promises": "procmine.find.service.promise",
    "promise": "procmine.find.service.promise",
    "Counting": "procmine.find.service.caseload",
    "caseload": "procmine.find.service.caseload",
    "Measure": "procmine.find.service.measures",
    "measure": "procmine.find.service.measures",
    "copy_template": "procmine.find.service.templates",
    "standard_templates": "procmine.find.service.templates",
    "sessions": "procmine.find.sessions",
    "hearings": "procmine.find.hearings",
    "consistency": "procmine.find.consistency",
    "happy_path": "procmine.see.happy",
    "Columns": "procmine.load.columns",
    "Milestone": "procmine.load.columns",
    "Database": "procmine.load.databases.database",
    "read": "procmine.load.door",
    "load_report": "procmine.load.report",
    "EVERY_CASE": "procmine.load.events.watch",
    "write": "procmine.load.write",
    "LogError": "procmine.log",
    "compare": "procmine.proof.compare",
    "event_study": "procmine.proof.offices.study",
    "control_chart": "procmine.proof.charts.control",
    "interrupted_series": "procmine.proof.charts.interrupted",
    "map_difference": "procmine.proof.moved.difference",
    "Change": "procmine.proof.records.change",
    "Measured": "procmine.proof.records.change",
    "Changes": "procmine.proof.records.changes",
    "changes": "procmine.proof.records.changes",
    "plan_size": "procmine.proof.records.sizing",
    "watch": "procmine.proof.watch",
    "brief": "procmine.publish.brief",
    "huddle": "procmine.publish.huddle",
    "this_month": "procmine.publish.month.ask",
    "against": "procmine.publish.month.others",
    "Plan": "procmine.publish.plans.plan",
    "check_plan": "procmine.publish.plans.check_plan",
    "portfolio": "procmine.publish.plans.portfolio",
    "slides": "procmine.publish.slides.slides",
    "run_report": "procmine.publish.notebooks",
    "save": "procmine.scale.shards",
    "shard": "procmine.load.sharding.making",
    "add_month": "procmine.load.sharding.months",
    "compact": "procmine.scale.months",
    "directly_follows": "procmine.see.flow",
    "flow": "procmine.see.flow",
    "handovers": "procmine.see.flow",
    "rework": "procmine.see.flow",
    "variants": "procmine.see.flow",
    "rework_cost": "procmine.see.rework_cost",
    "process_map": "procmine.see.maps",
    "activity_times": "procmine.see.work",
    "case_work": "procmine.see.work",
    "case_parts": "procmine.see.activity",
    "event_times": "procmine.see.activity",
    "mean_within": "procmine.see.ending",
    "outcomes": "procmine.see.ending",
    "waiting_now": "procmine.see.pending",
    "pending_cases": "procmine.see.pending",
    "unexplained_waits": "procmine.find.waits.extraneous",
    "survival": "procmine.see.survival",
    "case_times": "procmine.see.times",
    "cycle_times": "procmine.see.times",
    "first": "procmine.see.times",
    "last": "procmine.see.times",
    "step_times": "procmine.see.times",
    "time_between": "procmine.see.times",
    "performance_spectrum": "procmine.see.spectrum",
    "dotted_chart": "procmine.see.dots",
    "staged_flow": "procmine.see.staged",
    "time_distribution": "procmine.see.spread",
    "week_heatmap": "procmine.see.week",
    "fit": "procmine.simulate.fit",
    "Effort": "procmine.simulate.forecast.effort",
    "Target": "procmine.simulate.forecast.target",
    "forecast": "procmine.simulate.forecast.ask",
    "needed": "procmine.simulate.forecast.needed",
    "scenarios": "procmine.simulate.forecast.scenarios",
    "sensitivity": "procmine.simulate.forecast.sensitivity",
    "Takes": "procmine.simulate.policies.takes",
    "cheapest_first": "procmine.simulate.standing",
    "validate": "procmine.simulate.validation.validate",
    "Policy": "procmine.simulate.policy",
    "predict": "procmine.simulate.predict",
    "keep_score": "procmine.simulate.predict",
    "Ledger": "procmine.proof.ledger.ledger",
    "how_good": "procmine.proof.ledger.track",
    "ledger_page": "procmine.publish.ledger_page",
    "explore": "procmine.publish.explorer.explore",
    "Explorer": "procmine.publish.explorer.explore",
}
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name == "models":  # a folder of functions, not a name: procmine.models.petri_net(log)
        return import_module("procmine.models")
    if name not in NAMES:
        raise AttributeError(f"module 'procmine' has no attribute {name!r}")
    return getattr(import_module(NAMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*NAMES, "models"])
