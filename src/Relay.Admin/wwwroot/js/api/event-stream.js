// The connection to GET /v1/events: comes again after a loss, from where it was, and says when something was missed.

import { failure, headers } from './client.js';
import { EventReader } from './event-reader.js';

const SILENCE = 45_000;
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 15_000;

/**
 * A stream of events. Dispatches `event` (detail: kind, data), `gap`, and `state` (detail: connecting at first, then live, or
 * waiting where it is lost; refused at the end).
 */
export class EventStream extends EventTarget {
  #last = null;
  #wait = FIRST_WAIT;
  /** What ends the run of now; null while there is none. A run outlives its end by what it awaits, and says nothing any more. */
  #run = null;

  /** Connects, and stays connected until stopped or refused. */
  start() {
    if (this.#run)
      return;
    this.#run = new AbortController();
    this.#follow(this.#run.signal);
  }

  /** Ends the connection: there is no token, or one that is not enough. */
  stop() {
    if (!this.#run)
      return;
    this.#run.abort();
    this.#run = null;
    this.#say('state', 'refused');
  }

  async #follow(run) {
    this.#say('state', 'connecting');
    while (!run.aborted) {
      await this.#connect(run);
      if (run.aborted)
        return;
      this.#say('state', 'waiting');
      // Apart from each other: after a restart of the coordinator not every page comes at once.
      await new Promise(done => setTimeout(done, this.#wait * (0.5 + Math.random())));
      this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
    }
  }

  /** One connection of a run, until it ends. */
  async #connect(run) {
    const connection = new AbortController();
    const end = () => connection.abort();
    run.addEventListener('abort', end);
    const more = { Accept: 'text/event-stream' };
    if (this.#last)
      more['Last-Event-ID'] = this.#last;
    let watch;
    const alive = () => {
      clearTimeout(watch);
      // A dead peer is not told of by TCP; the server says at least a comment within this time.
      watch = setTimeout(end, SILENCE);
    };
    try {
      alive();
      const response = await fetch('/v1/events', {
        headers: headers(more), cache: 'no-store', redirect: 'error', signal: connection.signal,
      });
      run.throwIfAborted();
      if (!response.ok) {
        await failure(response);
        run.throwIfAborted();
        if ([401, 403].includes(response.status))
          this.stop();
        return;
      }
      const reader = response.body.getReader();
      const events = new EventReader();
      this.#say('state', 'live');
      for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
        run.throwIfAborted();
        alive();
        // What cannot be read is not asked for again: who is told that this is live anew reads everything.
        const before = this.#last;
        this.#last = null;
        const come = events.push(chunk.value);
        this.#wait = events.retry ?? FIRST_WAIT;
        come.forEach(event => this.#take(event));
        this.#last = events.position ?? before;
      }
    } catch {
      // Lost, silent or stopped: in each case the loop decides what comes next.
    } finally {
      clearTimeout(watch);
      end();
      run.removeEventListener('abort', end);
    }
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
