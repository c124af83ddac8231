import { count, moment } from '../format';
import type { SyncRun } from '../pb/types';

/** What the last reading of a linked profile came to. */
export function syncWords(run: SyncRun | undefined, lastSync: string | null): string {
  switch (run?.status) {
    case 'queued':
      return 'Waiting to be read…';
    case 'running':
      return run.progress > 0 ? `Being read, ${run.progress}% done…` : 'Being read…';
    case 'failed':
      return `${moment(run.finished_at || run.updated)}: ${run.error || 'This profile could not be read.'}`;
    case 'done':
      return `Read ${moment(run.finished_at || run.updated)}: ${countWords(run.counts)}.`;
    default:
      return lastSync ? `Read ${moment(lastSync)}.` : 'Not read yet.';
  }
}

function countWords(counts: SyncRun['counts']): string {
  const parts = [
    part(counts?.created, 'new'),
    part(counts?.updated, 'updated'),
    part(counts?.removed, 'removed'),
  ].filter((words) => words !== '');
  return parts.length > 0 ? parts.join(', ') : 'nothing new';
}

function part(value: number | undefined, what: string): string {
  return value ? `${count(value)} ${what}` : '';
}
