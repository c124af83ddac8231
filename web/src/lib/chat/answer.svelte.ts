import { stopAnswer } from '../pb/coach';
import { problemOf, type Problem } from '../pb/errors';
import type { ChatMessage, MessageState, ToolUse } from '../pb/types';
import type { AnswerEvent } from './answer-events';
import { stream, type Ask } from './stream';

/** How long a stop may take before the line is cut, which ends the answer too (milliseconds). */
const stopPatience = 4_000;

/** Each new word would have the whole answer rendered again (milliseconds). */
const drawEvery = 50;

/** An answer that comes over a stream of this tab. */
export class Answer {
  readonly question: string;
  readonly author: string;
  /** Empty until the server has taken the question. */
  id = $state('');
  chatID = $state('');
  text = $state('');
  tools = $state.raw<ToolUse[]>([]);
  state = $state<MessageState>('pending');
  error = $state('');
  stopping = $state(false);
  readonly #line = new AbortController();
  readonly #sequence: number;
  #patience: ReturnType<typeof setTimeout> | undefined;
  /** Words that have come since the page was last drawn with new ones. */
  #fresh = '';
  #drawing: ReturnType<typeof setTimeout> | undefined;

  /** `sequence` is the place of the answer in its chat, as far as this tab knows. */
  constructor({ content, chatID }: Ask, author: string, sequence: number) {
    this.question = content;
    this.chatID = chatID;
    this.author = author;
    this.#sequence = sequence;
  }

  get open(): boolean {
    return this.state === 'pending' || this.state === 'streaming';
  }

  /** Asks, calls `onstart` when the question is taken, and resolves when the answer has ended; a problem is a refusal. */
  async run(onstart: () => void): Promise<Problem | null> {
    try {
      await stream({ content: this.question, chatID: this.chatID }, this.#line, (event) => this.#hear(event, onstart));
    } catch (error) {
      if (!this.id) return this.stopping ? null : problemOf(error);
    }
    if (!this.id && !this.stopping) return { ...problemOf(null), message: 'The coach’s answer could not be read. Try again.' };
    if (this.open) this.#end(this.stopping ? 'stopped' : 'failed', this.stopping ? '' : 'connection_lost');
    return null;
  }

  /** Has the server end the answer; where that does not help, cuts the line. */
  async stop(): Promise<void> {
    if (!this.open || this.stopping) return;
    this.stopping = true;
    if (!this.id) return this.cut();
    this.#patience = setTimeout(() => this.cut(), stopPatience);
    try {
      await stopAnswer(this.id);
    } catch (error) {
      // One that has just ended cannot be stopped, and its end is on the way.
      if (problemOf(error).status !== 404) this.cut();
    }
  }

  /** Cuts the line, which the server takes for a stop. */
  cut(): void {
    this.#line.abort();
  }

  /** The question and the answer as messages of their chat, until they are read from the server. */
  messages(sequence = this.#sequence): [ChatMessage, ChatMessage] {
    const shared = { chat: this.chatID, feedback: '' as const, feedback_text: '', finish_reason: '', created: '', updated: '' };
    return [
      { ...shared, id: `${this.id}-question`, sequence: sequence - 1, role: 'user', content: this.question, state: 'done', author: '', tools: null, error: '' },
      { ...shared, id: this.id, sequence, role: 'assistant', content: this.text, state: this.state, author: this.author, tools: this.tools, error: this.error },
    ];
  }

  #hear(event: AnswerEvent, onstart: () => void): void {
    switch (event.kind) {
      case 'start':
        this.id = event.messageID;
        this.chatID = event.chatID;
        return onstart();
      case 'tool':
        this.tools = [...this.tools, event.use];
        return;
      case 'delta':
        this.state = 'streaming';
        this.#fresh += event.text;
        this.#drawing ??= setTimeout(() => this.#draw(), drawEvery);
        return;
      case 'end':
        return this.#end(event.stopped ? 'stopped' : 'done', '');
      case 'error':
        return this.#end('failed', event.code || 'internal');
    }
  }

  #draw(): void {
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
    this.text += this.#fresh;
    this.#fresh = '';
  }

  #end(state: MessageState, error: string): void {
    clearTimeout(this.#patience);
    this.#draw();
    this.state = state;
    this.error = error;
  }
}
