import { describe, expect, it } from 'vitest';
import { boundsOf, cellsOf, describeSpan, levelOf, monthsByYear, spansOf, streakText } from '../../src/lib/analytics/calendar';
import type { Calendar, CalendarDay } from '../../src/lib/analytics/answers';

const day = (date: string, pitches: number): CalendarDay => ({ date, pitches, ticks: pitches > 0 ? 1 : 0, sends: 0 });

const calendar: Calendar = {
  rule: '', units: {}, left_out: {}, totals: { days: 2, ticks: 2, pitches: 9 }, first_day: '2024-12-30', last_day: '2026-03-02', days_per_week: 0.1,
  days: [day('2024-12-30', 5), day('2026-03-02', 4)],
  months: [{ year: 2024, month: 12, days: 1, ticks: 1, pitches: 5 }, { year: 2026, month: 3, days: 1, ticks: 1, pitches: 4 }],
  years: [2023, 2024, 2026].map((year) => ({ year, days: year === 2023 ? 0 : 1, days_per_week: 0, ticks: 1, pitches: 4 })),
  weekdays: [], streaks: { days: null, weeks: null, latest_weeks: null, break: null },
};

describe('the spans of the heat map', () => {
  it('are the latest twelve months and the years with a day out, the latest first', () => {
    expect(spansOf(calendar).map(({ name, from, to }) => [name, from, to])).toEqual([
      ['Latest 12 months', '2025-03-03', '2026-03-02'],
      ['2026', '2026-01-01', '2026-12-31'],
      ['2024', '2024-01-01', '2024-12-31'],
    ]);
  });

  it('are none without a day', () => {
    expect(spansOf({ ...calendar, last_day: null })).toEqual([]);
  });
});

describe('the squares', () => {
  const cells = cellsOf(calendar.days, { name: '2024', from: '2024-01-01', to: '2024-12-31' });

  it('are all the days of a leap year, Monday on top', () => {
    expect(cells).toHaveLength(366);
    expect(cells[0]).toMatchObject({ date: '2024-01-01', column: 0, row: 0 }); // a Monday
    expect(cells[6]).toMatchObject({ column: 0, row: 6 });
    expect(cells.at(-1)).toMatchObject({ date: '2024-12-31', column: 52, row: 1 });
  });

  it('begin within the week when the span does', () => {
    const [first, , , , , , next] = cellsOf([], { name: '', from: '2025-03-04', to: '2025-03-31' }); // a Tuesday
    expect([first?.column, first?.row]).toEqual([0, 1]);
    expect([next?.column, next?.row]).toEqual([1, 0]);
  });

  it('say in one sentence what they show', () => {
    expect(describeSpan(cells, { name: '2024', from: '', to: '' })).toBe('2024: 1 day out, the busiest Dec 30, 2024: 5 pitches, 1 tick');
    expect(describeSpan([], { name: 'Latest 12 months', from: '', to: '' })).toBe('latest 12 months: no day out');
  });
});

describe('the levels', () => {
  it('split the days out into quarters', () => {
    const bounds = boundsOf([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(bounds).toEqual([1, 3, 5, 7]);
    expect([0, 1, 2, 3, 6, 7, 99].map((value) => levelOf(value, bounds))).toEqual([0, 1, 1, 2, 3, 4, 4]);
  });

  it('end with the strongest even when all days are alike', () => {
    expect(levelOf(3, boundsOf([3, 3, 3]))).toBe(4);
  });

  it('are none without a day', () => {
    expect(boundsOf([])).toEqual([]);
    expect(levelOf(0, [])).toBe(0);
  });
});

it('months stand in their places, and years without climbing are left out', () => {
  const rows = monthsByYear(calendar.months);
  expect(rows.map(({ year }) => year)).toEqual([2026, 2024]);
  expect(rows[0]?.months.map((month) => month?.pitches ?? 0)).toEqual([0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
});

it('a streak tells its length and its days', () => {
  expect(streakText({ length: 3, from: '2025-01-02', to: '2025-01-04' }, 'day')).toBe('3 days, Jan 2, 2025 to Jan 4, 2025');
  expect(streakText(null, 'day')).toBe('–');
});
