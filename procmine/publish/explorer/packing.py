"""Packing: columns of whole numbers as a browser reads them."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

KINDS = ("u1", "u2", "u4")


def packed(values: NDArray[np.integer[Any]]) -> dict[str, Any]:
    """Little-endian numbers, compressed and as text: t their type, u what each is multiplied with, n how many, z the bytes.

    The greatest common divisor is taken out first: lengths of time are often whole days, minutes or seconds.
    """
    whole = values.astype(np.int64)
    unit = int(np.gcd.reduce(whole)) if len(whole) else 1
    small = whole // max(unit, 1)
    kind = _kind(small)
    data = np.ascontiguousarray(small.astype(f"<{kind}")).tobytes()
    return {
        "t": kind,
        "u": max(unit, 1),
        "n": len(whole),
        "z": base64.b64encode(zlib.compress(data, 6)).decode("ascii"),
    }


def _kind(values: NDArray[np.int64]) -> str:
    """The narrowest that holds them all: whole numbers without a sign, else floats, exact up to 2^53."""
    low, high = (int(values.min()), int(values.max())) if len(values) else (0, 0)
    fits = [kind for kind in KINDS if low >= 0 and high <= np.iinfo(kind).max]
    return fits[0] if fits else "f8"
