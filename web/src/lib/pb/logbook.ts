import { call, guarded, pb } from './client';
import type { Discipline, ImportAccepted, ImportReport, ImportSource, Tick } from './types';

export type ImportMode = 'merge' | 'replace';

/** Ticks on one page of the logbook table. */
export const pageSize = 50;

/** What a tick can be marked as: changed here, or no longer in its source. */
export type Badge = 'edited' | 'gone';

export interface LogbookQuery {
  search: string;
  discipline: Discipline | null;
  /** Only ticks with this badge. */
  badge: Badge | null;
  /** From 1. */
  page: number;
}

export interface LogbookPage {
  ticks: Tick[];
  total: number;
  pages: number;
}

const fields =
  'id,source,date,date_precision,day_order,route_name,route_url,grade,your_grade,disciplines,style,lead_style,result,' +
  'attempts,pitches,length_ft,location,your_stars,notes,edited,gone_at';

/** What a climber says of a tick. The server adds whose it is, and judges grade and style. */
export type TickContent = Pick<
  Tick,
  | 'date'
  | 'date_precision'
  | 'route_name'
  | 'route_url'
  | 'grade'
  | 'your_grade'
  | 'disciplines'
  | 'style'
  | 'lead_style'
  | 'attempts'
  | 'pitches'
  | 'length_ft'
  | 'location'
  | 'your_stars'
  | 'notes'
>;

export function createTick(content: TickContent): Promise<Tick> {
  return guarded(() => pb.collection('ticks').create<Tick>(content, { requestKey: null }));
}

/** Changes a tick, which from then on no import and no sync writes over. */
export function changeTick(id: string, change: Partial<TickContent>): Promise<Tick> {
  return guarded(() => pb.collection('ticks').update<Tick>(id, change, { requestKey: null }));
}

/** Gives a tick back to its source: its next import or sync writes over what was changed here. */
export function giveTickBack(id: string): Promise<Tick> {
  return guarded(() => pb.collection('ticks').update<Tick>(id, { edited: false }, { requestKey: null }));
}

/** Deletes a tick. No sync brings it back, only a file that has it. */
export async function deleteTick(id: string): Promise<void> {
  await guarded(() => pb.collection('ticks').delete(id, { requestKey: null }));
}

/**
 * Uploads the export of a logbook; `auto` has the server tell whose it is. `replace` also removes ticks of the same source
 * that the file does not hold. A large file is only accepted; see imports.ts for the rest.
 */
export function importTicks(file: File, source: ImportSource | 'auto', mode: ImportMode): Promise<ImportReport | ImportAccepted> {
  const body = new FormData();
  body.set('file', file);
  body.set('source', source);
  body.set('mode', mode);
  return call('/v1/users/me/ticks/import', { method: 'POST', body });
}

/** Reads one page of the climber's ticks, newest day first and, within a day, the last climb first. */
export async function readTicks(query: LogbookQuery, signal: AbortSignal): Promise<LogbookPage> {
  const options = { filter: filterOf(query), sort: '-date,-day_order', fields, signal, requestKey: null };
  const list = await guarded(() => pb.collection('ticks').getList<Tick>(query.page, pageSize, options));
  return { ticks: list.items, total: list.totalItems, pages: list.totalPages };
}

const badgeFilters: Record<Badge, string> = { edited: 'edited = true && source != "manual"', gone: 'gone_at != ""' };

function filterOf({ search, discipline, badge }: LogbookQuery): string {
  const terms: string[] = [];
  if (search) terms.push(pb.filter('route_name ~ {:search}', { search }));
  // The list is stored as JSON text. The quotes keep "tr" from also matching "trad".
  if (discipline) terms.push(pb.filter('disciplines ~ {:name}', { name: `"${discipline}"` }));
  if (badge) terms.push(badgeFilters[badge]);
  return terms.join(' && ');
}
