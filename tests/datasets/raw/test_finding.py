import errno
import io
import os
import re
import stat
import sys
import tarfile
import tracemalloc
import zipfile
from contextlib import suppress
from itertools import islice
from pathlib import Path

import pytest

from common.content import most_unpacked
from datasets.errors import DatasetError
from datasets.raw import finding
from datasets.raw.archives import members_of
from datasets.raw.finding import DamagedFileError, find_raw_files, fingerprint, read_parts
from datasets.raw.passed_over import PassedOver
from datasets.raw.split import test_part as part_for_testing

TEXT = re.compile(r"[a-z]\.txt$")
FILES = {"in/b.txt": b"bee" * 100, "in/a.txt": b"", "in/other.dat": b"x"}
KINDS = ["a.zip", "a.tar", "a.tar.gz", "a.tgz", "a.tar.xz", "a.tar.bz2", "folder", "sub/a.ZIP"]


def found(folder, scratch):
    return find_raw_files(folder, TEXT, scratch)[0]


def notes(folder, scratch):
    return find_raw_files(folder, TEXT, scratch)[1]


def unpacked(scratch):
    return [path for path in scratch.glob("*") if path.name != ".unpacking.lock"]


def put_links(path, links, type_of_link):
    """A tar of in/b.txt and of links, each by its path and what it points to."""
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as archive:
        info = tarfile.TarInfo("./in/b.txt")
        info.size = len(b"bee")
        archive.addfile(info, io.BytesIO(b"bee"))
        for name, target in links.items():
            link = tarfile.TarInfo(name)
            link.type, link.linkname = type_of_link, target
            archive.addfile(link)


def contents(files):
    return dict(
        zip(
            [file.match.group() for file in files],
            read_parts([file.part for file in files]),
            strict=True,
        )
    )


@pytest.mark.parametrize("kind", KINDS)
def test_files_are_found_and_read_in_folders_and_in_every_kind_of_archive(kind, put, tmp_path):
    put(tmp_path / "raw" / kind.replace("ZIP", "zip"), FILES)
    files = found(tmp_path / "raw", tmp_path / "scratch")
    assert contents(files) == {"b.txt": FILES["in/b.txt"], "a.txt": b""}


