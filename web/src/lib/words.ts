import type { Discipline, Result, Scale, TickSource } from './pb/types';

/** What the interface calls the codes of the contract. */

export const disciplineNames: Record<Discipline, string> = {
  sport: 'Sport',
  trad: 'Trad',
  boulder: 'Boulder',
  tr: 'Top rope',
  alpine: 'Alpine',
  ice: 'Ice',
  mixed: 'Mixed',
  aid: 'Aid',
};

export const scaleNames: Record<Scale, string> = {
  yds: 'YDS',
  french: 'French',
  uiaa: 'UIAA',
  v: 'V scale',
  font: 'Font',
};

/** The best first. */
export const resultNames: Record<Result, string> = {
  onsight: 'Onsight',
  flash: 'Flash',
  send: 'Send',
  redpoint: 'Redpoint',
  pinkpoint: 'Pinkpoint',
  lead: 'Lead, no result',
  unknown: 'No result',
  attempt: 'Attempt',
  toprope: 'Top rope',
  follow: 'Follow',
  solo: 'Solo',
};

export const sourceNames: Record<TickSource, string> = {
  mountain_project: 'Mountain Project',
  eight_a: '8a.nu',
  thecrag: 'theCrag',
  ukc: 'UKClimbing',
  sendage: 'Sendage',
  '27crags': '27crags',
  cragbase: 'Cragbase',
  manual: 'By hand',
};
