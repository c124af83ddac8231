import { guarded, pb } from './client';
import type { SessionRecord } from './types';

const fields = 'id,method,address,user_agent,started,refreshed,expires';

/** Reads the climber's sessions, the one that was used last first. */
export function readSessions(signal: AbortSignal): Promise<SessionRecord[]> {
  return guarded(() => pb.collection('sessions').getFullList<SessionRecord>({ sort: '-refreshed', fields, signal, requestKey: null }));
}

/** Ends a session. One that has ended already is just as good. */
export async function deleteSession(id: string): Promise<void> {
  try {
    await guarded(() => pb.collection('sessions').delete(id, { requestKey: null }));
  } catch (error) {
    if ((error as { status?: number }).status !== 404) throw error;
  }
}
