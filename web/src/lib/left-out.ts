import { plural } from './format';

const list = new Intl.ListFormat('en', { type: 'conjunction' });

/** Why ticks and routes are not in a chart, by the names of the answers and in the order of a sentence: of one, and of several. */
const reasons = {
  attempts: ['attempt that did not end in a send', 'attempts that did not end in a send'],
  undetermined: ['tick without a result', 'ticks without a result'],
  other_styles: ['tick on top rope, following or solo', 'ticks on top rope, following or solo'],
  lead_only: ['tick on top rope or following', 'ticks on top rope or following'],
  no_grade: ['tick without a usable grade', 'ticks without a usable grade'],
  no_month: ['tick of which only the year is known', 'ticks of which only the year is known'],
  no_day: ['tick of which only the month or the year is known', 'ticks of which only the month or the year is known'],
  no_traits: ['send of a route whose character is not logged', 'sends of routes whose character is not logged'],
  no_location: ['tick without a place', 'ticks without a place'],
  unknown_length: ['tick of unknown length', 'ticks of unknown length'],
  other_disciplines: ['tick of another discipline', 'ticks of other disciplines'],
  no_earlier_send: ['tick with no send before it to be measured by', 'ticks with no send before them to be measured by'],
  routes_sent: ['route that was sent', 'routes that were sent'],
  routes_not_sent: ['route not sent yet', 'routes not sent yet'],
  routes_not_tried: ['route only followed, top-roped or soloed', 'routes only followed, top-roped or soloed'],
  routes_undetermined: ['route with a tick that has no result', 'routes with a tick that has no result'],
  routes_tries_unknown: ['route sent without its earlier tries being logged', 'routes sent without their earlier tries being logged'],
  routes_no_grade: ['route without a usable grade', 'routes without a usable grade'],
  routes_below_base: ['route below the base of the pyramid', 'routes below the base of the pyramid'],
  routes_other_dates: ['route of another time', 'routes of another time'],
  routes_other_results: ['route with other results', 'routes with other results'],
  other_results: ['tick with another result', 'ticks with other results'],
} as const;

type Reason = keyof typeof reasons;

/** Counts of ticks and routes that a chart does not show, by reason. */
export type LeftOut = Readonly<Partial<Record<Reason, number>>>;

/**
 * Says in words which ticks are missing and why. `partly` names the reasons for which a tick is missing in a part of the
 * chart only, and that part.
 */
export function leftOutSentence(leftOut: LeftOut, partly: Readonly<Partial<Record<Reason, string>>> = {}): string {
  const missing: string[] = [];
  const sentences: string[] = [];
  for (const [reason, [one, many]] of Object.entries(reasons) as [Reason, readonly [string, string]][]) {
    const value = leftOut[reason];
    if (!value) continue;
    const where = partly[reason];
    if (where) sentences.push(`Not in ${where}: ${plural(value, one, many)}.`);
    else missing.push(plural(value, one, many));
  }
  if (missing.length > 0) sentences.unshift(`Not counted here: ${list.format(missing)}.`);
  return sentences.length > 0 ? sentences.join(' ') : 'No tick is left out.';
}
