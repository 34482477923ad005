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
    "policy.escalate": "{step} was taken up after {after} without it, and then came within {time}",
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
}
