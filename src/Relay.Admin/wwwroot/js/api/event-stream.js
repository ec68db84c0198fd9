// The connection to GET /v1/events: comes again after a loss, from where it was, and says when something was missed.

import { failure, headers } from './client.js';
import { EventReader } from './event-reader.js';

const SILENCE = 45_000;
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 15_000;

/**
 * A stream of events. Dispatches `event` (detail: kind, data), `gap`, and `state` (detail: connecting, live, waiting,
 * refused).
 */
export class EventStream extends EventTarget {
  #last = null;
  #abort = null;
  #wait = FIRST_WAIT;
  #isStopped = true;

  /** Connects, and stays connected until stopped. */
  start() {
    if (!this.#isStopped)
      return;
    this.#isStopped = false;
    this.#run();
  }

  /** Ends the connection. */
  stop() {
    this.#isStopped = true;
    this.#abort?.abort();
  }

  async #run() {
    while (!this.#isStopped) {
      this.#say('state', 'connecting');
      const refused = await this.#connect();
      if (this.#isStopped)
        return;
      if (refused) {
        this.#isStopped = true;
        this.#say('state', 'refused');
        return;
      }
      this.#say('state', 'waiting');
      // Apart from each other: after a restart of the coordinator not every page comes at once.
      await new Promise(done => setTimeout(done, this.#wait * (0.5 + Math.random())));
      this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
    }
  }

  /** One connection, until it ends; whether it was refused for want of a token. */
  async #connect() {
    this.#abort = new AbortController();
    const more = { Accept: 'text/event-stream' };
    if (this.#last)
      more['Last-Event-ID'] = this.#last;
    let watch;
    try {
      const response = await fetch('/v1/events', {
        headers: headers(more), cache: 'no-store', redirect: 'error', signal: this.#abort.signal,
      });
      if (!response.ok) {
        await failure(response);
        return response.status === 401 || response.status === 403;
      }
      const reader = response.body.getReader();
      const events = new EventReader();
      const alive = () => {
        clearTimeout(watch);
        // A dead peer is not told of by TCP; the server says at least a comment within this time.
        watch = setTimeout(() => this.#abort.abort(), SILENCE);
      };
      alive();
      this.#say('state', 'live');
      for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
        alive();
        const come = events.push(chunk.value);
        this.#wait = events.retry ?? FIRST_WAIT;
        come.forEach(event => this.#take(event));
        this.#last = events.position ?? this.#last;
      }
    } catch {
      // Lost, silent or stopped: in each case the loop decides what comes next.
    } finally {
      clearTimeout(watch);
      this.#abort.abort();
    }
    return false;
  }

  #take(event) {
    if (event.kind === 'gap')
      this.#say('gap');
    else
      this.#say('event', { kind: event.kind, data: JSON.parse(event.data) });
  }

  #say(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
