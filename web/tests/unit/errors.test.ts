import { ClientResponseError } from 'pocketbase';
import { describe, expect, it } from 'vitest';
import { problemOf } from '../../src/lib/pb/errors';

function failure(status: number, response: Record<string, unknown> = {}): ClientResponseError {
  return new ClientResponseError({ url: '/v1/x', status, response });
}

describe('messages', () => {
  it.each([
    ["the server's own sentence", 402, { code: 'plan_limit', message: 'Your plan holds 500 ticks.' }, 'Your plan holds 500 ticks.'],
    ['a file that is no export', 400, { code: 'unrecognised_file', message: 'columns ...' }, /not the export that was expected/],
    ['a profile that is being read', 409, { code: 'sync_running', message: 'x' }, 'This profile is being read already.'],
    ['a profile that was just read', 429, { code: 'rate_limited', message: 'This profile was read a moment ago. Please try again later.', retry_after: 720 }, /^This profile was read a moment ago\. Try again in 12 minutes, at /],
    ['no connection', 0, {}, /cannot be reached/],
    ['a proxy without a body', 502, {}, /restarting/],
    ['too large a file', 413, { code: 'too_large', message: 'The file may have 10 MB.' }, 'The file may have 10 MB.'],
    ['too large without a body', 413, {}, /larger than/],
    ["PocketBase's own 400", 400, { message: 'Failed to create record.' }, 'Failed to create record.'],
    ['an unknown failure', 418, {}, /Something went wrong/],
  ])('%s', (_, status, body, message) => {
    expect(problemOf(failure(status, body)).message).toMatch(message);
  });

  it("keeps the server's words where the app has its own", () => {
    const problem = problemOf(failure(400, { code: 'unrecognised_file', message: 'This looks like an HTML page.' }));
    expect(problem.detail).toBe('This looks like an HTML page.');
    expect(problemOf(failure(402, { code: 'plan_limit', message: 'Your plan holds 500 ticks.' })).detail).toBe('');
  });

  it('keeps status, code and request id', () => {
    const problem = problemOf(failure(500, { code: 'internal', message: 'Oops.', request_id: 'r-1' }));
    expect(problem).toMatchObject({ status: 500, code: 'internal', requestId: 'r-1' });
  });

  it('knows a cancelled request', () => {
    expect(problemOf(new ClientResponseError({ status: 0, isAbort: true })).code).toBe('aborted');
  });

  it('does not show what an exception in the app says', () => {
    expect(problemOf(new TypeError('x is undefined')).message).not.toContain('undefined');
  });
});

describe('payments', () => {
  it('says when to try a service again that is down', () => {
    const body = { code: 'stripe_unavailable', message: 'No answer; please try again.', retry_after: 30 };
    expect(problemOf(failure(503, body)).message).toBe('The payment service does not answer right now. Nothing was changed. Try again in 30 seconds.');
    expect(problemOf(failure(503, { ...body, retry_after: 0 })).message).toMatch(/Wait a minute and try again\.$/);
  });

  it.each([
    ['a page of Stripe', { portal_url: 'https://billing.stripe.test/p/1' }, 'https://billing.stripe.test/p/1'],
    ['a script', { portal_url: 'javascript:alert(1)' }, ''],
    ['no address', { portal_url: 'soon' }, ''],
    ['a field error', { portal_url: { code: 'x', message: 'y' } }, ''],
    ['nothing', {}, ''],
    ['no object', null, ''],
  ])('leads to the payment page: %s', (_, data, url) => {
    expect(problemOf(failure(402, { code: 'payment_failed', message: 'The payment failed.', data })).portalURL).toBe(url);
  });
});

describe('field errors', () => {
  it.each([
    ['a taken name', { username: { code: 'validation_not_unique', message: 'Value must be unique.' } }, { username: 'This username is taken.' }],
    ['a taken address', { email: { code: 'validation_not_unique', message: 'Value must be unique.' } }, { email: 'There is already an account with this address.' }],
    ["the server's advice on a password", { password: { code: 'weak_password', message: 'Add another word.' } }, { password: 'Add another word.' }],
    ['a wrong password', { old_password: { code: 'invalid_password', message: 'Wrong.' } }, { old_password: 'This is not your password.' }],
    ["a wrong password in PocketBase's words", { password: { code: 'validation_invalid_password', message: 'Missing or invalid auth record password.' } }, { password: 'This is not your password.' }],
    ['a password that cannot be used', { password: { code: 'validation_invalid_password', message: 'Must be at most 71 bytes.' } }, { password: 'Must be at most 71 bytes.' }],
    ['the password of before', { new_password: { code: 'validation_same_password', message: 'Same.' } }, { new_password: 'This is the password you have now. Choose another.' }],
    ['a profile that is not linked', { source: { code: 'validation_not_linked', message: 'x' } }, { source: 'Link your profile first.' }],
    ['something without a message', { email: { code: 'x' }, tier: null }, {}],
    ['no object at all', 'oops', {}],
  ])('%s', (_, data, fields) => {
    expect(problemOf(failure(400, { message: 'Failed.', data })).fields).toEqual(fields);
  });

  it('make a code where PocketBase sends none', () => {
    const data = { email: { code: 'validation_is_email', message: 'Must be valid.' } };
    expect(problemOf(failure(400, { message: 'Failed.', data })).code).toBe('validation_failed');
  });
});
