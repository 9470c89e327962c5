// The frame of the console: who is asking, in which language, and the page that the address names.
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { AppContext, useApp, type App, type Viewer } from './app-context';
import { ask, config as askConfig, key, KeyNeeded, type ConsoleConfig } from './gateway';
import { ViewerDocument } from './gql/graphql';
import { finish, isReturn } from './oidc';
import { Frame } from './parts/frame';
import { SignIn } from './parts/sign-in';
import { Notice } from './parts/notices';
import { useRoute, type PageName } from './router';
import { chosenLanguage, keepLanguage, loadMessages, wordsOf, type Language, type Words } from './words';
import en from './messages/en.json';
import { Overview } from './pages/overview';

const PAGES: Record<PageName, React.ComponentType> = {
  overview: Overview,
  calls: lazy(async () => ({ default: (await import('./pages/calls')).Calls })),
  number: lazy(async () => ({ default: (await import('./pages/number')).NumberPage })),
  queues: lazy(async () => ({ default: (await import('./pages/queues')).Queues })),
  statistics: lazy(async () => ({ default: (await import('./pages/statistics')).Statistics })),
  providers: lazy(async () => ({ default: (await import('./pages/providers')).Providers })),
};
const PLAIN: ConsoleConfig = { version: '', graphiql: false, sandbox: false, signIn: null };

export function Console() {
  const [words, setWords] = useState<Words>(() => wordsOf('en', en));
  const [config, setConfig] = useState<ConsoleConfig>(PLAIN);
  const [viewer, setViewer] = useState<Viewer | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [failure, setFailure] = useState('');
  const status = useRef<HTMLDivElement>(null);

  const choose = useCallback(async (language: Language) => {
    setWords(wordsOf(language, await loadMessages(language)));
    document.documentElement.lang = language;
  }, []);

  const onKeyNeeded = useCallback((message: string) => {
    setViewer(null);
    setRefusal(message);
  }, []);

  const identify = useCallback(async () => {
    try {
      const { data, errors } = await ask(ViewerDocument, {});
      if (data) setViewer(data.viewer);
      setRefusal(data ? null : (errors[0]?.message ?? ''));
    } catch (error) {
      if (error instanceof KeyNeeded) onKeyNeeded(error.message);
    }
  }, [onKeyNeeded]);

  useEffect(() => {
    const start = async (): Promise<void> => {
      const told = askConfig().then((found) => {
        setConfig(found);
        return found;
      }, () => PLAIN);
      // Who comes back from the issuer has a token before anything is asked.
      const { signIn } = isReturn() ? await told : PLAIN;
      if (signIn) await finish(signIn).then(key.set, (error: unknown) => { setFailure(error instanceof Error ? error.message : ''); });
      await Promise.all([choose(chosenLanguage()), told, identify()]);
    };
    void start();
  }, [choose, identify]);

  const announce = useCallback((text: string) => {
    if (status.current) status.current.textContent = text;
  }, []);
  const app = useMemo<App>(() => ({ words, config, viewer, onKeyNeeded, announce }), [words, config, viewer, onKeyNeeded, announce]);

  const enter = (given: string): void => {
    key.set(given);
    void identify();
  };
  const leave = (): void => {
    key.forget();
    void identify();
  };
  const speak = (language: Language): void => {
    keepLanguage(language);
    void choose(language);
  };

  return (
    <AppContext value={app}>
      <div ref={status} className="visually-hidden" role="status" aria-live="polite" />
      {refusal === null ? (
        <Frame onLanguage={speak} onSignIn={() => { setRefusal(''); }} onSignOut={leave}>
          <Page />
        </Frame>
      ) : (
        <SignIn onKey={enter} refusal={key.get() ? refusal : null} failure={failure} />
      )}
    </AppContext>
  );
}

function Page() {
  const { page } = useRoute();
  const { viewer, words } = useApp();
  const Shown = PAGES[page];
  useEffect(() => {
    document.title = `${words.t(`page.${page}`)} · TelegraphQL`;
  }, [page, words]);
  if (viewer && !viewer.scopes.includes('read')) return <Notice kind="warning">{words.t('scope.needed', { scope: 'read' })}</Notice>;
  return (
    <Suspense fallback={<p className="quiet">{words.t('loading')}</p>}>
      <Shown />
    </Suspense>
  );
}
