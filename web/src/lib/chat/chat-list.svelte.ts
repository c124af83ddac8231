import type { RecordSubscription } from 'pocketbase';
import { readChats } from '../pb/coach';
import { problemOf, type Problem } from '../pb/errors';
import type { Chat } from '../pb/types';

/** The climber's chats, newest first, as far as they have been read. */
export class ChatList {
  items = $state.raw<Chat[] | null>(null);
  more = $state(false);
  problem = $state.raw<Problem | null>(null);
  #pages = 1;
  #reading: AbortController | null = null;

  /** Reads again what is shown. */
  async read(): Promise<void> {
    this.#reading?.abort();
    const { signal } = (this.#reading = new AbortController());
    try {
      const parts = await Promise.all(Array.from({ length: this.#pages }, (_, page) => readChats(page + 1, signal)));
      if (signal.aborted) return;
      this.items = inOrder(parts.flatMap(({ items }) => items));
      this.more = parts.at(-1)?.more ?? false;
      this.problem = null;
    } catch (error) {
      if (!signal.aborted) this.problem = problemOf(error);
    }
  }

  readOlder(): void {
    this.#pages += 1;
    void this.read();
  }

  hear({ action, record }: RecordSubscription<Chat>): void {
    if (action === 'delete') this.remove(record.id);
    else this.put(record);
  }

  put(chat: Chat): void {
    this.items = inOrder([chat, ...(this.items ?? [])]);
  }

  remove(id: string): void {
    this.items = this.items?.filter((chat) => chat.id !== id) ?? null;
  }

  leave(): void {
    this.#reading?.abort();
  }
}

/** Each chat once, in its first version, newest first. */
function inOrder(chats: Chat[]): Chat[] {
  const byID = new Map<string, Chat>();
  for (const chat of chats) if (!byID.has(chat.id)) byID.set(chat.id, chat);
  return [...byID.values()].sort((a, b) => b.last_message_at.localeCompare(a.last_message_at));
}
