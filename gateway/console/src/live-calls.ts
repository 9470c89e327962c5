// Calls as they end, newest first.
import { useEffect, useState } from 'react';
import { follow } from './gateway';
import { EndedCallsDocument, type CallRowFragment } from './gql/graphql';

const KEPT = 50;

/** Follow the calls that end from now on, and call `onCall` for each. */
export function useLiveCalls(onCall: (call: CallRowFragment) => void): { calls: readonly CallRowFragment[]; isLive: boolean } {
  const [calls, setCalls] = useState<readonly CallRowFragment[]>([]);
  const [isLive, setLive] = useState(false);
  useEffect(() => {
    let after: string | null = null;
    return follow(EndedCallsDocument, () => ({ after, since: null }), {
      live: setLive,
      next: ({ callEnded: { cursor, call } }) => {
        after = cursor;
        if (!call) return;
        setCalls((before) => [call, ...before.filter((each) => each.id !== call.id)].slice(0, KEPT));
        onCall(call);
      },
    });
  }, [onCall]);
  return { calls, isLive };
}
