import { ascentKinds, kindsIn } from '../charts/ascents';
import { count, percent, plural } from '../format';
import type { AscentStyle } from '../pb/types';
import type { GradeStyles, Styles } from './answers';

/** One style's part of a row, in pixels. */
export interface Segment {
  style: AscentStyle;
  x: number;
  width: number;
}

/** The styles of a grade side by side, the best first; `x` turns sends into pixels. */
export function segmentsOf(row: GradeStyles, x: (sends: number) => number): Segment[] {
  let from = 0;
  const segments: Segment[] = [];
  for (const { style } of ascentKinds) {
    const to = from + (row.styles[style] ?? 0);
    if (to > from) segments.push({ style, x: x(from), width: x(to) - x(from) });
    from = to;
  }
  return segments;
}

/** A row in one sentence: "5.11a: 8 sends, 3 onsight, 5 redpoint; 38% at the first go". */
export function describeGrade(row: GradeStyles): string {
  if (row.sends === 0) return `${row.grade}: no send`;
  const parts = kindsIn(row.styles).map(({ style, noun }) => `${row.styles[style]} ${noun}`);
  const rate = row.first_go_rate === null ? '' : `; ${percent(row.first_go_rate)} at the first go`;
  return `${row.grade}: ${[plural(row.sends, 'send'), ...parts].join(', ')}${rate}`;
}

export function stylesHead(kinds: readonly { name: string }[]): string[] {
  return ['Grade', ...kinds.map(({ name }) => name), 'Sends', 'First go'];
}

export function stylesRow(row: GradeStyles, kinds: readonly { style: AscentStyle }[]): string[] {
  return [row.grade, ...kinds.map(({ style }) => count(row.styles[style] ?? 0)), count(row.sends), percent(row.first_go_rate)];
}

/** The traits of routes by what they describe, in the server's order. */
export function traitsByKind({ traits }: Styles): [kind: string, traits: Styles['traits']][] {
  const kinds = [...new Set(traits.map(({ kind }) => kind))];
  return kinds.map((kind) => [kind, traits.filter((trait) => trait.kind === kind)]);
}
