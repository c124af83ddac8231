/** One event of a stream: its name, and its data with lines joined by line feeds. */
export interface ServerEvent {
  event: string;
  data: string;
}

/**
 * Parses server-sent events as their bytes arrive, by the rules of the HTML standard ("9.2.6 Interpreting an event stream"):
 * lines end with LF, CR or CRLF, a line that begins with a colon is a comment, and a blank line ends an event. What is not
 * ended when the stream is, is no event. Ids and retry times mean nothing here: an answer cannot be taken up again.
 */
export class EventParser {
  readonly #decoder = new TextDecoder();
  #rest = '';
  #afterCR = false;
  #event = '';
  #data: string[] = [];

  /** Takes the next bytes, and returns the events that they complete. */
  push(bytes: Uint8Array): ServerEvent[] {
    const events: ServerEvent[] = [];
    for (const line of this.#lines(this.#decoder.decode(bytes, { stream: true }))) {
      const event = this.#take(line);
      if (event) events.push(event);
    }
    return events;
  }

  /** The lines that are complete. A CR ends its line at once; an LF that follows it later belongs to it. */
  #lines(text: string): string[] {
    if (text === '') return [];
    const fresh = this.#afterCR && text.startsWith('\n') ? text.slice(1) : text;
    this.#afterCR = text.endsWith('\r');
    const lines = (this.#rest + fresh).split(/\r\n|\r|\n/);
    this.#rest = lines.pop() ?? '';
    return lines;
  }

  #take(line: string): ServerEvent | null {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.#event = value;
    else if (field === 'data') this.#data.push(value);
    return null;
  }

  #dispatch(): ServerEvent | null {
    const event = this.#data.length > 0 ? { event: this.#event || 'message', data: this.#data.join('\n') } : null;
    this.#event = '';
    this.#data = [];
    return event;
  }
}
