import type { AscentStyle, Result, StyleCounts } from '../pb/types';

/** One kind of ascent as a chart draws it. `pattern` tells it apart where colour does not. */
export interface AscentKind {
  style: AscentStyle;
  name: string;
  /** As a counted noun inside a sentence: "3 redpoint". */
  noun: string;
  meaning: string;
  pattern: 'solid' | 'stripes' | 'dots' | 'lines' | 'hatch' | 'hollow';
}

/** Purest first: the order in which a bar stacks them and the legend names them. */
export const ascentKinds: readonly AscentKind[] = [
  { style: 'onsight', name: 'Onsight', noun: 'onsight', meaning: 'First try, without information', pattern: 'solid' },
  { style: 'flash', name: 'Flash', noun: 'flash', meaning: 'First try, with information', pattern: 'stripes' },
  { style: 'send', name: 'Send', noun: 'send', meaning: 'Sent; the log says no more', pattern: 'lines' },
  { style: 'redpoint', name: 'Redpoint', noun: 'redpoint', meaning: 'Sent after earlier tries', pattern: 'dots' },
  { style: 'pinkpoint', name: 'Pinkpoint', noun: 'pinkpoint', meaning: 'Sent on gear already in place', pattern: 'hatch' },
  { style: 'undetermined', name: 'No result', noun: 'without a result', meaning: 'Counted because you asked for it', pattern: 'hollow' },
];

/** The kinds that occur in `counts`, purest first. */
export function kindsIn(counts: StyleCounts): AscentKind[] {
  return ascentKinds.filter(({ style }) => (counts[style] ?? 0) > 0);
}

/** Adds up the styles of several bars. */
export function totalStyles(all: readonly StyleCounts[]): StyleCounts {
  const total: StyleCounts = {};
  for (const { style } of ascentKinds) {
    const sum = all.reduce((partial, counts) => partial + (counts[style] ?? 0), 0);
    if (sum > 0) total[style] = sum;
  }
  return total;
}

/** The kind that a tick's result is drawn as; null for what is never in a pyramid. */
export function kindOfResult(result: Result): AscentKind | null {
  const style = result === 'lead' || result === 'unknown' ? 'undetermined' : result;
  return ascentKinds.find((kind) => kind.style === style) ?? null;
}
