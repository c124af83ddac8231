import type { Filters } from '../filters/filters';
import { filtersToQuery } from '../filters/filters';
import { call } from './client';
import type { GoalShape, Overview, PyramidData } from './types';

/** Reads the overview figures of the climber's ticks that match `filters`. */
export function readOverview(filters: Filters, signal: AbortSignal): Promise<Overview> {
  return call('/v1/users/me/analytics/overview', { query: queryOf(filters), signal });
}

/** Reads the performance pyramid of the climber's ticks that match `filters`, held against a goal if there is one. */
export function readPyramid(filters: Filters, goal: GoalShape | null, signal: AbortSignal): Promise<PyramidData> {
  return call('/v1/users/me/analytics/pyramid', { query: { ...queryOf(filters), ...(goal && { goal }) }, signal });
}

function queryOf(filters: Filters): Record<string, string> {
  return Object.fromEntries(filtersToQuery(filters));
}
