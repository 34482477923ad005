"""What bottlenecks leave to do: questions to ask, and open cases to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from procmine.results import Result, seconds
from procmine.words import Message, Span, Value


@dataclass(frozen=True, eq=False)
class Questions(Result):
    """One row per question, of the largest wait first: step (text), share (0..1) of all time, n (int) gaps, question (text).

    Of groups: each question once, with the share and the n of the group where its share is largest.
    """

    meaning = "define.questions"
    none_is_an_answer = True

    def findings(self) -> Sequence[Message]:
        return [Message("questions.all", {"questions": len(self)})]

    def messages(self) -> Sequence[Message]:
        return super().messages() if len(self) else [Message("questions.none")]


@dataclass(frozen=True, eq=False)
class Stuck(Result):
    """One row per step (of a group) after which open cases are stuck, most first: step, kind ("still open after", "dormant
    after"), n (int) cases that stand there, stuck (int) of them, stuck_after (timedelta64[s], within 1%), as in Bottlenecks.
    """

    meaning = "define.stuck"
    none_is_an_answer = True

    def findings(self) -> Sequence[Message]:
        one = {name: column[0] for name, column in self.rows.items()}
        usual = Span(seconds(one["stuck_after"]), self.day)
        cases: dict[str, Value] = {"waiting": int(one["stuck"]), "open": int(one["n"])}
        whole = Message("stuck.all", {"waiting": int(self.rows["stuck"].sum())})
        return [whole, Message("bottleneck.stuck", {"step": str(one["step"]), "p80": usual, **cases})]

    def messages(self) -> Sequence[Message]:
        return super().messages() if len(self) else [Message("stuck.none")]
