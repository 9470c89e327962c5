// What all parts of the console know: who is asking, in which language, and what the gateway serves.
import { createContext, useContext } from 'react';
import type { ConsoleConfig } from './gateway';
import type { ViewerQuery } from './gql/graphql';
import type { Words } from './words';

export type Viewer = ViewerQuery['viewer'];
export type App = {
  config: ConsoleConfig;
  viewer: Viewer | null;
  words: Words;
  onKeyNeeded: (message: string) => void;
  /** Tell people who listen instead of looking. */
  announce: (text: string) => void;
};

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error('a part of the console stands outside of it');
  return app;
}

export const useWords = (): Words => useApp().words;
