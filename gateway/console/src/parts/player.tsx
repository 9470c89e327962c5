// A player with the file's waveform. The slider over it is the position, so the keyboard moves it too.
import { useEffect, useRef, useState } from 'react';
import { useWords } from '../app-context';
import { fileAddress } from '../gateway';
import { peaksOf } from '../waveform';
import { Icon } from './icon';

const PEAKS = 120;
type Props = { media: { url: string; mimeType: string | null; sizeBytes: number | null }; seconds: number | null; label: string };

export function Player({ media, seconds, label }: Props) {
  const { t, duration } = useWords();
  const audio = useRef<HTMLAudioElement>(null);
  const [peaks, setPeaks] = useState<readonly number[] | null>(null);
  const [isPlaying, setPlaying] = useState(false);
  const [isGone, setGone] = useState(false);
  const [at, setAt] = useState(0);
  const [length, setLength] = useState(seconds ?? 0);
  const address = fileAddress(media.url);

  useEffect(() => {
    const stop = new AbortController();
    peaksOf(address, PEAKS, media.sizeBytes, stop.signal).then(setPeaks, () => undefined);
    return () => { stop.abort(); };
  }, [address, media.sizeBytes]);

  const toggle = (): void => {
    const player = audio.current;
    if (player?.paused) player.play().catch(() => { setGone(true); });
    else player?.pause();
  };
  const seek = (to: number): void => {
    setAt(to);
    if (audio.current) audio.current.currentTime = to;
  };
  const share = length ? at / length : 0;

  return (
    <div className="player">
      <audio
        ref={audio} src={address} preload="metadata"
        onLoadedMetadata={(event) => { if (Number.isFinite(event.currentTarget.duration)) setLength(event.currentTarget.duration); }}
        onTimeUpdate={(event) => { setAt(event.currentTarget.currentTime); }}
        onPlay={() => { setPlaying(true); }} onPause={() => { setPlaying(false); }} onEnded={() => { setPlaying(false); }} onError={() => { setGone(true); }}
      />
      <button type="button" className="round" aria-label={`${t(isPlaying ? 'player.pause' : 'player.play')}, ${label}`} onClick={toggle} disabled={isGone}>
        <Icon name={isPlaying ? 'pause' : 'play'} />
      </button>
      <div className="wave">
        <svg viewBox={`0 0 ${String(PEAKS * 3)} 40`} preserveAspectRatio="none" aria-hidden="true">
          {(peaks ?? Array.from({ length: PEAKS }, () => 0)).map((peak, index) => {
            const height = Math.max(1.5, peak * 36);
            return <rect key={index} x={index * 3} y={20 - height / 2} width={2} height={height} className={index / PEAKS < share ? 'played' : undefined} />;
          })}
        </svg>
        <input
          type="range" min={0} max={length || 1} step={0.1} value={Math.min(at, length || 1)} aria-label={`${t('player.position')}, ${label}`}
          aria-valuetext={`${duration(at)} / ${duration(length)}`} onChange={(event) => { seek(Number(event.target.value)); }} disabled={isGone}
        />
      </div>
      <span className="figure">{duration(at)} / {duration(length)}</span>
      <a className="bare" href={address} download aria-label={`${t('player.download')}, ${label}`}><Icon name="download" /></a>
      {isGone && <p className="error">{t('player.gone')}</p>}
    </div>
  );
}
