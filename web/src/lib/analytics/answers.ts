import type { LeftOut } from '../left-out';
import type { AscentStyle, DatePrecision, Discipline, Result, Scale } from '../pb/types';

/** What the server answers about the charts. Days are YYYY-MM-DD, months YYYY-MM, shares 0 to 1; figures that nothing was logged for are null. */

/** What every answer says of itself. */
export interface Answer {
  rule: string;
  units: Record<string, string>;
  left_out: LeftOut;
}

/** An answer beside the same one over the period of the same length just before, when that was asked for. */
export type Compared<T> = T & { previous?: T };

export interface Period {
  period: string;
  from: string;
  to: string;
}

/** One grade of a scale and the scores that it covers. */
export interface GradeStep {
  grade: string;
  low: number;
  high: number;
}

/** A place on the grade axis. */
export interface GradeValue {
  score: number;
  grade: string;
}

export interface ProgressionPeriod extends Period {
  sends: number;
  routes: number;
  max: GradeValue;
  top_mean: GradeValue;
  median: GradeValue;
  lower_quartile: GradeValue;
  upper_quartile: GradeValue;
  min: GradeValue;
  onsight: GradeValue | null;
  redpoint: GradeValue | null;
  running: { max: GradeValue; onsight: GradeValue | null; redpoint: GradeValue | null; gap: number | null };
}

export interface Progression extends Answer {
  discipline: Discipline;
  scale: Scale;
  top_k: number;
  grades: GradeStep[];
  seasons: ProgressionPeriod[];
  months: ProgressionPeriod[];
}

export interface Amount {
  ticks: number;
  pitches: number;
  routes: number;
  vertical_feet: number;
  vertical_metres: number;
  estimated_feet: number;
  estimated_share: number | null;
}

export type VolumePeriod = Period & Amount;

export interface CumulativePoint {
  month: string;
  ticks: number;
  pitches: number;
  vertical_feet: number;
  vertical_metres: number;
}

export interface Milestone {
  name: string;
  feet: number;
  metres: number;
  reached: boolean;
  /** Null also where only the month or the year is known. */
  reached_on: string | null;
}

export interface WorkCapacity extends Period {
  days: number;
  pitches_per_day: number;
  vertical_feet_per_day: number;
  vertical_metres_per_day: number;
}

export interface BaseShare {
  discipline: Discipline;
  max: GradeValue;
  pitches: number;
  base_pitches: number;
  share: number;
}

export interface Volume extends Answer {
  totals: Amount;
  years: VolumePeriod[];
  seasons: VolumePeriod[];
  months: VolumePeriod[];
  weeks: VolumePeriod[];
  cumulative: CumulativePoint[];
  milestones: Milestone[];
  capacity: WorkCapacity[];
  base: BaseShare[];
  estimates: { discipline: Discipline | ''; feet: number; metres: number; ticks: number }[];
}

export interface CalendarDay {
  date: string;
  ticks: number;
  pitches: number;
  sends: number;
}

export interface CalendarMonth {
  year: number;
  month: number;
  days: number;
  ticks: number;
  pitches: number;
}

export interface Streak {
  length: number;
  from: string;
  to: string;
}

export interface Calendar extends Answer {
  totals: { days: number; ticks: number; pitches: number };
  first_day: string | null;
  last_day: string | null;
  days_per_week: number | null;
  days: CalendarDay[];
  months: CalendarMonth[];
  years: { year: number; days: number; days_per_week: number; ticks: number; pitches: number }[];
  weekdays: { weekday: number; name: string; days: number; ticks: number; pitches: number }[];
  streaks: { days: Streak | null; weeks: Streak | null; latest_weeks: Streak | null; break: Streak | null };
}

export interface GradeStyles extends GradeStep {
  sends: number;
  styles: Partial<Record<AscentStyle, number>>;
  first_go_rate: number | null;
}

export interface DisciplineSplit {
  discipline: Discipline;
  ticks: number;
  pitches: number;
  sends: number;
  pitches_share: number;
  first_go_rate: number | null;
}

