"""Cases go to shards by the bytes of their names, as plain Python counts it."""

import random

import numpy as np
import pyarrow as pa
import pytest

from procmine.kernels import case_hash as kernel
from procmine.kernels.case_hash import case_hash, case_shard

MASK = 2**64 - 1
HOSTILE = ["", " ", "\x00", "\x00\x00", "a", "a\x00", "\x00a", "\n", '"', "';--", "=1+1", "Ünïcode", "🙂", "🙂" * 500]
HOSTILE += ["A1", "A10", "A01", "0", "00", "x" * 200_000, "x" * 200_001, "<b>", "../..", "C:\\CON"]


def slowly(name):
    """The hash, byte by byte."""
    h, power = 0, 1
    for byte in name.encode():
        h = (h + (byte + 1) * power) & MASK
        power = power * 0x9E3779B97F4A7C15 & MASK
    h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    h = (h ^ (h >> 27)) * 0x94D049BB133111EB & MASK
    return h ^ (h >> 31)


def some_names(seed, n=3_000):
    draw = random.Random(seed)
    signs = "abc019 -é🙂\n\x00"
    return ["".join(draw.choices(signs, k=draw.randrange(0, 60))) for _ in range(n)]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
@pytest.mark.parametrize("names", [HOSTILE, some_names(1), [], [""]], ids=["hostile", "drawn", "none", "empty"])
def test_hash_is_that_of_plain_python(names, kind):
    assert case_hash(pa.array(names, kind)).tolist() == [slowly(name) for name in names]


def test_where_names_stand_changes_nothing():
    names = [*some_names(2), *HOSTILE]
    whole = pa.array(names)
    expected = [slowly(name) for name in names]
    assert case_hash(whole).tolist() == expected
    assert case_hash(whole[17:]).tolist() == expected[17:]
    assert case_hash(whole[2_990:3_005]).tolist() == expected[2_990:3_005]


@pytest.mark.parametrize("block", [1, 7, 100])
def test_blocks_change_nothing(block, monkeypatch):
    names = [*some_names(3, 200), "", "🙂" * 50, ""]
    monkeypatch.setattr(kernel, "BLOCK", block)
    monkeypatch.setattr(kernel, "_KNOWN", {})
    assert case_hash(pa.array(names)).tolist() == [slowly(name) for name in names]


def test_missing_is_empty():
    assert case_hash(pa.array([None, "", "a"])).tolist() == [slowly(""), slowly(""), slowly("a")]


def test_known_shards():
    """Worked out once; other programs, and folders written before, rely on them."""
    names = ["", "A", "A100", "case-000001", "🙂"]
    known = [0, 0xCF4A7B3C48D45C4F, 0xCA40AF5B90A74013, 0x61C0B98CF0CD6536, 0x7D8229FD47D1F796]
    assert case_hash(pa.array(names)).tolist() == known
    for shards in (1, 2, 64, 1_000, 2**31 - 1):
        assert case_shard(pa.array(names), shards).tolist() == [((slowly(one) >> 32) * shards) >> 32 for one in names]
    assert case_shard(pa.array(names), 64).dtype == np.int32


@pytest.mark.parametrize("form", ["{}", "{:09}", "A{}", "2026-{:06}-N", "{:032x}"])
def test_shards_are_of_like_size(form):
    """Chi-squared over 64 shards: under 120 with a probability beyond 0.99998."""
    sizes = np.bincount(case_shard(pa.array([form.format(n) for n in range(100_000)]), 64), minlength=64)
    expected = 100_000 / 64
    assert ((sizes - expected) ** 2 / expected).sum() < 120
    assert sizes.sum() == 100_000


@pytest.mark.parametrize("shards", [0, -1, 2**31])
def test_shards_must_be_some(shards):
    with pytest.raises(ValueError, match="shards"):
        case_shard(pa.array(["a"]), shards)
