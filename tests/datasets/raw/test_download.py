"""Downloads as a data set does them; how each is carried out is in tests/common/test_download.py."""

import hashlib

import pytest

from common.download import RemoteFile
from datasets import NMNIST, MissingDataError
from tests.serving import names, status, whole


@pytest.fixture
def remote_nmnist(server, files, tmp_path, put, monkeypatch):
    put(tmp_path / "server" / "x.zip", files)
    content = (tmp_path / "server" / "x.zip").read_bytes()
    server.answers["/x"] = [whole(content)]
    remote = RemoteFile("Train.zip", hashlib.md5(content).hexdigest(), (server.url("/x"),))
    monkeypatch.setattr(NMNIST, "remote_files", {"train": remote})
    return server


def test_missing_recordings_are_downloaded_if_that_is_wanted(remote_nmnist, nmnist, raw):
    with pytest.raises(MissingDataError):
        nmnist()
    assert len(nmnist(download=True)) == 20
    assert len(nmnist(download=True)) == 20
    assert len(remote_nmnist.requests) == 1
    assert names(raw) == ["Train.zip"]


def test_a_failed_download_says_what_to_put_where(remote_nmnist, nmnist, raw):
    remote_nmnist.answers["/x"] = [status(404)]
    with pytest.raises(MissingDataError) as caught:
        nmnist(download=True)
    message = str(caught.value)
    assert str(raw) in message
    assert "--source emulated" in message
    assert "Downloading failed: " in message
    assert "404" in message


def test_a_file_of_the_users_is_not_overwritten(remote_nmnist, nmnist, raw, put):
    put(raw / "Train.zip", {"notes.txt": b"mine"})
    with pytest.raises(MissingDataError, match=r"Train\.zip is there but holds none"):
        nmnist(download=True)
    assert remote_nmnist.requests == []
