import type { RecordSubscription } from 'pocketbase';
import { call, guarded, pb } from './client';
import { follow } from './realtime';
import type { Chat, ChatMessage, CoachStatus, Feedback, Insight, MessageCount, UsageRecord } from './types';

const chatsAtATime = 30;
const messagesAtATime = 60;

const chatFields = 'id,title,last_message_at';

export function readCoach(signal: AbortSignal): Promise<CoachStatus> {
  return call('/v1/users/me/coach', { signal });
}

export async function readInsights(signal: AbortSignal): Promise<Insight[]> {
  const { insights } = await call<{ insights: Insight[] }>('/v1/users/me/insights', { signal });
  return insights;
}

export function readMessageCount(signal: AbortSignal): Promise<MessageCount> {
  return call('/v1/users/me/message-count', { signal });
}

/** Asks the server to end an answer. What has come of it is kept. */
export async function stopAnswer(id: string): Promise<void> {
  await call(`/v1/users/me/messages/${encodeURIComponent(id)}/stop`, { method: 'POST' });
}

/** A part of a list, and whether there is more of it. */
export interface Part<T> {
  items: T[];
  more: boolean;
}

/** Reads chats, the one with the newest message first. Page 1 is the first. */
export async function readChats(page: number, signal: AbortSignal): Promise<Part<Chat>> {
  const options = { sort: '-last_message_at,-created', fields: chatFields, skipTotal: true, signal, requestKey: null };
  const { items } = await guarded(() => pb.collection('chats').getList<Chat>(page, chatsAtATime, options));
  return { items, more: items.length === chatsAtATime };
}

export function readChat(id: string, signal: AbortSignal): Promise<Chat> {
  return guarded(() => pb.collection('chats').getOne<Chat>(id, { fields: chatFields, signal, requestKey: null }));
}

export async function renameChat(id: string, title: string): Promise<Chat> {
  return guarded(() => pb.collection('chats').update<Chat>(id, { title }, { fields: chatFields, requestKey: null }));
}

/** Deletes a chat with all its messages. */
export async function deleteChat(id: string): Promise<void> {
  await guarded(() => pb.collection('chats').delete(id, { requestKey: null }));
}

/** Reads the last messages of a chat before a place in it, or the last of all, in the order of the chat. */
export async function readMessages(chat: string, before: number | null, signal: AbortSignal): Promise<Part<ChatMessage>> {
  const filter = before === null ? pb.filter('chat = {:chat}', { chat }) : pb.filter('chat = {:chat} && sequence < {:before}', { chat, before });
  const options = { filter, sort: '-sequence', skipTotal: true, signal, requestKey: null };
  const { items } = await guarded(() => pb.collection('messages').getList<ChatMessage>(1, messagesAtATime, options));
  return { items: items.reverse(), more: items.length === messagesAtATime };
}

/** Says whether an answer helped. */
export function giveFeedback(id: string, feedback: Feedback, text: string): Promise<ChatMessage> {
  return guarded(() => pb.collection('messages').update<ChatMessage>(id, { feedback, feedback_text: text }, { requestKey: null }));
}

export interface CoachListener {
  onchat: (change: RecordSubscription<Chat>) => void;
  onmessage: (change: RecordSubscription<ChatMessage>) => void;
  onusage: (usage: UsageRecord) => void;
  /** Events may have been lost. */
  onconnect: () => void;
}

/** Follows the chats, messages and usage of a climber until the returned function is called. */
export function followCoach(userID: string, listener: CoachListener): () => void {
  let there = true;
  const subscriptions = [
    pb.collection('chats').subscribe<Chat>('*', (change) => there && listener.onchat(change)),
    pb.collection('messages').subscribe<ChatMessage>('*', (change) => there && listener.onmessage(change)),
    pb.collection('usage').subscribe<UsageRecord>(userID, ({ record }) => there && listener.onusage(record)),
  ];
  const end = follow(subscriptions, listener.onconnect);
  return () => {
    there = false;
    end();
  };
}
