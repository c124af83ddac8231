import { describe, expect, it } from 'vitest';
import { dayOf, daysAreReversed, filtersOf, filtersToQuery, isFiltered, noFilters, withCompare, withDays, withDiscipline, withResult, withScale, allResults, type Filters } from '../../src/lib/filters/filters';

const all: Filters = {
  discipline: 'sport', from: '2025-01-01', to: '2025-12-31', scale: 'french', leadOnly: true, countUnknown: true,
  area: 'Colorado > Boulder Canyon', results: ['onsight', 'redpoint'], compare: true,
};

describe('filters in the address', () => {
  it.each([
    ['no filter is an empty query', noFilters, ''],
    ['every filter, in one order', all, 'discipline=sport&from=2025-01-01&to=2025-12-31&scale=french&lead_only=true&count_unknown=true&area=Colorado+%3E+Boulder+Canyon&style=onsight%2Credpoint&compare=previous'],
    ['a switch that is off is not mentioned', { ...noFilters, leadOnly: true }, 'lead_only=true'],
  ])('%s', (_, filters, query) => {
    expect(filtersToQuery(filters).toString()).toBe(query);
    expect(filtersOf(new URLSearchParams(query))).toEqual(filters);
    expect(isFiltered(filters)).toBe(query !== '');
  });

  it.each([
    ['an unknown discipline', 'discipline=parkour'],
    ['a name every object has', 'discipline=toString'],
    ['a scale without a discipline', 'scale=french'],
    ['an unknown scale', 'scale=ewbank'],
    ['a day that does not exist', 'from=2025-02-30'],
    ['a half-typed year', 'to=0002-01-01'],
    ['a switch that is neither true nor false', 'lead_only=1'],
    ['a parameter of something else', 'view=table'],
    ['a result that does not exist', 'style=dyno'],
    ['a comparison without a period', 'compare=previous'],
    ['a place of nothing but space', 'area=%20'],
  ])('%s counts as not given', (_, query) => {
    expect(filtersOf(new URLSearchParams(query))).toEqual(noFilters);
  });

  it('drops a scale of another family of grades', () => {
    expect(filtersOf(new URLSearchParams('discipline=boulder&scale=french')).scale).toBeNull();
  });
});

describe('changing one filter', () => {
  it('keeps the scale within a family of grades', () => {
    expect(withDiscipline(all, 'trad')).toEqual({ ...all, discipline: 'trad' });
  });

  it.each(['boulder', 'ice', null] as const)('drops the scale for %s', (discipline) => {
    expect(withDiscipline(all, discipline).scale).toBeNull();
  });

  it('pins the discipline on screen with a scale that is not its own', () => {
    expect(withScale(noFilters, 'font', 'boulder')).toEqual({ ...noFilters, discipline: 'boulder', scale: 'font' });
  });

  it("forgets the scale when it is the discipline's own", () => {
    expect(withScale(all, 'yds', 'sport').scale).toBeNull();
  });
});

describe('results', () => {
  it('are kept in one order, each once', () => {
    expect(filtersOf(new URLSearchParams('style=redpoint,onsight,dyno,redpoint')).results).toEqual(['onsight', 'redpoint']);
    expect(withResult(all, 'flash', true).results).toEqual(['onsight', 'flash', 'redpoint']);
    expect(withResult(all, 'onsight', false).results).toEqual(['redpoint']);
  });

  it('all of them are as good as none', () => {
    const but = { ...all, results: allResults.slice(1) };
    expect(withResult(but, 'onsight', true).results).toEqual([]);
  });
});

describe('the comparison with the period before', () => {
  it('ends the period today when it has no end', () => {
    expect(withCompare({ ...noFilters, from: '2025-05-01' }, true, '2026-04-30')).toEqual({ ...noFilters, from: '2025-05-01', to: '2026-04-30', compare: true });
    expect(withCompare(all, false, '2026-04-30')).toEqual({ ...all, compare: false });
  });

  it('ends with the period', () => {
    expect(withDays(all, { from: '' }).compare).toBe(false);
    expect(withDays(all, { from: '2025-02-01' }).compare).toBe(true);
  });
});

describe('days', () => {
  it.each([
    ['2024-02-29', '2024-02-29'],
    ['2025-02-29', ''],
    ['2025-13-01', ''],
    ['25-01-01', ''],
    ['', ''],
    [null, ''],
  ])('%s is read as %j', (text, day) => {
    expect(dayOf(text)).toBe(day);
  });

  it.each([
    ['2025-01-02', '2025-01-01', true],
    ['2025-01-01', '2025-01-01', false],
    ['', '2025-01-01', false],
    ['2025-01-01', '', false],
  ])('from %j to %j reversed: %s', (from, to, reversed) => {
    expect(daysAreReversed({ ...noFilters, from, to })).toBe(reversed);
  });
});
