// A recording: a button, and once it is pressed a player. One plays at a time.
import { useState } from 'react';
import { file, reason, type Gateway } from './gateway';
import { SoundDocument } from './gql/graphql';
import type { Call } from './log';
import { lengthOf } from './words';

export type Playing = { gateway: Gateway; id: string | null; choose: (id: string) => void };
type Recording = NonNullable<Call['recordings']>[number];

export function Player({ recording, of, playing }: { recording: Recording; of: string; playing: Playing }) {
  const [url, setUrl] = useState('');
  const [trouble, setTrouble] = useState('');

  async function open() {
    playing.choose(recording.id);
    setTrouble('');
    const { data, error } = await playing.gateway.client.query(SoundDocument, { id: recording.id }).toPromise();
    const media = data?.node && 'media' in data.node ? data.node.media : null;
    setUrl(media ? file(media.url) : '');
    if (!media) setTrouble(error ? reason(error).text : 'There is no sound.');
  }

  function fail() {
    setUrl('');
    setTrouble('It cannot be played now.');
  }

  if (url && playing.id === recording.id)
    return <audio ref={focus} controls autoPlay src={url} aria-label={`Recording of ${of}`} onError={fail} />;
  return (
    <div className="recording">
      <button type="button" onClick={() => void open()}>
        <span aria-hidden="true">▶</span> <span className="unseen">Play the recording of {of}, </span>
        {recording.durationSeconds === null ? 'Play' : lengthOf(recording.durationSeconds)}
      </button>
      {trouble && <span role="alert">{trouble}</span>}
    </div>
  );
}

// The player takes the place of the button that had the focus.
const focus = (player: HTMLAudioElement | null) => { player?.focus(); };
