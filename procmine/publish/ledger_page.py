"""Page of the ledger: every forecast that was made, with what came of it, in one file that loads nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from procmine.proof.ledger.ledger import Ledger, said_range
from procmine.proof.ledger.track import TrackRecord, how_good
from procmine.publish.page import Html, Stamp, broken, heading, how_we_know, page, paragraph, picture, text, write_page
from procmine.results import heading as column
from procmine.words import Message

COLUMNS = (
    "what",
    "whose",
    "measure",
    "as_it_was",
    "range",
    "came",
    "hit",
    "state",
    "change_on",
    "stored",
    "notes",
    "id",
)


def ledger_page(ledger: Ledger | str | Path, path: str | Path, *, head: str | None = None) -> Path:
    """Write the page to `path`, for the team; `head`: one that was noted elsewhere, which must still be in the ledger.

    A ledger that was tampered with gets its page too, with a red banner on top that says what is wrong.
    """
    ledger = ledger if isinstance(ledger, Ledger) else Ledger(ledger)
    found, checked = how_good(ledger), ledger.verify(head=head)
    title = Message("ledger.page.title").say()
    faults = [message.say() for message in checked.findings()[:-1]] if not checked.whole else []
    said = [message.say() for message in found.messages() if message.say() not in faults]
    parts = [heading(title, 1), *([broken(faults)] if faults else []), *(paragraph(line, "answer" if k == 0 else "")
             for k, line in enumerate(said[: -1 if len(found) else None]))]  # fmt: skip
    if len(found):
        figure = found.plot().figure
        parts += [picture(figure, found.alt), heading(Message("ledger.page.all").say()), _table(found)]  # type: ignore[arg-type]
    whole = [] if faults else [Message("ledger.page.intact").say()]
    how = how_we_know([found.definition, *whole, checked.said_head().say()])
    stamp = Stamp("team", date.today().isoformat(), {}, title=ledger.path.name)
    return write_page(Path(path), page(title, [*parts, how], stamp))


def _table(found: TrackRecord) -> Html:
    """All forecasts, the last stored first."""
    head = "".join(f'<th scope="col">{text(column(name))}</th>' for name in COLUMNS)
    body = "".join(f"<tr>{_line(found, row)}</tr>" for row in range(len(found)))
    return Html(f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>')


def _line(found: TrackRecord, row: int) -> str:
    cells = {name: str(found.rows[name][row]) for name in COLUMNS}
    for name in ("as_it_was", "came"):
        value = float(found.rows[name][row])
        cells[name] = f"{value:,.1f}" if value == value else "-"
    cells["range"] = said_range(found.kept[::-1][row].forecast).say()
    return "".join(f"<td>{text(cells[name])}</td>" for name in COLUMNS)
