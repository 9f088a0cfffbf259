import pytest
from fsspec.implementations.local import LocalFileSystem
from fsspec.implementations.memory import MemoryFileSystem

from experiment.errors import OptionError
from experiment.sweep.storage import Storage


@pytest.fixture(params=["file", "memory"])
def storage(request, tmp_path):
    """An empty folder of a storage, on a disk or in memory, as object stores are."""
    if request.param == "file":
        yield Storage(str(tmp_path / "store" / "study"))
    else:
        yield Storage(f"memory://{tmp_path.name}/study")
        MemoryFileSystem.store.clear()
        MemoryFileSystem.pseudo_dirs[:] = [""]


def run_in(folder, **files):
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    return folder


def test_what_is_sent_comes_back_elsewhere_byte_by_byte(storage, tmp_path):
    kept = storage.below("a")
    assert kept.names() == set()
    sent = run_in(tmp_path / "a", options_json="{}", metrics_csv="1,2\n", checkpoint_pt="\x00state")
    (sent / ".a.lock").write_text("")
    (sent / "folder").mkdir()
    kept.send(sent)
    kept.fetch(tmp_path / "b")
    found = {path.name: path.read_bytes() for path in (tmp_path / "b").iterdir()}
    assert found == {"options.json": b"{}", "metrics.csv": b"1,2\n", "checkpoint.pt": b"\x00state"}
    assert storage.below("other").names() == set()


def test_a_checkpoint_comes_after_what_it_speaks_of_and_the_end_after_all(storage, tmp_path, monkeypatch):
    written = []
    write = Storage.write
    monkeypatch.setattr(Storage, "write", lambda kept, name, content: (written.append(name), write(kept, name, content)))
    kept = storage.below("a")
    kept.send(run_in(tmp_path / "a", checkpoint_pt="", metrics_csv="", options_json="", log_a_txt=""))
    assert written == ["log.a.txt", "metrics.csv", "options.json", "checkpoint.pt"]
    (tmp_path / "a" / "checkpoint.pt").unlink()
    kept.send(run_in(tmp_path / "a", results_json="{}"))
    assert written[-1] == "results.json"
    assert "checkpoint.pt" not in kept.names()
    run_in(tmp_path / "b", checkpoint_pt="of before")
    kept.fetch(tmp_path / "b")
    assert not (tmp_path / "b" / "checkpoint.pt").exists()


def test_a_file_that_cannot_be_written_as_a_whole_leaves_the_one_before(tmp_path, monkeypatch):
    kept = Storage(str(tmp_path / "store"))
    kept.write("checkpoint.pt", b"before")
    pipe = LocalFileSystem.pipe_file

    def half(self, path, value, **how):
        pipe(self, path, value[:2], **how)
        raise OSError("disk full")

    monkeypatch.setattr(LocalFileSystem, "pipe_file", half)
    with pytest.raises(OptionError, match=r"^--storage file://.*: disk full$"):
        kept.write("checkpoint.pt", b"after")
    assert kept.read("checkpoint.pt") == b"before"
    assert [path.name for path in (tmp_path / "store").iterdir()] == ["checkpoint.pt"]


def test_only_files_of_the_run_are_removed(storage, tmp_path):
    kept = storage.below("a")
    kept.send(run_in(tmp_path / "a", options_json="", checkpoint_pt=""))
    storage.write("mine.txt", b"kept")
    kept.clear()
    assert kept.names() == set()
    assert storage.read("mine.txt") == b"kept"


@pytest.mark.parametrize("name", ["..", "../up", "a/b", r"a\b", ".hidden", "", "C:x"])
def test_names_that_leave_a_folder_are_refused(name, storage):
    with pytest.raises(OptionError, match="is no plain name"):
        storage.below(name)


def test_names_in_a_store_that_would_leave_the_folder_are_refused(storage, tmp_path, monkeypatch):
    listed = [f"{storage.place}/{name}" for name in ("options.json", "a/../../up")]
    monkeypatch.setattr(type(storage.files), "ls", lambda *_, **__: listed)
    with pytest.raises(OptionError, match="is no plain name"):
        storage.fetch(tmp_path / "here")


@pytest.mark.parametrize("url", ["nothing-known://x/y", "hdfs://nobody.invalid/x"])
def test_a_storage_that_cannot_be_had_is_told_in_a_line(url):
    with pytest.raises(OptionError) as told:
        Storage(url)
    (line,) = told.value.complaints
    assert line.startswith(f"--storage {url}: ")
    assert "\n" not in line
