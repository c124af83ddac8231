import type { LeftOut } from '../left-out';

/** Shapes of the server's answers. Names and units are those of the HTTP contract. */

export type Discipline = 'sport' | 'trad' | 'boulder' | 'tr' | 'alpine' | 'ice' | 'mixed' | 'aid';

export type Scale = 'yds' | 'french' | 'uiaa' | 'v' | 'font';

/** How a tick ended, as the server judged it from style and lead style. */
export type Result =
  | 'onsight'
  | 'flash'
  | 'redpoint'
  | 'pinkpoint'
  | 'send'
  | 'attempt'
  | 'lead'
  | 'toprope'
  | 'follow'
  | 'solo'
  | 'unknown';

/** The kinds of ascent that stack up in a pyramid's bar. */
export type AscentStyle = 'onsight' | 'flash' | 'send' | 'redpoint' | 'pinkpoint' | 'undetermined';

/** Routes per ascent style; a style that is absent counts nothing. */
export type StyleCounts = Partial<Record<AscentStyle, number>>;

/** One route and the tick that counts for it. Date is YYYY-MM-DD. */
export type DatePrecision = 'day' | 'month' | 'year';

export interface Ascent {
  tick_id: string;
  route_name: string;
  location: string;
  date: string;
  date_precision: DatePrecision;
  grade: string;
  result: Result;
}

/** One grade of the pyramid. `low` and `high` bound it on the server's score. */
export interface PyramidBin {
  grade: string;
  low: number;
  high: number;
  count: number;
  styles: StyleCounts;
  routes: Ascent[];
}

/** The shapes that a pyramid can be held against. */
export type GoalShape = '1-2-4-8' | 'conservative' | 'normal' | 'fast';

/** One grade of a goal. `have` is what was sent at it and is left over from above. */
export interface GoalRow {
  grade: string;
  target: number;
  sent: number;
  have: number;
  gap: number;
}

/** A pyramid held against a shape; the rows from the top, the next steps from the base. */
export interface Goal {
  shape: GoalShape;
  grade: string | null;
  rows: GoalRow[];
  missing: number;
  next_steps: { grade: string; routes: number }[];
  rule: string;
}

/** Bins come hardest first and without holes: an empty grade between two others has count 0. */
export interface PyramidData {
  rule: string;
  discipline: Discipline;
  scale: string;
  routes: number;
  bins: PyramidBin[];
  /** When one was asked for. */
  goal?: Goal;
  left_out: LeftOut;
}

export interface DisciplineShare {
  discipline: Discipline;
  ticks: number;
  pitches: number;
  sends: number;
}

export type BestAscent = Ascent & { discipline: Discipline };

export interface LocationShare {
  location: string;
  pitches: number;
  ticks: number;
}

export interface Overview {
  rule: string;
  totals: {
    ticks: number;
    pitches: number;
    routes: number;
    days: number;
    locations: number;
    sends: number;
    attempts: number;
    undetermined: number;
  };
  first_day: string | null;
  last_day: string | null;
  /** Sends over sends and attempts, 0 to 1; null when neither is logged. */
  send_rate: number | null;
  disciplines: DisciplineShare[];
  /** The hardest send of each discipline. */
  best: BestAscent[];
  recent_hard_sends: BestAscent[];
  top_locations: LocationShare[];
}

/** A line of an uploaded file that needs the climber's eye. */
export interface ImportRemark {
  line: number;
  reason: string;
  count?: number;
}

/** Logbooks whose exports are read. */
export type ImportSource = 'mountain_project' | 'eight_a' | 'thecrag' | 'ukc' | 'sendage' | '27crags' | 'cragbase';

/** Where a tick comes from; manual ones were written here. */
export type TickSource = ImportSource | 'manual';

/** rows = created + updated + unchanged + skipped. */
export interface ImportReport {
  import_id: string;
  /** What the file turned out to be, whatever the climber chose. */
  source: ImportSource;
  rows: number;
  created: number;
  updated: number;
  unchanged: number;
  removed: number;
  /** Ticks of the source that this file no longer has; they stay, with a mark. */
  gone?: number;
  skipped: ImportRemark[];
  warnings: ImportRemark[];
}

