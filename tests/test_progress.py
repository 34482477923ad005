"""Long work says how far it is, and leaves no line behind; what stops it goes through."""

import io

import pytest

from procmine import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def written(monkeypatch: pytest.MonkeyPatch, patience: float, work: list[int]) -> tuple[list[int], str]:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(progress, "PATIENCE", patience)
    monkeypatch.setattr(progress, "OFTEN", 0.0)
    return list(progress.told(work)), terminal.getvalue()


def test_long_work_counts_and_clears_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    done, said = written(monkeypatch, 0.0, [7, 8, 9])
    assert done == [7, 8, 9]
    assert [number for number in ("1 of 3", "2 of 3", "3 of 3") if number in said] == ["1 of 3", "2 of 3", "3 of 3"]
    assert said.endswith(" " * 80 + "\r")


def test_quick_work_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert written(monkeypatch, 60.0, [1, 2]) == ([1, 2], "")


def test_an_interrupt_goes_through_and_the_line_is_cleared(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    monkeypatch.setattr(progress, "OFTEN", 0.0)
    work = progress.told([1, 2, 3])
    next(work), next(work)
    with pytest.raises(KeyboardInterrupt):
        work.throw(KeyboardInterrupt)
    assert terminal.getvalue().endswith("\r")
