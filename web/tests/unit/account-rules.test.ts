import { describe, expect, it } from 'vitest';
import { accountMistakes, newPasswordMistakes } from '../../src/lib/account-rules';

const good = { username: 'ada.rock-1', email: 'ada@example.com', password: 'quartz otter lantern' };

it.each([
  ['nothing wrong', {}, []],
  ['a name too short', { username: 'ab' }, ['username']],
  ['a name too long', { username: 'a'.repeat(51) }, ['username']],
  ['a name with a space', { username: 'ada rock' }, ['username']],
  ['an address without a domain', { email: 'ada@' }, ['email']],
  ['a password of nine', { password: '123456789' }, ['password']],
  ['a password of nine that UTF-16 counts as ten', { password: '12345678🧗' }, ['password']],
  ['nothing filled in', { username: '', email: '', password: '' }, ['username', 'email', 'password']],
])('%s', (_, change, fields) => {
  expect(Object.keys(accountMistakes({ ...good, ...change }))).toEqual(fields);
});

describe('a new password, entered twice', () => {
  it.each([
    ['quartz otter', 'quartz otter', {}],
    ['quartz', 'quartz', { password: 'Use at least 10 characters.' }],
    ['quartz otter', 'quartz 0tter', { passwordConfirm: 'The two passwords differ.' }],
    ['quartz', '', { password: 'Use at least 10 characters.' }],
  ])('%s and %s', (password, repeated, mistakes) => {
    expect(newPasswordMistakes(password, repeated)).toEqual(mistakes);
  });
});
