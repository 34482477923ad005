"""Page of the ledger: every forecast that was made, with what came of it, in one file that loads nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

from procmine.proof.ledger.ledger import Ledger, said_amount, said_range
from procmine.proof.ledger.track import TrackRecord, how_good
from procmine.publish.page import (
    Html,
    Stamp,
    broken,
    flowing,
    heading,
    how_we_know,
    page,
    paragraph,
    picture,
    text,
    write_page,
)
from procmine.words import Message

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = ("forecast", "range", "came", "state")


def ledger_page(ledger: Ledger | str | Path, path: str | Path, *, head: str | None = None) -> Path:
    """Write the page to `path`, for the team; `head`: one that was noted elsewhere, which must still be in the ledger.

    A ledger that was tampered with gets its page too, with a red banner on top that says what is wrong.
    """
    ledger = ledger if isinstance(ledger, Ledger) else Ledger(ledger)
    if Path(path).resolve() == ledger.path.resolve():
        raise ValueError(f"{ledger.path.name} is the ledger itself: name another file for its page.")
    found, checked = how_good(ledger), ledger.verify(head=head)
    faults = [] if checked.whole else [message.say() for message in checked.findings()[:-1]]
    title, said = Message("ledger.page.title").say(), [line for line in found.sentences() if line not in faults]
    last = checked.said_head().say()
    top = [heading(title, 1), *([broken([Message("ledger.page.broken").say(), *faults])] if faults else [])]
    top += [paragraph(line, "" if place else "answer") for place, line in enumerate(said) if line != last]
    whole = [] if faults else [Message("ledger.page.intact").say()]
    parts = [*top, *_forecasts(found), how_we_know([found.definition, *whole, last])]
    stamp = Stamp("team", date.today().isoformat(), {}, title=ledger.path.name)
    return write_page(Path(path), page(title, parts, stamp))


def _forecasts(found: TrackRecord) -> list[Html]:
    if not len(found):
        return []
    figure = cast("Figure", found.plot().figure)
    return [picture(figure, found.alt), heading(Message("ledger.page.all").say()), _table(found)]


def _table(found: TrackRecord) -> Html:
    """All forecasts, the last stored first."""
    head = "".join(f'<th scope="col">{text(Message(f"ledger.page.head.{name}").say())}</th>' for name in COLUMNS)
    body = "".join(f"<tr>{_line(found, row)}</tr>" for row in range(len(found)))
    return Html(f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>')


def _line(found: TrackRecord, row: int) -> str:
    one = found.kept[::-1][row]
    told = {name: str(found.rows[name][row]) for name in ("of_whom", "measure", "state", "notes")}
    what = Message("ledger.page.forecast", {"what": one.forecast.what}).say()
    dates = Message("ledger.page.dates", {"change": one.change, "stored": one.entry.at[:10], "id": one.id}).say()
    before = Message("ledger.page.before", {"before": said_amount(one.forecast, one.forecast.today)}).say()
    came = ("-",) if one.score is None else (said_amount(one.forecast, one.score.came).say(), _inside(one.score.inside))
    cells = [(what, told["of_whom"], dates), (said_range(one.forecast).say(), told["measure"], before), came]
    return "".join(_cell(*lines) for lines in (*cells, (told["state"], told["notes"])))


def _inside(inside: bool) -> str:
    return Message(f"ledger.page.{'in' if inside else 'out'}").say()


def _cell(first: str, *more: str) -> str:
    below = "".join(f'<br><span class="about">{flowing(line)}</span>' for line in more if line)
    return f"<td>{flowing(first)}{below}</td>"
