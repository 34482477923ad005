"""How each file of the shared data is read, where its names do not tell, and which are no event logs, and why."""

from pathlib import Path

from procmine.load.columns import Columns, Milestone

NYC_2016 = {"Created Date": "Created", "Closed Date": "Closed", "Resolution Action Updated Date": "Updated"}
NYC_2023 = {"created_date": "Created", "closed_date": "Closed", "resolution_action_updated_date": "Updated"}
PARTICIPANT = {"case": "case_participant_id", "attributes": ("offense_category",), "event_attributes": ()}


def order(kind: str) -> Columns:
    return Columns(object_type=kind)


SAID = {
    "nyc311_small/311_brooklyn_2016.csv": Columns(case="Unique Key", milestones=NYC_2016, attributes=("Agency",)),
    "nyc311_small/311_socrata_2023.csv": Columns(case="unique_key", milestones=NYC_2023, attributes=("agency",)),
    "cook_county_sao/intake.csv.gz": Columns(
        **PARTICIPANT, milestones={"received_date": "Received", "felony_review_date": "Felony review"}
    ),
    "cook_county_sao/initiation.csv.gz": Columns(
        **PARTICIPANT, milestones={"event_date": "Initiated", "arraignment_date": Milestone("Arraigned")}
    ),
    "cook_county_sao/dispositions.csv.gz": Columns(**PARTICIPANT, milestones={"disposition_date": "Disposed"}),
    "cook_county_sao/sentencing.csv.gz": Columns(**PARTICIPANT, milestones={"sentence_date": "Sentenced"}),
    **{f"ocel/example_log.{kind}": order("order") for kind in ("csv", "jsonocel", "sqlite", "xmlocel")},
    **{f"ocel/ocel20_example.{kind}": order("Invoice") for kind in ("jsonocel", "sqlite", "xmlocel")},
    "ocel/newocel.jsonocel": order("order"),
    "ocel/ocel_order_simulated.csv": order("orders"),
}
# Files that hold no event log, and what the refusal says of them.
NO_LOG = {
    "receipt_interleaved/case_relations.csv": "cannot tell which column is the case",  # which case is which: see relations
    "pm4py_edge/composite_list_attributes.xes": "events have no concept:name",
    "pm4py_edge/xes_20.xes": "events have no concept:name",
    "pm4py_edge/partial order example.xes": "25 of 25 values are not times",  # every time in it is "?"
}
SETTINGS = (".bpmn", ".md")  # models and the README; the .json files beside them are settings of a simulator


def files(shared: Path) -> dict[str, Path]:
    """Every file that might hold events, by its path in the folder."""
    there = sorted(path for path in shared.rglob("*") if path.is_file() and path.suffix not in SETTINGS)
    return {path.relative_to(shared).as_posix(): path for path in there}


def is_log(name: str) -> bool:
    """Neither a refusal that is meant, nor settings or tables of another tool."""
    return name not in NO_LOG and not name.endswith(".json") and "tool_output_" not in name
