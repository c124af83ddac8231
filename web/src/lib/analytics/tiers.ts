import { count, percent, plural } from '../format';
import type { Tier, TierName, TierPeriod } from './answers';
import { periodName } from './period';

/** The tiers from the hardest, as the chart names and tints them: the harder, the stronger the colour. */
export const tierNames: Record<TierName, string> = {
  project: 'At the limit or above',
  one_below: 'One grade below',
  two_below: 'Two grades below',
  three_below: 'Three grades below',
  base: 'Easier',
};

/** The fill of a tier, by the class that the style sheet knows. */
export const tierClass = (tier: TierName): string => `tier-${tier.replace('_below', '')}`;

export interface TierPart {
  tier: Tier;
  from: number;
  to: number;
}

/** The tiers of a period on top of each other, the easiest at the bottom. */
export function partsOf({ tiers }: TierPeriod): TierPart[] {
  let sum = 0;
  return [...tiers].reverse().map((tier) => {
    const from = sum;
    sum += tier.pitches;
    return { tier, from, to: sum };
  });
}

export const pitchesOf = ({ tiers }: TierPeriod): number => tiers.reduce((sum, { pitches }) => sum + pitches, 0);

/** A column in one sentence. */
export function describeTiers(period: TierPeriod): string {
  const parts = period.tiers.filter(({ pitches }) => pitches > 0).map(({ tier, pitches }) => `${tierNames[tier].toLowerCase()} ${count(pitches)}`);
  return `${periodName(period.period)}, limit ${period.hardest}: ${plural(pitchesOf(period), 'pitch', 'pitches')}; ${parts.join(', ')}`;
}

export const tiersHead = ['Tier', 'Pitches', 'Ticks', 'Sends', 'Attempts', 'Send rate'];

export function tierRow(tier: Tier): string[] {
  return [tierNames[tier.tier], count(tier.pitches), count(tier.ticks), count(tier.sends), count(tier.attempts), percent(tier.send_rate)];
}

export const tierPeriodHead = ['Period', 'Limit', ...Object.values(tierNames)];

export function tierPeriodRow(period: TierPeriod): string[] {
  return [periodName(period.period), period.hardest, ...period.tiers.map(({ pitches }) => count(pitches))];
}
