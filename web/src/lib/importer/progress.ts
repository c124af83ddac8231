import type { ImportProgress } from '../pb/types';

/** What holds of two states of one import. Events overtake each other; an older one must not turn the bar back. */
export function laterOf(known: ImportProgress, heard: ImportProgress): ImportProgress {
  if (heard.updated !== known.updated) return heard.updated > known.updated ? heard : known;
  return heard.progress >= known.progress ? heard : known;
}

/** What is read out while an import runs: each quarter once, because every percent would drown all else. */
export function spokenProgress({ state, progress }: ImportProgress): string {
  if (state === 'queued') return 'The import waits to start.';
  const quarter = Math.floor(progress / 25) * 25;
  return quarter === 0 ? 'The import has started.' : `${quarter}% imported.`;
}
