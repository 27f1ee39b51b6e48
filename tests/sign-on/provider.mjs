// A certified OpenID provider (oidc-provider) with people of a made-up vendor, for the tests of single sign-on.
// Prints its issuer, and stops when its standard input closes: it lives no longer than the test that started it.
//
// Whoever signs in as NAME is NAME@vendor.example, in the groups that follow a plus sign: `ana+channel-team+money`.
// `unverified` in front makes the address an unverified one.
// Standard output is for the issuer alone.
console.info = console.warn = console.error;

import { createServer } from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';

const redirect = process.argv[2] ?? 'https://portal.example/sign-on/callback';
const server = createServer();
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const issuer = `http://127.0.0.1:${server.address().port}`;
const key = (kid) => ({
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
  kid,
  alg: 'RS256',
  use: 'sig',
});

const provider = new Provider(issuer, {
  clients: [
    { client_id: 'portal', client_secret: 'a secret of the tests', redirect_uris: [redirect] },
    { client_id: 'other', client_secret: 'another secret', redirect_uris: [redirect] },
  ],
  jwks: { keys: [key('first')] },
  pkce: { required: () => true },
  claims: { openid: ['sub', 'groups'], email: ['email', 'email_verified'], profile: ['name'] },
  conformIdTokenClaims: false,
  features: { devInteractions: { enabled: true } },
  cookies: { keys: ['the tests need no secret here'] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => {
      const [name, ...groups] = id.split('+');
      return {
        sub: id.split('+')[0],
        name: `${name} of the provider`,
        email: `${name}@vendor.example`,
        email_verified: !name.startsWith('unverified'),
        groups,
      };
    },
  }),
});
server.on('request', provider.callback());
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
console.log(issuer);
