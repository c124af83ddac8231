import { guarded, pb } from './client';
import { problemOf } from './errors';
import type { ImportProgress, ImportRecord, ImportState } from './types';

/** Between two looks at an import whose events may not arrive, as behind a proxy that buffers (milliseconds). */
const pollEvery = 5_000;

/** All but the report, which may be long and is read once, at the end. */
const progressFields = 'id,state,progress,file_name,updated';

/** Whether an import has come to its end, good or bad. */
export function isOver(state: ImportState): boolean {
  return state === 'done' || state === 'failed';
}

/** Finds the climber's newest import that has not ended. */
export async function findRunningImport(): Promise<ImportProgress | null> {
  const filter = 'state = "queued" || state = "running"';
  const options = { filter, sort: '-created', fields: progressFields, requestKey: null };
  const list = await guarded(() => pb.collection('imports').getList<ImportProgress>(1, 1, options));
  return list.items[0] ?? null;
}

export interface ImportListener {
  /** Called in any order and more than once: the server does not keep the order of its events. */
  onprogress: (progress: ImportProgress) => void;
  onend: (record: ImportRecord) => void;
  /** The import was deleted. */
  ongone: () => void;
}

/**
 * Follows an import until the returned function is called. Events tell what happens while they arrive; those of a lost
 * connection are not sent again, so that the record is also read on each new connection, and every few seconds.
 */
export function followImport(id: string, listener: ImportListener): () => void {
  const left = new AbortController();
  const imports = pb.collection('imports');

  async function read() {
    if (left.signal.aborted) return;
    try {
      const record = await guarded(() => imports.getOne<ImportRecord>(id, { signal: left.signal, requestKey: null }));
      if (isOver(record.state)) listener.onend(record);
      else listener.onprogress(record);
    } catch (error) {
      // After any other failure the next look may go well.
      if (problemOf(error).status === 404) listener.ongone();
    }
  }

  const heard = ({ action, record }: { action: string; record: ImportProgress }) => {
    if (left.signal.aborted) return;
    if (action === 'delete' || isOver(record.state)) void read();
    else listener.onprogress(record);
  };

  const poll = setInterval(read, pollEvery);
  const subscriptions = [
    imports.subscribe<ImportProgress>(id, heard, { fields: progressFields }),
    pb.realtime.subscribe('PB_CONNECT', () => void read()),
    // Without a connection there is nothing to end, and looking every few seconds has to do.
  ].map((subscription) => subscription.catch(() => null));
  void read();

  return () => {
    left.abort();
    clearInterval(poll);
    for (const subscription of subscriptions) void subscription.then((end) => end?.().catch(() => {}));
  };
}
