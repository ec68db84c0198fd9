// Server-sent events out of a byte stream (HTML, 9.2.6). The browser's own EventSource cannot send a bearer token.

// The event of a drain names each of its nodes, of which a fleet has 10 000 at most.
const MAX_EVENT = 8 << 20;

/** Reads events until the stream ends. */
export class EventReader {
  #text = '';
  #decoder = new TextDecoder();
  #kind = 'message';
  #data = [];

  /** From where to go on after a loss; told with an event, or without one. */
  position = null;

  /** What the server wants us to wait before we come again, in milliseconds; null when it said nothing. */
  retry = null;

  /**
   * Takes bytes and gives the events that they complete.
   * @returns {{kind: string, data: string}[]}
   */
  push(bytes) {
    this.#text += this.#decoder.decode(bytes, { stream: true });
    if (this.#text.length > MAX_EVENT)
      throw new Error('an event is too long');
    const lines = this.#text.split(/\r\n|\n|\r(?!$)/);
    this.#text = lines.pop();
    const events = [];
    for (const line of lines) {
      if (line === '') {
        if (this.#data.length > 0)
          events.push({ kind: this.#kind, data: this.#data.join('\n') });
        this.#kind = 'message';
        this.#data = [];
      } else if (!line.startsWith(':')) {
        this.#field(line);
      }
    }
    return events;
  }

  #field(line) {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event')
      this.#kind = value;
    else if (name === 'data')
      this.#data.push(value);
    else if (name === 'id')
      this.position = value;
    else if (name === 'retry' && /^\d{1,6}$/.test(value))
      this.retry = Number(value);
  }
}
