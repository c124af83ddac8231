import { describe, expect, it } from 'vitest';
import { ascentChoices, ascentIn, ascentKey, stylesOf, type AscentKey } from '../../src/lib/logbook/ascent-words';
import { badgesOf } from '../../src/lib/logbook/badges';
import { feetOf, lengthText } from '../../src/lib/logbook/length';
import { changeOf, contentOf, emptyForm, formOf, inUnit, isUnfolded, locationOf, nextForm, tickMistakes } from '../../src/lib/logbook/tick-form';
import type { Discipline, Tick } from '../../src/lib/pb/types';

const imported: Tick = {
  id: 't1',
  source: 'mountain_project',
  date: '2026-05-09 00:00:00.000Z',
  date_precision: '',
  day_order: 1,
  route_name: 'Glass Parcel',
  route_url: 'https://www.mountainproject.com/route/1/glass-parcel',
  grade: '5.10c',
  disciplines: ['trad', 'tr'],
  style: 'tr',
  lead_style: 'redpoint',
  result: 'redpoint',
  your_grade: '',
  attempts: 0,
  pitches: 1,
  length_ft: 100,
  location: 'Northmark >Cold Fork',
  your_stars: 2.5,
  notes: 'a  note ',
  edited: false,
  gone_at: '',
};

const empty = emptyForm('2026-05-09', 'sport', 'ft');

describe('the vocabulary', () => {
  it.each([
    ['sport', 10],
    ['ice', 10],
    ['boulder', 4],
    ['tr', 3],
  ] as [Discipline, number][])('of %s has %i answers', (discipline, size) => {
    expect(ascentChoices(discipline, '/')).toHaveLength(size);
  });

  it.each([
    ['tr/redpoint', 'Top rope, redpoint'],
    ['flash/onsight', 'Flash, onsight'],
    ['lead/fell_hung', 'Fell or hung'],
    ['solo/', 'Solo'],
  ] as [AscentKey, string][])('keeps what a logbook said of a boulder: %s', (key, label) => {
    expect(ascentChoices('boulder', key).at(-1)).toEqual({ value: key, label });
  });

  it.each([
    ['boulder', 'lead/onsight', 'flash/'],
    ['boulder', 'lead/fell_hung', 'attempt/'],
    ['boulder', 'follow/', '/'],
    ['trad', 'send/', 'lead/redpoint'],
    ['trad', 'lead/pinkpoint', 'lead/pinkpoint'],
    ['tr', 'lead/flash', '/'],
    ['tr', 'tr/', 'tr/'],
  ] as [Discipline, AscentKey, AscentKey][])('in %s, %s becomes %s', (discipline, before, after) => {
    expect(ascentIn(discipline, before)).toBe(after);
  });

  it('is two fields for the server', () => {
    expect(stylesOf('lead/fell_hung')).toEqual({ style: 'lead', lead_style: 'fell_hung' });
    expect(stylesOf('/')).toEqual({ style: '', lead_style: '' });
    expect(ascentKey('send', '')).toBe('send/');
  });
});

describe('a length', () => {
  it.each([
    ['', 'ft', 0],
    ['98', 'ft', 98],
    ['30', 'm', 98],
    ['12,5', 'm', 41],
    [' 7.6 ', 'm', 25],
    ['-3', 'ft', null],
    ['.', 'm', null],
    ['long', 'ft', null],
  ] as [string, 'ft' | 'm', number | null][])('%j in %s is %s feet', (text, unit, feet) => {
    expect(feetOf(text, unit)).toBe(feet);
  });

  it.each([
    [0, 'ft', ''],
    [98, 'ft', '98'],
    [98, 'm', '30'],
  ] as [number, 'ft' | 'm', string][])('%i feet are shown in %s as %j', (feet, unit, text) => {
    expect(lengthText(feet, unit)).toBe(text);
  });
});

