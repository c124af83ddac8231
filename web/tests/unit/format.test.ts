import { describe, expect, it } from 'vitest';
import { count, day, fileSize, loggedDay, percent, place, plural } from '../../src/lib/format';

describe('numbers', () => {
  it.each([
    [0, '0'],
    [12345, '12,345'],
  ])('counts %d as %s', (value, text) => {
    expect(count(value)).toBe(text);
  });

  it.each([
    [0.634, '63%'],
    [1, '100%'],
    [0, '0%'],
    [null, '–'],
  ])('shows the rate %s as %s', (value, text) => {
    expect(percent(value)).toBe(text);
  });

  it.each([
    [1, '1 pitch'],
    [0, '0 pitches'],
    [2000, '2,000 pitches'],
  ])('plural of %d', (value, text) => {
    expect(plural(value, 'pitch', 'pitches')).toBe(text);
  });

  it.each([
    [999, '999 B'],
    [1536, '1.5 kB'],
    [2_500_000, '2.5 MB'],
  ])('file size %d', (size, text) => {
    expect(fileSize(size)).toBe(text);
  });
});

describe('days', () => {
  it.each([
    ['2026-05-09 00:00:00.000Z', '', 'May 9, 2026'],
    ['2026-05-01', 'month', 'May 2026'],
    ['2026-01-01', 'year', '2026'],
    ['soon', 'month', 'soon'],
  ] as const)('%s with the precision %j is shown as %s', (value, precision, text) => {
    expect(loggedDay(value, precision)).toBe(text);
  });

  it.each([
    ['2026-05-09', 'May 9, 2026'],
    ['2026-01-01', 'Jan 1, 2026'],
    ['2026-01-01 00:00:00.000Z', 'Jan 1, 2026'],
    ['someday', 'someday'],
    [null, ''],
  ])('%s reads %s in every time zone', (value, text) => {
    expect(day(value)).toBe(text);
  });
});

describe('places', () => {
  it.each([
    ['Northmark > Cold Fork > Harrow Wall', 'Harrow Wall, Cold Fork'],
    ['Southreach', 'Southreach'],
    ['Southreach > * The Orchard Boulders', 'The Orchard Boulders, Southreach'],
    ['', ''],
  ])('%s is called %s', (location, name) => {
    expect(place(location)).toBe(name);
  });
});
