// Notices: what is missing and why, and the way to GraphiQL.
import type { ReactNode } from 'react';
import { useApp, useWords } from '../app-context';
import { graphiqlAddress, type Failure } from '../gateway';
import type { ProblemPartsFragment } from '../gql/graphql';
import { Icon } from './icon';

type NoticeProps = { kind?: 'info' | 'warning' | 'error'; children: ReactNode };

export const Notice = ({ kind = 'info', children }: NoticeProps) => (
  <div className={`notice ${kind}`} role={kind === 'error' ? 'alert' : undefined}>
    {kind !== 'info' && <Icon name="warning" />}
    <div>{children}</div>
  </div>
);

type StateProps = { isUnreachable: boolean; errors: readonly Failure[] };

/** Say that the gateway cannot be reached, or what it refused. */
export function Failures({ isUnreachable, errors }: StateProps) {
  const { t } = useWords();
  if (isUnreachable) return <Notice kind="error">{t('unreachable')}</Notice>;
  const [first] = errors;
  return first ? <Notice kind="error">{t('failed', { message: first.message })}</Notice> : null;
}

/** Name each provider whose part is missing, with the reason. */
export function Problems({ problems, onRetry }: { problems: readonly ProblemPartsFragment[]; onRetry?: () => void }) {
  const { t, code } = useWords();
  if (problems.length === 0) return null;
  return (
    <Notice kind="warning">
      <ul className="plain">
        {problems.map((each, index) => (
          <li key={index}>
            <strong>{each.provider?.name}</strong> {code('problem', each.code)} <span className="quiet">{each.message}</span>
          </li>
        ))}
      </ul>
      {onRetry && <button type="button" onClick={onRetry}>{t('tryAgain')}</button>}
    </Notice>
  );
}

/** Link to GraphiQL with a query of this page. */
export function OpenQuery({ document, variables }: { document: { toString: () => string }; variables: unknown }) {
  const { config, words: { t } } = useApp();
  if (!config.graphiql) return null;
  return (
    <a className="open-query" href={graphiqlAddress(document, variables)} title={t('openQuery.hint')}>
      <Icon name="graphiql" />
      <span>{t('openQuery')}</span>
    </a>
  );
}
