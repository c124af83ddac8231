import { plural } from '../format';
import type { ImportReport } from '../pb/types';
import { sourceNames } from '../words';

/** What an import came to, by the most important of its figures. */
export function headlineOf({ source, created, updated, removed, gone = 0 }: Omit<ImportReport, 'skipped' | 'warnings'>): string {
  if (created > 0) return `${plural(created, 'new tick')} in your logbook`;
  if (updated > 0) return `${plural(updated, 'tick')} updated`;
  if (removed > 0) return `${plural(removed, 'tick')} removed`;
  if (gone > 0) return `${plural(gone, 'tick')} no longer in ${sourceNames[source]}`;
  return 'Nothing new: your logbook already holds this file';
}
