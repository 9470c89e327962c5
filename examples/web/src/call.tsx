// One call, by its id: its page has an address of its own, and shows what the list has no place for.
import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import { reason, type Gateway } from './gateway';
import { OneDocument, type OneQuery } from './gql/graphql';
import { Refused } from './notices';
import { Row } from './row';
import { lengthOf, momentOf } from './words';

type Whole = Extract<NonNullable<OneQuery['node']>, { __typename: 'Call' }>;
/** What was asked: nothing yet, null where there is no such call, the call, or why it cannot be had. */
type Answer = Whole | string | null | undefined;

export function CallPage({ gateway, id }: { gateway: Gateway; id: string }) {
  const [answer, setAnswer] = useState<Answer>();
  const [attempt, setAttempt] = useState(0);
  const [playing, choose] = useState<string | null>(null);

  useEffect(() => {
    const asked = gateway.client.query(OneDocument, { id }).subscribe(({ data, error }) => {
      const found = data?.node;
      setAnswer(found?.__typename === 'Call' ? found : error ? reason(error).text : null);
    });
    return () => { asked.unsubscribe(); };
  }, [gateway, id, attempt]);

  return (
    <main aria-busy={answer === undefined}>
      <p><Link href="/" className="back">← All calls</Link></p>
      {answer === undefined && <p role="status" className="end">Loading …</p>}
      {answer === null && <p role="status" className="end">There is no such call.</p>}
      {typeof answer === 'string' && <Refused text={answer} onRetry={() => { setAnswer(undefined); setAttempt(attempt + 1); }} />}
      {typeof answer === 'object' && answer && (
        <>
          <ol><Row call={answer} playing={{ gateway, id: playing, choose }} /></ol>
          <dl className="details">{details(answer).map(([name, text]) => [<dt key={name}>{name}</dt>, <dd key={`${name} of`}>{text}</dd>])}</dl>
        </>
      )}
    </main>
  );
}

/** What is known of the call; what is not known is left out. */
function details({ startedAt, answeredAt, endedAt, ringSeconds, talkSeconds, cost }: Whole): [string, string][] {
  const all: [string, string | null][] = [
    ['Started', momentOf(startedAt)],
    ['Answered', answeredAt && momentOf(answeredAt)],
    ['Ended', endedAt && momentOf(endedAt)],
    ['Rang for', ringSeconds === null ? null : lengthOf(ringSeconds)],
    ['Talked for', talkSeconds === null ? null : lengthOf(talkSeconds)],
    ['Cost', cost && `${cost.amount} ${cost.currency ?? ''}`.trim()],
  ];
  return all.filter((each): each is [string, string] => each[1] !== null);
}
