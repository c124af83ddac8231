import { call } from '../pb/client';
import { answerEventOf, type AnswerEvent } from './answer-events';
import { EventParser } from './sse';

/** A server that says nothing for so long is gone: it sends a comment every 15 s (milliseconds). */
const silenceLimit = 50_000;

const eventStream = 'text/event-stream';

export interface Ask {
  content: string;
  /** Empty begins a new chat. */
  chatID: string;
}

/**
 * Asks the coach, and passes on each event of the answer. Resolves when the stream has ended, whole or not: who listens
 * knows whether an end or an error has come. Rejects when the server refuses the question, or is not reached.
 */
export async function stream({ content, chatID }: Ask, leave: AbortController, onevent: (event: AnswerEvent) => void): Promise<void> {
  await call('/v1/users/me/messages', {
    method: 'POST',
    body: { content, ...(chatID && { chat_id: chatID }) },
    headers: { Accept: eventStream },
    signal: leave.signal,
    // The SDK would wait for JSON. Any other answer than a stream, such as a refusal, is still for it.
    fetch: async (url: RequestInfo | URL, init?: RequestInit) => {
      const response = await fetch(url, init);
      if (!response.ok || !response.body || !response.headers.get('Content-Type')?.startsWith(eventStream)) return response;
      await passOn(response.body, leave, onevent);
      return new Response('{}', { headers: { 'Content-Type': 'application/json' } });
    },
  });
}

/** Reads a stream to its end. A line that breaks is an end too: what came before it stands. */
async function passOn(body: ReadableStream<Uint8Array>, leave: AbortController, onevent: (event: AnswerEvent) => void): Promise<void> {
  const reader = body.getReader();
  const parser = new EventParser();
  let silence: ReturnType<typeof setTimeout> | undefined;
  try {
    for (;;) {
      clearTimeout(silence);
      silence = setTimeout(() => leave.abort(), silenceLimit);
      const { done, value } = await reader.read();
      if (done) return;
      for (const heard of parser.push(value)) {
        const event = answerEventOf(heard);
        if (event) onevent(event);
      }
    }
  } catch {
    // The caller sees that neither an end nor an error came.
  } finally {
    clearTimeout(silence);
    reader.releaseLock();
  }
}
