"""Files: whole or not at all, whoever writes them."""

import os
import re
import sys
from pathlib import Path

import pytest

import procmine
from procmine.draw.files import replace_whole
from procmine.english import ENGLISH, ROOMS
from procmine.publish.brief import KNOWN_NOTES


def test_a_file_is_replaced_when_all_is_written(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with replace_whole(path) as beside:
        assert beside.parent == tmp_path
        beside.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_writer_that_fails_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def write_half():
        with replace_whole(path) as beside:
            beside.write_text("half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_half()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_longest_name_can_be_written(tmp_path):
    path = tmp_path / ("n" * 251 + ".txt")
    with replace_whole(path) as beside:
        beside.write_text("there")
    assert path.read_text() == "there"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
def test_it_is_as_readable_as_other_files_of_the_user(tmp_path):
    before = os.umask(0o027)
    try:
        with replace_whole(tmp_path / "a.txt") as beside:
            beside.write_text("there")
    finally:
        os.umask(before)
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o640


def test_the_messages_of_the_brief_and_the_demo_are_all_said():
    """A key that nothing says is a sentence that nobody checks; one that does not exist is an error when it is said."""
    code = "\n".join(file.read_text(encoding="utf-8") for file in Path(procmine.__file__).parent.rglob("*.py"))
    started = {found[1] for found in re.finditer(r'f"((?:brief|demo|safety|page)[\w.]*)\{', code)}
    for key in ENGLISH:
        if key.split(".")[0] in ("brief", "demo", "safety", "page"):
            said = code.count(f'"{key}"') > 1 or any(key.startswith(one) for one in started)
            assert said, key
    for one in KNOWN_NOTES:
        assert any(key.startswith(one) for key in ENGLISH), one


def test_no_two_rooms_say_the_same_key():
    said = [key for room in ROOMS for key in room.WORDS]
    assert len(said) == len(set(said)) == len(ENGLISH)
