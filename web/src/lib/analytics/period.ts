const monthAndYear = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' });

/** What a climber calls a period of the server: "2024-05" is May 2024, "2024-W05" week 5 of 2024; seasons and years have their names. */
export function periodName(period: string): string {
  const [, year, week] = /^(\d{4})-W(\d\d)$/.exec(period) ?? [];
  if (week) return `Week ${Number(week)} of ${year}`;
  return /^\d{4}-\d\d$/.test(period) ? monthAndYear.format(new Date(`${period}-01T00:00:00Z`)) : period;
}
