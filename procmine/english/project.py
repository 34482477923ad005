"""Words of a project folder that `procmine new --folder` makes."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "project.made": "Written: {folder}. Read {folder}/README.md next; it says what to fill in.",
    "project.plan": "A plan of twelve months, begun from the log: fill in what says (write here). docs/plans.md says what each line means.",
    "project.plan.title": "Less waiting before {step}",
    "project.changes": "What was tried and what came of it: the team's memory. docs/changes.md says what each line means.",
    "project.idea": "Do {step} every time as fast as it is done for many cases already",
    "project.policy": "A first policy to try: each time as fast as it is done for many cases already. docs/policies.md lists all that can be tried.",
    "project.policy.name": "{step} within {days:day|days}",
    "project.jobs": "One report an office, every month: procmine batch jobs.yml. docs/batch.md says what each line means.",
    "project.jobs.one": "One report of all cases: no column was seen to tell offices apart. If one does, write for_each: and its name below log.",
    "project.jobs.title": "Where the time goes, each month",
    "project.start": """# What do you want to know?

Click a question. Its notebook opens on your own file, as {spec} says how to read it: *Run > Run All Cells*. What stands in the second cell
may be changed, such as the step.

{{questions}}

A cell that takes long says what it is doing; the square button above the notebook (*Interrupt the kernel*) stops it, and nothing is lost.

## More

- [README.md](../README.md), in the folder above: what else is here, and what to do with it
- notebooks/start_here.md, in procmine's folder: the same questions on a sample, and where the rest is explained""",
    "project.readme": """# What is here, and what to do with it

Each command is typed in a terminal, in the folder in which you typed the one that made this (so that run.py is found there).

Two pages for those who decide, at once: `python run.py brief {log}`

| file | what it is | then |
|---|---|---|
| `{spec}` | how your file is read: which steps finish a case, who can change what, opening hours (docs/spec.md) | `python run.py check {log}` |
| `notebooks/start_here.md` | what do you want to know? each question leads to its notebook, already on your file | `python run.py lab {folder}` |
| `policies/first_policy.yml` | something to try before anybody changes anything | `python run.py try {log} --policy {first_policy}` |
| `plans/first_plan.yml` | your plan of twelve months, begun from your data | fill in (write here), then `python run.py plan {first_plan}` |
| `changes.yml` | what was tried, from when, for whom, and what came of it | give the change a date once it begins, then `python run.py compare {log} --changes {changes} --id first-idea` |
| `jobs.yml` | a report for each office, every month | `python run.py batch {jobs}` |

Pages say DRAFT until those who answer for the change and for the data, and those who do the step, are named: `owner`, `data_owner` and
`seen_by` in the plan (docs/plans.md), then `python run.py brief {log} --plan {first_plan}`.

Your data stays where it is; nothing here holds a case.""",
}
