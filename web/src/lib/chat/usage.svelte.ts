import { readMessageCount } from '../pb/coach';
import { problemOf, type Problem } from '../pb/errors';
import type { UsageRecord } from '../pb/types';
import { usageOfCount, usageOfRecord, type Usage } from './meter';

/** After a message should have left, the server has this long to tell, before it is asked (milliseconds). */
const leavePatience = 1_500;

/** How many messages are left, which moves with each one that is sent anywhere, and with each that leaves the window. */
export class LiveUsage {
  now = $state.raw<Usage | null>(null);
  problem = $state.raw<Problem | null>(null);
  #version = -1;
  #reading: AbortController | null = null;
  #leaving: ReturnType<typeof setTimeout> | undefined;

  async read(): Promise<void> {
    this.#reading?.abort();
    const reading = (this.#reading = new AbortController());
    const version = this.#version;
    try {
      const usage = usageOfCount(await readMessageCount(reading.signal));
      // An event that came meanwhile is newer, or as new.
      if (!reading.signal.aborted && version === this.#version) this.#show(usage);
      this.problem = null;
    } catch (error) {
      if (!reading.signal.aborted) this.problem = problemOf(error);
    }
  }

  /** Takes an event. They may come in any order. */
  hear(record: UsageRecord): void {
    if (record.version <= this.#version) return;
    this.#version = record.version;
    this.#show(usageOfRecord(record));
  }

  leave(): void {
    this.#reading?.abort();
    clearTimeout(this.#leaving);
  }

  #show(usage: Usage): void {
    this.now = usage;
    clearTimeout(this.#leaving);
    if (!usage.resetsAt) return;
    const wait = Math.max(0, usage.resetsAt.valueOf() - Date.now()) + leavePatience;
    this.#leaving = setTimeout(() => void this.read(), wait);
  }
}
