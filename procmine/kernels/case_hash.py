"""Which shard a case belongs to: a hash of the bytes of its name, the same on every machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

ODD = 0x9E3779B97F4A7C15  # 2**64 divided by the golden ratio; odd, so that its powers can be divided by modulo 2**64
FIRST, SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB  # of SplitMix64, which spreads the sums over all bits
BLOCK = 1 << 15  # bytes of names at once
Words = NDArray[np.uint64]


def case_shard(levels: pa.StringArray | pa.LargeStringArray, shards: int) -> NDArray[np.int32]:
    """Per name: its shard, 0 <= shard < shards. A name that is missing counts as an empty one.

    Written down for other programs (all modulo 2**64): h = sum of (byte k + 1) * 0x9E3779B97F4A7C15**k over the UTF-8
    bytes of the name, k from 0; then h ^= h >> 30, h *= 0xBF58476D1CE4E5B9, h ^= h >> 27, h *= 0x94D049BB133111EB,
    h ^= h >> 31; the shard is ((h >> 32) * shards) >> 32.
    """
    if not 1 <= shards < 2**31:
        raise ValueError(f"{shards} shards: at least 1 is needed, and fewer than 2**31.")
    high = case_hash(levels) >> np.uint64(32)
    return ((high * np.uint64(shards)) >> np.uint64(32)).astype(np.int32)


def case_hash(levels: pa.StringArray | pa.LargeStringArray) -> Words:
    """Per name: 64 bits that tell its bytes."""
    edges, held = _bytes(levels)
    found = np.empty(len(levels), np.uint64)
    begin = 0
    while begin < len(found):
        end = int(np.searchsorted(edges, edges[begin] + BLOCK, side="right")) - 1
        end = max(end, begin + 1)
        found[begin:end] = _sums(held[edges[begin] : edges[end]], edges[begin : end + 1] - edges[begin])
        begin = end
    return _spread(found)


def _bytes(levels: Any) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Where each name begins, and the end of the last; and the bytes of all."""
    import pyarrow as pa

    levels = levels.fill_null("") if levels.null_count else levels
    width = np.int64 if pa.types.is_large_string(levels.type) else np.int32
    _, places, held = levels.buffers()
    if not len(levels) or places is None:
        return np.zeros(len(levels) + 1, np.int64), np.empty(0, np.uint8)
    edges = np.frombuffer(places, width, len(levels) + 1, levels.offset * width().itemsize).astype(np.int64)
    return edges, np.empty(0, np.uint8) if held is None else np.frombuffer(held, np.uint8)


def _sums(held: NDArray[np.uint8], edges: NDArray[np.int64]) -> Words:
    """The sums of a block of names: differences of one running sum over all their bytes, divided by where each begins."""
    power, inverse = _powers(ODD, len(held)), _powers(pow(ODD, -1, 2**64), len(held))
    running = np.zeros(len(held) + 1, np.uint64)
    np.cumsum((held.astype(np.uint64) + np.uint64(1)) * power[:-1], out=running[1:])
    sums: Words = (running[edges[1:]] - running[edges[:-1]]) * inverse[edges[:-1]]
    return sums


_KNOWN: dict[int, Words] = {}


def _powers(base: int, most: int) -> Words:
    """base**0 ... base**most, kept for blocks of the usual size."""
    if most <= BLOCK:
        if base not in _KNOWN:
            _KNOWN[base] = _multiplied(base, BLOCK)
        return _KNOWN[base][: most + 1]
    return _multiplied(base, most)


def _multiplied(base: int, most: int) -> Words:
    factors = np.full(most + 1, base, np.uint64)
    factors[0] = 1
    powers: Words = np.cumprod(factors, dtype=np.uint64)
    return powers


def _spread(sums: Words) -> Words:
    """As SplitMix64 ends."""
    for shift, factor in ((30, FIRST), (27, SECOND)):
        sums = (sums ^ (sums >> np.uint64(shift))) * np.uint64(factor)
    return sums ^ (sums >> np.uint64(31))
