// The frame: the pages' names at the side, on a telephone at the bottom; the search, zone, language and appearance on top.
import { useEffect, useState, type ReactNode } from 'react';
import { useApp } from '../app-context';
import { isCallId, isNumber } from '../call-filter';
import { key } from '../gateway';
import { go, link, useRoute, type PageName } from '../router';
import { LANGUAGES, zone, type Language } from '../words';
import { Icon } from './icon';

const SHOWN: readonly PageName[] = ['overview', 'calls', 'number', 'queues', 'statistics', 'providers'];
const THEME = 'telegraphql:theme';
const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

type Props = { onLanguage: (language: Language) => void; onSignIn: () => void; onSignOut: () => void; children: ReactNode };

export function Frame({ onLanguage, onSignIn, onSignOut, children }: Props) {
  const { words: { t } } = useApp();
  return (
    <div className="frame">
      <a className="skip" href="#content" onClick={(event) => { event.preventDefault(); document.getElementById('content')?.focus(); }}>
        {t('skip')}
      </a>
      <header className="top">
        <Brand />
        <Search />
        <Choices onLanguage={onLanguage} />
        <Account onSignIn={onSignIn} onSignOut={onSignOut} />
      </header>
      <Navigation />
      <main id="content" tabIndex={-1}>{children}</main>
    </div>
  );
}

function Brand() {
  const { config, words: { t } } = useApp();
  return (
    <div className="brand">
      <a href={link('overview')}>Telegraph<em>QL</em></a>
      {config.sandbox && <span className="badge" title={t('sandbox.hint')}>{t('sandbox')}</span>}
    </div>
  );
}

function Navigation() {
  const { config, words: { t } } = useApp();
  const { page } = useRoute();
  return (
    <nav className="pages" aria-label={t('navigation')}>
      {SHOWN.map((each) => (
        <a key={each} href={link(each)} aria-current={each === page ? 'page' : undefined}>
          <Icon name={each} />
          <span>{t(`page.${each}`)}</span>
        </a>
      ))}
      {config.graphiql && (
        <a href="/graphiql" className="away">
          <Icon name="graphiql" />
          <span>{t('page.graphiql')}</span>
        </a>
      )}
      <p className="zone">{t('zone', { zone })}</p>
    </nav>
  );
}

/** The one box for all: a number leads to its contacts, a call's id to the call, a name or another id to the calls with it. */
function Search() {
  const { words: { t } } = useApp();
  const submit = (event: React.SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const field = event.currentTarget.elements.namedItem('search') as HTMLInputElement;
    const text = field.value.trim();
    if (isNumber(text)) go('number', { number: text });
    else if (text) go('calls', isCallId(text) ? { call: text } : { search: text });
    field.value = '';
  };
  return (
    <form className="search" role="search" onSubmit={submit}>
      <Icon name="search" />
      <input name="search" type="search" autoComplete="off" aria-label={t('calls.search.hint')} placeholder={t('calls.search.hint')} />
    </form>
  );
}

function Choices({ onLanguage }: { onLanguage: (language: Language) => void }) {
  const { words: { t, language } } = useApp();
  const [theme, setTheme] = useState<Theme>(() => THEMES.find((each) => each === localStorage.getItem(THEME)) ?? 'system');
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
    localStorage.setItem(THEME, theme);
  }, [theme]);
  return (
    <div className="choices">
      <select aria-label={t('language')} value={language} onChange={(event) => { onLanguage(event.target.value as Language); }}>
        {Object.entries(LANGUAGES).map(([code, name]) => <option key={code} value={code}>{name}</option>)}
      </select>
      <select aria-label={t('theme')} value={theme} onChange={(event) => { setTheme(event.target.value as Theme); }}>
        {THEMES.map((each) => <option key={each} value={each}>{t(`theme.${each}`)}</option>)}
      </select>
    </div>
  );
}

// Whom the gateway lets in without a key.
const ANONYMOUS = 'anonymous';

function Account({ onSignIn, onSignOut }: Pick<Props, 'onSignIn' | 'onSignOut'>) {
  const { viewer, words: { t } } = useApp();
  if (viewer?.name === ANONYMOUS) return <div className="account"><button type="button" onClick={onSignIn}>{t('signIn')}</button></div>;
  if (!viewer || !key.get()) return null;
  return (
    <div className="account">
      <span>{t('signedInAs', { name: viewer.name })}</span>
      <button type="button" onClick={onSignOut}>{t('signOut')}</button>
    </div>
  );
}
