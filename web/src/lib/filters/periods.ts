import type { Filters } from './filters';

export type Period = 'all' | 'year' | 'season' | 'custom';

type Days = Pick<Filters, 'from' | 'to'>;

/** The days of a named period; `today` is YYYY-MM-DD. */
export function daysOf(period: Exclude<Period, 'custom'>, today: string): Days {
  if (period === 'all') return { from: '', to: '' };
  if (period === 'season') return { from: `${today.slice(0, 4)}-01-01`, to: '' };
  return { from: yearBefore(today), to: '' };
}

/** Which named period two days are, if any. */
export function periodOf({ from, to }: Days, today: string): Period {
  for (const period of ['all', 'year', 'season'] as const) {
    const days = daysOf(period, today);
    if (days.from === from && days.to === to) return period;
  }
  return 'custom';
}

/** The day after the same day one year earlier, so that the period is twelve full months with today. */
function yearBefore(today: string): string {
  const day = new Date(`${today}T00:00:00Z`);
  day.setUTCFullYear(day.getUTCFullYear() - 1);
  day.setUTCDate(day.getUTCDate() + 1);
  return day.toISOString().slice(0, 10);
}

/** Today where the climber is, as YYYY-MM-DD. */
export function localDay(now: Date): string {
  const pad = (part: number): string => String(part).padStart(2, '0');
  return `${now.getFullYear()}-${pad(now.getMonth() + 1)}-${pad(now.getDate())}`;
}
