import { ClientResponseError } from 'pocketbase';
import { describe, expect, it } from 'vitest';
import { addressIn } from '../../src/lib/pb/account';
import { isDeadLink, problemOf } from '../../src/lib/pb/errors';

function token(claims: object): string {
  const part = (value: object) => btoa(JSON.stringify(value)).replaceAll('=', '');
  return `${part({ alg: 'HS256' })}.${part(claims)}.signature`;
}

describe('the address in a token', () => {
  it.each([
    ['a verification', token({ email: 'ann@example.com' }), 'email', 'ann@example.com'],
    ['a change of address', token({ email: 'ann@example.com', newEmail: 'bea@example.com' }), 'newEmail', 'bea@example.com'],
    ['a claim that is missing', token({ email: 'ann@example.com' }), 'newEmail', ''],
    ['words in the place of an address', token({ email: 'call this @number .now' }), 'email', ''],
    ['another type', token({ email: ['ann@example.com'] }), 'email', ''],
    ['half a token', token({ email: 'ann@example.com' }).slice(0, 30), 'email', ''],
    ['no token', '', 'email', ''],
  ] as const)('%s', (_, text, claim, address) => {
    expect(addressIn(text, claim)).toBe(address);
  });
});

describe('a dead link', () => {
  function problem(status: number, data: Record<string, unknown>) {
    return problemOf(new ClientResponseError({ url: '/api/x', status, response: { message: 'Failed.', data } }));
  }
  const refused = { code: 'validation_invalid_token', message: 'Invalid or expired token.' };

  it.each([
    ['the token is refused', problem(400, { token: refused }), true],
    ['the password is wrong as well', problem(400, { token: refused, password: { code: 'validation_invalid_password', message: 'Invalid.' } }), true],
    ['only the password is wrong', problem(400, { password: { code: 'validation_invalid_password', message: 'Invalid.' } }), false],
    ['too many requests', problem(429, {}), false],
    ['no connection', problem(0, {}), false],
  ])('%s', (_, found, dead) => {
    expect(isDeadLink(found)).toBe(dead);
  });
});
