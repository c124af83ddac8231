import { describe, expect, it } from 'vitest';
import { eventWords, isAlarming, originWords } from '../../src/lib/activity/words';

describe('an event in words', () => {
  it.each([
    ['login', { method: 'password' }, 'Logged in with the password'],
    ['login', { method: 'otp' }, 'Logged in with a code from a mail'],
    ['login', { method: 'carrier pigeon' }, 'Logged in'],
    ['login', {}, 'Logged in'],
    ['login_failed', {}, 'Wrong password at the login'],
    ['profile_linked', { source: 'mountain_project' }, 'Linked Mountain Project'],
    ['profile_unlinked', { source: 7 }, 'Unlinked a profile'],
    ['something_of_tomorrow', {}, 'Something of tomorrow'],
    ['constructor', {}, 'Constructor'],
    ['', {}, 'Something happened'],
  ])('%s %j', (event, details, words) => {
    expect(eventWords({ event, details })).toBe(words);
  });
});

it.each([
  ['login_failed', true],
  ['locked', true],
  ['login', false],
])('%s is alarming: %s', (event, alarming) => {
  expect(isAlarming(event)).toBe(alarming);
});

describe('where an event came from', () => {
  it.each([
    ['192.0.2.7', { user_agent: 'curl/8.14.1' }, '192.0.2.7, curl'],
    ['192.0.2.7', {}, '192.0.2.7'],
    ['192.0.2.7', { user_agent: 7 }, '192.0.2.7'],
    ['', {}, 'Cragbase itself'],
  ])('%s %j', (address, details, words) => {
    expect(originWords({ address, details })).toBe(words);
  });
});
