// A log that fills itself: page by page when told to, and with what ends from now on.
import type { Client } from '@urql/core';
import { useEffect, useReducer, useState, type Dispatch } from 'react';
import { EndedDocument, NewestDocument, type CallFilter } from './gql/graphql';
import { EMPTY, reduce, type Happening, type Log } from './log';

export function useLog(client: Client, filter: CallFilter): [Log, Dispatch<Happening>] {
  const [log, dispatch] = useReducer(reduce, EMPTY);
  const [since] = useState(() => new Date().toISOString());
  const { asking } = log;

  useEffect(() => {
    if (!asking) return;
    const asked = client.query(NewestDocument, { ...asking, filter }).subscribe(({ data, error }) => {
      if (data?.calls) dispatch({ type: 'answered', answer: data.calls });
      else if (error) dispatch({ type: 'refused', error });
    });
    return () => { asked.unsubscribe(); };
  }, [client, filter, asking]);

  // Whoever is let in to the list may follow it.
  const isLetIn = log.pages.length > 0;
  useEffect(() => {
    if (!isLetIn) return;
    const followed = client.subscription(EndedDocument, { filter, since }).subscribe(({ data }) => {
      if (data?.callEnded.call) dispatch({ type: 'ended', call: data.callEnded.call });
    });
    return () => { followed.unsubscribe(); };
  }, [client, filter, since, isLetIn]);

  return [log, dispatch];
}
