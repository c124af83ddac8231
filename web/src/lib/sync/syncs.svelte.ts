import { Loader } from '../loader.svelte';
import { followRuns, readLastRuns, startSync, type LastRuns } from '../pb/syncs';
import type { SyncRun, SyncSource } from '../pb/types';
import { isUnderWay } from './words';

/** The readings of the climber's linked profiles, as a page follows them. */
export class Syncs {
  readonly #runs = new Loader<LastRuns>();
  /** What was heard of each source last. */
  readonly #heard = new Map<SyncSource, string>();
  /** Whether the next end of a reading is news. What had ended before the page came is in the logbook that it shows. */
  #listening = false;
  #lastDone = $state.raw<Partial<Record<SyncSource, string>>>({});
  #finished = $state(0);

  runOf(source: SyncSource): SyncRun | undefined {
    return this.#runs.data?.[source];
  }

  /** When a profile was read to the end since the page is there; null if it was not. */
  lastDone(source: SyncSource): string | null {
    return this.#lastDone[source] ?? null;
  }

  /** How many readings have ended since the page is there: each may have changed the logbook. */
  get finished(): number {
    return this.#finished;
  }

  /** Follows the readings until the returned function is called. */
  follow(): () => void {
    const stop = followRuns(() => void this.refresh());
    return () => {
      stop();
      this.#runs.cancel();
    };
  }

  /** Has a profile read now. However soon that ends, it is news. */
  async start(source: SyncSource): Promise<void> {
    await startSync(source);
    this.#listening = true;
  }

  async refresh(): Promise<void> {
    await this.#runs.load(readLastRuns);
    if (!this.#runs.data) return;
    const news = this.#listening;
    this.#listening = true;
    for (const run of Object.values(this.#runs.data)) this.#hear(run, news);
  }

  #hear(run: SyncRun, news: boolean): void {
    const now = `${run.id} ${run.status}`;
    const changed = this.#heard.get(run.source) !== now;
    this.#heard.set(run.source, now);
    if (run.status === 'done') this.#lastDone = { ...this.#lastDone, [run.source]: run.finished_at || run.updated };
    if (news && changed && !isUnderWay(run)) this.#finished += 1;
  }
}
