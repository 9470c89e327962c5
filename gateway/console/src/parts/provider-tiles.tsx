// A tile for each provider: its health, how fresh that is, and its last problem. In the sandbox a switch makes it fail if it is asked over HTTP.
import { useCallback, useEffect, useState } from 'react';
import { useApp } from '../app-context';
import { type Broken, breakProvider, brokenProviders } from '../sandbox';
import type { ProviderHealthQuery } from '../gql/graphql';
import { link } from '../router';
import { Health } from './call-parts';

type Tile = ProviderHealthQuery['providers'][number];
type Props = { providers: readonly Tile[]; now: number; onChange: () => void };

export function ProviderTiles({ providers, now, onChange }: Props) {
  const { config, words: { t } } = useApp();
  const [broken, setBroken] = useState<Broken>({});
  const refresh = useCallback(async () => { setBroken(await brokenProviders()); }, []);
  useEffect(() => {
    if (config.sandbox) void refresh();
  }, [config.sandbox, refresh]);
  const turn = async (name: string, isBroken: boolean): Promise<void> => {
    setBroken((before) => ({ ...before, [name]: isBroken }));
    await breakProvider(name, isBroken);
    await refresh();
    onChange();
  };
  return (
    <ul className="tiles" aria-label={t('page.providers')}>
      {providers.map((each) => (
        <li key={each.id} className={`tile tile-${each.health.status}`}>
          <header>
            <h2><a href={link('providers', { provider: each.name })}>{each.name}</a></h2>
            <Health status={each.health.status} />
          </header>
          <Facts tile={each} now={now} />
          {each.name in broken && (
            <label className="switch">
              <input
                type="checkbox" role="switch" checked={broken[each.name]} aria-label={t('health.break.label', { provider: each.name })}
                onChange={(event) => { void turn(each.name, event.target.checked); }}
              />
              <span aria-hidden="true">{t('health.break')}</span>
            </label>
          )}
        </li>
      ))}
    </ul>
  );
}

function Facts({ tile: { health }, now }: { tile: Tile; now: number }) {
  const { words } = useApp();
  const { t, ago, code } = words;
  const problem = health.status === 'HEALTHY' ? null : health.lastProblem;
  return (
    <>
      <p className="quiet">
        {health.since && <span title={words.moment(health.since)}>{t('health.since', { at: words.point(health.since, now) })}</span>}
        {' · '}
        {health.lastSuccessAt ? t('health.lastSuccess', { ago: ago(health.lastSuccessAt, now) }) : t('health.noSuccess')}
      </p>
      {problem && <p className="problem" title={problem.message}><strong>{code('problem', problem.code)}</strong> {problem.message}</p>}
      {!problem && <p className="quiet">{health.lastProblem ? `${t('health.lastProblem')}: ${code('problem', health.lastProblem.code)}` : t('health.noProblem')}</p>}
    </>
  );
}
