"""The emulated cochlea and the synthesiser behave like what they stand for."""

from __future__ import annotations

import io
import struct
import wave
import zipfile
from pathlib import Path

import numpy as np
import pytest

from datasets import NTIDIGITS, DatasetError, EmulatedNTIDIGITS
from datasets.emulation.cochlea import NOISE_RATE, REFRACTORY, centre_frequencies, levelled, listen
from datasets.emulation.ntidigits import write_emulated
from datasets.emulation.speech import RATE, speak_digit

RECORDINGS = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "fsdd" / "recordings.zip"


def tone(frequency: float, rate: int = RATE, duration: float = 0.5) -> np.ndarray:
    return np.sqrt(2) * np.sin(2 * np.pi * frequency * np.arange(int(duration * rate)) / rate)


def hear(sound: np.ndarray, rate: int = RATE):
    return listen(sound, rate, np.random.default_rng(0))


def spoken(digit: int, seed: int) -> np.ndarray:
    return speak_digit(digit, np.random.default_rng([seed, digit]))


def wav(sound: np.ndarray, n_channels: int = 1, rate: int = RATE) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((n_channels, 2, rate, 0, "NONE", ""))
        writer.writeframes((sound / max(np.abs(sound).max(initial=0), 1e-9) * 30_000).astype("<i2").tobytes())
    return file.getvalue()


@pytest.fixture
def stimuli(tmp_path) -> Path:
    """A folder with indices 4 and 5 of each digit and of two speakers: half of them for testing."""
    folder = tmp_path / "wavs"
    folder.mkdir()
    for digit in range(10):
        for speaker in ("ann", "bo_b"):
            for index in (4, 5):
                (folder / f"{digit}_{speaker}_{index}.wav").write_bytes(wav(spoken(digit, index)))
    return folder


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000])
@pytest.mark.parametrize("channel", [5, 30, 58])
def test_tone_is_heard_most_in_the_channel_of_its_frequency(channel, rate):
    events = hear(tone(centre_frequencies()[channel], rate), rate)
    assert abs(np.bincount(events.x, minlength=64).argmax() - channel) <= 3


def test_channels_fall_in_frequency_within_what_8_khz_carry():
    centres = centre_frequencies()
    assert len(centres) == 64
    assert (np.diff(centres) < 0).all()
    assert 50 < centres[-1] < centres[0] < RATE / 2


def test_silence_gives_noise_alone():
    assert len(hear(np.zeros(RATE))) < 2 * 64 * NOISE_RATE
    assert len(hear(np.zeros(0))) == 0
    assert not levelled(np.zeros(5)).any()


def test_hair_cells_adapt_to_a_lasting_tone():
    events = hear(tone(1000.0))
    assert (events.ts < 50_000).sum() > 1.3 * ((events.ts >= 400_000) & (events.ts < 450_000)).sum()


def test_louder_sounds_give_more_events_but_not_in_proportion():
    soft, loud = (len(hear(gain * spoken(3, 0))) for gain in (0.3, 3.0))
    assert 1.1 * soft < loud < 4 * soft


def test_channel_rests_after_an_event(monkeypatch):
    monkeypatch.setattr("datasets.emulation.cochlea.NOISE_RATE", 0.0)
    events = hear(spoken(8, 1))
    shortest = min(np.diff(events.ts[events.x == channel]).min() for channel in range(64) if (events.x == channel).sum() > 1)
    assert shortest >= REFRACTORY * 1000 - 1


def test_events_are_sorted_and_last_as_long_as_the_sound():
    sound = spoken(0, 3)
    events = hear(sound)
    assert (np.diff(events.ts) >= 0).all()
    assert 0 <= events.ts[0] <= events.ts[-1] < len(sound) / RATE * 1e6
    assert (events.width, events.height, events.p.all()) == (64, 1, True)


def test_spoken_digits_give_thousands_of_events_evenly_over_the_channels():
    counts = np.mean([np.bincount(hear(spoken(d, s)).x, minlength=64) for d in range(10) for s in range(4)], axis=0)
    assert 1_500 < counts.sum() < 5_000
    assert counts.max() < 5 * counts.min()


def test_spoken_digits_can_be_told_apart_and_differ_from_take_to_take():
    def counts(digit: int, seed: int) -> np.ndarray:
        found = np.bincount(hear(spoken(digit, seed)).x, minlength=64).astype(float)
        return found / np.linalg.norm(found)

    centres = np.array([np.mean([counts(d, s) for s in range(15)], axis=0) for d in range(10)])
    found = [np.argmax(centres @ counts(d, 100 + s)) == d for d in range(10) for s in range(8)]
    assert np.mean(found) > 0.5
    assert 0.2 < len(spoken(1, 0)) / RATE < 1.2
    assert len(spoken(1, 0)) != len(spoken(1, 1))


def test_larger_set_begins_with_the_smaller_whatever_the_workers(tmp_path):
    small = EmulatedNTIDIGITS(tmp_path, n_samples=3, progress=False)
    large = EmulatedNTIDIGITS(tmp_path, n_samples=12, n_workers=2, progress=False)
    assert large.targets.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    assert all((small[i][0] == large[i][0]).all() for i in range(3))
    assert not (large[0][0] == large[10][0]).all()


