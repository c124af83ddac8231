import { call, guarded, pb } from './client';
import type { SyncRun, SyncSource } from './types';

/** Between two looks at runs whose events may not arrive, as behind a proxy that buffers (milliseconds). */
const pollEvery = 10_000;

/** The last run of each source; a source that was never read is missing. */
export type LastRuns = Partial<Record<SyncSource, SyncRun>>;

export async function readLastRuns(signal: AbortSignal): Promise<LastRuns> {
  const sources: SyncSource[] = ['mountain_project', 'eight_a'];
  const runs = await Promise.all(sources.map((source) => readLastRun(source, signal)));
  return Object.fromEntries(runs.flatMap((run) => (run ? [[run.source, run]] : [])));
}

async function readLastRun(source: SyncSource, signal: AbortSignal): Promise<SyncRun | undefined> {
  const options = { filter: pb.filter('source = {:source}', { source }), sort: '-created', signal, requestKey: null };
  const list = await guarded(() => pb.collection('sync_runs').getList<SyncRun>(1, 1, options));
  return list.items[0];
}

/** Has a linked profile read now. The run that it adds tells the rest. */
export async function startSync(source: SyncSource): Promise<void> {
  await call('/v1/users/me/sync', { method: 'POST', body: { source } });
}

/**
 * Calls `onchange` now and whenever a run may have changed, until the returned function is called: after an event, after
 * each new connection, because events of a gap are lost, and every few seconds.
 */
export function followRuns(onchange: () => void): () => void {
  const poll = setInterval(onchange, pollEvery);
  const subscriptions = [
    pb.collection('sync_runs').subscribe('*', onchange),
    pb.realtime.subscribe('PB_CONNECT', onchange),
    // Without a connection there is nothing to end, and looking every few seconds has to do.
  ].map((subscription) => subscription.catch(() => null));
  onchange();
  return () => {
    clearInterval(poll);
    for (const subscription of subscriptions) void subscription.then((end) => end?.().catch(() => {}));
  };
}
