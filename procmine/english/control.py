"""Words of control charts and of lines interrupted by a change."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "control.month": "month",
    "control.week": "week",
    "control.months": "{n:month|months}",
    "control.weeks": "{n:week|weeks}",
    "control.value.time": "{value}",
    "control.value.no_time": "0 days",
    "control.value.share": "{value:.0%}",
    "control.value.count": "{value:,.0f}",
    "control.figure.time": "average wait",
    "control.figure.done": "share done in time",
    "control.figure.backlog": "number of cases waiting",
    "control.figure.volume": "number of cases that came",
    "control.figure.standard": "share within {standard}",
    "control.calm": "No signal: the {figure} of {who} moved by its usual ups and downs only, in the {lengths} from {first} to "
    "{last}.",
    "control.calm.each": "No signal inside the stretches between recorded changes, {lengths} from {first} to {last}: there the {figure} "
    "of {who} moved by its usual ups and downs only.",
    "control.too_few": "Too few points to tell signals from the usual ups and downs: {points:point|points}; needed are 10, and 13 "
    "for good limits.",
    "control.signals": "{signals:signal|signals} in the {figure} of {who}, {lengths} from {first} to {last}: more than the usual "
    "ups and downs.",
    "control.one": "{first}",
    "control.span": "{first} to {last}",
    "control.above": "above",
    "control.below": "below",
    "control.told": "{where}, {side} the usual level: {rule}.",
    "control.told.few": "{where}: {rule}.",
    "control.more": "{more:more signal|more signals}; the rows list all.",
    "control.rule.outside": "outside the limits",
    "control.rule.trend": "7 points in a row that rise or fall",
    "control.rule.two_of_three": "2 of 3 points close to the same limit",
    "control.rule.side": "7 or more points in a row on one side",
    "control.rule.long_run": "a longer row on one side than chance makes",
    "control.rule.few_crossings": "the line crosses its usual level less often than chance would",
    "control.level": "From {first} to {last} ({length}) the usual level is {level}; single points lie between {low} and {high}.",
    "control.level.run": "From {first} to {last} ({length}) half of the points lie at {level} or below.",
    "control.level.few": "From {first} to {last} ({length}) the figure was {level} on average: too few points for limits yet.",
    "control.rebased": "The level is drawn anew because a change is on record there. Whether the change did it is another "
    "question: compare the cases before and after.",
    "control.target.met": "The target of {target} is met month after month, as long as nothing changes.",
    "control.target.not_met": "The target of {target} will not be met as things are: the process itself has to change.",
    "control.target.hit_and_miss": "The target of {target} is sometimes met and sometimes missed, by chance alone.",
    "control.target.unknown": "Whether the target of {target} is met every time cannot be told without limits.",
    "control.why.asked": "This kind of chart was asked for.",
    "control.why.plain": "Chosen: limits from the steps between neighbouring points, as the points are enough, even to both sides "
    "and hardly depend on the one before.",
    "control.why.skewed": "Chosen: limits by ratio, because high points lie further from the usual level than low ones.",
    "control.why.dependent": "Chosen: limits that move with the point before, because each point depends on it.",
    "control.why.dependent_skewed": "Chosen: limits by ratio that move with the point before, because each point depends on it and "
    "high points lie further out than low ones.",
    "control.why.few_points": "Chosen: a run chart, because fewer than 13 points do not give good limits.",
    "control.why.few_cases": "Chosen: a run chart, because with fewer than 5 cases a {length} single cases move the figure.",
    "control.why.skewed_share": "Chosen: a run chart, because shares so close to none or all have no even limits.",
    "control.chance": "If nothing at all changed, such a chart of {points:point|points} would still show a signal {chance:.0%} of the "
    "time (how much a point depends on the one before: {rho:.2f}, where 0 is not at all and 1 wholly).",
    "control.short": "Limits from {points:point|points} are rough; {least} or more would be better.",
    "control.settling": "{points:point is|points are} not judged: those cases were under way when a change came, or soon after it.",
    "control.title": "{who}: {figure} by {length}",
    "control.footer": "{cases:case|cases}, {first} to {last}",
    "control.axis.time": "average days, counted up to {watched}",
    "control.axis.done": "share done within {watched}",
    "control.axis.backlog": "cases waiting at the end of the {length}",
    "control.axis.volume": "cases that came in the {length}",
    "control.axis.standard": "share of the cases due that met it",
    "control.drawn.usual": "usual level",
    "control.drawn.expected": "expected after the point before",
    "control.drawn.limits": "limits of single points",
    "control.drawn.signal": "signal",
    "control.drawn.open": "not judged: across a change",
    "control.drawn.target": "target",
    # interrupted series
    "interrupted.less": "{value} less",
    "interrupted.more": "{value} more",
    "interrupted.points": "{value:.0f} points of 100",
    "interrupted.jump": "At the change on {change} the line of the {figure} of {who} jumps: {level} (likely between {low} and {high}).",
    "interrupted.no_jump": "At the change on {change} the line of the {figure} of {who} shows no jump that stands out: {level} (likely "
    "between {low} and {high}).",
    "interrupted.turn": "Since then it runs otherwise than before: {slope} a {length} (likely between {low} and {high}).",
    "interrupted.no_turn": "Whether it rises or falls otherwise than before cannot be told: {slope} a {length} (likely between {low} and "
    "{high}).",
    "interrupted.average": "Over the {after:point|points} since, it lies on average {average} than the line before leads to (likely between {low} "
    "and {high}).",
    "interrupted.counts": "One straight line before ({before:point|points}) and one since ({after:point|points}), {season}; "
    "{out:point|points} in between left out, whose cases were under way at the change.",
    "interrupted.season": "with the time of year allowed for",
    "interrupted.no_season": "the time of year not allowed for",
    "interrupted.rho": "How much a point depends on the one before: {rho:.2f} (0 is not at all, 1 wholly); the ranges allow for it, and for "
    "knowing it badly.",
    "interrupted.only_if": "This holds only if the line before would have gone straight on. It says what is different since, not why.",
    "interrupted.title": "{who}: {figure} by {length}, before and since {change}",
    "interrupted.footer": "{cases:case|cases}; shaded: where the line before likely leads to",
    "interrupted.drawn.line": "line before and since",
    "interrupted.drawn.without": "where the line before leads",
    "interrupted.drawn.open": "left out: under way at the change",
    "interrupted.side.before": "before",
    "interrupted.side.left_out": "left out",
    "interrupted.side.since": "since",
    "define.interrupted": "Interrupted time series: Y = b0 + b1 t + b2 I + b3 (t - t0) I, with two pairs of yearly waves if asked for; fixed "
    "beforehand, nothing is tried out. One point a month or week as in a control chart; points whose cases were watched across the change "
    "are left out. Errors depend on the one before (first order); the autocorrelation is averaged over by its residual likelihood (REML; "
    "Harville 1974), so ranges (95%) allow for not knowing it. At least 12 points on each side, with the time of year 24 before.",
    "column.fitted": "line",
    "column.led_to": "line before leads to",
    "column.led_to_low": "likely from",
    "column.led_to_high": "to",
    "column.side": "when",
    "column.share_value": "share",
    "column.share_centre": "usual level",
    "column.share_limit_low": "lower limit",
    "column.share_limit_high": "upper limit",
    "column.share_fitted": "line",
    "column.share_led_to": "line before leads to",
    "column.share_led_to_low": "likely from",
    "column.share_led_to_high": "to",
    "define.control_chart": "One point a month or week, of the cases that entered in it, each watched equally long; the last ones stay "
    "blank until all could be. XmR: mean and 2.66 times the mean moving range (ranges of 3.267 times it or more dropped once); signals "
    "by the rules of NHS Making Data Count: a point outside; 7 rising or falling; 2 of 3 between 2/3 of the way and the limit with all "
    "three on one side; 7 on one side. Run chart: Anhoej and Olesen (2014), longest run above round(log2 n) + 3 or crossings below the "
    "5% quantile of a binomial, points on the median left out. Autocorrelation above .3: the same rules on residuals. The level is drawn "
    "anew only at a recorded change. Chance of a false signal: 4,000 simulated charts of unchanged normal points with this "
    "autocorrelation (seed 20250101).",
    "column.value": "figure",
    "column.centre": "usual level",
    "column.limit_low": "lower limit",
    "column.limit_high": "upper limit",
    "column.signal": "signal",
    "column.stretch": "stretch",
}
