import { ClientResponseError } from 'pocketbase';
import { isWebAddress } from '../leave';
import { retrySentence } from '../retry';

/** A failed request in the words that are shown. `fields` maps a field to its message. */
export interface Problem {
  status: number;
  code: string;
  message: string;
  /** What the server said where `message` is the app's own sentence; else empty. */
  detail: string;
  fields: Record<string, string>;
  /** Quoted to the operator when something breaks; empty when the server sent none. */
  requestId: string;
  /** Where a payment can be put right; empty where that is not the trouble. */
  portalURL: string;
}

interface FieldError {
  code?: string;
  message?: string;
}

/** Where the app can say it better than the server, because it knows what the climber was doing. */
const byCode: Record<string, string> = {
  unrecognised_file: 'This is not the export that was expected.',
  sync_running: 'This profile is being read already.',
};

/** What is said where waiting helps, before the sentence that tells how long. */
const waiting: Record<string, string> = {
  stripe_unavailable: 'The payment service does not answer right now. Nothing was changed.',
  too_many_attempts: 'Too many attempts.',
  rate_limited: 'Too many requests in a short time.',
  quota_exceeded: 'All your messages of the last 24 hours are used.',
  daily_limit: 'You have talked a lot with the coach today.',
  coach_at_capacity: 'The coach has answered as much as it can today.',
};

/** How the server begins where too many requests are one too early for the same profile. */
const justRead = 'This profile was read a moment ago.';

const byStatus: Record<number, string> = {
  0: 'Cragbase cannot be reached. Check your connection and try again.',
  401: 'Your session has ended. Log in again.',
  413: 'This file is larger than Cragbase accepts.',
  502: 'Cragbase is restarting. Try again in a moment.',
  503: 'Cragbase is not available right now. Try again in a moment.',
};

const wrongPassword = 'This is not your password.';

const byFieldCode: Record<string, string> = {
  validation_required: 'This is needed.',
  validation_is_email: 'Enter an address like name@example.com.',
  validation_values_mismatch: 'The two passwords differ.',
  invalid_password: wrongPassword,
  validation_not_linked: 'Link your profile first.',
  validation_same_password: 'This is the password you have now. Choose another.',
};

const taken: Record<string, string> = {
  username: 'This username is taken.',
  email: 'There is already an account with this address.',
};

const blank: Problem = { status: 0, code: '', message: '', detail: '', fields: {}, requestId: '', portalURL: '' };

/** Turns whatever a request threw into a Problem. Aborted requests are status 0 with code `aborted`. */
export function problemOf(error: unknown): Problem {
  if (!(error instanceof ClientResponseError)) {
    return { ...blank, code: 'unexpected', message: 'Something went wrong in the app. Reload the page.' };
  }
  if (error.isAbort) return { ...blank, code: 'aborted' };
  const body: Record<string, unknown> = error.response;
  const fields = fieldMessages(body['data']);
  const code = text(body['code']) || (Object.keys(fields).length > 0 ? 'validation_failed' : '');
  const said = text(body['message']);
  const ours = byCode[code];
  return {
    status: error.status,
    code,
    message: ours ?? (error.status === 429 || Object.hasOwn(waiting, code) ? waitingMessage(code, said, body['retry_after']) : messageOf(error.status, code, said)),
    detail: ours ? said : '',
    fields,
    requestId: text(body['request_id']),
    portalURL: portalIn(body['data']),
  };
}

/** Whether the server refused the token of a link from a mail: it expired, was used, or is not whole. */
export function isDeadLink({ status, fields }: Problem): boolean {
  return status === 400 && 'token' in fields;
}

/** The server's own words count the wait in seconds; a climber wants to know the time. */
function waitingMessage(code: string, said: string, wait: unknown): string {
  const what = said.startsWith(justRead) ? justRead : waiting[code] ?? 'Too many attempts in a short time.';
  const when = typeof wait === 'number' && wait > 0 ? retrySentence(wait, new Date()) : 'Wait a minute and try again.';
  return `${what} ${when}`;
}

/** A message with a code is our server's, written to be read; one without may be a proxy's or PocketBase's. */
function messageOf(status: number, code: string, said: string): string {
  const known = byStatus[status];
  if (said && (code || !known)) return said;
  return known ?? 'Something went wrong. Try again.';
}

function portalIn(data: unknown): string {
  const url = text((data as Record<string, unknown> | null | undefined)?.['portal_url']);
  return isWebAddress(url) ? url : '';
}

function fieldMessages(data: unknown): Record<string, string> {
  if (typeof data !== 'object' || data === null) return {};
  const entries = Object.entries(data as Record<string, FieldError | null>)
    .filter(([, value]) => typeof value?.message === 'string')
    .map(([field, value]) => [field, fieldMessage(field, value as FieldError)] as const);
  return Object.fromEntries(entries);
}

function fieldMessage(field: string, { code = '', message = '' }: FieldError): string {
  if (code === 'validation_not_unique') return taken[field] ?? message;
  // PocketBase says so of a wrong password, and our server of a new one that cannot be used.
  if (code === 'validation_invalid_password' && /auth record password/i.test(message)) return wrongPassword;
  return byFieldCode[code] ?? message;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
