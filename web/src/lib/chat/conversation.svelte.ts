import type { RecordSubscription } from 'pocketbase';
import { readChat, readMessages, stopAnswer } from '../pb/coach';
import { problemOf, type Problem } from '../pb/errors';
import type { Chat, ChatMessage } from '../pb/types';
import { answers } from './answers.svelte';
import { isOpen, merged } from './messages';

/** Between two looks at an answer that comes over another line, in case no event tells of its end (milliseconds). */
const pollEvery = 5_000;

/** The messages of one chat: those that are stored, and what comes over this tab. */
export class Conversation {
  readonly id: string;
  chat = $state.raw<Chat | null>(null);
  more = $state(false);
  busy = $state(false);
  problem = $state.raw<Problem | null>(null);
  #stored = $state.raw<ChatMessage[] | null>(null);
  readonly #left = new AbortController();
  #poll: ReturnType<typeof setTimeout> | undefined;

  /** In the order of the chat. Null until they are read. */
  readonly messages = $derived.by(() => withLive(this.#stored, this.id));
  /** The answer that is on its way, in this tab or elsewhere. */
  readonly coming = $derived(this.messages?.findLast((message) => message.role === 'assistant' && isOpen(message)) ?? null);

  /** An empty id is a chat that has not begun. */
  constructor(id: string) {
    this.id = id;
    if (!id) this.#stored = [];
  }

  /** Reads the newest messages, again if need be. */
  async read(): Promise<void> {
    if (!this.id) return;
    clearTimeout(this.#poll);
    this.busy = true;
    try {
      const { signal } = this.#left;
      const [chat, { items, more }] = await Promise.all([readChat(this.id, signal), readMessages(this.id, null, signal)]);
      this.chat = chat;
      this.more = this.#stored?.length ? this.more : more;
      this.#take(items);
      this.problem = null;
      if (this.#stored?.some((message) => isOpen(message))) this.#poll = setTimeout(() => void this.read(), pollEvery);
    } catch (error) {
      if (!this.#left.signal.aborted) this.problem = problemOf(error);
    }
    this.busy = false;
  }

  async readEarlier(): Promise<void> {
    const first = this.#stored?.[0];
    if (!first || this.busy) return;
    this.busy = true;
    try {
      const { items, more } = await readMessages(this.id, first.sequence, this.#left.signal);
      this.more = more;
      this.#take(items);
    } catch (error) {
      if (!this.#left.signal.aborted) this.problem = problemOf(error);
    }
    this.busy = false;
  }

  /** Takes an event of any chat. */
  hear({ action, record }: RecordSubscription<ChatMessage>): void {
    if (record.chat !== this.id || !this.#stored) return;
    if (action === 'delete') this.#stored = this.#stored.filter(({ id }) => id !== record.id);
    else this.#take([record]);
  }

  put(message: ChatMessage): void {
    this.#take([message]);
  }

  /** Stops the answer that is on its way. */
  async stop(): Promise<void> {
    const id = this.coming?.id;
    if (!id) return;
    const here = answers.of(this.id).find((answer) => answer.id === id);
    if (here) return here.stop();
    // Where it does not come over this tab, there is nothing else to try; and the next look tells what became of it.
    await stopAnswer(id).catch(() => {});
    await this.read();
  }

  leave(): void {
    this.#left.abort();
    clearTimeout(this.#poll);
  }

  #take(heard: ChatMessage[]): void {
    this.#stored = merged(this.#stored ?? [], heard);
    for (const answer of answers.of(this.id)) {
      if (!answer.open && this.#stored.some((message) => message.id === answer.id && !isOpen(message))) answers.forget(answer);
    }
  }
}

/** Adds what comes over this tab. A stored answer that has ended says more than what came of it here. */
function withLive(stored: ChatMessage[] | null, chatID: string): ChatMessage[] | null {
  let list = stored;
  for (const answer of chatID ? answers.of(chatID) : []) {
    const known = list?.find(({ id }) => id === answer.id);
    if (known && !isOpen(known)) continue;
    const [question, live] = answer.messages(known?.sequence);
    const others = (list ?? []).filter(({ id }) => id !== answer.id);
    const asked = others.some(({ role, sequence }) => role === 'user' && sequence === question.sequence);
    list = [...others, ...(asked ? [] : [question]), live].sort((a, b) => a.sequence - b.sequence);
  }
  return list;
}
