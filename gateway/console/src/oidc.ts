// Sign-in at the issuer of tokens: OpenID Connect with an authorization code and PKCE (RFC 7636). All of it stays in this tab.

export type SignInSettings = { issuer: string; clientId: string; scope: string; parameters: Readonly<Record<string, string>> };
type Endpoints = { authorization_endpoint: string; token_endpoint: string };
type Begun = { state: string; verifier: string; place: string };
type Tokens = { access_token: string; expires_in?: number; refresh_token?: string };
/** What renews a token: where, and from when on, in milliseconds since 1970. */
type Renewal = { endpoint: string; clientId: string; refreshToken: string; from: number };

const BEGUN = 'telegraphql:sign-in';
const RENEWAL = 'telegraphql:renewal';
const AHEAD = 30_000;

/** The issuer did not do what OpenID Connect says, or refused. */
export class SignInFailed extends Error {}

const here = (): string => `${location.origin}/`;

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const random = (): string => base64url(crypto.getRandomValues(new Uint8Array(32)));
const hashOf = async (text: string): Promise<string> =>
  base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))));

/** Ask an issuer for its endpoints (OpenID Connect Discovery 1.0). */
async function endpointsOf(issuer: string): Promise<Endpoints> {
  const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const found = (await response.json()) as Endpoints & { issuer: string };
  if (found.issuer !== issuer) throw new SignInFailed(`${issuer} ≠ ${found.issuer}`);
  return found;
}

/** Leave for the issuer's page. It leads back here, where `finish` goes on. */
export async function begin({ issuer, clientId, scope, parameters }: SignInSettings): Promise<void> {
  const { authorization_endpoint: address } = await endpointsOf(issuer);
  const begun: Begun = { state: random(), verifier: random(), place: location.hash };
  sessionStorage.setItem(BEGUN, JSON.stringify(begun));
  const query = new URLSearchParams({
    ...parameters,
    response_type: 'code', client_id: clientId, redirect_uri: here(), scope, state: begun.state,
    code_challenge: await hashOf(begun.verifier), code_challenge_method: 'S256',
  });
  location.assign(`${address}${address.includes('?') ? '&' : '?'}${query.toString()}`);
}

/** Return true if the issuer led somebody back here. */
export const isReturn = (): boolean => sessionStorage.getItem(BEGUN) !== null && new URLSearchParams(location.search).has('state');

/** Return the token for the code that the issuer led back with. The address is then again what it was before. */
export async function finish({ issuer, clientId, parameters }: SignInSettings): Promise<string> {
  const begun = JSON.parse(sessionStorage.getItem(BEGUN) ?? 'null') as Begun | null;
  const answer = new URLSearchParams(location.search);
  sessionStorage.removeItem(BEGUN);
  history.replaceState(null, '', `/${begun?.place ?? ''}`);
  const code = answer.get('code');
  // The issuer names itself where it can, so that no other one's code is sent to it (RFC 9207).
  if (answer.get('state') !== begun?.state || (answer.get('iss') ?? issuer) !== issuer) throw new SignInFailed('state');
  if (code === null) throw new SignInFailed(answer.get('error_description') ?? answer.get('error') ?? 'code');
  const { token_endpoint: endpoint } = await endpointsOf(issuer);
  const form = { ...parameters, grant_type: 'authorization_code', client_id: clientId, redirect_uri: here(), code, code_verifier: begun.verifier };
  return kept(await requestTokens(endpoint, form), endpoint, clientId);
}

async function requestTokens(endpoint: string, form: Record<string, string>): Promise<Tokens> {
  const response = await fetch(endpoint, { method: 'POST', body: new URLSearchParams(form) });
  const answer = (await response.json()) as Tokens & { error?: string; error_description?: string };
  if (!response.ok || !answer.access_token) throw new SignInFailed(answer.error_description ?? answer.error ?? `HTTP ${String(response.status)}`);
  return answer;
}

function kept(tokens: Tokens, endpoint: string, clientId: string): string {
  if (tokens.refresh_token && tokens.expires_in) {
    const renewal: Renewal = { endpoint, clientId, refreshToken: tokens.refresh_token, from: Date.now() + tokens.expires_in * 1_000 - AHEAD };
    sessionStorage.setItem(RENEWAL, JSON.stringify(renewal));
  } else sessionStorage.removeItem(RENEWAL);
  return tokens.access_token;
}

let running: Promise<string> | null = null;

/** Return a new token shortly before the present one ends; null as long as that holds, or where none can be had. */
export async function renewed(): Promise<string | null> {
  const text = sessionStorage.getItem(RENEWAL);
  const renewal = text === null ? null : (JSON.parse(text) as Renewal);
  if (!renewal || Date.now() < renewal.from) return null;
  const form = { grant_type: 'refresh_token', client_id: renewal.clientId, refresh_token: renewal.refreshToken };
  // A refresh token is often good for one use only: whoever asks meanwhile gets the same new token.
  running ??= requestTokens(renewal.endpoint, form)
    .then((tokens) => kept({ refresh_token: renewal.refreshToken, ...tokens }, renewal.endpoint, renewal.clientId))
    .finally(() => { running = null; });
  return running.catch(() => {
    sessionStorage.removeItem(RENEWAL);
    return null;
  });
}

export const forgetRenewal = (): void => { sessionStorage.removeItem(RENEWAL); };
