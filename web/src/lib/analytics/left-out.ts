import { plural } from '../format';
import type { Answer } from './answers';

const list = new Intl.ListFormat('en', { type: 'conjunction' });

/** Why ticks are not in a chart, by the names of the answers: for one tick, and for several. */
const reasons: Record<string, [one: string, many: string]> = {
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
  other_results: ['tick with another result', 'ticks with other results'],
};

/**
 * Says in words which ticks are missing and why. `partly` names the reasons for which a tick is missing in a part of the
 * chart only, and that part.
 */
export function leftOutOf(answer: Answer, partly: Record<string, string> = {}): string {
  const missing: string[] = [];
  const sentences: string[] = [];
  for (const [reason, value] of Object.entries(answer.left_out)) {
    const words = reasons[reason];
    if (!value || !words) continue;
    const phrase = plural(value, words[0], words[1]);
    const where = partly[reason];
    if (where) sentences.push(`Not in ${where}: ${phrase}.`);
    else missing.push(phrase);
  }
  if (missing.length > 0) sentences.unshift(`Not counted here: ${list.format(missing)}.`);
  return sentences.length > 0 ? sentences.join(' ') : 'No tick is left out.';
}
