import { count, percent, plural } from '../format';
import type { LengthClass } from './answers';
import type { Unit } from './volume';

const whole = (value: number): string => count(Math.round(value));

export const classNames: Record<LengthClass['class'], string> = { short: 'Short', medium: 'Medium', long: 'Long', multipitch: 'Multipitch' };

/** The lengths of a class: "60 to 85 ft", "130 ft or more". */
export function lengthText(length: LengthClass, unit: Unit): string {
  const from = unit === 'ft' ? length.from_feet : length.from_metres;
  const below = unit === 'ft' ? length.below_feet : length.below_metres;
  if (below === null) return `${whole(from)} ${unit} or more, or several pitches`;
  return from === 0 ? `under ${whole(below)} ${unit}` : `${whole(from)} to ${whole(below)} ${unit}`;
}

/** A row in one sentence. */
export function describeLength(length: LengthClass, unit: Unit): string {
  const hardest = length.max ? `, hardest ${length.max.grade}` : '';
  return `${classNames[length.class]}, ${lengthText(length, unit)}: ${plural(length.pitches, 'pitch', 'pitches')} on ${plural(length.routes, 'route')}, ${plural(length.sends, 'send')}, send rate ${percent(length.send_rate)}${hardest}`;
}

export const lengthsHead = ['Class', 'Length', 'Pitches', 'Routes', 'Sends', 'Attempts', 'Send rate', 'Hardest'];

export function lengthRow(length: LengthClass, unit: Unit): string[] {
  return [
    classNames[length.class], lengthText(length, unit), count(length.pitches), count(length.routes), count(length.sends), count(length.attempts),
    percent(length.send_rate), length.max?.grade ?? '–',
  ];
}
