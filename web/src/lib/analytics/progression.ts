import type { Series } from '../charts/series';
import { plural } from '../format';
import type { GradeValue, Progression, ProgressionPeriod } from './answers';
import { periodName } from './period';

export const progressionLines = ['overall', 'styles'] as const;

export type ProgressionLines = (typeof progressionLines)[number];

const grade = (value: GradeValue | null): string => value?.grade ?? '–';

/** The lines that are drawn: how hard it was overall, or how far onsight and redpoint lie apart. */
export function seriesOf(lines: ProgressionLines, topK: number): Series<ProgressionPeriod>[] {
  if (lines === 'styles') {
    return [
      { key: 'redpoint', name: 'Hardest redpoint', colour: '--redpoint', shape: 'square', value: (period) => period.redpoint?.score ?? null },
      { key: 'onsight', name: 'Hardest onsight', colour: '--onsight', shape: 'circle', value: (period) => period.onsight?.score ?? null },
      { key: 'running-redpoint', name: 'Redpoint so far', colour: '--redpoint', shape: 'none', dashes: '2 4', steps: true, value: (period) => period.running.redpoint?.score ?? null },
      { key: 'running-onsight', name: 'Onsight so far', colour: '--onsight', shape: 'none', dashes: '2 4', steps: true, value: (period) => period.running.onsight?.score ?? null },
    ];
  }
  return [
    { key: 'running', name: 'Hardest so far', colour: '--ink-soft', shape: 'none', dashes: '2 4', steps: true, value: (period) => period.running.max.score },
    { key: 'max', name: 'Hardest', colour: '--redpoint', shape: 'square', value: (period) => period.max.score },
    { key: 'top', name: `Mean of the ${topK} hardest routes`, colour: '--flash', shape: 'triangle', value: (period) => period.top_mean.score },
    { key: 'median', name: 'Median send', colour: '--send', shape: 'circle', value: (period) => period.median.score },
  ];
}

/** The values that the axis has to have room for. */
export function valuesOf(periods: readonly ProgressionPeriod[], lines: ProgressionLines): GradeValue[] {
  const all = periods.flatMap((period) =>
    lines === 'overall'
      ? [period.running.max, period.max, period.median, period.lower_quartile]
      : [period.onsight, period.redpoint, period.running.onsight, period.running.redpoint],
  );
  return all.filter((value) => value !== null);
}

/** What a column says: its figures by name. */
export function figuresOf(period: ProgressionPeriod, lines: ProgressionLines, topK: number): [name: string, value: string][] {
  if (lines === 'styles') {
    return [
      ['Hardest redpoint', grade(period.redpoint)],
      ['Hardest onsight', grade(period.onsight)],
      ['So far', `${grade(period.running.redpoint)} and ${grade(period.running.onsight)}`],
    ];
  }
  return [
    ['Hardest', grade(period.max)],
    [`Mean of the ${topK} hardest`, grade(period.top_mean)],
    ['Median', grade(period.median)],
    ['Half of the sends', `${grade(period.lower_quartile)} to ${grade(period.upper_quartile)}`],
    ['Hardest so far', grade(period.running.max)],
  ];
}

/** A column in one sentence, for a screen reader. */
export function describePeriod(period: ProgressionPeriod, lines: ProgressionLines, topK: number): string {
  const figures = figuresOf(period, lines, topK).map(([name, value]) => `${name.toLowerCase()} ${value}`);
  return `${periodName(period.period)}: ${plural(period.sends, 'send')}, ${figures.join(', ')}`;
}

export const progressionHead = (topK: number): string[] => ['Period', 'Sends', 'Routes', 'Hardest', `Top ${topK} mean`, 'Median', 'Onsight', 'Redpoint', 'Hardest so far', 'Gap so far'];

export function progressionRow(period: ProgressionPeriod): string[] {
  return [
    periodName(period.period),
    String(period.sends),
    String(period.routes),
    grade(period.max),
    grade(period.top_mean),
    grade(period.median),
    grade(period.onsight),
    grade(period.redpoint),
    grade(period.running.max),
    period.running.gap === null ? '–' : String(period.running.gap),
  ];
}

/** The whole in a sentence or two, with the gap between redpoint and onsight where both are known. */
export function summaryOf(progression: Progression): string {
  const last = progression.seasons.at(-1);
  if (!last) return 'No graded send under these filters.';
  const { max, onsight, redpoint, gap } = last.running;
  const parts = [`Hardest send ${max.grade}`];
  if (onsight && redpoint) parts.push(`onsight ${onsight.grade}, redpoint ${redpoint.grade}${gap === null || gap <= 0 ? '' : `, ${plural(gap, 'grade')} apart`}`);
  return `${parts.join('; ')}.`;
}
