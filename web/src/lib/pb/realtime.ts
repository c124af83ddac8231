import { pb } from './client';

type Ending = () => Promise<void>;

/**
 * Follows what realtime tells, until the returned function is called. `onconnect` is called with each new connection,
 * because events of a gap are lost, and when the page is looked at again: a browser may have put its connection to sleep.
 */
export function follow(subscriptions: Promise<Ending>[], onconnect: () => void): () => void {
  const left = new AbortController();
  const connect = () => !left.signal.aborted && onconnect();
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && connect(), { signal: left.signal });
  // Without a connection there is nothing to end, and the page shows what it has read.
  const all = [...subscriptions, pb.realtime.subscribe('PB_CONNECT', connect)].map((subscription) => subscription.catch(() => null));
  return () => {
    left.abort();
    for (const subscription of all) void subscription.then((end) => end?.().catch(() => {}));
  };
}
