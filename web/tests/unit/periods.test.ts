import { describe, expect, it } from 'vitest';
import { daysOf, localDay, periodOf } from '../../src/lib/filters/periods';

describe('named periods', () => {
  it.each([
    ['all', '2026-11-23', '', ''],
    ['season', '2026-11-23', '2026-01-01', ''],
    ['year', '2026-11-23', '2025-11-24', ''],
    ['year', '2024-02-29', '2023-03-02', ''],
    ['year', '2026-12-31', '2026-01-01', ''],
  ] as const)('%s on %s begins %j', (period, today, from, to) => {
    expect(daysOf(period, today)).toEqual({ from, to });
  });

  it.each([
    ['2026-11-23', '', '', 'all'],
    ['2026-11-23', '2026-01-01', '', 'season'],
    ['2026-11-23', '2025-11-24', '', 'year'],
    ['2026-11-23', '2025-11-24', '2026-01-01', 'custom'],
  ])('on %s, %j to %j is %s', (today, from, to, period) => {
    expect(periodOf({ from, to }, today)).toBe(period);
  });
});

it('takes the day from the local clock, not from UTC', () => {
  expect(localDay(new Date(2026, 0, 5, 23, 59))).toBe('2026-01-05');
});
