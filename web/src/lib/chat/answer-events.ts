import type { ToolUse } from '../pb/types';
import type { ServerEvent } from './sse';

/** What the stream of an answer tells. */
export type AnswerEvent =
  | { kind: 'start'; chatID: string; messageID: string }
  | { kind: 'tool'; use: ToolUse }
  | { kind: 'delta'; text: string }
  | { kind: 'end'; stopped: boolean }
  | { kind: 'error'; code: string; message: string };

/** Reads an event; null for one that this page does not know or that is not whole. */
export function answerEventOf({ event, data }: ServerEvent): AnswerEvent | null {
  const body = parsed(data);
  if (!body) return null;
  const text = (name: string) => (typeof body[name] === 'string' ? body[name] : '');
  switch (event) {
    case 'message.start':
      return text('chat_id') && text('message_id') ? { kind: 'start', chatID: text('chat_id'), messageID: text('message_id') } : null;
    case 'tool':
      return { kind: 'tool', use: { name: text('name'), summary: text('summary') } };
    case 'delta':
      return { kind: 'delta', text: text('text') };
    case 'message.end':
      return { kind: 'end', stopped: text('state') === 'stopped' };
    case 'error':
      return { kind: 'error', code: text('code'), message: text('message') };
    default:
      return null;
  }
}

function parsed(data: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
