import { describe, expect, it } from 'vitest';
import { isOpen, laterOf, merged, questionBefore } from '../../src/lib/chat/messages';
import { clockWords, nextFreeWords, remainingOf, remainingWords, usageOfCount, usageOfRecord, type Usage } from '../../src/lib/chat/meter';
import { lengthOf, lengthWords, outcomeWords, sentenceCase } from '../../src/lib/chat/words';
import type { ChatMessage, MessageState } from '../../src/lib/pb/types';

const now = new Date(2026, 10, 25, 14, 31, 20);
const later = new Date(2026, 10, 25, 14, 31, 59, 1);

function usage(used: number, limit: number | null, resetsAt: Date | null = later): Usage {
  return { used, limit, resetsAt };
}

function message(sequence: number, changes: Partial<ChatMessage> = {}): ChatMessage {
  return {
    id: `m${sequence}`, chat: 'c', sequence, role: sequence % 2 ? 'user' : 'assistant', content: '', state: 'done', author: '', tools: null,
    error: '', finish_reason: '', feedback: '', feedback_text: '', created: '', updated: '2026-11-25 10:00:00.000Z', ...changes,
  };
}

describe('what is left of the messages', () => {
  it.each<[Usage, number | null, string, string | RegExp]>([
    [usage(7, 25), 18, '18 of 25 messages left', ''],
    [usage(25, 25), 0, '0 of 25 messages left', /^next one free at 2:32\sPM$/],
    [usage(30, 25), 0, '0 of 25 messages left', ''],
    [usage(25, 25, null), 0, '0 of 25 messages left', ''],
    [usage(0, 0, null), 0, '', ''],
    [usage(1, 1), 0, '0 of 1 message left', /^next one free at 2:32\sPM$/],
    [usage(400, null), null, 'Unlimited messages', ''],
  ])('%j', (of, remaining, words, next) => {
    expect(remainingOf(of)).toBe(remaining);
    expect(remainingWords(of)).toBe(words);
    expect(nextFreeWords(of, now)).toMatch(next === '' ? /^$/ : next);
  });

  it('is told the day of a time that is not today', () => {
    expect(clockWords(new Date(2026, 10, 26, 9, 5, 0), now)).toMatch(/^tomorrow at 9:05\sAM$/);
    // The minute is over tomorrow.
    expect(clockWords(new Date(2026, 10, 25, 23, 59, 30), now)).toMatch(/^tomorrow at 12:00\sAM$/);
  });

  it('is read from the answer of a request and from the record alike', () => {
    const at = '2026-11-26T13:31:59.001Z';
    expect(usageOfCount({ daily_message_count: 3, max_daily_messages: null, resets_at: at })).toEqual({ used: 3, limit: null, resetsAt: new Date(at) });
    expect(usageOfRecord({ id: 'u', daily_message_count: 3, max_daily_messages: -1, resets_at: at.replace('T', ' '), version: 4 })).toEqual({ used: 3, limit: null, resetsAt: new Date(at) });
    expect(usageOfRecord({ id: 'u', daily_message_count: 0, max_daily_messages: 25, resets_at: '', version: 5 })).toEqual({ used: 0, limit: 25, resetsAt: null });
  });
});

describe('versions of a message', () => {
  const states: [MessageState, MessageState, MessageState][] = [
    ['pending', 'streaming', 'streaming'],
    ['streaming', 'pending', 'streaming'],
    ['done', 'streaming', 'done'],
    ['pending', 'failed', 'failed'],
    ['stopped', 'pending', 'stopped'],
  ];
  it.each(states)('%s, then %s is heard: %s', (known, heard, state) => {
    expect(laterOf(message(2, { state: known }), message(2, { state: heard })).state).toBe(state);
  });

  it('of one state are told apart by their time', () => {
    const old = message(2), fresh = message(2, { feedback: 'helpful', updated: '2026-11-25 10:00:01.000Z' });
    expect([laterOf(old, fresh), laterOf(fresh, old)]).toEqual([fresh, fresh]);
  });

  it('join the list in the order of the chat', () => {
    const list = [message(3), message(4, { state: 'pending' })];
    expect(merged(list, [message(4), message(1), message(2)]).map(({ sequence, state }) => `${sequence} ${state}`)).toEqual(['1 done', '2 done', '3 done', '4 done']);
  });

  it('find the question of an answer', () => {
    const list = [message(1), message(2), message(3), message(4)];
    expect([questionBefore(list, list[1]!)?.sequence, questionBefore(list, list[3]!)?.sequence, questionBefore(list, list[0]!)]).toEqual([1, 3, undefined]);
  });

  it('are open until they have ended', () => {
    expect((['pending', 'streaming', 'done', 'failed', 'stopped'] as const).filter((state) => isOpen({ state }))).toEqual(['pending', 'streaming']);
  });
});

describe('what became of an answer', () => {
  const of = (state: MessageState, error: string, content: string, finish_reason = '') => outcomeWords({ state, error, content, finish_reason });

  it.each([
    [of('done', '', 'a', 'stop'), ''],
    [of('streaming', '', 'a'), ''],
    [of('done', '', 'a', 'length'), 'The answer ends here because it got too long. Ask the coach to go on.'],
    [of('stopped', '', 'a'), 'Stopped. This is what had come of it.'],
    [of('stopped', '', ''), 'Stopped before the first word.'],
    [of('failed', 'model_timeout', ''), 'The coach did not answer in time. Your message is not counted.'],
    [of('failed', 'model_cut', 'a'), 'The answer broke off.'],
    [of('failed', 'interrupted', 'a'), 'The server was restarted in the middle of the answer. Your message is not counted.'],
    [of('failed', 'connection_lost', ''), 'The connection broke off.'],
    [of('failed', 'constructor', 'a'), 'Something went wrong with this answer.'],
  ])('%s', (said, words) => {
    expect(said).toBe(words);
  });
});

describe('the length of a question', () => {
  it('counts letters, not units, and no space around them', () => {
    expect(lengthOf(' 🧗a \n')).toBe(2);
  });

  it.each([
    [3_600, ''],
    [3_601, '3,601 of 4,000 characters'],
    [4_000, '4,000 of 4,000 characters'],
    [4_012, '12 characters too many'],
    [4_001, '1 character too many'],
  ])('%i', (length, words) => {
    expect(lengthWords(length, 4_000)).toBe(words);
  });
});

it('begins a sentence with a capital letter', () => {
  expect([sentenceCase('looked at your pyramid'), sentenceCase('')]).toEqual(['Looked at your pyramid', '']);
});
