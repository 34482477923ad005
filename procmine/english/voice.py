"""Words of voices by length of wait, and of staff."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "voice.wait.every": "all",
    "voice.wait.after": "after the end",
    "voice.wait.stretch": "day {first} to {last}",
    "voice.wait.beyond": "beyond {time}",
    "voice.wait.all": "{contacts:contact|contacts} about {cases:case|cases} ({per_100:.1f} for every 100), {complaints:,} of them complaints "
    "({complaints_per_100:.1f} for every 100).",
    "voice.wait.most": "Most come {wait} of the wait: {rate:.1f} for every 100 cases still waiting then (likely between {low:.1f} and {high:.1f}; "
    "{cases:case|cases}).",
    "voice.wait.lower": "Scores fall with the wait: {first:.1f} on average {first_wait}, {last:.1f} {last_wait}.",
    "voice.wait.alike": "Scores do not tell long waits from short ones: {first:.1f} on average {first_wait}, {last:.1f} {last_wait}, within chance.",
    "voice.wait.response": "{scored:score|scores}, from {response:.1%} of all cases: who gave none may think otherwise.",
    "voice.wait.picture": "When people get in touch",
    "voice.wait.axis": "contacts within these days for every 100 cases still waiting when they begin, with the likely range",
    "voice.wait.note": "{cases:case|cases}",
    "define.voice_by_wait": "Contacts (without those of staff) by how long the case had waited since its arrival. cases: those still waiting when the stretch began, "
    "open ones as far as they have come; all: every case; after the end: cases that ended, and contacts after the day of the end. Complaints: contacts whose kind "
    "says so. gave a score: cases with at least one, of these cases. Ranges: 95%, from the spread between cases; none below 20.",
    "staff.top": "Staff name {step} most ({n} of {all:time|times}); in the log it has place {rank} by time: {share:.0%} of all waiting passes before it.",
    "staff.agree": "That is where the log has most time, too.",
    "staff.slow": "In the log most time passes before {step} ({share:.0%}), which was named {n:time|times}.",
    "staff.unnamed": "In the log most time passes before {step} ({share:.0%}), which nobody named.",
    "define.staff_ranking": "named: rows of the table of contacts whose kind is staff, by the step they name. Places: by how often a step is named, and by the share "
    "of all the time of cases that passes before it (as in bottlenecks; ranges 95%, by entry weeks). What is named often may be what is hard to do and not what takes "
    "long: ask.",
    "column.complaints": "complaints",
    "column.complaints_per_100": "complaints per 100",
    "column.wait": "waited",
    "column.share_answered": "gave a score",
    "column.wait_from": "from",
    "column.wait_to": "to",
    "column.named": "named by staff",
    "column.staff_rank": "place by staff",
    "column.log_rank": "place by time",
}
