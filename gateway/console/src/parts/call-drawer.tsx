// The details of a call: times, the session's legs, what was recorded, what it cost, and the provider's own row.
import { useEffect, useRef } from 'react';
import { useApp } from '../app-context';
import { CallDetailDocument, type CallDetailQuery } from '../gql/graphql';
import { link } from '../router';
import { useQuery } from '../use-query';
import { Direction, PartyCell, partyNumber, Provider, Status } from './call-parts';
import { Icon } from './icon';
import { Ladder } from './ladder';
import { Failures, Notice, OpenQuery } from './notices';
import { Player } from './player';

export type Detail = Extract<CallDetailQuery['node'], { __typename: 'Call' }>;
type Props = { id: string; onOpen: (id: string) => void; onClose: () => void };

export function CallDrawer({ id, onOpen, onClose }: Props) {
  const { viewer, words: { t } } = useApp();
  const title = useRef<HTMLHeadingElement>(null);
  const variables = { id, withMedia: viewer?.scopes.includes('media') ?? false };
  const { data, errors, isLoading, isUnreachable } = useQuery(CallDetailDocument, viewer && variables);
  useEffect(() => { title.current?.focus(); }, [id]);
  const call = data?.node?.__typename === 'Call' ? data.node : null;
  return (
    <aside className="drawer card" aria-labelledby="drawer-title" onKeyDown={(event) => { if (event.key === 'Escape') onClose(); }}>
      <header>
        <h2 id="drawer-title" ref={title} tabIndex={-1}>{t('detail.title')}</h2>
        <OpenQuery document={CallDetailDocument} variables={variables} />
        <button type="button" className="bare" aria-label={t('close')} onClick={onClose}><Icon name="close" /></button>
      </header>
      {isLoading && <p className="quiet">{t('loading')}</p>}
      {!isLoading && !call && (errors.length || isUnreachable ? <Failures isUnreachable={isUnreachable} errors={errors} /> : <Notice>{t('detail.gone')}</Notice>)}
      {!isLoading && call && <Parts call={call} onOpen={onOpen} />}
      {!isLoading && call && errors.length > 0 && (
        <Notice kind="warning">{t('detail.missing', { reasons: [...new Set(errors.map((each) => each.message))].join('; ') })}</Notice>
      )}
    </aside>
  );
}

const transcriptOf = ({ transcription }: NonNullable<Detail['recordings']>[number]): string | null =>
  transcription?.text ?? transcription?.summary ?? null;

function Parts({ call, onOpen }: { call: Detail; onOpen: (id: string) => void }) {
  const { viewer, words: { t, moment, duration } } = useApp();
  const legs = call.session?.calls ?? [];
  return (
    <>
      <div className="headline">
        <PartyCell party={call.from} /><span className="arrow" aria-hidden="true">→</span><PartyCell party={call.to} />
      </div>
      <p className="summary"><Status status={call.status} /><Direction direction={call.direction} /><Provider name={call.provider.name} /></p>
      <Contacts call={call} />
      <Facts call={call} />
      {legs.length > 1 && <section><h3>{t('detail.session')}</h3><Ladder legs={legs} current={call.id} onOpen={onOpen} /></section>}
      {!viewer?.scopes.includes('media') && <Notice>{t('scope.media')}</Notice>}
      {call.recordings && call.recordings.length > 0 && (
        <section>
          <h3>{t('detail.recordings')}</h3>
          {call.recordings.map((each) => (
            <div key={each.id}>
              {each.media
                ? <Player media={each.media} seconds={each.durationSeconds} label={moment(each.startedAt)} />
                : <p className="quiet">{moment(each.startedAt)} · {duration(each.durationSeconds)} · {t('detail.noFile')}</p>}
              {transcriptOf(each) && <blockquote>{transcriptOf(each)}</blockquote>}
            </div>
          ))}
        </section>
      )}
      {call.voicemessages && call.voicemessages.length > 0 && (
        <section>
          <h3>{t('detail.voicemessages')}</h3>
          {call.voicemessages.map((each) => (
            <div key={each.id}>
              {each.media && <Player media={each.media} seconds={each.durationSeconds} label={moment(each.receivedAt)} />}
              {each.transcript && <blockquote>{each.transcript}</blockquote>}
            </div>
          ))}
        </section>
      )}
      {call.notes && call.notes.length > 0 && (
        <section>
          <h3>{t('detail.notes')}</h3>
          <ul className="plain">{call.notes.map((each) => <li key={each.id}><blockquote>{each.text}</blockquote></li>)}</ul>
        </section>
      )}
      <details className="native">
        <summary>{t('detail.native')}</summary>
        {viewer?.hidesNative ? <Notice>{t('detail.native.withheld')}</Notice> : <pre tabIndex={0}>{JSON.stringify(call.native, null, 2)}</pre>}
      </details>
    </>
  );
}

function Contacts({ call }: { call: Detail }) {
  const { words: { t } } = useApp();
  const outside = call.direction === 'OUTBOUND' ? call.to : call.from;
  const number = partyNumber(outside);
  return number ? <p><a href={link('number', { number })}>{t('detail.number', { number })}</a></p> : null;
}

function Facts({ call }: { call: Detail }) {
  const { words: { t, moment, duration, money, list } } = useApp();
  const time = (at: string | null): string | null => at && moment(at);
  const facts: [string, string | number | null | undefined][] = [
    [t('detail.started'), time(call.startedAt)],
    [t('detail.ringing'), time(call.ringingAt)],
    [t('detail.answered'), time(call.answeredAt)],
    [t('detail.ended'), time(call.endedAt)],
    [t('call.ring'), call.ringSeconds == null ? null : duration(call.ringSeconds)],
    [t('call.talk'), call.talkSeconds == null ? null : duration(call.talkSeconds)],
    [t('call.queue'), call.queue?.name],
    [t('call.cost'), call.cost && money(call.cost)],
    [t('detail.hangup'), call.hangupCause],
    [t('detail.sip'), call.sipStatusCode],
    [t('detail.dialed'), call.dialedNumber],
    [t('detail.forwarded'), call.forwardedFrom],
    [t('detail.trunk'), call.trunk],
    [t('detail.info'), call.info],
    [t('detail.labels'), call.labels?.length ? list(call.labels) : null],
    [t('detail.id'), call.nativeId],
  ];
  return (
    <dl className="facts">
      {facts.map(([name, value]) => value != null && value !== '' && <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
    </dl>
  );
}
