import type { Discipline, Scale } from '../pb/types';

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
}

export const noFilters: Filters = {
  discipline: null,
  from: '',
  to: '',
  scale: null,
  leadOnly: false,
  countUnknown: false,
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
  return {
    discipline,
    from: dayOf(query.get('from')),
    to: dayOf(query.get('to')),
    scale: scaleOf(query.get('scale'), discipline),
    leadOnly: query.get('lead_only') === 'true',
    countUnknown: query.get('count_unknown') === 'true',
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
