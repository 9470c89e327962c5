// A gap in the list: which provider's calls are missing, from when to when, why, and the way to try again.
import { useState } from 'react';
import { useApp } from '../app-context';
import type { Gap } from '../call-list';
import { Icon } from './icon';

type Props = { gap: Gap; onClose: (gap: Gap) => Promise<number> };

export function GapLine({ gap, onClose }: Props) {
  const { words: { t, code, count, short }, announce } = useApp();
  const [isTrying, setTrying] = useState(false);
  const values = {
    provider: gap.provider,
    since: gap.since ? short(gap.since) : '',
    until: gap.until ? short(gap.until) : '',
    reason: code('problem', gap.problem.code),
  };
  const text = t(gap.since && gap.until ? 'gap' : gap.until ? 'gap.open' : gap.since ? 'gap.start' : 'gap.all', values);
  const retry = async (): Promise<void> => {
    setTrying(true);
    try {
      const found = await onClose(gap);
      announce(found < 0 ? text : t('gap.closed', { n: count('calls', found), provider: gap.provider }));
    } finally {
      setTrying(false);
    }
  };
  return (
    <div role="cell" className="gap-text" title={gap.problem.message}>
      <Icon name="warning" />
      <span>{text}</span>
      <button type="button" disabled={isTrying} onClick={() => { void retry(); }}>{t(isTrying ? 'loading' : 'tryAgain')}</button>
    </div>
  );
}