describe('a new tick', () => {
  it('says what was typed, and nothing that was not', () => {
    const form = { ...empty, route_name: ' Ninth Bolt ', ascent: 'lead/onsight' as const, location: 'Colorado>Boulder Canyon > ', length: '30', unit: 'm' as const, pitches: '2' };
    expect(contentOf(form)).toEqual({
      date: '2026-05-09', date_precision: '', route_name: 'Ninth Bolt', disciplines: ['sport'], grade: '', style: 'lead', lead_style: 'onsight', location: 'Colorado > Boulder Canyon',
      pitches: 2, attempts: 0, length_ft: 98, your_grade: '', your_stars: -1, route_url: '', notes: '',
    });
    expect(contentOf(empty).pitches).toBe(1);
  });

  it.each([
    ['no name', { route_name: '  ' }, 'route_name'],
    ['no day', { date: '' }, 'date'],
    ['half a year', { date: '0202-05-09' }, 'date'],
    ['words for pitches', { pitches: 'two' }, 'pitches'],
    ['half an attempt', { attempts: '1.5' }, 'attempts'],
    ['a length in words', { length: 'long' }, 'length_ft'],
  ])('with %s is not sent', (_, wrong, field) => {
    expect(Object.keys(tickMistakes({ ...empty, route_name: 'x', ...wrong }))).toEqual([field]);
  });

  it('without mistakes is sent', () => {
    expect(tickMistakes({ ...empty, route_name: 'x' })).toEqual({});
  });

  it('leaves day, discipline and place to the next one', () => {
    const next = nextForm({ ...empty, route_name: 'x', discipline: 'trad', location: 'A > B', notes: 'n', unit: 'm' });
    expect(next).toEqual({ ...emptyForm('2026-05-09', 'trad', 'm'), location: 'A > B' });
  });
});

describe('an edited tick', () => {
  const before = formOf(imported, 'm');

  it('opens with what its logbook says', () => {
    expect(before).toMatchObject({ date: '2026-05-09', discipline: 'trad', ascent: 'tr/redpoint', length: '30', your_stars: '2.5', pitches: '1', attempts: '' });
  });

  it.each([
    ['nothing', {}, {}],
    ['the day', { date: '2026-05-10' }, { date: '2026-05-10' }],
    ['the name', { route_name: 'Glass Parcel Direct' }, { route_name: 'Glass Parcel Direct' }],
    ['the style', { ascent: 'lead/onsight' as const }, { style: 'lead', lead_style: 'onsight' }],
    ['the discipline', { discipline: 'sport' as const }, { disciplines: ['sport'] }],
    ['the length', { length: '40' }, { length_ft: 131 }],
    ['the length away', { length: '' }, { length_ft: 0 }],
    ['the notes', { notes: 'better ' }, { notes: 'better' }],
  ])('sends only what changed: %s', (_, change, sent) => {
    expect(changeOf(before, { ...before, ...change })).toEqual(sent);
  });

  it('of a month gets a whole day', () => {
    const month = formOf({ ...imported, date: '2026-05-01', date_precision: 'month' }, 'ft');
    expect(changeOf(month, { ...month, date: '2026-05-10', precision: '' })).toEqual({ date: '2026-05-10', date_precision: '' });
  });

  it('is not changed by another unit', () => {
    const inFeet = inUnit(before, 'ft');
    expect(inFeet).toMatchObject({ unit: 'ft', length: '98' });
    expect(changeOf(before, inFeet)).toEqual({});
    expect(changeOf(before, { ...inFeet, length: '99' })).toEqual({ length_ft: 99 });
    expect(inUnit({ ...before, length: 'long' }, 'ft').length).toBe('long');
  });
});

describe('the folded fields', () => {
  it.each([
    ['nothing to show', {}, {}, false],
    ['one pitch', { pitches: '1' }, {}, false],
    ['a note', { notes: 'n' }, {}, true],
    ['stars', { your_stars: '0' }, {}, true],
    ['a mistake', {}, { length_ft: 'x' }, true],
    ['a mistake in another field', {}, { grade: 'x' }, false],
  ])('%s', (_, said, errors, open) => {
    expect(isUnfolded({ ...empty, ...said }, errors)).toBe(open);
  });
});

it.each([
  ['A > B > C', 'A > B > C'],
  ['A>B', 'A > B'],
  [' > A >  > ', 'A'],
  ['', ''],
])('the location %j is %j', (text, location) => {
  expect(locationOf(text)).toBe(location);
});

describe('badges', () => {
  it.each([
    ['as imported', {}, []],
    ['edited', { edited: true }, ['edited by you']],
    ['written here', { edited: true, source: 'manual' as const }, []],
    ['dropped', { gone_at: '2026-05-09 10:05:00.000Z' }, ['no longer in Mountain Project']],
    ['both', { edited: true, source: 'eight_a' as const, gone_at: '2026-05-09 10:05:00.000Z' }, ['edited by you', 'no longer in 8a.nu']],
  ])('%s', (_, state, labels) => {
    expect(badgesOf({ ...imported, ...state }).map(({ label }) => label)).toEqual(labels);
  });

  it('say since when', () => {
    expect(badgesOf({ ...imported, gone_at: '2026-05-09 10:05:00.000Z' })[0]?.meaning).toMatch(/^On May 9, 2026, Mountain Project no longer had this tick\./);
  });
});
