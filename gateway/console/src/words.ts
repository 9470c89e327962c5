// Words and numbers in the visitor's language, and times in the visitor's zone.
import en from './messages/en.json';

export type Messages = typeof en;
export type Language = 'en' | 'de';
type Values = Record<string, string | number>;
type Time = string | number | Date;

const LANGUAGE = 'telegraphql:language';
export const LANGUAGES: Record<Language, string> = { en: 'English', de: 'Deutsch' };
const PARTS: readonly [Intl.RelativeTimeFormatUnit, number][] = [['day', 86_400], ['hour', 3_600], ['minute', 60], ['second', 1]];

export type Plural = 'calls' | 'records' | 'visits' | 'legs';
export type Key = Exclude<keyof Messages, `${Plural}_${string}`>;

export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const isLanguage = (name: string): name is Language => name in LANGUAGES;
const preferred = (): Language => navigator.languages.map((each) => each.slice(0, 2)).find(isLanguage) ?? 'en';

export function chosenLanguage(): Language {
  const kept = localStorage.getItem(LANGUAGE) ?? '';
  return isLanguage(kept) ? kept : preferred();
}

export const keepLanguage = (language: Language): void => {
  localStorage.setItem(LANGUAGE, language);
};

export const loadMessages = async (language: Language): Promise<Messages> =>
  language === 'de' ? (await import('./messages/de.json')).default : en;

export type Words = ReturnType<typeof wordsOf>;

export function wordsOf(language: Language, messages: Messages) {
  const locale = navigator.languages.find((each) => each.startsWith(language)) ?? language;
  const dateTime = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(locale, options);
    return (at: Time) => format.format(new Date(at));
  };
  const clock = dateTime({ hour: '2-digit', minute: '2-digit' });
  const short = dateTime({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' });
  const plural = new Intl.PluralRules(locale);
  const number = new Intl.NumberFormat(locale);
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const change = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0, signDisplay: 'exceptZero' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });

  const fill = (text: string, values: Values) => text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
  const t = (name: Key, values: Values = {}): string => fill(messages[name], values);
  const code = (prefix: string, name: string): string => messages[`${prefix}.${name}` as keyof Messages] || name;
  const count = (what: Plural, n: number): string => {
    const form = `${what}_${plural.select(n) === 'one' ? 'one' : 'other'}` as keyof Messages;
    return fill(messages[form], { n: number.format(n) });
  };

  return {
    language,
    t,
    code,
    count,
    number: (value: number): string => number.format(value),
    percent: (share: number | null | undefined) => (share == null ? '–' : percent.format(share)),
    change: (now: number, before: number): string => (before === 0 ? '–' : change.format(now / before - 1)),
    time: dateTime({ hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    clock,
    day: dateTime({ weekday: 'short', day: 'numeric', month: 'short' }),
    month: dateTime({ month: 'short', year: 'numeric' }),
    date: dateTime({ dateStyle: 'medium' }),
    moment: dateTime({ dateStyle: 'medium', timeStyle: 'medium' }),
    point: (at: Time, now: number): string => (isSameDay(at, now) ? clock(at) : short(at)),
    short,
    duration,
    ago: (at: Time, now: number): string => {
      const seconds = Math.min(0, Math.round((new Date(at).getTime() - now) / 1000));
      const [unit, size] = PARTS.find(([, each]) => -seconds >= each) ?? ['second', 1];
      return relative.format(Math.trunc(seconds / size), unit);
    },
    money: ({ amount, currency }: { amount: string; currency?: string | null }): string => {
      const shape = { minimumFractionDigits: 2, maximumFractionDigits: 4 };
      const format = currency ? { ...shape, style: 'currency' as const, currency } : shape;
      return new Intl.NumberFormat(locale, format).format(amount as unknown as number);
    },
    list: (parts: readonly string[]): string => new Intl.ListFormat(locale).format(parts),
  };
}

const isSameDay = (a: Time, b: Time): boolean => new Date(a).toDateString() === new Date(b).toDateString();

function duration(seconds: number | null | undefined): string {
  if (seconds == null) return '–';
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = String(whole % 60).padStart(2, '0');
  return hours ? `${String(hours)}:${String(minutes).padStart(2, '0')}:${rest}` : `${String(minutes)}:${rest}`;
}
