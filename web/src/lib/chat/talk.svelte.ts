import { Loader } from '../loader.svelte';
import { followCoach, readCoach } from '../pb/coach';
import type { Problem } from '../pb/errors';
import type { CoachStatus } from '../pb/types';
import type { Answer } from './answer.svelte';
import { answers } from './answers.svelte';
import { ChatList } from './chat-list.svelte';
import { Conversation } from './conversation.svelte';
import { nextFreeWords, remainingOf } from './meter';
import { LiveUsage } from './usage.svelte';
import { outcomeWords } from './words';

/** What the page can be: still reading, without a coach, without one in the plan, or ready to talk. */
export type Mode = 'reading' | 'none' | 'upgrade' | 'ready';

/** The coach's page: who answers, how many messages are left, the chats, and the one that is shown. */
export class Talk {
  readonly status = new Loader<CoachStatus>();
  readonly usage = new LiveUsage();
  readonly chats = new ChatList();
  conversation = $state.raw(new Conversation(''));
  /** What is being written. It stays until the server has taken it. */
  draft = $state('');
  /** A question is on the way to the server. */
  asking = $state(false);
  problem = $state.raw<Problem | null>(null);
  /** What a screen reader says: each answer once, when it has ended. */
  spoken = $state('');
  #left = false;

  readonly mode: Mode = $derived.by(() => {
    const { data } = this.status;
    if (!data) return 'reading';
    if (!data.available) return 'none';
    return this.usage.now?.limit === 0 ? 'upgrade' : this.usage.now || this.usage.problem ? 'ready' : 'reading';
  });

  /** Why nothing can be asked now; empty when something can. */
  get closed(): string {
    const usage = this.usage.now;
    if (!usage || remainingOf(usage) !== 0) return '';
    const next = nextFreeWords(usage, new Date());
    return `No message is left${next ? `: the ${next}` : ''}.`;
  }

  read(): void {
    void this.status.load(readCoach);
    void this.usage.read();
    void this.chats.read();
  }

  /** Shows a chat until the returned function is called. An empty id is a new one. */
  show(id: string): () => void {
    const shown = new Conversation(id);
    this.conversation = shown;
    this.problem = null;
    void shown.read();
    return () => shown.leave();
  }

  /** Follows what changes elsewhere until the returned function is called. `ongone` is told that the shown chat is deleted. */
  follow(userID: string, ongone: () => void): () => void {
    return followCoach(userID, {
      onchat: (change) => {
        this.chats.hear(change);
        if (change.record.id !== this.conversation.id) return;
        if (change.action === 'delete') ongone();
        else this.conversation.chat = change.record;
      },
      onmessage: (change) => this.conversation.hear(change),
      onusage: (record) => this.usage.hear(record),
      onconnect: () => {
        void this.usage.read();
        void this.chats.read();
        void this.conversation.read();
      },
    });
  }

  /** Asks in the chat that is shown. `onchat` is told the id of one that begins with it. */
  async ask(content: string, onchat: (id: string) => void): Promise<void> {
    if (this.asking || this.conversation.coming || this.closed) return;
    const { conversation } = this;
    this.asking = true;
    this.problem = null;
    this.spoken = '';
    const sequence = (conversation.messages?.at(-1)?.sequence ?? 0) + 2;
    const { answer, problem } = await answers.ask({ content, chatID: conversation.id }, this.status.data?.author ?? '', sequence, ({ chatID }) => {
      this.asking = false;
      if (this.draft.trim() === content) this.draft = '';
      void this.usage.read();
      if (!this.#left && !conversation.id && this.conversation === conversation) onchat(chatID);
    });
    this.asking = false;
    if (this.#left) return;
    if (problem) this.#refused(problem);
    else if (answer.id) this.#ended(answer);
  }

  /** Drops a chat that is deleted. */
  dropped(id: string): void {
    this.chats.remove(id);
    answers.drop(id);
  }

  leave(): void {
    this.#left = true;
    this.status.cancel();
    this.usage.leave();
    this.chats.leave();
  }

  #refused(problem: Problem): void {
    this.problem = problem;
    // The page has not heard yet of what stands in the way.
    if (problem.code === 'coach_not_configured') void this.status.load(readCoach);
    if (problem.status === 402 || problem.status === 429) void this.usage.read();
  }

  #ended(answer: Answer): void {
    if (answer.chatID === this.conversation.id) void this.conversation.read();
    else answers.forget(answer);
    void this.#speak(answer);
  }

  async #speak({ text, state, error }: Answer): Promise<void> {
    const outcome = outcomeWords({ state, error, content: text, finish_reason: '' });
    const markdown = await import('./markdown').catch(() => null);
    const said = text && `The coach has answered. ${markdown?.plainText(text) ?? text}`;
    this.spoken = `${said} ${outcome}`.trim();
  }
}
