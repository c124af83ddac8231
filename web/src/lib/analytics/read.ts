import { filtersToQuery, type Filters } from '../filters/filters';
import { call } from '../pb/client';
import type { ChartName } from './charts';

/** Reads one chart's answer over the ticks that match `filters`. */
export function readChart<T>(name: ChartName, filters: Filters, signal: AbortSignal): Promise<T> {
  return call(`/v1/users/me/analytics/${name}`, { query: Object.fromEntries(filtersToQuery(filters)), signal });
}
