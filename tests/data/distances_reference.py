"""Reference distances by log-distance-measures 2.2.0."""
import sys, json, datetime
import pandas as pd
from log_distance_measures.config import EventLogIDs
from log_distance_measures.absolute_event_distribution import absolute_event_distribution_distance as aed
from log_distance_measures.case_arrival_distribution import case_arrival_distribution_distance as car
from log_distance_measures.circadian_event_distribution import circadian_event_distribution_distance as ced
from log_distance_measures.relative_event_distribution import relative_event_distribution_distance as red
from log_distance_measures.cycle_time_distribution import cycle_time_distribution_distance as ctd
from log_distance_measures.n_gram_distribution import n_gram_distribution_distance as ngd
S = sys.argv[1]
def read(f, ids):
    d = pd.read_csv(f)
    for c in (ids.start_time, ids.end_time):
        d[c] = pd.to_datetime(d[c], format="ISO8601", utc=True)
    return d
def all6(a, ia, b, ib):
    h = datetime.timedelta(hours=1)
    return {"ngd": ngd(a, ia, b, ib), "aed": aed(a, ia, b, ib), "car": car(a, ia, b, ib), "ced": ced(a, ia, b, ib), "red": red(a, ia, b, ib), "ctd": ctd(a, ia, b, ib, bin_size=h)}
out = {}
m = EventLogIDs("case_id", "Activity", "start_time", "end_time", "Resource")
a, b = (read(f"{S}/logdist_micro/LoanApp_{x}.csv", m) for x in ("delays", "no_delays"))
out["logdist_micro"] = all6(a, m, b, m)
l = EventLogIDs("case_id", "activity_name", "start_timestamp", "end_timestamp", "resource")
t = read(f"{S}/loanapp_agentsim/test_preprocessed.csv", l)
for i in range(10):
    out[f"loanapp_agentsim/{i}"] = all6(t, l, read(f"{S}/loanapp_agentsim/simulated_log_{i}.csv", l), l)
w = EventLogIDs("case_id", "activity", "start_time", "end_time", "resource")
a, b = (read(f"{S}/bpic12w/BPIC_2012_W_{x}.csv.gz", w) for x in ("test", "train"))
out["bpic12w"] = all6(a, w, b, w)
print(json.dumps({"made with": "log-distance-measures 2.2.0", "command": "python reference.py SHARED_DATA", "distances": out}, indent=1))
