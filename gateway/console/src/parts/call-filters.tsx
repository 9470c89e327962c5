// The filters of the list of calls. Each change stands in the address, so that a link shows the same list.
import { useEffect, useState } from 'react';
import { useApp } from '../app-context';
import { DIRECTIONS, isCallId } from '../call-filter';
import { STATUSES } from '../series';

const MULTIPLE = ['status', 'direction', 'provider'] as const;
type Multiple = (typeof MULTIPLE)[number];
type Props = { parameters: URLSearchParams; providers: readonly string[]; onChange: (changes: Record<string, readonly string[] | string | null>) => void };

export function CallFilters({ parameters, providers, onChange }: Props) {
  const { words } = useApp();
  const { t, code } = words;
  const options: Record<Multiple, [string, string][]> = {
    status: STATUSES.map((each) => [each, code('status', each)]),
    direction: DIRECTIONS.map((each) => [each, code('direction', each)]),
    provider: providers.map((each) => [each, each]),
  };
  const isFiltered = [...MULTIPLE, 'search', 'since', 'until', 'recorded'].some((name) => parameters.has(name));
  return (
    <div className="filters" role="group" aria-label={t('calls.filters')}>
      <SearchFilter value={parameters.get('search') ?? ''} onChange={(search) => { onChange(isCallId(search) ? { search: null, call: search } : { search }); }} />
      {MULTIPLE.map((name) => (
        <Select
          key={name} label={t(`call.${name}`)} options={options[name]} chosen={parameters.getAll(name)}
          onChange={(chosen) => { onChange({ [name]: chosen }); }}
        />
      ))}
      {(['since', 'until'] as const).map((name) => (
        <label key={name}>
          <span>{t(`calls.${name}`)}</span>
          <input
            type="datetime-local" value={localTime(parameters.get(name))}
            onChange={(event) => { onChange({ [name]: event.target.value ? new Date(event.target.value).toISOString() : null }); }}
          />
        </label>
      ))}
      <label className="check">
        <input type="checkbox" checked={parameters.has('recorded')} onChange={(event) => { onChange({ recorded: event.target.checked ? 'yes' : null }); }} />
        <span>{t('calls.recorded')}</span>
      </label>
      {isFiltered && (
        <button type="button" onClick={() => { onChange({ search: null, since: null, until: null, recorded: null, status: [], direction: [], provider: [] }); }}>
          {t('calls.clear')}
        </button>
      )}
    </div>
  );
}

function SearchFilter({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { words: { t } } = useApp();
  const [typed, setTyped] = useState(value);
  const [of, setOf] = useState(value);
  if (of !== value) {
    setOf(value);
    setTyped(value);
  }
  useEffect(() => {
    if (typed === value) return undefined;
    const timer = setTimeout(() => { onChange(typed); }, 400);
    return () => { clearTimeout(timer); };
  }, [typed, value, onChange]);
  const submit = (event: React.SubmitEvent): void => {
    event.preventDefault();
    onChange(typed);
  };
  return (
    <form onSubmit={submit}>
      <label>
        <span>{t('calls.search')}</span>
        <input type="search" autoComplete="off" placeholder={t('calls.search.hint')} value={typed} onChange={(event) => { setTyped(event.target.value); }} />
      </label>
    </form>
  );
}

type SelectProps = { label: string; options: readonly [string, string][]; chosen: readonly string[]; onChange: (chosen: string[]) => void };

function Select({ label, options, chosen, onChange }: SelectProps) {
  const { words: { t, list } } = useApp();
  const names = options.filter(([each]) => chosen.includes(each)).map(([, name]) => name);
  return (
    <details className="select" name="filter">
      <summary>
        <span>{label}</span>
        <strong>{names.length ? list(names) : t('calls.any')}</strong>
      </summary>
      <fieldset>
        <legend className="visually-hidden">{label}</legend>
        {options.map(([each, name]) => (
          <label key={each} className="check">
            <input
              type="checkbox" checked={chosen.includes(each)}
              onChange={(event) => { onChange(event.target.checked ? [...chosen, each] : chosen.filter((other) => other !== each)); }}
            />
            <span>{name}</span>
          </label>
        ))}
      </fieldset>
    </details>
  );
}

/** Return a moment as a field for the visitor's time shows it. */
function localTime(text: string | null): string {
  const time = text ? new Date(text) : null;
  if (!time || Number.isNaN(time.getTime())) return '';
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
