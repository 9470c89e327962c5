// Providers: how each is, what it can do, and within which limits.
import { useApp } from '../app-context';
import { ProviderCapabilitiesDocument, ProviderHealthDocument, type FilterSupport, type ProviderCapabilitiesQuery, type ProviderHealthQuery } from '../gql/graphql';
import { Health } from '../parts/call-parts';
import { Failures, Notice, OpenQuery } from '../parts/notices';
import { useRoute } from '../router';
import { useNow, useQuery } from '../use-query';

type Provider = ProviderCapabilitiesQuery['providers'][number];
type Capability = Provider['capabilities'][number];
type State = ProviderHealthQuery['providers'][number]['health'];

export function Providers() {
  const { words: { t } } = useApp();
  const { parameters } = useRoute();
  const now = useNow();
  const capabilities = useQuery(ProviderCapabilitiesDocument, {});
  const health = useQuery(ProviderHealthDocument, {}, { every: 5_000 });
  const states = new Map(health.data?.providers.map((each) => [each.id, each.health]));
  const wanted = parameters.get('provider');
  const shown = capabilities.data?.providers.filter((each) => !wanted || each.name === wanted) ?? [];
  return (
    <div className="page providers">
      <header className="page-head">
        <h1>{t('page.providers')}</h1>
        <OpenQuery document={ProviderCapabilitiesDocument} variables={{}} />
      </header>
      <Failures isUnreachable={capabilities.isUnreachable} errors={capabilities.errors} />
      {capabilities.isLoading && <p className="quiet">{t('loading')}</p>}
      {shown.map((each) => <Card key={each.id} provider={each} health={states.get(each.id)} now={now} />)}
    </div>
  );
}

function Card({ provider, health, now }: { provider: Provider; health: State | undefined; now: number }) {
  const { words: { t, ago, code, point } } = useApp();
  const title = `provider-${provider.name}`;
  const can = provider.capabilities.filter((each) => each.lists || each.gets || each.commands.length > 0);
  return (
    <section className="card" aria-labelledby={title}>
      <header>
        <h2 id={title}>{provider.name}</h2>
        <span className="quiet">{t('plugin')}: {provider.plugin}</span>
        {health && <Health status={health.status} />}
      </header>
      {health && (
        <dl className="facts wide">
          <div><dt>{t('health')}</dt><dd>{code('health', health.status)}{health.since && ` ${t('health.since', { at: point(health.since, now) })}`}</dd></div>
          <div><dt>{t('health.lastSuccess', { ago: '' })}</dt><dd>{health.lastSuccessAt ? ago(health.lastSuccessAt, now) : t('health.noSuccess')}</dd></div>
          <div><dt>{t('health.lastProblem')}</dt><dd>{health.lastProblem ? `${code('problem', health.lastProblem.code)} (${health.lastProblem.message})` : t('health.noProblem')}</dd></div>
        </dl>
      )}
      {health && health.warnings.length > 0 && (
        <Notice kind="warning"><strong>{t('providers.warnings')}</strong><ul>{health.warnings.map((each) => <li key={each}>{each}</li>)}</ul></Notice>
      )}
      <div className="scroll" tabIndex={0} role="region" aria-label={`${provider.name}: ${t('providers.capabilities')}`}>
        <table className="wide">
          <thead>
            <tr>
              <th scope="col">{t('providers.kind')}</th>
              {(['lists', 'gets', 'counts'] as const).map((each) => <th key={each} scope="col">{t(`providers.${each}`)}</th>)}
              <th scope="col" className="figure">{t('providers.pageSize')}</th>
              {(['filters', 'files', 'commands'] as const).map((each) => <th key={each} scope="col">{t(`providers.${each}`)}</th>)}
            </tr>
          </thead>
          <tbody>{can.map((each) => <Kind key={each.kind} capability={each} />)}</tbody>
        </table>
      </div>
    </section>
  );
}

function Kind({ capability }: { capability: Capability }) {
  const { words: { t, number } } = useApp();
  const of = (support: FilterSupport) => capability.filters.filter((each) => each.support === support);
  const names = { exact: of('EXACT').length, superset: of('SUPERSET').length, gateway: of('GATEWAY').length, unsupported: of('UNSUPPORTED').length };
  const yes = (can: boolean) => <span className={can ? 'yes' : 'no'}>{t(can ? 'yes' : 'no')}</span>;
  return (
    <tr>
      <th scope="row">{capability.kind}{capability.isDerived && <small className="quiet"> {t('providers.derived')}</small>}</th>
      <td>{yes(capability.lists)}</td>
      <td>{yes(capability.gets)}</td>
      <td>{yes(capability.counts)}</td>
      <td className="figure">{capability.pageSize === null ? '–' : number(capability.pageSize)}</td>
      <td>
        {capability.filters.length > 0 && (
          <details>
            <summary>{t('providers.all', names)}</summary>
            <ul className="plain chips">{capability.filters.map((each) => <li key={each.name} className={`support-${each.support}`}>{each.name}</li>)}</ul>
          </details>
        )}
      </td>
      <td>{capability.files.join(', ')}</td>
      <td>{capability.commands.join(', ')}</td>
    </tr>
  );
}
