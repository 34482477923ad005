"""Words of contention and of pools: where cases wait for each other."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "contention.queue": "Cases queue at {steps}{more}: how long one stays goes with how long the one before it stayed, work does not speed up when more "
    "wait, and who does it is busy with others meanwhile. More people there, or fewer cases, would shorten it.",
    "contention.none": "No sign of a queue at {steps}{more}: how long one case stays has nothing to do with how long the one before it stayed. More people "
    "there need not change anything.",
    "contention.cannot": "Whether cases queue at {steps}{more} cannot be told from this log. What more people, or fewer cases, would do there is given "
    "as a range only.",
    "contention.few": "At {steps}{more} fewer than {least} cases were seen: too few to tell whether they queue.",
    "contention.more": " and {more:,} more",
    "define.contention": "A step is called a queue only if three things agree. (1) The logarithms of the times that cases stayed before it, in order of "
    "entry, without the means of month and weekday and two harmonics of the hour, are more alike from one to the next than in 99% of shuffles within "
    "month and weekday of entry. (2) The pace of endings is that of a limited number of places, mu min(N, c), clearly better (Vuong 1989, over 40 blocks of time, 5%) "
    "than that of cases that each take their course, mu N, and more than c are there a tenth of the time. (3) A case that comes when whoever does it is free takes about as "
    "long as a case that was waited for takes from when that person turns to it (less than 1.5 times, within the margin of error). No sign: neither (1) nor (2), and means over 4 weeks that are not alike either. "
    "Otherwise, or with fewer than 100 stays: cannot tell. Steps held in sessions are not judged.",
    "column.autocorrelation": "alike from one to the next",
    "column.p": "by chance",
    "column.weeks4": "alike over 4 weeks",
    "column.ceiling": "worked on at once",
    "column.ceiling_z": "how clearly",
    "column.free_ratio": "times as long when free",
    "column.free_least": "times as long, at least",
    "pools.none_queue": "No step of this log is known to be a queue, so people are not modelled as such.",
    "pools.no_people": "The log does not say who did what, so how many people share the work is not known.",
    "pools.dates": "The log holds dates only: how long somebody works on a case cannot be read from it.",
    "pools.unlike": "People were tried as a queue at {steps}, but cases then took {simulated} on average there, while the log says {seen}: people are not modelled.",
    "pools.full": "At {steps} {servers:person|people} would have more work than hours ({load:.0%} of their time): a queue that grows without end cannot be simulated as it is today.",
    "pools.of": "{servers:person shares|people share} the work at {steps}: as many as were seen at work there in usual four weeks ({n:case|cases}, {load:.0%} of their time taken). "
    "With these, cases take {simulated} there on average, and {seen} in the log.",
    "pools.started": "How long a case is worked on is taken from the recorded starts.",
    "pools.inverted": "The log has no starts: a case is taken to be worked on since it came, or since the same person had last done something. Where "
    "that person was free or away, this is too long.",
    "pools.grows": "At {steps} more work comes than {servers:person|people} can do ({load:.0%} of their time): the pile would grow without end, by about {growth:.1f} cases a week.",
}
