"""Words of a project folder that `procmine new --folder` makes."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "project.made": "Written: {folder}. Read {folder}/README.md next; it says what to fill in.",
    "project.fill": "(write here)",
    "project.plan": "A plan of twelve months, begun from the log: fill in what says (write here). docs/plans.md says what each line means.",
    "project.plan.title": "Less waiting before {step}",
    "project.changes": "What was tried and what came of it: the team's memory. docs/changes.md says what each line means.",
    "project.idea": "Do {step} every time as fast as it is done for many cases already",
    "project.policy": "A first policy to try: each time as fast as it is done for many cases already. docs/policies.md lists all that can be tried.",
    "project.policy.name": "{step} within {days:day|days}",
    "project.jobs": "One report an office, every month: procmine batch jobs.yml. docs/batch.md says what each line means.",
    "project.jobs.title": "Where the time goes, each month",
    "project.readme": """# What is here, and what to do with it

Each command is typed in procmine's folder, as `python run.py ...`, with the path of this folder before the file's name.

| file | what it is | then |
|---|---|---|
| `{spec}` | how your file is read: which steps finish a case, who can change what, opening hours (docs/spec.md) | `check {spec}` |
| `notebooks/start_here.md` | what do you want to know? each question leads to its notebook, already on your file | `lab` |
| `policies/first_policy.yml` | something to try before anybody changes anything | `try {spec} --policy policies/first_policy.yml` |
| `plans/first_plan.yml` | your plan of twelve months, begun from your data | fill in (write here), then `plan plans/first_plan.yml` |
| `changes.yml` | what was tried, from when, for whom, and what came of it | give the change a date once it begins, then `compare {spec} --changes changes.yml --id first-idea` |
| `jobs.yml` | a report for each office, every month | `batch jobs.yml` |

Two pages for those who decide: `brief {spec}`. Your data stays where it is; nothing here holds a case.""",
}
