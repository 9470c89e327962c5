// Sign in at the issuer of tokens where the gateway has one, or with an API key. Both are kept for this tab only.
import { useState } from 'react';
import { useApp } from '../app-context';
import { begin, type SignInSettings } from '../oidc';
import { Icon } from './icon';

type Props = { onKey: (key: string) => void; refusal: string | null; failure: string };

export function SignIn({ onKey, refusal, failure }: Props) {
  const { config, words: { t } } = useApp();
  const submit = (event: React.SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const field = event.currentTarget.elements.namedItem('key') as HTMLInputElement;
    if (field.value.trim()) onKey(field.value.trim());
  };
  return (
    <main className="sign-in">
      <form onSubmit={submit}>
        <h1>{t('signIn.title')}</h1>
        {config.signIn && <AtIssuer settings={config.signIn} before={failure} />}
        <p>{t(config.signIn ? 'signIn.orKey' : 'signIn.text')}</p>
        <label>
          {t('signIn.key')}
          <input name="key" type="password" autoComplete="off" autoFocus={!config.signIn} required />
        </label>
        {refusal !== null && <p role="alert" className="error">{t('signIn.refused', { message: refusal })}</p>}
        <button type="submit" className={config.signIn ? undefined : 'primary'}><Icon name="key" />{t(config.signIn ? 'signIn.withKey' : 'signIn')}</button>
        <p className="quiet">{t('signIn.new')}</p>
      </form>
    </main>
  );
}

function AtIssuer({ settings, before }: { settings: SignInSettings; before: string }) {
  const { words: { t } } = useApp();
  const [failure, setFailure] = useState(before);
  const leave = (): void => {
    setFailure('');
    begin(settings).catch((error: unknown) => { setFailure(error instanceof Error ? error.message : ''); });
  };
  return (
    <>
      <button type="button" className="primary" autoFocus onClick={leave}><Icon name="external" />{t('signIn.at', { host: new URL(settings.issuer).host })}</button>
      {failure && <p role="alert" className="error">{t('signIn.failed', { message: failure })}</p>}
    </>
  );
}