/** The answer to a large file: the import goes on in the background, and its record in `imports` tells how far it is. */
export interface ImportAccepted {
  job_id: string;
  import_id: string;
}

export type ImportState = 'queued' | 'running' | 'done' | 'failed';

/** How far an import is. `progress` is in percent, `updated` a time as PocketBase writes it. */
export interface ImportProgress {
  id: string;
  state: ImportState;
  progress: number;
  file_name: string;
  updated: string;
}

/** An import as its collection keeps it. `error` is written for climbers; `report` is complete once it is done. */
export interface ImportRecord extends ImportProgress {
  error: string;
  report: ImportReport | null;
}

/** How somebody was on a climb: send, flash and attempt are logged for boulders, the others for routes. */
export type Style = '' | 'lead' | 'tr' | 'follow' | 'solo' | 'send' | 'flash' | 'attempt';

/** How a lead went. */
export type LeadStyle = '' | 'onsight' | 'flash' | 'redpoint' | 'pinkpoint' | 'fell_hung';

/**
 * One line of the logbook, as the `ticks` collection stores it. Stars go from 0 to 4, -1 is not rated; attempts and
 * length 0 are not known; of a date with a precision only the month or the year was logged.
 */
export interface Tick {
  id: string;
  source: TickSource;
  date: string;
  date_precision: '' | 'month' | 'year';
  day_order: number;
  route_name: string;
  route_url: string;
  grade: string;
  disciplines: Discipline[];
  style: Style;
  lead_style: LeadStyle;
  result: Result;
  your_grade: string;
  attempts: number;
  pitches: number;
  length_ft: number;
  location: string;
  your_stars: number;
  notes: string;
  /** Changed here: no import and no sync writes over it. */
  edited: boolean;
  /** When an export of its source no longer had it, as PocketBase writes a time; else empty. */
  gone_at: string;
}

/** The climber's own profile. Times are RFC 3339; what is not set is null. */
export interface Profile {
  id: string;
  username: string;
  email: string;
  tier: Tier;
  /** The address that waits for its link to be followed. */
  pending_email: string | null;
  verified: boolean;
  mountain_project_url: string | null;
  eight_a_nu_url: string | null;
  mtn_project_last_sync: string | null;
  eight_a_last_sync: string | null;
}

/** What the server's rules say of a password. `score` goes from 0 to 4. */
export interface PasswordVerdict {
  score: number;
  accepted: boolean;
  advice: string[];
}

/** A login that still holds, as the `sessions` collection keeps it. Times are as PocketBase writes them. */
export interface SessionRecord {
  id: string;
  method: string;
  address: string;
  user_agent: string;
  started: string;
  refreshed: string;
  expires: string;
}

export type SyncSource = 'mountain_project' | 'eight_a';

/** Why a profile could not be read. */
export type SyncReason =
  | 'private'
  | 'not_found'
  | 'login'
  | 'challenge'
  | 'refused'
  | 'rate_limited'
  | 'unreachable'
  | 'too_large'
  | 'too_slow'
  | 'not_a_logbook'
  | 'plan_limit'
  | 'not_configured'
  | 'internal';

/** One reading of a linked profile. `error` is written for climbers, `progress` in percent; what is not set is empty. */
export interface SyncRun {
  id: string;
  source: SyncSource;
  status: ImportState;
  progress: number;
  counts: Partial<Record<'rows' | 'created' | 'updated' | 'unchanged' | 'gone' | 'skipped', number>> | null;
  error: string;
  reason: SyncReason | '';
  /** When it is tried again by itself. */
  retry_at: string;
  finished_at: string;
  updated: string;
}

/** An entry of the security log. `at` is RFC 3339. */
export interface ActivityEntry {
  id: string;
  event: string;
  at: string;
  address: string;
  request_id: string;
  details: Record<string, unknown>;
}

export interface ActivityPage {
  page: number;
  perPage: number;
  totalItems: number;
  totalPages: number;
  items: ActivityEntry[];
}

export type Tier = 'free' | 'basic' | 'premium';

