import { endSession, refresh, sessionIn } from './pb/account';
import { onSessionEnd, pb } from './pb/client';
import { problemOf } from './pb/errors';

/** The logged-in climber, as far as the page needs to know. */
export interface Climber {
  id: string;
  username: string;
  email: string;
  /** Whether the address is known to be the climber's. */
  verified: boolean;
}

/** Why a climber has to log in again: the server refused the session, or a change that ends all sessions. */
export type Parting = { why: 'ended' | 'new-password' | 'new-email' | 'deactivated' } | { why: 'deleted'; eraseAt: string };

/** A tab that comes back after this long asks whether its session still holds (milliseconds). */
const staleAfter = 15 * 60_000;

class Session {
  #climber = $state.raw<Climber | null>(stored());
  #id = $state(sessionIn(pb.authStore.token));
  #parting = $state.raw<Parting | null>(null);
  #checkedAt = 0;

  constructor() {
    pb.authStore.onChange(() => {
      this.#climber = stored();
      this.#id = sessionIn(pb.authStore.token);
      if (this.#climber) this.#parting = null;
    });
    onSessionEnd(() => this.forget({ why: 'ended' }));
  }

  get climber(): Climber | null {
    return this.#climber;
  }

  /** Which of the climber's sessions this is; empty if the token does not say. */
  get id(): string {
    return this.#id;
  }

  /** What the login page tells before the next login, if anything. */
  get parting(): Parting | null {
    return this.#parting;
  }

  /** Renews the token. Only a 401 logs out: a server that is down must not cost anyone the session. */
  async verify(): Promise<void> {
    if (this.#climber === null || Date.now() - this.#checkedAt < staleAfter) return;
    this.#checkedAt = Date.now();
    try {
      await refresh();
    } catch (error) {
      if (problemOf(error).status === 401) this.forget({ why: 'ended' });
    }
  }

  /** Ends the session here, and on the server as soon as it is reached. */
  logOut(): void {
    void endSession(pb.authStore.token);
    this.forget(null);
  }

  /** Drops a session that the server has ended. */
  forget(parting: Parting | null): void {
    this.#parting = parting;
    pb.authStore.clear();
  }
}

function stored(): Climber | null {
  const { isValid, record } = pb.authStore;
  if (!isValid || !record) return null;
  return {
    id: record.id,
    username: String(record['username'] ?? ''),
    email: String(record['email'] ?? ''),
    verified: record['verified'] === true,
  };
}

export const session = new Session();
