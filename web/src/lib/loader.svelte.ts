import { problemOf, type Problem } from './pb/errors';

/**
 * The state of one thing that is read from the server. The last data stays while newer is on its way,
 * so that a chart does not flicker, and a newer request cancels the one before.
 */
export class Loader<T> {
  data = $state.raw<T | null>(null);
  problem = $state.raw<Problem | null>(null);
  busy = $state(false);
  #running: AbortController | null = null;

  async load(request: (signal: AbortSignal) => Promise<T>): Promise<void> {
    this.cancel();
    const running = (this.#running = new AbortController());
    this.busy = true;
    try {
      const data = await request(running.signal);
      if (running.signal.aborted) return;
      this.data = data;
      this.problem = null;
    } catch (error) {
      if (running.signal.aborted) return;
      this.problem = problemOf(error);
    }
    this.busy = false;
  }

  cancel(): void {
    this.#running?.abort();
    this.busy = false;
  }
}
