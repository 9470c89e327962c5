// The simulated providers' switches, which only `telegraphql serve --sandbox` has.
import { key } from './gateway';

const ADDRESS = '/console/sandbox';

const headers = (): Record<string, string> => (key.get() ? { authorization: `Bearer ${key.get()}` } : {});

/** Which providers can be made to fail, by their names, and whether they were. */
export type Broken = Readonly<Record<string, boolean>>;

/** Return which providers were made to fail. */
export async function brokenProviders(): Promise<Broken> {
  const response = await fetch(ADDRESS, { headers: headers() });
  return response.ok ? ((await response.json()) as { broken: Broken }).broken : {};
}

/** Make a provider fail, or work again. */
export async function breakProvider(name: string, isBroken: boolean): Promise<void> {
  await fetch(`${ADDRESS}/${encodeURIComponent(name)}`, { method: isBroken ? 'PUT' : 'DELETE', headers: headers() });
}
