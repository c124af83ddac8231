import { refresh } from './pb/account';
import { onSessionEnd, pb } from './pb/client';
import { problemOf } from './pb/errors';

/** The logged-in climber, as far as the page needs to know. */
export interface Climber {
  id: string;
  username: string;
}

/** A tab that comes back after this long asks whether its session still holds (milliseconds). */
const staleAfter = 15 * 60_000;

class Session {
  #climber = $state.raw<Climber | null>(stored());
  #ended = $state(false);
  #checkedAt = 0;

  constructor() {
    pb.authStore.onChange(() => (this.#climber = stored()));
    onSessionEnd(() => this.#end());
  }

  get climber(): Climber | null {
    return this.#climber;
  }

  /** True after the server ended the session; false again after the next login. */
  get ended(): boolean {
    return this.#ended && this.#climber === null;
  }

  /** Renews the token. Only a 401 logs out: a server that is down must not cost anyone the session. */
  async verify(): Promise<void> {
    if (this.#climber === null || Date.now() - this.#checkedAt < staleAfter) return;
    this.#checkedAt = Date.now();
    try {
      await refresh();
    } catch (error) {
      if (problemOf(error).status === 401) this.#end();
    }
  }

  logOut(): void {
    this.#ended = false;
    pb.authStore.clear();
  }

  #end(): void {
    this.#ended = true;
    pb.authStore.clear();
  }
}

function stored(): Climber | null {
  const { isValid, record } = pb.authStore;
  return isValid && record ? { id: record.id, username: String(record['username'] ?? '') } : null;
}

export const session = new Session();
