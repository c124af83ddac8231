import type { Tier } from '../pb/types';

/**
 * The key of a wish for a tier. It stays the same until the wish is answered, so that asking again after a lost answer is
 * the same wish to the server.
 */
export class Wish {
  #tier: Tier | null = null;
  #key = '';

  keyFor(tier: Tier): string {
    if (tier !== this.#tier) {
      this.#tier = tier;
      this.#key = randomKey();
    }
    return this.#key;
  }

  /** The next wish is another one. */
  settle(): void {
    this.#tier = null;
  }
}

/** Whether a request that failed with this status has an answer at all: it was refused, and not lost or broken off. */
export function isAnswer(status: number): boolean {
  return status >= 400 && status < 500;
}

/** crypto.randomUUID is missing where the app is not served over TLS. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
