"""Makes distances.json, with log-distance-measures 2.2.0: python tests/data/distances_reference.py SHARED_DATA."""

import datetime
import json
import sys
from pathlib import Path

import pandas as pd
from log_distance_measures.absolute_event_distribution import absolute_event_distribution_distance as aed
from log_distance_measures.case_arrival_distribution import case_arrival_distribution_distance as car
from log_distance_measures.circadian_event_distribution import circadian_event_distribution_distance as ced
from log_distance_measures.config import EventLogIDs
from log_distance_measures.cycle_time_distribution import cycle_time_distribution_distance as ctd
from log_distance_measures.n_gram_distribution import n_gram_distribution_distance as ngd
from log_distance_measures.relative_event_distribution import relative_event_distribution_distance as red

MICRO = EventLogIDs("case_id", "Activity", "start_time", "end_time", "Resource")
LOAN = EventLogIDs("case_id", "activity_name", "start_timestamp", "end_timestamp", "resource")
BPI = EventLogIDs("case_id", "activity", "start_time", "end_time", "resource")
SPLITS = {
    "logdist_micro": (MICRO, "logdist_micro/LoanApp_delays.csv", "logdist_micro/LoanApp_no_delays.csv"),
    "bpic12w": (BPI, "bpic12w/BPIC_2012_W_test.csv.gz", "bpic12w/BPIC_2012_W_train.csv.gz"),
}
for k in range(10):
    simulated = f"loanapp_agentsim/simulated_log_{k}.csv"
    SPLITS[f"loanapp_agentsim/{k}"] = (LOAN, "loanapp_agentsim/test_preprocessed.csv", simulated)


def read(path: Path, ids: EventLogIDs) -> pd.DataFrame:
    frame = pd.read_csv(path)
    for column in (ids.start_time, ids.end_time):
        frame[column] = pd.to_datetime(frame[column], format="ISO8601", utc=True)
    return frame


def main() -> None:
    found = {}
    for name, (ids, *files) in SPLITS.items():
        one, two = (read(Path(sys.argv[1]) / file, ids) for file in files)
        both = (one, ids, two, ids)
        hour = datetime.timedelta(hours=1)
        found[name] = {"ngd": ngd(*both), "aed": aed(*both), "car": car(*both), "ced": ced(*both), "red": red(*both)}
        found[name]["ctd"] = ctd(*both, bin_size=hour)
    print(json.dumps({"made with": "log-distance-measures 2.2.0", "distances": found}, indent=1))


if __name__ == "__main__":
    main()
