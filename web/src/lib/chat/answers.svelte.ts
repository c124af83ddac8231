import { pb } from '../pb/client';
import type { Problem } from '../pb/errors';
import { session } from '../session.svelte';
import { Answer } from './answer.svelte';
import type { Ask } from './stream';

/**
 * The answers that come over this tab. They go on when the climber looks at another chat or page, because the server takes
 * a line that is cut for a stop.
 */
class Answers {
  #all = $state.raw<readonly Answer[]>([]);
  #asker = '';

  constructor() {
    pb.authStore.onChange(() => session.climber?.id !== this.#asker && this.drop());
  }

  /** What has come of a chat's answers in this tab, as far as the server has taken their questions. */
  of(chatID: string): Answer[] {
    return this.#all.filter((answer) => answer.id !== '' && answer.chatID === chatID);
  }

  /** Asks, and resolves when the answer has ended, or with the problem for which there is none. */
  async ask(ask: Ask, author: string, sequence: number, onstart: (answer: Answer) => void): Promise<{ answer: Answer; problem: Problem | null }> {
    const answer = new Answer(ask, author, sequence);
    this.#all = [...this.#all, answer];
    this.#asker = session.climber?.id ?? '';
    const problem = await answer.run(() => onstart(answer));
    if (!answer.id) this.forget(answer);
    return { answer, problem };
  }

  /** Forgets an answer that is read from the server from now on. */
  forget(answer: Answer): void {
    this.#all = this.#all.filter((other) => other !== answer);
  }

  /** Ends the answers of a chat that is gone, or all of them. */
  drop(chatID?: string): void {
    for (const answer of this.#all) {
      if (chatID !== undefined && answer.chatID !== chatID) continue;
      answer.cut();
      this.forget(answer);
    }
  }
}

export const answers = new Answers();
