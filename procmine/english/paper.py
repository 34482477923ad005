"""Words of documents and of reports on paper."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "paper.picture": "A picture that the notebook shows.",
    "report.no_pdf": "The PDF could not hold what the notebook shows: {said}",
}
