"""Files take their places together and whole, or not at all."""

import pytest

from coding.errors import CodingError
from coding.files import in_place, replacing


def test_files_take_their_places_when_all_are_written(tmp_path):
    with replacing([tmp_path / "a", tmp_path / "new/b"]) as (a, b):
        a.write_text("1", encoding="utf-8")
        b.write_text("2", encoding="utf-8")
        assert list(tmp_path.rglob("b")) == []
    assert (tmp_path / "a").read_text("utf-8") + (tmp_path / "new/b").read_text("utf-8") == "12"


@pytest.mark.parametrize("error", [CodingError, KeyboardInterrupt, ValueError])
def test_after_an_error_the_earlier_file_is_whole_and_nothing_is_left(tmp_path, error):
    (tmp_path / "a").write_text("before", encoding="utf-8")

    def fail():
        with replacing([tmp_path / "a", tmp_path / "b"]) as (a, _):
            a.write_text("half", encoding="utf-8")
            raise error

    with pytest.raises(error):
        fail()
    assert [(path.name, path.read_text("utf-8")) for path in tmp_path.iterdir()] == [("a", "before")]


def test_a_place_that_cannot_be_written_is_a_plain_error(tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(CodingError, match="cannot be written"), replacing([tmp_path / "file/a"]):
        pass


def test_contents_stay_in_place_when_the_block_ends_well(tmp_path):
    (tmp_path / "a").write_bytes(b"before")
    with in_place({tmp_path / "a": b"after", tmp_path / "new/b": b"2"}):
        assert (tmp_path / "a").read_bytes() + (tmp_path / "new/b").read_bytes() == b"after2"
    assert (tmp_path / "a").read_bytes() + (tmp_path / "new/b").read_bytes() == b"after2"


@pytest.mark.parametrize("error", [CodingError, KeyboardInterrupt, ValueError])
def test_contents_are_taken_out_again_after_an_error_in_the_block(tmp_path, error):
    (tmp_path / "a").write_bytes(b"before")

    def fail():
        with in_place({tmp_path / "a": b"after", tmp_path / "new/b": b"2"}):
            raise error

    with pytest.raises(error):
        fail()
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a", b"before")]