export interface TraitShare {
  kind: string;
  trait: string;
  ticks: number;
  sends: number;
  routes: number;
  grades: { grade: string; routes: number }[];
}

export interface Styles extends Answer {
  sends: number;
  split: { style: AscentStyle; sends: number; share: number | null }[];
  first_go_rate: number | null;
  discipline: Discipline;
  scale: Scale;
  grades: GradeStyles[];
  disciplines: DisciplineSplit[];
  traits: TraitShare[];
  feel: { soft: number; hard: number; not_said: number; soft_share: number | null; hard_share: number | null };
}

export interface LocationNode {
  name: string;
  path: string;
  others: number;
  ticks: number;
  pitches: number;
  sends: number;
  days: number;
  share: number;
  direct_ticks: number;
  direct_pitches: number;
  children: LocationNode[];
}

export interface Trip {
  region: string;
  from: string;
  to: string;
  days: number;
  ticks: number;
  pitches: number;
  sends: number;
}

export interface Locations extends Answer {
  totals: { locations: number; areas: number; regions: number; ticks: number; pitches: number; trips: number };
  tree: LocationNode[];
  top_areas: { location: string; ticks: number; pitches: number; sends: number; routes: number; days: number; first_day: string | null; last_day: string | null }[];
  new_areas: { year: number; areas: number; names: string[] }[];
  trips: Trip[];
}

export interface LengthClass {
  class: 'short' | 'medium' | 'long' | 'multipitch';
  from_feet: number;
  below_feet: number | null;
  from_metres: number;
  below_metres: number | null;
  ticks: number;
  pitches: number;
  routes: number;
  sends: number;
  attempts: number;
  send_rate: number | null;
  max: GradeValue | null;
  grades: { grade: string; routes: number }[];
  months: { month: string; pitches: number; cumulative_pitches: number }[];
}

export interface Lengths extends Answer {
  discipline: Discipline;
  scale: Scale;
  classes: LengthClass[];
}

export interface Project {
  discipline: Discipline;
  grade: string;
  /** Grades above the hardest send, below 0 when easier. */
  above_best: number | null;
  route_name: string;
  location: string;
  days: number;
  tries: number;
  first_date: string;
  first_date_precision: DatePrecision;
  last_date: string;
  last_date_precision: DatePrecision;
  tick_id: string;
}

export interface Projects extends Answer {
  /** Also those beyond the list. */
  open: number;
  bases: { discipline: Discipline; hardest: string; base: string }[];
  projects: Project[];
}

export interface Spread {
  min: number | null;
  median: number | null;
  average: number | null;
  max: number | null;
}

export interface AttemptRoute {
  tick_id: string;
  route_name: string;
  location: string;
  first_date: string;
  first_date_precision: DatePrecision;
  date: string;
  date_precision: DatePrecision;
  result: Result;
  tries: number;
  days: number | null;
}

export interface AttemptGrade extends GradeStep {
  count: number;
  first_try: number;
  tries: Spread;
  days: Spread;
  routes: AttemptRoute[];
}

export interface Attempts extends Answer {
  discipline: Discipline;
  scale: Scale;
  routes: number;
  first_try: number;
  tries: Spread;
  days: Spread;
  grades: AttemptGrade[];
}

export interface FirstSend {
  date: string;
  date_precision: DatePrecision;
  route_name: string;
  location: string;
  result: Result;
  tick_id: string;
}

export interface Breakthrough extends GradeStep, FirstSend {
  record: boolean;
  days_waited: number | null;
  styles: FirstSend[];
}

export interface Breakthroughs extends Answer {
  discipline: Discipline;
  scale: Scale;
  grades: Breakthrough[];
}

export type TierName = 'project' | 'one_below' | 'two_below' | 'three_below' | 'base';

export interface Tier {
  tier: TierName;
  ticks: number;
  pitches: number;
  sends: number;
  attempts: number;
  send_rate: number | null;
}

export interface TierPeriod extends Period {
  hardest: string;
  tiers: Tier[];
}

export interface Tiers extends Answer {
  discipline: Discipline;
  scale: Scale;
  tiers: Tier[];
  seasons: TierPeriod[];
  months: TierPeriod[];
}
