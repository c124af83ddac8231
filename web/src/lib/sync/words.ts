import { count, moment } from '../format';
import type { SyncReason, SyncRun } from '../pb/types';

/** Whether a reading has not come to its end. */
export function isUnderWay(run: SyncRun | undefined): boolean {
  return run?.status === 'queued' || run?.status === 'running';
}

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

/** What else there is to know of a reading that failed: when it went well before, and when it is tried again. */
export function afterFailure(run: SyncRun | undefined, lastSync: string | null): string {
  if (run?.status !== 'failed') return '';
  const before = lastSync ? `Last read ${moment(lastSync)}.` : 'Not read before.';
  return run.retry_at ? `${before} Next try: ${moment(run.retry_at)}.` : before;
}

/** What a climber can do about a failure. */
export function wayOut(reason: SyncReason | ''): 'upload' | 'plans' {
  return reason === 'plan_limit' ? 'plans' : 'upload';
}

/** What is read out while a profile is read: the beginning and the end, because every percent would drown all else. */
export function spokenSync(run: SyncRun | undefined, lastSync: string | null): string {
  return isUnderWay(run) ? 'Being read.' : syncWords(run, lastSync);
}

function countWords(counts: SyncRun['counts']): string {
  const parts = [
    part(counts?.created, 'new'),
    part(counts?.updated, 'updated'),
    part(counts?.gone, 'no longer there'),
    part(counts?.skipped, 'skipped'),
  ].filter((words) => words !== '');
  return parts.length > 0 ? parts.join(', ') : 'nothing new';
}

function part(value: number | undefined, what: string): string {
  return value ? `${count(value)} ${what}` : '';
}
