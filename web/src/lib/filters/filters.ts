import type { Discipline, Result, Scale } from '../pb/types';
import { resultNames } from '../words';

/** What every chart is narrowed to. Days are YYYY-MM-DD, inclusive; '' means unbounded. */
export interface Filters {
  /** null leaves the choice to the server: the discipline with the most sends. */
  discipline: Discipline | null;
  from: string;
  to: string;
  /** null is the discipline's own scale. */
  scale: Scale | null;
  leadOnly: boolean;
  countUnknown: boolean;
  /** The path of a place, such as "Colorado > Boulder Canyon"; '' is everywhere. */
  area: string;
  /** Only ticks of these results, in the order of `allResults`; none means all. */
  results: readonly Result[];
  /** Whether the period of the same length just before is asked for too. It takes both days. */
  compare: boolean;
}

/** Every result, the best first. */
export const allResults = Object.keys(resultNames) as Result[];

export const noFilters: Filters = {
  discipline: null,
  from: '',
  to: '',
  scale: null,
  leadOnly: false,
  countUnknown: false,
  area: '',
  results: [],
  compare: false,
};

const routeScales: Scale[] = ['yds', 'french', 'uiaa'];
const boulderScales: Scale[] = ['v', 'font'];

/** The scales a discipline's grades can be shown in, its own first; empty where there is only one. */
export const scalesOf: Record<Discipline, Scale[]> = {
  sport: routeScales,
  trad: routeScales,
  boulder: boulderScales,
  tr: routeScales,
  alpine: routeScales,
  ice: [],
  mixed: [],
  aid: [],
};

/** Reads filters from a page's query. What is not understood counts as not given. */
export function filtersOf(query: URLSearchParams): Filters {
  const discipline = disciplineOf(query.get('discipline'));
  const from = dayOf(query.get('from'));
  const to = dayOf(query.get('to'));
  const asked = query.get('style')?.split(',') ?? [];
  return {
    discipline,
    from,
    to,
    scale: scaleOf(query.get('scale'), discipline),
    leadOnly: query.get('lead_only') === 'true',
    countUnknown: query.get('count_unknown') === 'true',
    area: query.get('area')?.trim() ?? '',
    results: allResults.filter((result) => asked.includes(result)),
    compare: from !== '' && to !== '' && query.get('compare') === 'previous',
  };
}

/** The query of filters: the names of the HTTP contract, in one order, without defaults. */
export function filtersToQuery(filters: Filters): URLSearchParams {
  const query = new URLSearchParams();
  if (filters.discipline) query.set('discipline', filters.discipline);
  if (filters.from) query.set('from', filters.from);
  if (filters.to) query.set('to', filters.to);
  if (filters.scale) query.set('scale', filters.scale);
  if (filters.leadOnly) query.set('lead_only', 'true');
  if (filters.countUnknown) query.set('count_unknown', 'true');
  if (filters.area) query.set('area', filters.area);
  if (filters.results.length > 0) query.set('style', filters.results.join(','));
  if (filters.compare) query.set('compare', 'previous');
  return query;
}

/** Changes the discipline and drops a scale that does not fit it: the server refuses such a pair. */
export function withDiscipline(filters: Filters, discipline: Discipline | null): Filters {
  const fits = filters.scale === null || (discipline !== null && scalesOf[discipline].includes(filters.scale));
  return { ...filters, discipline, scale: fits ? filters.scale : null };
}

/** Changes the scale; a discipline's own scale needs no mention. */
export function withScale(filters: Filters, scale: Scale, discipline: Discipline): Filters {
  const own = scalesOf[discipline][0] === scale;
  // A scale belongs to a family of grades, so it pins the discipline that is on screen.
  return own ? { ...filters, scale: null } : { ...filters, discipline, scale };
}

/** Turns the comparison on or off. What has no last day is compared as of today. */
export function withCompare(filters: Filters, compare: boolean, today: string): Filters {
  return { ...filters, compare, to: compare && filters.to === '' ? today : filters.to };
}

/** Changes the days; without both of them there is nothing to compare. */
export function withDays(filters: Filters, days: Partial<Pick<Filters, 'from' | 'to'>>): Filters {
  const next = { ...filters, ...days };
  return { ...next, compare: next.compare && next.from !== '' && next.to !== '' };
}

/** Adds a result to the ones that are looked at, or takes it away. All of them are as good as none. */
export function withResult(filters: Filters, result: Result, wanted: boolean): Filters {
  const results = allResults.filter((other) => (other === result ? wanted : filters.results.includes(other)));
  return { ...filters, results: results.length === allResults.length ? [] : results };
}

/** Whether the two days contradict each other, so that no tick could match. */
export function daysAreReversed({ from, to }: Filters): boolean {
  return from !== '' && to !== '' && from > to;
}

export function isFiltered(filters: Filters): boolean {
  return filtersToQuery(filters).size > 0;
}

function disciplineOf(text: string | null): Discipline | null {
  return text !== null && Object.hasOwn(scalesOf, text) ? (text as Discipline) : null;
}

function scaleOf(text: string | null, discipline: Discipline | null): Scale | null {
  const scales = discipline ? scalesOf[discipline] : [];
  return scales.find((scale) => scale === text) ?? null;
}

/** Half-typed years (0002-…) are not days yet, and neither is 30 February. */
export function dayOf(text: string | null): string {
  if (!text || !/^(19|20)\d\d-\d\d-\d\d$/.test(text)) return '';
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.valueOf()) && day.toISOString().startsWith(text) ? text : '';
}
