import { call } from './client';
import type { ActivityPage } from './types';

/** Entries on one page of the security log. */
const pageSize = 25;

/** Reads one page of the climber's security log, newest first. */
export function readActivity(page: number, signal: AbortSignal): Promise<ActivityPage> {
  return call('/v1/users/me/activity', { query: { page, perPage: pageSize }, signal });
}
