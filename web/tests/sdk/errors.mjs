import assert from 'node:assert/strict';
import { ClientResponseError } from 'pocketbase';

/**
 * The error that a call ends in, as the SDK reads it.
 * @param {() => Promise<unknown>} call
 * @returns {Promise<ClientResponseError>}
 */
export async function errorOf(call) {
  const error = await call().then(
    () => assert.fail('the call succeeded'),
    (/** @type {unknown} */ reason) => reason,
  );
  assert.ok(error instanceof ClientResponseError, String(error));
  return error;
}
