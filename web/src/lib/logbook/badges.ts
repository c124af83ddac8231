import { dayOf } from '../format';
import type { Tick } from '../pb/types';
import { sourceNames } from '../words';

export interface BadgeWords {
  label: string;
  meaning: string;
}

/** What is special about a tick, and what it means. */
export function badgesOf({ source, edited, gone_at }: Pick<Tick, 'source' | 'edited' | 'gone_at'>): BadgeWords[] {
  const name = sourceNames[source];
  const badges: BadgeWords[] = [];
  if (edited && source !== 'manual') {
    badges.push({ label: 'edited by you', meaning: `You changed this tick here. Imports and syncs from ${name} leave it as you made it.` });
  }
  if (gone_at) {
    badges.push({
      label: `no longer in ${name}`,
      meaning: `On ${dayOf(gone_at)}, ${name} no longer had this tick. Sites drop ticks, as when a route is removed there, so it stays here and counts. Delete it if you do not want it.`,
    });
  }
  return badges;
}
