import { count, percent, plural } from '../format';
import type { Amount, CumulativePoint, Milestone, Volume, VolumePeriod, WorkCapacity } from './answers';
import { periodName } from './period';

export const measures = ['pitches', 'vertical', 'ticks', 'routes'] as const;
export const buckets = ['month', 'season', 'year', 'week'] as const;
export const units = ['ft', 'm'] as const;

export type Measure = (typeof measures)[number];
export type Bucket = (typeof buckets)[number];
export type Unit = (typeof units)[number];

export const measureNames: Record<Measure, string> = { pitches: 'Pitches', vertical: 'Vertical', ticks: 'Ticks', routes: 'Routes' };

/** How many days a bucket spans at least, and how wide its bar has to be to be seen. */
export const bucketDays: Record<Bucket, number> = { week: 7, month: 28, season: 90, year: 365 };

/** The periods of a bucket. */
export function periodsOf(volume: Volume, by: Bucket): VolumePeriod[] {
  return { week: volume.weeks, month: volume.months, season: volume.seasons, year: volume.years }[by];
}

/** An amount in one measure. */
export function amountIn(amount: Amount, measure: Measure, unit: Unit): number {
  if (measure !== 'vertical') return amount[measure];
  return unit === 'ft' ? amount.vertical_feet : amount.vertical_metres;
}

/** The part of an amount that rests on estimated lengths. */
export function estimatedIn(amount: Amount, measure: Measure, unit: Unit): number {
  return measure === 'vertical' ? amountIn(amount, measure, unit) * (amount.estimated_share ?? 0) : 0;
}

const nouns: Record<Exclude<Measure, 'vertical'>, [string, string]> = { pitches: ['pitch', 'pitches'], ticks: ['tick', 'ticks'], routes: ['route', 'routes'] };

/** A number of a measure in words: "1,200 ft", "3 pitches". */
export function said(value: number, measure: Measure, unit: Unit): string {
  if (measure === 'vertical') return `${count(Math.round(value))} ${unit}`;
  return plural(value, ...nouns[measure]);
}

/** What a column says: its figures by name. */
export function volumeFigures(period: VolumePeriod, unit: Unit): [name: string, value: string][] {
  const figures: [string, string][] = [
    ['Pitches', count(period.pitches)],
    ['Ticks', count(period.ticks)],
    ['Routes', count(period.routes)],
    ['Vertical', said(amountIn(period, 'vertical', unit), 'vertical', unit)],
  ];
  if (period.estimated_share) figures.push(['of it estimated', percent(period.estimated_share)]);
  return figures;
}

/** A column in one sentence. */
export function describeVolume(period: VolumePeriod, unit: Unit): string {
  return `${periodName(period.period)}: ${volumeFigures(period, unit).map(([name, value]) => `${name.toLowerCase()} ${value}`).join(', ')}`;
}

/** A running sum in one measure; routes are distinct, so they do not add up. */
export function sumIn(point: CumulativePoint, measure: Measure, unit: Unit): number {
  if (measure === 'vertical') return unit === 'ft' ? point.vertical_feet : point.vertical_metres;
  return measure === 'ticks' ? point.ticks : point.pitches;
}

/** The totals in a sentence. */
export function totalsOf({ totals }: Volume, unit: Unit): string {
  const vertical = said(amountIn(totals, 'vertical', unit), 'vertical', unit);
  const estimated = totals.estimated_share ? `, ${percent(totals.estimated_share)} of it estimated` : '';
  return `${plural(totals.pitches, 'pitch', 'pitches')} on ${plural(totals.routes, 'route')}, ${vertical} of climbing${estimated}.`;
}

/** How much more or less than in the period before: "+25% pitches". */
export function changeSince(now: Volume, before: Volume): string {
  const from = before.totals.pitches;
  if (from === 0) return ' Nothing was logged in the period before.';
  const change = (now.totals.pitches - from) / from;
  return ` In the period before: ${plural(from, 'pitch', 'pitches')} (${change >= 0 ? '+' : '\u2212'}${percent(Math.abs(change))} since).`;
}

/** The milestones around the present sum: the last two that were passed and the next one. */
export function milestonesAround(milestones: readonly Milestone[]): Milestone[] {
  const next = milestones.findIndex(({ reached }) => !reached);
  const end = next < 0 ? milestones.length : next + 1;
  return milestones.slice(Math.max(end - 3, 0), end);
}

export const volumeHead = (unit: Unit): string[] => ['Period', 'Pitches', 'Ticks', 'Routes', `Vertical, ${unit}`, 'Estimated'];

export function volumeRow(period: VolumePeriod, unit: Unit): string[] {
  return [periodName(period.period), count(period.pitches), count(period.ticks), count(period.routes), count(amountIn(period, 'vertical', unit)), percent(period.estimated_share)];
}

const one = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

export const capacityHead = (unit: Unit): string[] => ['Season', 'Days out', 'Pitches a day', `${unit} a day`];

export function capacityRow(season: WorkCapacity, unit: Unit): string[] {
  const vertical = unit === 'ft' ? season.vertical_feet_per_day : season.vertical_metres_per_day;
  return [season.period, count(season.days), one.format(season.pitches_per_day), count(Math.round(vertical))];
}
