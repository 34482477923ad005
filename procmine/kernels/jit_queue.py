"""The event loop, compiled: the same lines as they stand in `event_loop`, so that both forms give the same bits."""

from __future__ import annotations

import numba
from numba.extending import register_jitable

from procmine.kernels import event_loop

PARTS = (
    "mixed", "chance", "place_after", "place_of", "next_stop", "move", "shown", "moment", "opens", "service_time", "push", "pop",
    "soonest", "advance", "turn_up", "leave", "enter_turn", "close", "note", "await_time", "enter", "line_up", "serve", "look_again", "call", "take_seat",
    "free_day", "stand",
)  # fmt: skip
for part in PARTS:
    register_jitable(getattr(event_loop, part))

loop = numba.njit(cache=True, nogil=True)(event_loop.loop)