/** What a tier costs and gives. Amounts are in the currency's smallest unit. */
export interface Plan {
  tier: Tier;
  name: string;
  price: { amount: number; currency: string; interval: 'month' | 'year' };
  /** Null is unlimited. */
  max_daily_messages: number | null;
  max_ticks: number;
  max_upload_bytes: number;
  features: string[];
}

export type PaymentStatus = 'inactive' | 'pending' | 'active' | 'past_due' | 'failed' | 'cancelled';

/** What the climber pays for. Times are RFC 3339; what is not known or does not apply is null. */
export interface Subscription {
  tier: Tier;
  payment_status: PaymentStatus;
  stripe_subscription_id: string | null;
  renewal_date: string | null;
  next_billing_date: string | null;
  next_billing_amount: number | null;
  currency: string | null;
  cancel_at_period_end: boolean;
  /** Stripe's own word for the state. */
  stripe_status: string | null;
  fetched_at: string | null;
  /** Stripe did not answer, and this is what was known before. */
  stale: boolean;
  /** Until when a failed payment leaves the tier. */
  grace_until: string | null;
}

/** What became of the wish for another tier: a page at Stripe to pay on, or the change itself. */
export type Subscribed = { action: 'checkout'; checkout_url: string } | { action: 'changed'; subscription: Subscription };

/** What a change of plan costs now. Amounts are in the smallest unit. */
export interface ChangePreview {
  tier: Tier;
  /** Null when nothing can be said. */
  amount_due: number | null;
  /** What is left over for later payments. */
  credit: number;
  currency: string;
  next_billing_date: string | null;
  lines: { description: string; amount: number }[];
}

export interface Invoice {
  id: string;
  /** Null until it is final. */
  number: string | null;
  date: string | null;
  /** Negative is a credit. */
  amount: number;
  currency: string;
  status: string | null;
  hosted_url: string | null;
  pdf_url: string | null;
}

export interface InvoicePage {
  items: Invoice[];
  has_more: boolean;
  /** What `after` gets to read on. */
  next: string | null;
}

/** Whether there is a coach, and who answers. */
export interface CoachStatus {
  available: boolean;
  /** Answers are computed from the logbook, without a language model. */
  offline: boolean;
  /** Such as the model's name; empty without a coach. */
  author: string;
  /** Of one message. */
  max_characters: number;
}

/** What the figures of the logbook say, without anybody asking. Its texts are plain. */
export interface Insight {
  title: string;
  text: string;
  figures: { label: string; value: string }[];
}

/** A conversation, as its collection keeps it. Times are as PocketBase writes them. */
export interface Chat {
  id: string;
  title: string;
  last_message_at: string;
}

/** An answer is pending until its first word, streaming until its end, and then one of the others. */
export type MessageState = 'pending' | 'streaming' | 'done' | 'failed' | 'stopped';

export type Feedback = '' | 'helpful' | 'not_helpful';

export interface ToolUse {
  name: string;
  /** For climbers: "looked at your sport pyramid, 2026". */
  summary: string;
}

/** One message of a chat, as its collection keeps it. Content of an answer is Markdown that nobody vouches for. */
export interface ChatMessage {
  id: string;
  chat: string;
  /** Order within the chat, from 1. */
  sequence: number;
  role: 'user' | 'assistant';
  content: string;
  state: MessageState;
  author: string;
  tools: ToolUse[] | null;
  /** Why it failed, in one word; else empty. */
  error: string;
  finish_reason: string;
  feedback: Feedback;
  feedback_text: string;
  created: string;
  updated: string;
}

/** Messages of the last 24 hours. Times are RFC 3339. */
export interface MessageCount {
  daily_message_count: number;
  /** Null is unlimited, 0 a plan without the coach. */
  max_daily_messages: number | null;
  /** When the oldest counted message stops counting; null when none counts. */
  resets_at: string | null;
}

/** The same in the record that changes live. */
export interface UsageRecord {
  id: string;
  daily_message_count: number;
  /** -1 is unlimited. */
  max_daily_messages: number;
  /** As PocketBase writes it; empty when no message counts. */
  resets_at: string;
  /** Grows with every change. */
  version: number;
}
