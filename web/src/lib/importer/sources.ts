import type { ImportSource } from '../pb/types';

/** A logbook whose export is read. */
export interface Origin {
  source: ImportSource;
  /** Where a climber finds its export, and what the file is like. */
  where: string;
}

/** As far as their exports tell: sites move their buttons around. */
export const origins: readonly Origin[] = [
  { source: 'mountain_project', where: 'On your profile, open Ticks and choose “Export CSV”. Your browser saves ticks.csv.' },
  { source: 'eight_a', where: 'When you are logged in, your account settings there have an export as CSV. Your ascents as JSON can also be pasted here.' },
  { source: 'thecrag', where: 'Export your logbook there, and take the CSV file rather than the Excel one.' },
  { source: 'ukc', where: 'Download your logbook there in the form that DLOG takes: a CSV file, its name ends in “_DLOG”.' },
  { source: 'sendage', where: 'The export of your climbs: a CSV file, its name begins with “Sendage_Climbing_export”.' },
  { source: '27crags', where: 'The export of your data: one JSON file, its name begins with “export-”.' },
  { source: 'cragbase', where: 'The ticks.csv that “Download ticks.csv” on the logbook page gives you, here or on another Cragbase.' },
];

/** What the file picker offers; the server looks at the content and not at the name. */
export const acceptedFiles = '.csv,.json,.txt,text/csv,application/json,text/plain';

/** What was pasted as the file that it would have been. */
export function pastedFile(text: string): File {
  return new File([text], 'pasted.json', { type: 'application/json' });
}
