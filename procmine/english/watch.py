"""Words of watching a gain."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "watch.none": "Nothing to watch: no change in the file is kept or running and was measured as an improvement, and no day to "
    "decide has come.",
    "watch.nobody": "nobody named yet",
    "watch.slipping": "{change}: the gain is slipping since {since}. From {start} to {stop} it takes {wait_now} on average of {n:case|cases} since; it was "
    "{wait_then} when the gain was measured, and {wait_before} before the change. {lost} Owner: {owner}. "
    "Ask what is done differently since then; look again on {next}.",
    "watch.lost.part": "{part:.0f}% of the gain is gone.",
    "watch.lost.all": "All of the gain is gone.",
    "watch.lost.unknown": "By these averages it was no shorter than before the change even then: compare the cases before and after again.",
    "watch.recovered": "{change}: the gain slipped from {since} on and is back: {wait_now} on average of the newest {n:case|cases}; {wait_then} when it was "
    "measured, {wait_before} before the change. Owner: {owner}. Look again on {next}.",
    "watch.holding": "{change}: no sign that the gain is slipping. From {start} to {stop} it takes {wait_now} on average of {n:case|cases} begun since those "
    "it was measured on; {wait_then} then, {wait_before} before the change. Owner: {owner}. Look again on {next}.",
    "watch.too_early": "{change}: no new month or week could be watched in full since the gain was measured. Owner: {owner}. Look again on {next}.",
    "watch.decide": "{change}: the day to decide, {decide}, has come, and nothing was measured with data of that day. Owner: {owner}. Measure "
    "it (procmine changes measure), then decide: keep, adjust or stop.",
    "watch.cannot_tell": "{change}: cannot tell whether the gain is still there. {why} Owner: {owner}.",
    "watch.chance": "Where nothing changes, this alarms by chance in about {chance:.0f} of 100 such gains within two years, in up to {most:.0f} where waits are very uneven: an alarm is a "
    "reason to look, not a proof.",
    "watch.picture.title": "Is the gain of {change} still there?",
    "watch.picture.usual": "average when the gain was measured",
    "watch.picture.limits": "up to here it usually lay then",
    "watch.picture.signal": "signal",
    "watch.picture.open": "not judged",
    "watch.picture.target": "before the change",
    "watch.picture.measured": "gain measured up to here",
    "watch.picture.axis": "average wait in days",
    "watch.picture.footer": "{n:case|cases} by when they began, each watched equally long; open ones are counted.",
    "column.wait_before": "before the change",
    "column.wait_then": "when measured",
    "column.wait_now": "now",
    "column.usual_high": "usually up to",
    "column.decide": "decide by",
    "column.owner": "owner",
    "define.watch": "The average wait of the cases begun in each month (or week), each watched equally long, open ones counted. The months on "
    "which the gain was measured set the usual ups and downs: their average, and 2.66 times the average step between neighbours above it (an XmR "
    "chart; where neighbours are alike by more than 0.3, what each adds to the one before). A newer month is a signal if it lies above that, or is the eighth "
    "in a row above the average, and more than 5% of the wait before the change is lost.",
}
