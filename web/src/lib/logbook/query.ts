import { scalesOf } from '../filters/filters';
import type { LogbookQuery } from '../pb/logbook';
import type { Discipline } from '../pb/types';
import { pageIn } from '../router/page';

/** Reads the logbook's search from the page's query; a page that makes no sense is the first. */
export function logbookQueryOf(query: URLSearchParams): LogbookQuery {
  const discipline = query.get('discipline');
  return {
    search: query.get('q')?.trim() ?? '',
    discipline: discipline !== null && Object.hasOwn(scalesOf, discipline) ? (discipline as Discipline) : null,
    page: pageIn(query),
  };
}

/** The page's query of a search, without defaults. */
export function logbookQueryText({ search, discipline, page }: LogbookQuery): URLSearchParams {
  const query = new URLSearchParams();
  if (search) query.set('q', search);
  if (discipline) query.set('discipline', discipline);
  if (page > 1) query.set('page', String(page));
  return query;
}
