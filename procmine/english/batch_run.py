"""Words of a batch while it runs: what became of each job, how long it will take, and what is in the way."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "batch_run.begin": "{n:job|jobs} to do, {workers} at a time.",
    "batch_run.kept": "{n:job is|jobs are} finished already and unchanged.",
    "batch_run.left": "about {left} left",
    "batch_run.now": "{done} of {n} done",
    "batch_run.failed_so_far": "{n} failed",
    "batch_run.line": "{done} of {n} {id}: {status}, {took}",
    "batch_run.line_not_run": "{done} of {n} {id}: {status}",
    "batch_run.problem": "  {said}",
    "batch_run.ended": "{complete:job|jobs} complete, {unchanged} unchanged, {failed} failed.",
    "batch_run.stopping": "Stopping: nothing new is begun, what runs is ended, what is finished is kept.",
    "batch_run.stopped": "Stopped: {n:job is|jobs are} finished and kept, {open} not. Go on with --resume.",
    "batch_run.put_away": "{n:result|results} that the file of jobs no longer asks for lie in {folder} now, outside of what is sent.",
    "batch_run.orphans": "{n:process|processes} of an earlier run that was killed were still there and have been ended.",
    # what became of a job
    "batch_run.status.complete": "complete",
    "batch_run.status.failed": "failed",
    "batch_run.status.timeout": "failed, out of time",
    "batch_run.status.memory": "failed, out of memory",
    "batch_run.status.died": "failed, its Python stopped",
    "batch_run.status.missing": "not run, a file is missing",
    "batch_run.status.unchanged": "unchanged",
    # why it failed
    "batch_run.missing": "{name} is not there any more.",
    "batch_run.timeout": "It was ended after {seconds:second|seconds}, the limit of this job.",
    "batch_run.memory": "It was ended since it held {megabytes:,} MB of memory; the limit of this job is {limit:,} MB. Try fewer cases, or raise the limit.",
    "batch_run.died": "Its Python stopped without a word, twice (exit code {code}); most often the machine ran out of memory. Try fewer workers.",
    "batch_run.not_begun": "The notebook could not be begun with these parameters. Why was said while the batch ran, and is not kept: it may hold values.",
    "batch_run.broke": "The job stopped with an error of its own: {said}",
    "batch_run.secret": "A page shows what the environment variable {names} says, so nothing of this job was kept. Take it out of what the notebook shows.",
    "batch_run.not_written": "The results could not be written: {said}",
    "batch_run.held": "The new version is complete but could not take its place, since a file in {name} is open elsewhere (a workbook in Excel?). It lies beside, as {beside}. Close the file and run again with --resume.",
    "batch_run.kernel": "The notebook did not run on the Python of the batch: {what} is {there}, here it is {here}. Something puts another procmine first (PYTHONPATH, a sitecustomize, an IPython start-up file): remove it, and run again.",
    "batch_run.kernel_kept": "The notebook did not run on the Python of the batch: {what} differs.",
    "batch_run.kernel_silent": "The notebook's Python did not say which it is, so nobody knows what made these results.",
    "batch_run.what.executable": "the program",
    "batch_run.what.python": "the version of Python",
    "batch_run.what.procmine": "the version of procmine",
    "batch_run.what.path": "the folder of procmine",
    # what is wrong with the call
    "batch_run.busy": "{folder} is being run already, by another process. Wait until that has finished, or stop it.",
    "batch_run.nothing_begun": "There is no run in {folder} to go on with. Start it without --resume.",
    "batch_run.both": "A run is either gone on with (resume) or done all again (force), not both.",
    "batch_run.workers": "{workers} workers: there has to be at least one.",
    "batch_run.same_place": "Two jobs would be written to {id}.",
    "batch_run.no_place": "{id} is no name for a folder on every system.",
}
