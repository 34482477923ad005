"""XML read tag by tag, with nothing in it that could do harm: no document type, no endless tag, no endless depth."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO
from xml.parsers import expat

from procmine.log import LogError

CHUNK = 1 << 22  # bytes read at once
LONGEST = 1 << 26  # bytes of one tag
DEEPEST = 64  # tags inside tags

Start = Callable[[str, dict[str, str]], object]
End = Callable[[str], object]


def read_tags(
    file: IO[bytes],
    name: str,
    start: Start,
    end: End,
    *,
    text: Callable[[str], object] | None = None,
    encoding: str | None = None,
) -> None:
    """Call `start` and `end` for each tag, `text` for what stands between tags; LogError for what is not sound XML.

    `encoding` stands for the one that the file declares. The caller refuses depth (`too_deep`), as it knows its own.
    """
    parser = _parser(name, encoding)
    parser.StartElementHandler, parser.EndElementHandler = start, end
    if text is not None:
        parser.buffer_text, parser.CharacterDataHandler = True, text
    try:
        _fed(parser, file, name)
    except LogError:
        raise
    except expat.ExpatError as error:
        raise LogError(f"{name} is not sound XML: {error}. Was it cut off, or edited by hand?") from error
    except (LookupError, ValueError) as error:
        raise LogError(
            f"{name} declares an encoding that cannot be read ({error}). Save it as UTF-8, or name the true one: "
            'Columns(encoding="cp1257").'
        ) from error
    except (EOFError, OSError) as error:
        raise LogError(f"{name} cannot be read: {error}") from error


def too_deep(name: str) -> LogError:
    return LogError(
        f"{name}: tags stand inside one another more than {DEEPEST} deep, which no log needs: refused. Export it again."
    )


def sound(data: bytes, name: str, start: Start, end: End) -> bool:
    """Whether a short text is sound XML, read as `read_tags` does."""
    parser = _parser(name, None)
    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError):
        return False
    return True


def _fed(parser: expat.XMLParserType, file: IO[bytes], name: str) -> None:
    fed = 0
    while data := file.read(CHUNK):
        parser.Parse(data, False)
        fed += len(data)
        if fed - max(parser.CurrentByteIndex, 0) > LONGEST:
            raise LogError(
                f"{name}: one tag, or one value, is longer than {LONGEST >> 20} MB: refused. Export it again."
            )
    parser.Parse(b"", True)


def _parser(name: str, encoding: str | None) -> expat.XMLParserType:
    parser = expat.ParserCreate(encoding)

    def refuse(*_: object) -> None:
        raise LogError(
            f"{name} declares a document type (DTD), with which XML can load other files or grow without bound: it is "
            "refused. Export it again without, or remove the <!DOCTYPE ...> part."
        )

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser
