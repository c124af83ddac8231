import PocketBase, { type SendOptions } from 'pocketbase';
import { secondsOf } from '../retry';

/** The one connection to the server the page came from. */
export const pb = new PocketBase('/');

// The SDK's auto-cancellation keys on method and path alone, so two charts of one path would cancel each other.
// Requests are cancelled by AbortSignal instead.
pb.autoCancellation(false);

// The SDK's errors hold no headers, so the one that tells when to try again joins the body.
pb.afterSend = (response, data) =>
  response.status === 429 || response.status === 503 ? { ...data, retry_after: secondsOf(response.headers.get('Retry-After'), new Date()) } : data;

const sessionEnd = new EventTarget();

/** Calls `listener` whenever the server refuses the token of a logged-in climber. */
export function onSessionEnd(listener: () => void): void {
  sessionEnd.addEventListener('end', listener);
}

/** Runs a request and reports a 401 to the session before passing the error on. */
export async function guarded<T>(request: () => Promise<T>): Promise<T> {
  const sentToken = pb.authStore.token !== '';
  try {
    return await request();
  } catch (error) {
    if (sentToken && (error as { status?: number }).status === 401) sessionEnd.dispatchEvent(new Event('end'));
    throw error;
  }
}

/** A call of the product's own API under /v1. */
export function call<T>(path: string, options: SendOptions = {}): Promise<T> {
  return guarded(() => pb.send<T>(path, { requestKey: null, ...options }));
}
