// Sign in with an API key, which is kept for this tab only.
import { useWords } from '../app-context';
import { Icon } from './icon';

type Props = { onKey: (key: string) => void; refusal: string | null };

export function SignIn({ onKey, refusal }: Props) {
  const { t } = useWords();
  const submit = (event: React.SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const field = event.currentTarget.elements.namedItem('key') as HTMLInputElement;
    if (field.value.trim()) onKey(field.value.trim());
  };
  return (
    <main className="sign-in">
      <form onSubmit={submit}>
        <h1>{t('signIn.title')}</h1>
        <p>{t('signIn.text')}</p>
        <label>
          {t('signIn.key')}
          <input name="key" type="password" autoComplete="off" autoFocus required />
        </label>
        {refusal !== null && <p role="alert" className="error">{t('signIn.refused', { message: refusal })}</p>}
        <button type="submit" className="primary"><Icon name="key" />{t('signIn')}</button>
        <p className="quiet">{t('signIn.new')}</p>
      </form>
    </main>
  );
}
