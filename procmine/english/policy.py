"""Words of policies: what they do, what they may not do, and what can be known of their effect."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    # the half-sentence after "If"
    "policy.takes.range": "{least} to {most} days, usually {usual},",
    "policy.takes.half": "{half} days or less in half of cases and {most} or less in 9 of 10",
    "policy.takes.one_of": "{least} to {most} days (one of {n:value|values})",
    "policy.takes.as_in": "as long as where {where}",
    "policy.scale": "{step} took {by} times as long as it does",
    "policy.cap": "{step} took at most {time}",
    "policy.escalate": "cases that wait {after} for {step} were taken up then, and got it within {time}",
    "policy.session.on": "{step} was held every {every} on {on}",
    "policy.session.every": "{step} was held every {every}",
    "policy.session.seats": "{when}, {n:case|cases} each time",
    "policy.hours": "work was done in these hours: {hours}",
    "policy.hours.step": "{step} was done in these hours: {hours}",
    "policy.skip": "{step} was left out",
    "policy.skip.some": "{step} was left out {chance:.0%} of the times",
    "policy.insert": "a new step, {step}, came {time} after {after}",
    "policy.insert.some": "a new step, {step}, came {time} after {after}, {chance:.0%} of the times",
    "policy.reroute": "{to} came right after {after} in {chance:.0%} of cases",
    "policy.beside": "{second} began together with {first}",
    "policy.swap": "{step} was done before {before}",
    "policy.staff": "{n:more person|more people} did {who}",
    "policy.staff.fewer": "{n:person less|people fewer} did {who}",
    "policy.volume": "{percent}% more cases came",
    "policy.volume.fewer": "{percent}% fewer cases came",
    "policy.mix": "of the cases that come, by {name}: {shares}",
    "policy.mix.one": "{share:.0%} {value}",
    "policy.priority": "{who} took first the cases where {where}",
    "policy.priority.oldest": "{who} took the oldest case first",
    "policy.priority.newest": "{who} took the newest case first",
    "policy.deadline": "cases still open {time} after they came were closed ({end})",
    "policy.deadline.after": "cases still open {time} after {step} were closed ({end})",
    "policy.cost": "it cost {once} once and {year} a year",
    "policy.from": "{what} from {day} on",
    # what the log shows of it
    "policy.today.took": "{step}: today half of the {n:time|times} it came to such cases it took {half} or less.",
    "policy.today.longer": "{step} took longer than {time} in {longer:,} of {n:time|times}; only these change.",
    "policy.today.came": "{step} came {n:time|times} in such cases.",
    "policy.today.share": "Today {to} comes right after {after} in {share:.0%} of such cases.",
    "policy.today.line": "{second} came right after {first} {n:time|times}, of {came:,} in all; only these change.",
    "policy.today.people": "{who}: {n:person|people} today, {new} with the policy.",
    "policy.today.session": "Today {step} is held {when} ({share:.0%} of the times).",
    "policy.today.hours": "Work is done in {today} different hours of the week today, and could be in {new} with the policy.",
    "policy.today.days": "Work is done on {today} days of the week today, and could be on {new} with the policy. The log holds dates only, so it is the days that count, not the hours.",
    "policy.faster": "{step} in {least}: never seen. None of them was faster than {fastest}.",
    "policy.volume.exact": "How many cases come ({percent}%) is taken as stated; what it does to waits is another question.",
    "policy.priority.mean": "Whose turn comes first decides who waits, not how much is waited in all: at {who} others wait longer by as "
    "much as the first wait less, as long as people work as fast as now.",
    # rights
    "policy.legal.notice": "{step} reads as a notice. Stated as the legal basis for going without it: {basis}",
    "policy.legal.hearing": "{step} reads as a hearing. Stated as the legal basis for going without it: {basis}",
    "policy.legal.appeal": "{step} reads as an appeal. Stated as the legal basis for going without it: {basis}",
    "policy.legal.protected": "Cases are chosen by {step}, which tells of people what law protects ({detail}). Stated as the legal "
    "basis: {basis}",
    "policy.legal.limit": "It takes longer than the limit {step} allows ({detail} days). Stated as the legal basis: {basis}",
    "policy.keeps": "{step} reads as a notice, a hearing or an appeal. Stated why nobody loses a right: {because}",
    # what can be known of it
    "standing.known.A": "The log shows these steps, how long they take and in which order they come.",
    "standing.known.B": "The log shows the days or hours at which this work is done.",
    "standing.known.C": "The log shows who waits for whom.",
    "standing.queue": "The log shows that cases wait for their turn with {who}.",
    "standing.queues": "The log shows where cases wait for their turn.",
    "standing.session": "The log shows that {step} is held in sessions ({when}).",
    "standing.line": "At {steps} cases seem to wait for each other.",
    "standing.line.time": "How long they wait there hangs on how long the line was while this log was kept; in other years it may be "
    "several times as long, or as short.",
    "standing.line.others": "What is taken out of the line lets the others go sooner. Between: as if the others waited as long as "
    "today (the least), and as if hardly anybody waited there any more (the most).",
    "standing.line.mix": "Who is of which {name} may decide who goes first. Between: as if every kind of case waited as long there as it "
    "does today, and as if all kinds waited alike.",
    "standing.session.seats": "Sessions of {step} are full ({seats} seats), and cases wait for a seat: the log cannot tell that from the time "
    "it takes to prepare them. Between: as if what looks like preparation were all of it (the least), and as if every case were "
    "ready at once and found a seat (the most).",
    "standing.hours": "The log shows in which hours this work is done.",
    "standing.bounds": "No single figure for this: {act}.",
    "standing.no_people": "Cases do seem to queue at {step}, but the log does not show who does the work and when it begins.",
    "standing.no_sign": "Nothing shows that cases wait for people at {step}; they may wait for an answer, a date or a court, and other people would "
    "then change nothing.",
    "standing.cannot_tell": "The log cannot tell whether cases wait for people at {step} or for something else.",
    "standing.range.faster": "The effect lies between none and each case being as fast as the fastest twentieth there.",
    "standing.range.slower": "At best nothing changes; how much longer cases would wait, these data do not bound.",
    "standing.range.turns": "At best the first are as fast as the fastest twentieth there; how much longer the others would wait, these data "
    "do not bound.",
    "standing.range.hours": "At best each case is as fast as the fastest twentieth there; how much longer cases would wait, these data do not "
    "bound.",
    "standing.no_queues": "The log does not show where cases wait for people, so it cannot tell what more or fewer cases do to waits.",
    "standing.no_session": "{step} is not held in sessions today as far as the log shows, so it is not known when a case is ready for one: "
    "at once after the step before it (the best), or not before the day on which it is done today (the worst).",
    "standing.no_hours": "The log does not show that this work keeps office hours, so other hours may change nothing.",
    "standing.no_hours.step": "The log does not show that {step} keeps office hours, so other hours may change nothing.",
    "standing.resolve.people": "To find out: record when work begins and who does it, not only when it is done.",
    "standing.resolve.session": "To find out: record when a case is ready for {step}, and on which day it is heard.",
    "standing.resolve.hours": "To find out: record the time of day, and when work begins.",
    # what the figure rests on
    "assumes.set_delay": "Assumes that what comes after takes as long as it did, and that the same cases come to the step.",
    "assumes.scale_delay": "Assumes that every case gains or loses in proportion, and that what comes after takes as long as it did.",
    "assumes.cap_delay": "Assumes that what was faster stays so, and that what comes after takes as long as it did.",
    "assumes.escalate": "Assumes that whoever steps in has the time, and that the first days go on as they did.",
    "assumes.skip": "Assumes that nothing that came of the step is missed later: no more mistakes, returns or appeals.",
    "assumes.insert": "Assumes that the new step changes nothing but the time.",
    "assumes.reroute": "Assumes that cases sent another way behave like those that go that way today.",
    "assumes.side_by_side": "Assumes that neither step needs what the other finds, and that both take as long as they did.",
    "assumes.reorder": "Assumes that each check finds the same whichever comes first, and takes as long as it did.",
    "assumes.session": "Assumes that cases are ready as evenly as today, and that every session planned is held.",
    "assumes.opening_hours": "Assumes that in an open hour as much is done as in an open hour today.",
    "assumes.staff": "Assumes that new people work as fast as those there, and that nothing else holds cases up.",
    "assumes.priority": "Assumes that people take the cases in this order, and work as fast as now.",
    "assumes.volume": "Assumes that the cases that come are like those of the log.",
    "assumes.case_mix": "Assumes that each kind of case goes on as it does today.",
    "assumes.close_after": "Assumes that nobody hurries because of it, and that closed cases do not come again.",
    "assumes.cost": "Assumes the prices stated.",
}