def test_a_stored_zip_member_is_read_too(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.txt", b"stored")
    assert contents(found(tmp_path, tmp_path / "scratch")) == {"a.txt": b"stored"}


def test_a_compressed_tar_is_uncompressed_once_and_leaves_nothing_half_done(put, tmp_path):
    put(tmp_path / "raw" / "a.tar.gz", FILES)
    scratch = tmp_path / "scratch"
    found(tmp_path / "raw", scratch)
    (plain,) = unpacked(scratch)
    changed = plain.stat().st_mtime_ns
    found(tmp_path / "raw", scratch)
    assert [path.stat().st_mtime_ns for path in unpacked(scratch)] == [changed]


def test_what_killed_runs_and_earlier_versions_of_a_compressed_tar_left_is_cleared_away(put, tmp_path):
    archive, scratch = tmp_path / "raw" / "a.tar.gz", tmp_path / "scratch"
    put(archive, FILES)
    found(tmp_path / "raw", scratch)
    (mine,) = unpacked(scratch)
    put(tmp_path / "raw" / "sub" / "a.tar.gz", FILES)
    found(tmp_path / "raw", scratch)
    assert len(unpacked(scratch)) == 2  # archives of the same name keep out of each other's way
    mine.with_name(f".{mine.name}.123.tmp").write_bytes(b"half")  # what kill -9 leaves
    put(archive, {**FILES, "in/c.txt": b"new"})
    os.utime(archive, (1, 1))
    assert "c.txt" in contents(found(tmp_path / "raw", scratch))
    after = unpacked(scratch)
    assert len(after) == 2
    assert mine not in after


def test_the_name_of_an_archive_stands_for_the_folder_that_it_lacks(put, tmp_path):
    put(tmp_path / "Train.zip", {"5/a.txt": b"1"})
    ((file,), _) = find_raw_files(tmp_path, re.compile(r"Train/5/a\.txt$"), tmp_path)
    assert file.origin == str(tmp_path / "Train.zip")


def test_hidden_files_and_what_macos_adds_are_passed_over(put, tmp_path):
    files = {"__MACOSX/in/a.txt": b"", "in/._a.txt": b"", ".hidden/a.txt": b"", "in/c.txt": b"c"}
    put(tmp_path / "raw" / "a.zip", files)
    put(tmp_path / "raw" / "folder", files)
    assert [file.match.group() for file in found(tmp_path / "raw", tmp_path)] == ["c.txt", "c.txt"]


@pytest.mark.parametrize("kind", ["a.zip", "a.tar"])
def test_dots_and_backslashes_in_the_paths_of_members_do_not_hide_them(kind, put, tmp_path):
    put(tmp_path / kind, {"./in/a.txt": b"a", ".\\in\\b.txt": b"b", "in\\.hidden\\c.txt": b"", "in\\d.txt\\": b""})
    files, _ = find_raw_files(tmp_path, re.compile(r"a/in/.*[a-z]\.txt$"), tmp_path / "scratch")
    assert [file.name for file in files] == [f"{tmp_path / kind}/in/{name}.txt" for name in "ab"]
    assert list(read_parts([file.part for file in files])) == [b"a", b"b"]


@pytest.mark.parametrize("kind", ["a.tar", "a.tar.gz"])
def test_a_hard_link_in_a_tar_is_the_member_that_it_links_to(kind, tmp_path):
    put_links(tmp_path / kind, {"./in/a.txt": "./in/b.txt"}, tarfile.LNKTYPE)
    assert contents(found(tmp_path, tmp_path / "scratch")) == {"b.txt": b"bee", "a.txt": b"bee"}


@pytest.mark.parametrize("type_of_link", [tarfile.LNKTYPE, tarfile.SYMTYPE])
def test_links_in_a_tar_that_lead_to_no_member_are_passed_over_with_a_note(type_of_link, tmp_path, caplog):
    put_links(tmp_path / "a.tar", {"in/a.txt": "gone.txt", "in/c.txt": "gone.txt", "in/other": "gone.txt"}, type_of_link)
    assert contents(found(tmp_path, tmp_path)) == {"b.txt": b"bee"}
    assert notes(tmp_path, tmp_path) == (f"{tmp_path}/a.tar: links passed over: 2, such as in/a.txt",)
    assert not caplog.records


def test_symbolic_links_in_a_zip_are_passed_over_with_a_note(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        link = zipfile.ZipInfo("in/a.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "b.txt")
        archive.writestr("in/b.txt", b"bee")
    assert contents(found(tmp_path, tmp_path)) == {"b.txt": b"bee"}
    assert notes(tmp_path, tmp_path) == (f"{tmp_path}/a.zip: links passed over: 1, such as in/a.txt",)


@pytest.mark.parametrize(
    "member", ["../a.txt", "in/../../a.txt", "/a.txt", "C:/a.txt", "..\\a.txt", "./../a.txt", "./C:/a.txt", "\\a.txt"]
)
@pytest.mark.parametrize("kind", ["a.zip", "a.tar"])
def test_an_archive_with_a_member_that_leaves_it_is_refused(kind, member, put, tmp_path):
    put(tmp_path / kind, {member: b""})
    with pytest.raises(DatasetError, match="leaves the archive"):
        found(tmp_path, tmp_path / "scratch")


@pytest.mark.parametrize("kind", ["a.zip", "a.tar", "a.tar.gz", "a.tar.xz"])
def test_an_archive_that_was_cut_off_is_named_with_its_size(kind, put, tmp_path):
    path = tmp_path / "raw" / kind
    put(path, {"a.txt": os.urandom(5000), "b.txt": os.urandom(5000)})
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(DatasetError, match=rf"{re.escape(str(path))} \(3,000 bytes\) is damaged"):
        found(tmp_path / "raw", tmp_path / "scratch")
    assert not unpacked(tmp_path / "scratch")


def test_a_zip_that_any_damage_has_struck_is_read_or_refused(put, tmp_path):
    path = tmp_path / "raw" / "a.zip"
    put(path, {"a.txt": b"abc" * 50, "b.txt": b"b"})
    whole = path.read_bytes()
    directory = whole.index(b"PK\x01\x02")
    for place in range(directory, len(whole)):
        for byte in (0, 1, 0x7F, 0xFF):
            path.write_bytes(whole[:place] + bytes([byte]) + whole[place + 1 :])
            with suppress(DatasetError):
                contents(found(tmp_path / "raw", tmp_path))


@pytest.mark.parametrize("kind", ["a.zip", "a.tar", "folder"])
def test_a_file_of_more_than_any_recording_holds_is_damaged_and_never_read(kind, put, tmp_path, monkeypatch):
    put(tmp_path / kind, {"a.txt": bytes(5000), "b.txt": bytes(1000)})
    monkeypatch.setattr("datasets.raw.finding.LARGEST", 1000)
    read = contents(found(tmp_path, tmp_path))
    assert "5,000 bytes, more than the 1,000" in str(read["a.txt"])
    assert read["b.txt"] == bytes(1000)


def test_a_zip_member_that_unpacks_to_more_than_it_says_is_damaged_and_unpacked_no_further(put, tmp_path):
    put(tmp_path / "a.zip", {"a.txt": bytes(5_000_000)})
    ((file,), _) = find_raw_files(tmp_path, TEXT, tmp_path)
    tracemalloc.start()
    (read,) = read_parts([file.part._replace(size=1000)])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "more than the 1,000 bytes that its archive says" in str(read)
    assert peak < 1_000_000


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_that_says_that_its_member_is_smaller_than_it_is_is_not_believed(method, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", method) as archive:
        archive.writestr("a.txt", bytes(5_000_000))
    content = bytearray((tmp_path / "a.zip").read_bytes())
    said = content.rindex(b"PK\x01\x02") + 24
    content[said : said + 4] = (1000).to_bytes(4, "little")
    (tmp_path / "a.zip").write_bytes(content)
    (read,) = contents(found(tmp_path, tmp_path)).values()
    assert "more than the 1,000 bytes that its archive says" in str(read)


@pytest.mark.parametrize("kind", ["a.tar.gz", "a.tar.bz2", "a.tar.xz"])
def test_a_compressed_tar_that_unpacks_to_far_too_much_is_refused_and_leaves_nothing(kind, put, tmp_path, monkeypatch):
    put(tmp_path / "raw" / kind, {"a.txt": bytes(5_000_000)})
    monkeypatch.setattr("common.content.LARGEST", 1 << 16)
    monkeypatch.setattr("datasets.raw.archives.CHUNK", 1 << 10)
    sizes = []
    monkeypatch.setattr("pathlib.Path.unlink", watched(Path.unlink, lambda path: sizes.append(path.stat().st_size)))
    with pytest.raises(DatasetError, match="refused, it unpacks to more than "):
        found(tmp_path / "raw", tmp_path / "scratch")
    limit = most_unpacked((tmp_path / "raw" / kind).stat().st_size)
    assert [limit - (1 << 11) < size <= limit for size in sizes] == [True]
    assert not unpacked(tmp_path / "scratch")
    assert not [*(tmp_path / "scratch").glob(".*.tmp")]


def watched(method, see):
    def watching(path, *args, **options):
        if path.exists():
            see(path)
        return method(path, *args, **options)

    return watching


def test_only_regular_files_are_read_and_the_rest_is_counted(put, tmp_path, pipe):
    put(tmp_path / "raw", {"b.txt": b"b"})
    for name in ("a.txt", "b.zip", "c.tar.gz", "other.dat"):
        (tmp_path / "raw" / name).symlink_to(pipe)
    (tmp_path / "raw" / "d.txt").symlink_to("/dev/zero")
    assert contents(found(tmp_path / "raw", tmp_path)) == {"b.txt": b"b"}
    (note,) = notes(tmp_path / "raw", tmp_path)
    assert note == f"pipes, sockets and devices passed over: 4, such as {tmp_path}/raw/b.zip, a pipe"


def test_a_pipe_to_look_in_is_refused(pipe, tmp_path):
    with pytest.raises(DatasetError, match=r"pipe: is a pipe; only folders and regular files are read"):
        found(pipe, tmp_path)


def test_odd_members_of_archives_are_passed_over_and_each_kind_is_counted(tmp_path):
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for name, kind in (("a.txt", tarfile.FIFOTYPE), ("b.txt", tarfile.CHRTYPE), ("c.txt", tarfile.SYMTYPE)):
            info = tarfile.TarInfo(name)
            info.type = kind
            archive.addfile(info)
        archive.addfile(tarfile.TarInfo("d.txt"))
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        info = zipfile.ZipInfo("e.txt")
        info.external_attr = (stat.S_IFIFO | 0o600) << 16
        archive.writestr(info, b"")
    assert contents(found(tmp_path, tmp_path)) == {"d.txt": b""}
    assert notes(tmp_path, tmp_path) == (
        f"{tmp_path}/a.tar: pipes, sockets and devices passed over: 2, such as a.txt",
        f"{tmp_path}/a.tar: links passed over: 1, such as c.txt",
        f"{tmp_path}/b.zip: pipes, sockets and devices passed over: 1, such as e.txt",
    )


@pytest.mark.parametrize("kind", ["a.zip", "a.tar", "folder"])
def test_hidden_folders_are_passed_over_with_a_note(kind, put, tmp_path):
    put(tmp_path / kind, {".cat/a.txt": b"", ".cat/b.txt": b"", "in/.dog/a.txt": b"", "__MACOSX/.x/a.txt": b"", "in/c.txt": b""})
    (note,) = notes(tmp_path, tmp_path / "scratch")
    assert "folders whose names begin with a dot passed over: 2, such as " in note
    assert note.endswith(".cat")


def full_disk(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_told_where_a_compressed_tar_is_uncompressed_to(put, tmp_path, monkeypatch):
    put(tmp_path / "raw" / "a.tar.gz", FILES)
    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(DatasetError, match=rf"cannot write {tmp_path}/scratch/unpacked-.*: no space left on the device \("):
        found(tmp_path / "raw", tmp_path / "scratch")
    assert not unpacked(tmp_path / "scratch")
    assert not [*(tmp_path / "scratch").glob(".*.tmp")]


def test_something_else_under_the_name_of_an_archive_is_named(tmp_path):
    (tmp_path / "a.zip").write_text("<html>please log in</html>")
    with pytest.raises(DatasetError, match=r"a\.zip \(26 bytes\) is damaged"):
        found(tmp_path, tmp_path)


def test_an_encrypted_archive_is_refused(put, tmp_path):
    put(tmp_path / "a.zip", {"a.txt": b"secret"})
    content = bytearray((tmp_path / "a.zip").read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(DatasetError, match="encrypted"):
        found(tmp_path, tmp_path)


def test_an_archive_packed_in_a_way_that_is_not_known_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.txt", b"text")
    with pytest.raises(DatasetError, match="unknown way"):
        found(tmp_path, tmp_path)


@pytest.mark.parametrize("place", ["header", "content"])
def test_a_damaged_zip_member_is_told_from_the_sound_ones(place, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.txt", b"sound")
        archive.writestr("b.txt", b"spoilt")
    content = (tmp_path / "a.zip").read_bytes()
    if place == "content":
        content = content.replace(b"spoilt", b"spoiled"[:6])
    else:
        start = content.rindex(b"PK\x03\x04")
        content = content[:start] + b"XX" + content[start + 2 :]
    (tmp_path / "a.zip").write_bytes(content)
    read = contents(found(tmp_path, tmp_path))
    assert read["a.txt"] == b"sound"
    assert isinstance(read["b.txt"], DamagedFileError)


def test_a_packed_member_that_cannot_be_unpacked_is_damaged(put, tmp_path):
    put(tmp_path / "a.zip", {"a.txt": b"abc" * 1000})
    content = bytearray((tmp_path / "a.zip").read_bytes())
    start = 30 + len("a.txt")
    content[start : start + 4] = b"\xff\xff\xff\xff"
    (tmp_path / "a.zip").write_bytes(content)
    (read,) = contents(found(tmp_path, tmp_path)).values()
    assert isinstance(read, DamagedFileError)


def test_members_of_one_name_are_told_apart(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.txt", b"one")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.txt", b"other")
    assert list(read_parts([file.part for file in found(tmp_path, tmp_path)])) == [b"one", b"other"]


def test_the_directory_of_a_zip_is_parsed_once_for_all_batches_and_the_zip_closed_when_it_is_forgotten(
    put, tmp_path, monkeypatch
):
    put(tmp_path / "a.zip", FILES)
    parts = [file.part for file in found(tmp_path, tmp_path)]
    opened, zip_file = [], zipfile.ZipFile
    monkeypatch.setattr("zipfile.ZipFile", lambda path: watch(zip_file(path), opened))
    assert [content for part in parts * 3 for content in read_parts([part])] == [FILES["in/b.txt"], b""] * 3
    (file,) = opened
    assert not file.closed
    finding._opened_zip.cache_clear()
    assert file.closed


def watch(archive, opened):
    opened.append(archive.fp)
    return archive


def test_a_zip_that_was_replaced_since_it_was_looked_into_gives_no_other_content(put, tmp_path):
    put(tmp_path / "a.zip", {"a.txt": b"one"})
    parts = [file.part for file in found(tmp_path, tmp_path)]
    assert list(read_parts(parts)) == [b"one"]
    put(tmp_path / "a.zip", {"a.txt": b"two", "b.txt": b"one"})
    (read,) = read_parts(parts)
    assert "does not match its checksum" in str(read)
    (tmp_path / "a.zip").write_bytes(b"no zip")
    (read,) = read_parts(parts)
    assert isinstance(read, DamagedFileError)


def test_a_folder_linked_into_the_raw_folder_is_followed_but_not_in_circles(put, tmp_path):
    put(tmp_path / "elsewhere", {"a.txt": b"1"})
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "link").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (tmp_path / "elsewhere" / "circle").symlink_to(tmp_path / "raw", target_is_directory=True)
    assert "a.txt" in contents(found(tmp_path / "raw", tmp_path))


@pytest.mark.parametrize("target", ["/nowhere/a.txt", "a.txt"], ids=["broken", "circle"])
def test_a_link_that_leads_to_no_file_is_named_if_its_file_is_wanted_and_passed_over_if_not(target, put, tmp_path):
    put(tmp_path / "raw", {"b.txt": b"b"})
    for name in ("other.dat", "a.txt"):
        (tmp_path / "raw" / name).symlink_to(target.replace("a.txt", name))
    with pytest.raises(DatasetError, match=rf"cannot read {tmp_path}/raw/a\.txt: .*, where its link points to$"):
        found(tmp_path / "raw", tmp_path)
    (tmp_path / "raw" / "a.txt").unlink()
    assert contents(found(tmp_path / "raw", tmp_path)) == {"b.txt": b"b"}


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="file names are Unicode here")
def test_names_that_are_no_utf_8_are_names_like_any_other(put, tmp_path):
    put(tmp_path / "raw", {"b.txt": b"b"})
    alone = fingerprint(found(tmp_path / "raw", tmp_path))
    (tmp_path / "raw" / os.fsdecode(b"M\xfcller_a.txt")).write_bytes(b"a")
    files, _ = find_raw_files(tmp_path / "raw", re.compile(r"[^/]+\.txt$"), tmp_path)
    assert sorted(contents(files).values()) == [b"a", b"b"]
    assert fingerprint(files) != alone
    assert part_for_testing(((0, file.match.group()) for file in files), 0)


def test_no_folder_holds_no_files(tmp_path):
    assert found(tmp_path / "nowhere", tmp_path) == []


@pytest.mark.parametrize("kind", ["a.zip", "a.tar", "folder"])
def test_the_fingerprint_changes_with_content_and_names_and_with_nothing_else(kind, put, tmp_path):
    def print_of(name, files):
        put(tmp_path / name / kind, files)
        for path in (tmp_path / name).rglob("*"):
            os.utime(path, (1, 1))
        return fingerprint(found(tmp_path / name, tmp_path))

    same = print_of("a", FILES)
    assert print_of("b", FILES) == same
    assert print_of("c", {**FILES, "in/a.txt": b"1"}) != same
    assert print_of("d", {**FILES, "in/c.txt": b""}) != same
    if kind == "a.zip":
        assert print_of("e", {**FILES, "in/b.txt": b"eeb" * 100}) != same


def header(name: str, size: int, kind: bytes = tarfile.REGTYPE) -> bytes:
    """A tar's header of a size that may be below 0, as tarfile would not write it."""
    info = tarfile.TarInfo(name)
    info.type = kind
    made = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    made[124:136] = bytes([0xFF if size < 0 else 0x80]) + (size % (1 << 88)).to_bytes(11, "big")
    made[148:156] = b" " * 8
    made[148:156] = b"%06o\0 " % sum(made)
    return bytes(made)


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE])
def test_a_tar_of_thousands_of_headers_behind_one_another_is_damaged(kind, tmp_path):
    about = (header("x", 12, kind) + b"12 path=abc\n".ljust(512, b"\0")) * 3000
    (tmp_path / "a.tar").write_bytes(about + header("a.txt", 0) + bytes(1024))
    with pytest.raises(DatasetError, match=r"a\.tar is damaged, or there is not enough memory for what it says that it holds"):
        found(tmp_path, tmp_path)


def test_a_tar_whose_header_declares_more_than_any_memory_holds_is_damaged(tmp_path):
    (tmp_path / "a.tar").write_bytes(header("x", 1 << 60, tarfile.GNUTYPE_LONGNAME) + bytes(10240))
    with pytest.raises(DatasetError, match=r"a\.tar is damaged"):
        found(tmp_path, tmp_path)


@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.GNUTYPE_SPARSE])
@pytest.mark.parametrize("size", [-512, -1024])
def test_a_tar_whose_members_lead_back_is_damaged_and_not_read_for_ever(kind, size, tmp_path):
    (tmp_path / "a.tar").write_bytes(header("a.txt", 0) * 2 + header("b.txt", size, kind) + bytes(10240))
    with pytest.raises(DatasetError, match=r"is damaged or incomplete: its member '[ab]\.txt' says to end before it begins"):
        list(islice(members_of(tmp_path / "a.tar", tmp_path, PassedOver()), 100))


def test_a_member_that_another_header_gives_a_size_below_0_is_damaged(tmp_path):
    with tarfile.open(tmp_path / "a.tar", "w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("a.txt")
        info.pax_headers = {"size": "-512"}
        archive.addfile(info)
    with pytest.raises(DatasetError, match=r"damaged or incomplete: its member 'a\.txt' says to end before it begins"):
        found(tmp_path, tmp_path)


@pytest.mark.parametrize("kind", ["a.zip", "a.tar", "a.tar.gz"])
def test_an_archive_whose_members_together_hold_far_too_much_is_refused_before_any_is_read(kind, put, tmp_path, monkeypatch):
    monkeypatch.setattr("common.content.LARGEST", 1 << 16)
    if kind == "a.zip":
        put(tmp_path / kind, {f"{name}.txt": bytes(60_000) for name in "abcdefghij"})
    else:
        with tarfile.open(tmp_path / kind, f"w:{kind.partition('.tar.')[2]}") as archive:
            info = tarfile.TarInfo("a.txt")
            info.size = 60_000 if kind == "a.tar.gz" else 3_000_000
            archive.addfile(info, io.BytesIO(os.urandom(20_000) + bytes(info.size)))
            info.type, info.linkname = tarfile.LNKTYPE, "a.txt"
            for place in range(200):
                info.name = f"{place}/b.txt"
                archive.addfile(info)
    with pytest.raises(DatasetError, match=rf"{kind}: refused, it unpacks to more than [0-9,]+ bytes, as no recordings do"):
        found(tmp_path, tmp_path / "scratch")


@pytest.mark.skipif(os.name == "nt", reason="names cannot hold these characters there")
@pytest.mark.parametrize("kind", ["a.tar", "folder"])
def test_characters_that_a_terminal_obeys_are_told_as_escapes(kind, put, tmp_path):
    put(tmp_path / "raw" / kind, {"x\n\x1b[31m\x9b/a.txt": b"a", ".h\n/a.txt": b"b"})
    (file,) = found(tmp_path / "raw", tmp_path)
    assert file.name.endswith(r"/x\n\x1b[31m\x9b/a.txt")
    assert contents([file]) == {"a.txt": b"a"}
    (note,) = notes(tmp_path / "raw", tmp_path)
    assert note.endswith(r".h\n")
