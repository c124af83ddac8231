import { findRunningImport, followImport } from '../pb/imports';
import type { ImportAccepted, ImportProgress, ImportRecord, ImportReport } from '../pb/types';
import { laterOf, spokenProgress } from './progress';

/** The imports of a page: the one that runs in the background, and how the last one ended. */
export class Imports {
  #running = $state.raw<ImportProgress | null>(null);
  #report = $state.raw<ImportReport | null>(null);
  #failure = $state('');
  #finished = $state(0);
  #spoken = $state('');
  #answers = $state(false);
  #stopFollowing = () => {};
  /** Whether the page is there: an answer that comes after it has gone is nobody's. */
  #shown = false;

  get running(): ImportProgress | null {
    return this.#running;
  }

  get report(): ImportReport | null {
    return this.#report;
  }

  /** Why the last import failed; empty if it did not. */
  get failure(): string {
    return this.#failure;
  }

  /** How many imports have ended: each may have changed the logbook. */
  get finished(): number {
    return this.#finished;
  }

  /** What a screen reader should say about an import in the background. */
  get spoken(): string {
    return this.#spoken;
  }

  /** Whether what is shown answers a file that the climber has just sent. */
  get answers(): boolean {
    return this.#answers;
  }

  /** Takes the server's answer to an upload. */
  take(answer: ImportReport | ImportAccepted): void {
    if (!this.#shown) return;
    this.#answers = true;
    if ('job_id' in answer) this.#follow({ id: answer.import_id, state: 'queued', progress: 0, file_name: '', updated: '' });
    else this.#end(answer, '');
  }

  /**
   * Begins with the page, and looks for an import that was begun earlier or elsewhere. A failure is no news here: the
   * page's own requests tell.
   */
  async resume(): Promise<void> {
    this.#shown = true;
    const found = await findRunningImport().catch(() => null);
    if (!found || !this.#shown || this.#running) return;
    this.#answers = false;
    this.#follow(found);
  }

  closeReport(): void {
    this.#report = null;
  }

  /** Ends with the page. The import itself goes on. */
  leave(): void {
    this.#shown = false;
    this.#stop();
  }

  #stop(): void {
    this.#stopFollowing();
    this.#running = null;
  }

  #follow(begun: ImportProgress): void {
    this.#stop();
    this.#report = null;
    this.#failure = '';
    this.#progress(begun);
    this.#stopFollowing = followImport(begun.id, {
      onprogress: (heard) => this.#running && this.#progress(laterOf(this.#running, heard)),
      onend: (record) => this.#settle(record),
      ongone: () => this.#end(null, 'This import was removed.'),
    });
  }

  #progress(now: ImportProgress): void {
    this.#running = now;
    this.#spoken = spokenProgress(now);
  }

  #settle({ state, report, error }: ImportRecord): void {
    this.#answers = false;
    if (state === 'done') this.#end(report, '');
    else this.#end(null, error || 'The import failed. Upload the file again.');
    this.#spoken = state === 'done' ? 'The import is done.' : '';
  }

  #end(report: ImportReport | null, failure: string): void {
    this.#stop();
    this.#spoken = '';
    this.#report = report;
    this.#failure = failure;
    this.#finished += 1;
  }
}
