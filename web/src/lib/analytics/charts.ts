/** The charts of the page, in the order of its list. */
export const charts = [
  { name: 'progression', title: 'Progression' },
  { name: 'volume', title: 'Volume' },
  { name: 'calendar', title: 'Calendar' },
  { name: 'styles', title: 'Styles' },
  { name: 'locations', title: 'Places' },
  { name: 'projects', title: 'Projects' },
  { name: 'attempts', title: 'Tries' },
  { name: 'breakthroughs', title: 'Breakthroughs' },
  { name: 'tiers', title: 'Effort' },
  { name: 'lengths', title: 'Lengths' },
] as const;

export type ChartName = (typeof charts)[number]['name'];

/** The chart that a query asks for; the first one for want of a known name. */
export function chartIn(query: URLSearchParams): ChartName {
  return charts.find(({ name }) => name === query.get('chart'))?.name ?? charts[0].name;
}

/** One of the values that a chart lets the climber choose from; the first one for want of a known value. */
export function choiceIn<T extends string>(query: URLSearchParams, name: string, allowed: readonly T[]): T {
  return allowed.find((value) => value === query.get(name)) ?? (allowed[0] as T);
}