def test_what_is_written_as_the_official_file_is_read_by_the_real_reader(tmp_path):
    train, test = (EmulatedNTIDIGITS(tmp_path, train=train, n_samples=12, progress=False) for train in (True, False))
    raw = tmp_path / "NTIDIGITS" / "raw"
    raw.mkdir(parents=True)
    write_emulated(raw / "n-tidigits.hdf5", train, test)
    for emulated in (train, test):
        recorded = NTIDIGITS(tmp_path, train=emulated.train, progress=False)
        order = np.argsort(emulated.targets.numpy(), stable=True)
        assert recorded.targets.tolist() == emulated.targets[order].tolist()
        assert all((recorded[i][0] == emulated[order[i]][0]).all() for i in range(12))


def test_files_are_split_by_their_index_and_any_number_of_them_is_balanced(tmp_path, stimuli):
    train, test = (EmulatedNTIDIGITS(tmp_path, train=train, stimuli=stimuli, progress=False) for train in (True, False))
    assert sorted(train.targets.tolist()) == sorted(test.targets.tolist()) == sorted([*range(10)] * 2)
    few = EmulatedNTIDIGITS(tmp_path, stimuli=stimuli, n_samples=10, progress=False)
    assert sorted(few.targets.tolist()) == [*range(10)]
    chosen = EmulatedNTIDIGITS(tmp_path, stimuli=stimuli, chosen=[13, 4], progress=False)
    assert (chosen.targets == train.targets[[13, 4]]).all()
    assert (chosen[0][0] == train[13][0]).all()
    assert (train.stimuli_labels() == train.targets.numpy()).all()
    with pytest.raises(DatasetError, match=r"\(indices from 5\): 21 train samples wanted, 20 there"):
        EmulatedNTIDIGITS(tmp_path, stimuli=stimuli, n_samples=21, progress=False)


def test_an_archive_gives_what_its_folder_gives(tmp_path, stimuli):
    with zipfile.ZipFile(tmp_path / "wavs.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in stimuli.iterdir():
            archive.write(path, f"recordings/{path.name}")
    one, two = (EmulatedNTIDIGITS(tmp_path, stimuli=place, progress=False) for place in (stimuli, tmp_path / "wavs.zip"))
    assert (one.data.steps == two.data.steps).all()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(b"text", "no WAV file"), (wav(tone(500), n_channels=2), "channels"), (wav(tone(500), rate=44_100), "44,100 Hz")],
)
def test_each_damaged_file_is_named_in_a_line(tmp_path, stimuli, content, complaint):
    (stimuli / "3_ann_5.wav").write_bytes(content)
    with pytest.raises(DatasetError, match=f"1 of 20 train recordings .*3_ann_5.wav: .*{complaint}") as caught:
        EmulatedNTIDIGITS(tmp_path, stimuli=stimuli, progress=False, strict=True)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["x_ann_5.wav", "noise.wav", "12_ann_5.wav", "3_ann.wav"])
def test_a_file_whose_name_gives_no_digit_is_named(tmp_path, stimuli, name):
    (stimuli / name).write_bytes(wav(tone(500)))
    with pytest.raises(DatasetError, match=f"{name}: its name gives no digit"):
        EmulatedNTIDIGITS(tmp_path, stimuli=stimuli, progress=False)


def test_a_folder_without_wav_files_is_named(tmp_path):
    with pytest.raises(DatasetError, match=r"no WAV file for the train split there \(indices from 5\)"):
        EmulatedNTIDIGITS(tmp_path, stimuli=tmp_path, progress=False)


def test_a_pipe_among_wav_files_is_passed_over_with_a_note(tmp_path, stimuli, pipe):
    pipe.rename(stimuli / "3_ann_7.wav")
    played = EmulatedNTIDIGITS(tmp_path, stimuli=stimuli, progress=False)
    assert len(played) == 20
    assert played.report.notes == [f"pipes, sockets and devices passed over: 1, such as {stimuli}/3_ann_7.wav, a pipe"]


def test_floats_are_heard_as_the_whole_numbers_that_they_stand_for(tmp_path, stimuli):
    whole = EmulatedNTIDIGITS(tmp_path, stimuli=stimuli, progress=False)
    for path in stimuli.iterdir():
        content = path.read_bytes()
        samples = (np.frombuffer(content, "<i2", offset=44) / 2**15).astype("<f4").tobytes()
        about = struct.pack("<HHIIHH", 3, 1, RATE, 4 * RATE, 4, 32)
        sizes = (36 + len(samples), 16, len(samples))
        path.write_bytes(
            b"RIFF%sWAVEfmt %s%sdata%s%s"
            % (*(struct.pack("<I", n) for n in sizes[:2]), about, struct.pack("<I", sizes[2]), samples)
        )
    floats = EmulatedNTIDIGITS(tmp_path, stimuli=stimuli, progress=False)
    assert floats.key != whole.key
    assert (floats.data.steps == whole.data.steps).all()
    assert (floats.data.units == whole.data.units).all()


def test_how_wav_files_are_read_shapes_the_key_of_those_alone_once_it_changes(tmp_path, stimuli, monkeypatch):
    def has_version(**options) -> bool:
        return "wav_version" in EmulatedNTIDIGITS(tmp_path, prepare=False, **options).parameters()

    assert not has_version(stimuli=stimuli)
    monkeypatch.setattr(EmulatedNTIDIGITS, "wav_version", 2)
    assert has_version(stimuli=stimuli)
    assert not has_version()


@pytest.mark.skipif(not RECORDINGS.is_file(), reason="no spoken digits beside the project")
def test_spoken_digits_of_people_give_as_many_events(tmp_path):
    played = EmulatedNTIDIGITS(tmp_path, train=False, stimuli=RECORDINGS, n_samples=60, progress=False)
    assert played.targets.bincount().tolist() == [6] * 10
    assert 1_500 < played.report.n_events / 60 < 4_000
