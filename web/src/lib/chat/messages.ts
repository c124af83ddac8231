import type { ChatMessage, MessageState } from '../pb/types';

const ranks: Record<MessageState, number> = { pending: 0, streaming: 1, done: 2, failed: 2, stopped: 2 };

/** Whether an answer is still on its way. */
export function isOpen({ state }: Pick<ChatMessage, 'state'>): boolean {
  return ranks[state] < 2;
}

/** The later one of two versions of a message: events arrive in any order, and an answer that has ended never goes on. */
export function laterOf(known: ChatMessage, heard: ChatMessage): ChatMessage {
  const step = ranks[heard.state] - ranks[known.state];
  return step > 0 || (step === 0 && heard.updated >= known.updated) ? heard : known;
}

/** Puts versions of messages into a list that is in the order of the chat. */
export function merged(list: readonly ChatMessage[], heard: readonly ChatMessage[]): ChatMessage[] {
  const byID = new Map(list.map((message) => [message.id, message]));
  for (const message of heard) {
    const known = byID.get(message.id);
    byID.set(message.id, known ? laterOf(known, message) : message);
  }
  return [...byID.values()].sort((a, b) => a.sequence - b.sequence);
}

/** The question that an answer was given to. */
export function questionBefore(list: readonly ChatMessage[], answer: ChatMessage): ChatMessage | undefined {
  return list.findLast(({ role, sequence }) => role === 'user' && sequence < answer.sequence);
}
