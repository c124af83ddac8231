import { ClientResponseError } from 'pocketbase';
import { describe, expect, it } from 'vitest';
import { problemOf } from '../../src/lib/pb/errors';
import { retrySentence, secondsOf } from '../../src/lib/retry';

const now = new Date(2026, 4, 9, 10, 5, 0);

describe('the seconds of a Retry-After', () => {
  it.each([
    ['120', 120],
    ['0', 0],
    [new Date(now.valueOf() + 90_000).toUTCString(), 90],
    ['Wed, 21 Oct 2015 07:28:00 GMT', 0],
    ['soon', 0],
    ['-5', 0],
    ['', 0],
    [null, 0],
  ])('%j is %i', (header, seconds) => {
    expect(secondsOf(header, now)).toBe(seconds);
  });
});

describe('when to try again', () => {
  it.each([
    [1, 'Try again in 1 second.'],
    [90, 'Try again in 90 seconds.'],
    [91, /^Try again in 2 minutes, at 10:06\sAM\.$/],
    [900, /^Try again in 15 minutes, at 10:20\sAM\.$/],
    [3 * 3600 - 1, /^Try again in 3 hours, at 1:04\sPM\.$/],
  ])('%i seconds', (seconds, sentence) => {
    expect(retrySentence(seconds, now)).toMatch(sentence);
  });
});

describe('the message of a 429', () => {
  it.each([
    ['a locked password', { code: 'too_many_attempts', retry_after: 900, message: 'Locked.' }, /^Too many attempts\. Try again in 15 minutes, at /],
    ['a limit of requests', { code: 'rate_limited', retry_after: 60 }, 'Too many requests in a short time. Try again in 60 seconds.'],
    ['no message left', { code: 'quota_exceeded', retry_after: 7200, message: 'All used.' }, /^All your messages of the last 24 hours are used\. Try again in 2 hours, at /],
    ["PocketBase's own", { message: 'Too Many Requests.', retry_after: 0 }, 'Too many attempts in a short time. Wait a minute and try again.'],
  ])('%s', (_, response, message) => {
    expect(problemOf(new ClientResponseError({ status: 429, response })).message).toMatch(message);
  });
});
