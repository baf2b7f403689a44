"""Files read in windows: nothing is missed at a window's edge, and nothing is taken for the end that is none."""

import io
import re

import pytest

from zegel.content import file_bytes
from zegel.content.disk_file import DiskFile, opened_file, save
from zegel.content.errors import ContentCode, ContentError
from zegel.content.file_bytes import find, search
from zegel.content.framing import FileSink, pack_file
from zegel.content.pdf import check_pdf, find_in_pdf

WORD = re.compile(rb"/(?:JS|JavaScript)(?=[\s/]|\Z)")


@pytest.fixture(autouse=True)
def small_windows(monkeypatch):
    monkeypatch.setattr(file_bytes, "WINDOW", 16)


@pytest.mark.parametrize("before", range(40))
@pytest.mark.parametrize("word", [b"/JS ", b"/JavaScript/", b"/JSON /JS"])
def test_a_match_is_found_wherever_the_windows_end(before, word):
    data = b"." * before + word + b"." * 20
    found, wanted = search(WORD, data, 0, len(data), 12), WORD.search(data)
    assert (found.span() if found is not None else None) == (wanted.span() if wanted is not None else None)


@pytest.mark.parametrize("before", range(40))
def test_the_end_of_a_window_is_not_the_end_of_the_file(before):
    data = b"." * before + b"/JSON/JavaScripts" + b"." * 30
    assert search(WORD, data, 0, len(data), 3) is None
    assert search(WORD, data[: before + 3], 0, before + 3, 3) is not None


@pytest.mark.parametrize("before", range(40))
def test_a_needle_is_found_wherever_the_windows_end(before):
    data = b"." * before + b"endstream" + b"." * 10
    assert find(b"endstream", data, 0, len(data)) == before
    assert find(b"endstream", data, 0, before + 8) == -1
    assert find(b"endstream", data, before + 1, len(data)) == -1


def pdf(inside):
    return b"%PDF-1.7\n1 0 obj\n<< " + inside + b"\nendobj\nstartxref\n0\n%%EOF\n"


def test_a_dictionary_as_long_as_a_file_is_not_looked_into():
    long = pdf(b"/A (" + b"x" * (1024 * 1024) + b") >>\nstream\nx\nendstream")
    with pytest.raises(ContentError) as no:
        check_pdf(long)
    assert no.value.code == ContentCode.OPAQUE


def test_a_number_in_an_unpacked_stream_is_found_where_it_stands():
    data = pdf(b">>\nstream\n(nummer 85.07.30-033.28)\nendstream")
    check_pdf(data)
    ((start, end),) = find_in_pdf(data)
    assert data[start:end] == b"(nummer 85.07.30-033.28)"


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
def test_a_file_comes_out_of_its_section_in_any_pieces(size):
    content, out = pack_file("brief.pdf", b"bytes of the file"), io.BytesIO()
    sink = FileSink(out, "application/pdf")
    for start in range(0, len(content), size):
        piece = content[start : start + size]
        assert sink.write(memoryview(piece)) == len(piece)
    assert out.getvalue() == b"bytes of the file"
    assert sink.prefix.name == "brief.pdf"


def test_a_reader_that_starts_again_leaves_nothing():
    out = io.BytesIO()
    sink = FileSink(out, "application/pdf")
    assert sink.tell() == 0
    sink.write(pack_file("brief.pdf", b"first"))
    sink.seek(0)
    sink.truncate()
    sink.write(pack_file("later.pdf", b"second"))
    assert (out.getvalue(), sink.prefix.name) == (b"second", "later.pdf")


@pytest.mark.parametrize("content", [b"", b"\0\0\0", b"\0\0\0\x09{"])
def test_a_section_that_ends_in_its_header_has_no_file(content):
    sink = FileSink(io.BytesIO(), "application/pdf")
    sink.write(content)
    with pytest.raises(ContentError) as no:
        _ = sink.prefix
    assert no.value.code == ContentCode.MALFORMED


@pytest.mark.parametrize("content", [b"\0\0\0\0x", b"\xff\xff\xff\xffx", pack_file("brief.png", b"x")])
def test_a_wrong_header_stops_at_once(content):
    sink = FileSink(io.BytesIO(), "application/pdf")
    with pytest.raises(ContentError):
        sink.write(content)


@pytest.fixture(params=["bytes", "theirs", "opened"])
def content(request, tmp_path):
    """The same content in memory, as a worker's file, and as one that was opened."""
    if request.param == "bytes":
        return b"content"
    path = tmp_path / "source"
    path.write_bytes(b"content")
    path.chmod(0o600)
    return DiskFile(path) if request.param == "theirs" else opened_file(path, path.open("rb"))


def test_saving_is_whole_private_and_never_over_another(content, tmp_path):
    target = tmp_path / "target.pdf"
    save(content, target, overwrite=False)
    assert target.read_bytes() == b"content"
    assert target.stat().st_mode & 0o777 == 0o600
    target.write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        save(content, target, overwrite=False)
    assert target.read_bytes() == b"mine"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_saving_over_another_when_told_so(content, tmp_path):
    target = tmp_path / "target.pdf"
    target.write_bytes(b"before")
    save(content, target, overwrite=True)
    assert target.read_bytes() == b"content"


def test_an_opened_file_goes_when_it_is_let_go_of_and_a_worker_s_stays(tmp_path):
    path, own = tmp_path / "opened", tmp_path / "own"
    for each in (path, own):
        each.write_bytes(b"x")
    opened, theirs = opened_file(path, path.open("rb")), DiskFile(own)
    theirs.close()
    opened.close()
    opened.close()
    assert (path.exists(), own.exists()) == (False, True)
    path.write_bytes(b"x")
    forgotten = opened_file(path, path.open("rb"))
    del forgotten
    assert not path.exists()


def test_a_changed_file_has_another_stamp(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"one")
    file = DiskFile(path)
    before = file.stamp()
    assert file.stamp() == before
    path.write_bytes(b"other")
    assert file.stamp() != before
    path.unlink()
    with pytest.raises(ContentError) as gone:
        file.stamp()
    assert gone.value.code == ContentCode.CHANGED
