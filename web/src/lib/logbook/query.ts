import { scalesOf } from '../filters/filters';
import type { LogbookQuery } from '../pb/logbook';
import type { Discipline } from '../pb/types';
import { pageIn } from '../router/page';

/** Reads the logbook's search from the page's query; a page that makes no sense is the first. */
export function logbookQueryOf(query: URLSearchParams): LogbookQuery {
  const discipline = query.get('discipline');
  const badge = query.get('badge');
  return {
    search: query.get('q')?.trim() ?? '',
    discipline: discipline !== null && Object.hasOwn(scalesOf, discipline) ? (discipline as Discipline) : null,
    badge: badge === 'edited' || badge === 'gone' ? badge : null,
    page: pageIn(query),
  };
}

/** The page's query of a search, without defaults. */
export function logbookQueryText({ search, discipline, badge, page }: LogbookQuery): URLSearchParams {
  const query = new URLSearchParams();
  if (search) query.set('q', search);
  if (discipline) query.set('discipline', discipline);
  if (badge) query.set('badge', badge);
  if (page > 1) query.set('page', String(page));
  return query;
}

/** Whether a search leaves ticks out. */
export function isSearch({ search, discipline, badge }: LogbookQuery): boolean {
  return search !== '' || discipline !== null || badge !== null;
}
