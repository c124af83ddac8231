import type { Discipline, LeadStyle, Style } from '../pb/types';

/** A style and a lead style in one, as "lead/onsight": what a climber answers to one question. */
export type AscentKey = `${Style}/${LeadStyle}`;

export interface AscentChoice {
  value: AscentKey;
  label: string;
}

const notSaid: AscentChoice = { value: '/', label: 'Not noted' };

const onRoutes: readonly AscentChoice[] = [
  { value: 'lead/onsight', label: 'Onsight' },
  { value: 'lead/flash', label: 'Flash' },
  { value: 'lead/redpoint', label: 'Redpoint' },
  { value: 'lead/pinkpoint', label: 'Pinkpoint' },
  { value: 'lead/fell_hung', label: 'Fell or hung' },
  { value: 'lead/', label: 'Led, result not noted' },
  { value: 'tr/', label: 'Top rope' },
  { value: 'follow/', label: 'Follow' },
  { value: 'solo/', label: 'Solo' },
  notSaid,
];

const onBoulders: readonly AscentChoice[] = [
  { value: 'flash/', label: 'Flash' },
  { value: 'send/', label: 'Send' },
  { value: 'attempt/', label: 'Attempt' },
  notSaid,
];

const onTopRope: readonly AscentChoice[] = [{ value: 'tr/', label: 'Top rope' }, { value: 'follow/', label: 'Follow' }, notSaid];

/** What stands on boulders for what on routes, and the other way round. */
const counterparts: Partial<Record<AscentKey, AscentKey>> = {
  'lead/onsight': 'flash/',
  'lead/flash': 'flash/',
  'lead/redpoint': 'send/',
  'lead/pinkpoint': 'send/',
  'lead/fell_hung': 'attempt/',
  'flash/': 'lead/flash',
  'send/': 'lead/redpoint',
  'attempt/': 'lead/fell_hung',
};

export function ascentKey(style: Style, leadStyle: LeadStyle): AscentKey {
  return `${style}/${leadStyle}`;
}

export function stylesOf(key: AscentKey): { style: Style; lead_style: LeadStyle } {
  const [style = '', leadStyle = ''] = key.split('/');
  return { style: style as Style, lead_style: leadStyle as LeadStyle };
}

/** How a climb of a discipline can have gone. What a tick says already stays a choice, whatever its logbook meant by it. */
export function ascentChoices(discipline: Discipline, present: AscentKey): readonly AscentChoice[] {
  const choices = discipline === 'boulder' ? onBoulders : discipline === 'tr' ? onTopRope : onRoutes;
  if (choices.some(({ value }) => value === present)) return choices;
  return [...choices, { value: present, label: labelOf(present) }];
}

/** The answer that stays when a climber changes the discipline. */
export function ascentIn(discipline: Discipline, key: AscentKey): AscentKey {
  const known = ascentChoices(discipline, notSaid.value).map(({ value }) => value);
  if (known.includes(key)) return key;
  const counterpart = counterparts[key];
  return counterpart && known.includes(counterpart) ? counterpart : notSaid.value;
}

function labelOf(key: AscentKey): string {
  const known = [...onRoutes, ...onBoulders].find(({ value }) => value === key);
  if (known) return known.label;
  const words = key.split('/').filter((word) => word !== '');
  const text = words.map((word) => (word === 'tr' ? 'top rope' : word.replace('fell_hung', 'fell or hung'))).join(', ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
