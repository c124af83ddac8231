import { expect, it } from 'vitest';
import { headlineOf } from '../../src/lib/importer/headline';
import { origins, pastedFile } from '../../src/lib/importer/sources';
import { sourceNames } from '../../src/lib/words';

it('every logbook that is read says where its export is', () => {
  const readable = Object.keys(sourceNames).filter((source) => source !== 'manual');
  expect(origins.map(({ source }) => source).sort()).toEqual(readable.sort());
});

it('pasted text is sent as a file', async () => {
  const file = pastedFile('{"ascents":[]}');
  expect([file.name, file.type, await file.text()]).toEqual(['pasted.json', 'application/json', '{"ascents":[]}']);
});

it.each([
  [{ created: 1200, updated: 3 }, '1,200 new ticks in your logbook'],
  [{ created: 1 }, '1 new tick in your logbook'],
  [{ updated: 2, removed: 1, gone: 4 }, '2 ticks updated'],
  [{ removed: 1 }, '1 tick removed'],
  [{ gone: 4 }, '4 ticks no longer in theCrag'],
  [{}, 'Nothing new: your logbook already holds this file'],
])('an import of %j is summed up as %s', (counts, headline) => {
  const nothing = { import_id: '', source: 'thecrag' as const, rows: 5, created: 0, updated: 0, unchanged: 0, removed: 0 };
  expect(headlineOf({ ...nothing, ...counts })).toBe(headline);
});
