import type { Filters } from '../filters/filters';

/** What a chart's view is given by its page. */
export interface Page {
  filters: Filters;
  /** The page's query, for the choices that belong to one chart. */
  query: URLSearchParams;
  busy: boolean;
  asTable: boolean;
  ontable: (asTable: boolean) => void;
  /** Remembers a choice of the chart in the address. */
  onchoose: (name: string, value: string) => void;
  onfilter: (filters: Filters) => void;
}
