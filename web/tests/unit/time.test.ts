import { describe, expect, it } from 'vitest';
import { columnsOver, dayAt, dayNumber, daysOfMonth, latestThatFit, timeAxis } from '../../src/lib/charts/time';

const area = { left: 100, right: 1100, top: 0, bottom: 100 };

describe('days', () => {
  it('are counted from 1970 and back', () => {
    expect(dayNumber('1970-01-01')).toBe(0);
    expect(dayNumber('1969-12-31')).toBe(-1);
    expect(dayAt(dayNumber('2024-02-29'))).toBe('2024-02-29');
  });

  it.each([
    ['2024-02', '2024-02-29'],
    ['2025-02', '2025-02-28'],
    ['2025-12', '2025-12-31'],
  ])('of %s end on %s', (month, last) => {
    expect(daysOfMonth(month)).toEqual({ from: `${month}-01`, to: last });
  });
});

describe('an axis of time', () => {
  it('begins with the first day and ends with the end of the last', () => {
    const axis = timeAxis('2025-01-01', '2025-01-10', area);
    expect(axis.x('2025-01-01')).toBe(100);
    expect(axis.end('2025-01-10')).toBe(1100);
    expect(axis.x('2025-01-06')).toBe(600);
  });

  it('tells a long span by its years', () => {
    expect(timeAxis('2023-06-01', '2026-03-01', area).ticks.map(({ label }) => label)).toEqual(['2024', '2025', '2026']);
  });

  it('tells a short span by its months, a January by its year', () => {
    expect(timeAxis('2024-11-10', '2025-03-20', area).ticks.map(({ label }) => label)).toEqual(['Dec', '2025', 'Feb', 'Mar']);
  });

  it('drops labels that have no room, but not the latest', () => {
    const narrow = timeAxis('1990-01-01', '2026-12-31', { ...area, right: 400 });
    expect(narrow.ticks.length).toBeLessThanOrEqual(8);
    expect(narrow.ticks.at(-1)?.label).toBe('2026');
  });

  it('stands a single day', () => {
    const axis = timeAxis('2025-05-05', '2025-05-05', area);
    expect(axis.end('2025-05-05')).toBe(1100);
  });

  it('leaves the time between periods empty', () => {
    const axis = timeAxis('2025-01-01', '2025-12-31', area);
    const columns = columnsOver([{ from: '2025-01-01', to: '2025-01-31' }, { from: '2025-03-01', to: '2025-03-31' }], axis);
    expect(columns[1]!.x).toBeGreaterThan(columns[0]!.x + columns[0]!.width + 50);
    expect(columns[0]!.middle).toBeCloseTo(columns[0]!.x + columns[0]!.width / 2);
  });
});

describe('the periods that fit', () => {
  const weeks = Array.from({ length: 100 }, (_, index) => ({ from: dayAt(dayNumber('2024-01-01') + 7 * index) }));

  it('are the latest', () => {
    const shown = latestThatFit(weeks, 7, 90, 3);
    expect(shown).toHaveLength(30);
    expect(shown.at(-1)).toBe(weeks.at(-1));
  });

  it('are all of them when there is room', () => {
    expect(latestThatFit(weeks, 7, 900, 3)).toHaveLength(100);
  });

  it('may be none', () => {
    expect(latestThatFit([], 7, 900, 3)).toEqual([]);
  });
});
