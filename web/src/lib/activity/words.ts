import { deviceWords } from '../device';
import type { ActivityEntry } from '../pb/types';

type Details = ActivityEntry['details'];

const sources: Record<string, string> = { mountain_project: 'Mountain Project', eight_a: '8a.nu', eight_a_nu: '8a.nu' };

const methods: Record<string, string> = {
  password: 'Logged in with the password',
  oauth2: 'Logged in through another service',
  otp: 'Logged in with a code from a mail',
};

/** What an event of the security log is called. */
const names: Record<string, string | ((details: Details) => string)> = {
  login: ({ method }) => methods[text(method)] ?? 'Logged in',
  login_failed: 'Wrong password at the login',
  logout: 'Logged out',
  session_ended: 'Ended a session from another device',
  locked: 'Locked for a while after too many wrong passwords',
  password_changed: 'Changed the password',
  password_reset: 'Set a new password by a link from a mail',
  email_change_requested: 'Asked for a new e-mail address',
  email_changed: 'Changed the e-mail address',
  username_changed: 'Changed the username',
  profile_linked: ({ source }) => `Linked ${sources[text(source)] ?? 'a profile'}`,
  profile_unlinked: ({ source }) => `Unlinked ${sources[text(source)] ?? 'a profile'}`,
  deactivated: 'Deactivated the account',
  reactivated: 'Reactivated the account by logging in',
  exported: 'Downloaded all data',
  erasure_scheduled: 'Asked for the account to be deleted',
  plan_changed: 'The plan changed',
};

/** An event in words. One that this page does not know yet keeps its own name. */
export function eventWords({ event, details }: Pick<ActivityEntry, 'event' | 'details'>): string {
  const name = Object.hasOwn(names, event) ? names[event] : undefined;
  if (typeof name === 'function') return name(details);
  if (name) return name;
  const plain = event.replaceAll('_', ' ').trim();
  return plain ? plain.charAt(0).toUpperCase() + plain.slice(1) : 'Something happened';
}

/** Where an event came from: the address, and the device where it is known. */
export function originWords({ address, details }: Pick<ActivityEntry, 'address' | 'details'>): string {
  const userAgent = text(details['user_agent']);
  const parts = [address, userAgent && deviceWords(userAgent)].filter((part) => part !== '');
  return parts.join(', ') || 'Cragbase itself';
}

/** Whether an event deserves a second look. */
export function isAlarming(event: string): boolean {
  return event === 'login_failed' || event === 'locked';
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
