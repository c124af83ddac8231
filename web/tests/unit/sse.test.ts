import { describe, expect, it } from 'vitest';
import { answerEventOf } from '../../src/lib/chat/answer-events';
import { EventParser, type ServerEvent } from '../../src/lib/chat/sse';

const encoder = new TextEncoder();

/** What a parser makes of a stream that arrives in pieces of so many bytes. */
function parse(text: string, size = Infinity): ServerEvent[] {
  const bytes = encoder.encode(text);
  const parser = new EventParser();
  const events: ServerEvent[] = [];
  for (let at = 0; at < bytes.length; at += size) events.push(...parser.push(bytes.subarray(at, at + size)));
  return events;
}

describe('a stream of events', () => {
  it.each<[string, string, ServerEvent[]]>([
    ['one event', 'event: delta\ndata: {"text":"a"}\n\n', [{ event: 'delta', data: '{"text":"a"}' }]],
    ['CRLF', 'event: delta\r\ndata: 1\r\n\r\n', [{ event: 'delta', data: '1' }]],
    ['CR', 'event: delta\rdata: 1\r\r', [{ event: 'delta', data: '1' }]],
    ['comments between and within', ': waiting\n\n: waiting\nevent: delta\n:\ndata: 1\n\n', [{ event: 'delta', data: '1' }]],
    ['two events', 'data: 1\n\ndata: 2\n\n', [{ event: 'message', data: '1' }, { event: 'message', data: '2' }]],
    ['lines of data', 'data: a\ndata:\ndata:  b\n\n', [{ event: 'message', data: 'a\n\n b' }]],
    ['a field without a colon', 'data\n\n', [{ event: 'message', data: '' }]],
    ['a name without data is none, and is not kept', 'event: delta\n\ndata: 1\n\n', [{ event: 'message', data: '1' }]],
    ['what is not ended is none', 'data: 1\n\ndata: 2\n', [{ event: 'message', data: '1' }]],
    ['a byte order mark', '\ufeffdata: 1\n\n', [{ event: 'message', data: '1' }]],
    ['ids and retry times', 'id: 7\nretry: 10\ndata: 1\n\n', [{ event: 'message', data: '1' }]],
    ['letters of many bytes', 'data: Gößweinstein 🧗 岩\n\n', [{ event: 'message', data: 'Gößweinstein 🧗 岩' }]],
    ['a colon in the data', 'data: a: b\n\n', [{ event: 'message', data: 'a: b' }]],
  ])('%s', (_, text, events) => {
    expect(parse(text)).toEqual(events);
  });

  it('is the same however it is split', () => {
    const text = ': waiting\r\n\r\nevent: message.start\r\ndata: {"chat_id":"ä"}\r\n\r\nevent: delta\r\ndata: {"text":"🧗\\r\\n岩"}\r\n\r\ndata: a\rdata: b\n\n';
    const whole = parse(text);
    expect(whole).toHaveLength(3);
    for (let size = 1; size <= encoder.encode(text).length; size++) expect(parse(text, size), `pieces of ${size}`).toEqual(whole);
  });

  it('takes an LF that comes with the next piece for the end of the same line', () => {
    const parser = new EventParser();
    expect(parser.push(encoder.encode('data: 1\r'))).toEqual([]);
    expect(parser.push(encoder.encode('\n'))).toEqual([]);
    expect(parser.push(encoder.encode('data: 2\r\n\r'))).toEqual([{ event: 'message', data: '1\n2' }]);
    expect(parser.push(encoder.encode('\ndata: 3\n\n'))).toEqual([{ event: 'message', data: '3' }]);
  });
});

describe('an event of an answer', () => {
  it.each([
    [{ event: 'message.start', data: '{"chat_id":"c","message_id":"m","remaining_messages":3}' }, { kind: 'start', chatID: 'c', messageID: 'm' }],
    [{ event: 'tool', data: '{"name":"get_pyramid","summary":"looked at your pyramid"}' }, { kind: 'tool', use: { name: 'get_pyramid', summary: 'looked at your pyramid' } }],
    [{ event: 'delta', data: '{"text":"a"}' }, { kind: 'delta', text: 'a' }],
    [{ event: 'message.end', data: '{"usage":{}}' }, { kind: 'end', stopped: false }],
    [{ event: 'message.end', data: '{"state":"stopped"}' }, { kind: 'end', stopped: true }],
    [{ event: 'error', data: '{"code":"model_cut","message":"It broke off."}' }, { kind: 'error', code: 'model_cut', message: 'It broke off.' }],
    [{ event: 'message.start', data: '{"chat_id":"c"}' }, null],
    [{ event: 'delta', data: '{"text":' }, null],
    [{ event: 'delta', data: 'null' }, null],
    [{ event: 'thought', data: '{}' }, null],
    [{ event: 'delta', data: '{"text":5}' }, { kind: 'delta', text: '' }],
  ])('%j', (event, read) => {
    expect(answerEventOf(event)).toEqual(read);
  });
});
