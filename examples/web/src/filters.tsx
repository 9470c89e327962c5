// Filters: a number, and a range of time in the visitor's zone.
import type { CallFilter } from './gql/graphql';

export function Filters({ onFilter }: { onFilter: (filter: CallFilter) => void }) {
  return (
    <form
      className="filters"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        onFilter(filterOf(new FormData(event.currentTarget)));
      }}
      onReset={() => { onFilter({}); }}
    >
      <label className="wide">Number <input name="number" type="search" inputMode="tel" autoComplete="off" placeholder="+41 61 …" /></label>
      <label>From <input name="from" type="datetime-local" /></label>
      <label>To <input name="to" type="datetime-local" /></label>
      <button type="submit">Search</button>
      <button type="reset" className="quiet">Clear</button>
    </form>
  );
}

function filterOf(form: FormData): CallFilter {
  const text = (name: string) => (form.get(name) as string).trim();
  const moment = (name: string) => (text(name) ? new Date(text(name)).toISOString() : null);
  const [number, from, to] = [text('number'), moment('from'), moment('to')];
  return { ...(number && { number: matching(number) }), ...((from ?? to) && { startedAt: { since: from, until: to } }) };
}

// A whole number is found however the provider writes it; of a part the digits are compared.
const matching = (number: string) => (/^(\+|00)(\D*\d){9}/.test(number) ? { equals: [number] } : { contains: number });
