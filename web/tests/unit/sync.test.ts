import { describe, expect, it } from 'vitest';
import type { SyncReason, SyncRun } from '../../src/lib/pb/types';
import { afterFailure, isUnderWay, spokenSync, syncWords, wayOut } from '../../src/lib/sync/words';

const run: SyncRun = { id: 'r1', source: 'eight_a', status: 'done', progress: 100, counts: null, error: '', reason: '', retry_at: '', finished_at: '2026-05-09 10:05:00.000Z', updated: '2026-05-09 10:06:00.000Z' };

describe('what the last reading of a profile came to', () => {
  it.each([
    ['never read', undefined, null, /^Not read yet\.$/],
    ['read before runs were kept', undefined, '2026-05-09T10:05:00.000Z', /^Read May 9, 2026, .*\.$/],
    ['queued', { ...run, status: 'queued' }, null, /^Waiting to be read…$/],
    ['just begun', { ...run, status: 'running', progress: 0 }, null, /^Being read…$/],
    ['on its way', { ...run, status: 'running', progress: 40 }, null, /^Being read, 40% done…$/],
    ['done', { ...run, counts: { created: 1200, updated: 3, unchanged: 7, gone: 0, skipped: 2 } }, null, /^Read May 9, 2026, .*: 1,200 new, 3 updated, 2 skipped\.$/],
    ['ticks that the site dropped', { ...run, counts: { gone: 4 } }, null, /: 4 no longer there\.$/],
    ['done without news', run, null, /: nothing new\.$/],
    ['failed', { ...run, status: 'failed', error: 'The profile is private.' }, null, /^May 9, 2026, .*: The profile is private\.$/],
    ['failed without a reason', { ...run, status: 'failed', finished_at: '' }, null, /^May 9, 2026, .*: This profile could not be read\.$/],
  ] as [string, SyncRun | undefined, string | null, RegExp][])('%s', (_, last, lastSync, words) => {
    expect(syncWords(last, lastSync)).toMatch(words);
  });
});

describe('what else there is to know of a failure', () => {
  const failed: SyncRun = { ...run, status: 'failed', error: 'The profile is private.', reason: 'private' };

  it.each([
    ['read before', failed, '2026-05-02T10:05:00.000Z', /^Last read May 2, 2026, .*\.$/],
    ['never read', failed, null, /^Not read before\.$/],
    ['tried again', { ...failed, retry_at: '2026-05-10 10:05:00.000Z' }, null, /^Not read before\. Next try: May 10, 2026, .*\.$/],
    ['no failure', run, null, /^$/],
    ['no run', undefined, null, /^$/],
  ] as [string, SyncRun | undefined, string | null, RegExp][])('%s', (_, last, lastSync, words) => {
    expect(afterFailure(last, lastSync)).toMatch(words);
  });

  it.each([
    ['private', 'upload'],
    ['not_configured', 'upload'],
    ['', 'upload'],
    ['plan_limit', 'plans'],
  ] as [SyncReason | '', string][])('the way out of %j is %s', (reason, way) => {
    expect(wayOut(reason)).toBe(way);
  });
});

describe('a reading under way', () => {
  it.each([
    ['queued', true],
    ['running', true],
    ['done', false],
    ['failed', false],
  ] as [SyncRun['status'], boolean][])('%s: %s', (status, underWay) => {
    expect(isUnderWay({ ...run, status })).toBe(underWay);
  });

  it('is read out once, whatever its percent', () => {
    const spoken = [0, 40, 90].map((progress) => spokenSync({ ...run, status: 'running', progress }, null));
    expect(new Set(spoken)).toEqual(new Set(['Being read.']));
    expect(spokenSync(run, null)).toMatch(/^Read May 9, 2026/);
  });
});
