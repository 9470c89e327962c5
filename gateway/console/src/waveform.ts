// The waveform of a sound file: the loudest moment of each of its parts.
const LARGEST = 20_000_000;

/** Return so many peaks of a file, from 0 to 1. Null if it is too large or no sound. */
export async function peaksOf(address: string, count: number, sizeBytes: number | null, signal: AbortSignal): Promise<number[] | null> {
  if (sizeBytes !== null && sizeBytes > LARGEST) return null;
  const response = await fetch(address, { signal });
  if (!response.ok || Number(response.headers.get('content-length') ?? 0) > LARGEST) return null;
  const context = new OfflineAudioContext(1, 1, 22_050);
  const sound = (await context.decodeAudioData(await response.arrayBuffer())).getChannelData(0);
  const size = Math.max(1, Math.floor(sound.length / count));
  const peaks = Array.from({ length: count }, (_, index) => {
    let peak = 0;
    for (let at = index * size; at < Math.min(sound.length, (index + 1) * size); at++) peak = Math.max(peak, Math.abs(sound[at] ?? 0));
    return peak;
  });
  const loudest = Math.max(0.01, ...peaks);
  return peaks.map((each) => each / loudest);
}
