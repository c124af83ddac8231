import { describe, expect, it } from 'vitest';
import { laterOf, spokenProgress } from '../../src/lib/importer/progress';
import type { ImportProgress } from '../../src/lib/pb/types';

function at(updated: string, progress: number, state: ImportProgress['state'] = 'running'): ImportProgress {
  return { id: 'i', state, progress, file_name: 'ticks.csv', updated: `2026-11-23 08:00:${updated}Z` };
}

describe('of two states of an import', () => {
  it.each([
    ['the newer one stands', at('01.000', 20), at('02.000', 40), 40],
    ['one that was overtaken does not', at('02.000', 40), at('01.000', 20), 40],
    ['the further one of the same moment stands', at('02.000', 40), at('02.000', 30), 40],
    ['a newer one stands even if it is less far, as after a restart', at('02.000', 40), at('03.000', 0, 'queued'), 0],
  ])('%s', (_, known, heard, progress) => {
    expect(laterOf(known, heard).progress).toBe(progress);
  });

  it('the first of the server replaces what the page began with', () => {
    const begun: ImportProgress = { id: 'i', state: 'queued', progress: 0, file_name: '', updated: '' };
    expect(laterOf(begun, at('01.000', 0)).file_name).toBe('ticks.csv');
  });
});

describe('what is read out', () => {
  it.each([
    [at('01.000', 0, 'queued'), 'The import waits to start.'],
    [at('01.000', 0), 'The import has started.'],
    [at('01.000', 24), 'The import has started.'],
    [at('01.000', 25), '25% imported.'],
    [at('01.000', 49), '25% imported.'],
    [at('01.000', 99), '75% imported.'],
  ])('%j: %s', (progress, text) => {
    expect(spokenProgress(progress)).toBe(text);
  });
});
