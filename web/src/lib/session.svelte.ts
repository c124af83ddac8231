import { refresh } from './pb/account';
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
export type Parting = 'ended' | 'new-password' | 'new-email';

/** A tab that comes back after this long asks whether its session still holds (milliseconds). */
const staleAfter = 15 * 60_000;

class Session {
  #climber = $state.raw<Climber | null>(stored());
  #parting = $state<Parting | null>(null);
  #checkedAt = 0;

  constructor() {
    pb.authStore.onChange(() => {
      this.#climber = stored();
      if (this.#climber) this.#parting = null;
    });
    onSessionEnd(() => this.logOut('ended'));
  }

  get climber(): Climber | null {
    return this.#climber;
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
      if (problemOf(error).status === 401) this.logOut('ended');
    }
  }

  logOut(parting: Parting | null = null): void {
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
