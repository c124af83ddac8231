import { expect, it } from 'vitest';
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
