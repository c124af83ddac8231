import { dayOf } from '../filters/filters';
import type { TickContent } from '../pb/logbook';
import type { Discipline, Tick } from '../pb/types';
import { ascentKey, stylesOf, type AscentKey } from './ascent-words';
import { feetOf, lengthText, type LengthUnit } from './length';

/** A tick as its form holds it: what is typed stays text until it is sent. */
export interface TickForm {
  date: string;
  /** A day that is chosen here is a whole one. */
  precision: Tick['date_precision'];
  route_name: string;
  discipline: Discipline;
  grade: string;
  ascent: AscentKey;
  location: string;
  pitches: string;
  attempts: string;
  length: string;
  unit: LengthUnit;
  your_grade: string;
  your_stars: string;
  route_url: string;
  notes: string;
}

/** Fields of the form that show a message of their own, by the names the server gives them. */
export const tickFields = [
  'date', 'date_precision', 'route_name', 'disciplines', 'grade', 'style', 'lead_style', 'location', 'pitches', 'attempts', 'length_ft', 'your_grade', 'your_stars', 'route_url', 'notes',
] as const;

/** Those that are folded away until somebody wants them. */
const folded: readonly string[] = ['pitches', 'attempts', 'length_ft', 'your_grade', 'your_stars', 'route_url', 'notes'];

export function emptyForm(today: string, discipline: Discipline, unit: LengthUnit): TickForm {
  return {
    date: today,
    precision: '',
    route_name: '',
    discipline,
    grade: '',
    ascent: '/',
    location: '',
    pitches: '',
    attempts: '',
    length: '',
    unit,
    your_grade: '',
    your_stars: '-1',
    route_url: '',
    notes: '',
  };
}

export function formOf(tick: Tick, unit: LengthUnit): TickForm {
  return {
    date: tick.date.slice(0, 10),
    precision: tick.date_precision,
    route_name: tick.route_name,
    discipline: tick.disciplines[0] ?? 'sport',
    grade: tick.grade,
    ascent: ascentKey(tick.style, tick.lead_style),
    location: tick.location,
    pitches: countText(tick.pitches),
    attempts: countText(tick.attempts),
    length: lengthText(tick.length_ft, unit),
    unit,
    your_grade: tick.your_grade,
    your_stars: String(tick.your_stars),
    route_url: tick.route_url,
    notes: tick.notes,
  };
}

/** The form for the next climb of a day: when, what and where stay. */
export function nextForm({ date, discipline, location, unit }: TickForm): TickForm {
  return { ...emptyForm(date, discipline, unit), location };
}

const wholeNumber = 'Enter a whole number, or leave it empty.';

/** Checks that need no server, by the names of its fields. The server judges the grade, and all of this again. */
export function tickMistakes(form: TickForm): Record<string, string> {
  const mistakes: Record<string, string> = {};
  if (form.route_name.trim() === '') mistakes['route_name'] = 'Enter the name of the route.';
  if (dayOf(form.date) === '') mistakes['date'] = 'Enter the day.';
  if (!isCount(form.pitches)) mistakes['pitches'] = wholeNumber;
  if (!isCount(form.attempts)) mistakes['attempts'] = wholeNumber;
  if (feetOf(form.length, form.unit) === null) mistakes['length_ft'] = 'Enter a number, or leave it empty.';
  return mistakes;
}

/** What a form without mistakes says. */
export function contentOf(form: TickForm): TickContent {
  return {
    date: form.date,
    date_precision: form.precision,
    route_name: form.route_name.trim(),
    disciplines: [form.discipline],
    grade: form.grade.trim(),
    ...stylesOf(form.ascent),
    location: locationOf(form.location),
    pitches: Number(form.pitches) || 1,
    attempts: Number(form.attempts),
    length_ft: feetOf(form.length, form.unit) ?? 0,
    your_grade: form.your_grade.trim(),
    your_stars: Number(form.your_stars),
    route_url: form.route_url.trim(),
    notes: form.notes.trim(),
  };
}

/** Which parts of a tick each part of the form decides, where the names differ. */
const decides: Partial<Record<keyof TickForm, readonly (keyof TickContent)[]>> = {
  precision: ['date_precision'],
  discipline: ['disciplines'],
  ascent: ['style', 'lead_style'],
  length: ['length_ft'],
  unit: [],
};

/** What was changed in a form. The rest of the tick stays as its logbook has it, down to how it writes it. */
export function changeOf(before: TickForm, after: TickForm): Partial<TickContent> {
  const content = contentOf(after);
  const changed = (Object.keys(after) as (keyof TickForm)[]).filter((key) => (key === 'length' ? !isSameLength(before, after) : after[key] !== before[key]));
  const fields = changed.flatMap((key) => decides[key] ?? [key as keyof TickContent]);
  return Object.fromEntries(fields.map((field) => [field, content[field]]));
}

/** Whether two forms have one length, be it in two units. */
function isSameLength(before: TickForm, after: TickForm): boolean {
  return after.length === inUnit(before, after.unit).length;
}

/** The form with its length in another unit; what is no length stays as it was typed. */
export function inUnit(form: TickForm, unit: LengthUnit): TickForm {
  const feet = feetOf(form.length, form.unit);
  return feet === null || unit === form.unit ? { ...form, unit } : { ...form, unit, length: lengthText(feet, unit) };
}

/** Whether the folded part of the form has something to show. */
export function isUnfolded(form: TickForm, errors: Record<string, string>): boolean {
  const { pitches, attempts, length, your_grade, your_stars, route_url, notes } = form;
  const said = [pitches === '1' ? '' : pitches, attempts, length, your_grade, your_stars === '-1' ? '' : your_stars, route_url, notes];
  return said.some((text) => text !== '') || folded.some((field) => field in errors);
}

/** "Colorado>  Boulder Canyon >" -> "Colorado > Boulder Canyon". */
export function locationOf(text: string): string {
  const parts = text.split('>').map((part) => part.trim());
  return parts.filter((part) => part !== '').join(' > ');
}

function countText(value: number): string {
  return value > 0 ? String(value) : '';
}

function isCount(text: string): boolean {
  return /^\d*$/.test(text.trim());
}
