"""Sounds of sandboxes: as long as asked for, and something to see in a waveform."""

import io
import wave

import pytest

from telegraphql.gateway.plugin.audio import RATE, wav, wav_size


@pytest.mark.parametrize("seconds", [0, 1, 7, 95])
def test_a_wav_file_is_as_long_as_asked_for(seconds: int) -> None:
    content = wav(seconds)
    assert len(content) == wav_size(seconds)
    with wave.open(io.BytesIO(content)) as sound:
        assert (sound.getnframes(), sound.getframerate(), sound.getnchannels()) == (seconds * RATE, RATE, 1)


def test_it_sounds_like_speech_loud_and_quiet_parts_with_pauses_and_each_pitch_otherwise() -> None:
    samples = wav(12, 500)[44:]
    tenths = [samples[at : at + RATE // 10] for at in range(0, len(samples), RATE // 10)]
    loudest = [max(abs(each - 128) for each in tenth) for tenth in tenths]
    assert (min(loudest), max(loudest) > 60, len(set(loudest)) > 20) == (0, True, True)
    assert wav(12, 500) == wav(12, 500) != wav(12, 501)
