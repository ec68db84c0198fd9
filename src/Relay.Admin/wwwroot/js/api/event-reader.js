// Server-sent events out of a byte stream (HTML, 9.2.6). The browser's own EventSource cannot send a bearer token.

const MAX_EVENT = 1 << 20;

/** Reads events until the stream ends. */
export class EventReader {
  #text = '';
  #decoder = new TextDecoder();
  #event = { kind: 'message', data: [], id: null };
  #retry = null;

  /** What the server wants us to wait before we come again, in milliseconds; null when it said nothing. */
  get retry() {
    return this.#retry;
  }

  /**
   * Takes bytes and gives the events that they complete.
   * @returns {{kind: string, data: string, id: string|null}[]}
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
        if (this.#event.data.length > 0)
          events.push({ ...this.#event, data: this.#event.data.join('\n') });
        this.#event = { kind: 'message', data: [], id: null };
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
      this.#event.kind = value;
    else if (name === 'data')
      this.#event.data.push(value);
    else if (name === 'id')
      this.#event.id = value;
    else if (name === 'retry' && /^\d+$/.test(value))
      this.#retry = Number(value);
  }
}
