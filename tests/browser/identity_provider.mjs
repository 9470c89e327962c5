// A certified OpenID Connect provider on a free port, with the console as its client: argument 1 is the console's origin, 2 how many
// seconds a token holds. It signs in whoever gives a name, and gives tokens for the gateway as JWTs.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../clients/package.json', import.meta.url));
const { default: Provider } = await import(require.resolve('oidc-provider'));
const [, , console_, seconds] = process.argv;
const AUDIENCE = 'telegraphql';

const server = createServer((request, response) => callback(request, response));
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [{
    client_id: 'console',
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: [`${console_}/`],
  }],
  clientBasedCORS: (_, origin) => origin === console_,
  pkce: { required: () => true },
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
  issueRefreshToken: () => true,
  ttl: { AccessToken: () => Number(seconds) },
  features: {
    resourceIndicators: {
      enabled: true,
      defaultResource: () => `https://${AUDIENCE}.example/`,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope: 'read media', audience: AUDIENCE, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } }),
    },
  },
});
const callback = provider.callback();
// Tell the test where it is.
process.stdout.write(`${issuer}\n`);
