// The fleet as this page knows it: loaded once, kept true by events, and read again now and then for what no event tells.

import * as api from '../api/fleet-api.js';
import { EventStream } from '../api/event-stream.js';
import { History } from './history.js';
import { NodeHistory } from './node-history.js';

// As many as the fleet keeps.
const EVENTS_KEPT = 1000;
const POLL = 3000;

/**
 * Dispatches `change` when anything did, `lease` (detail: the event) for pools and blocks, and `missed` when some events were not told.
 */
export class FleetModel extends EventTarget {
  overview = null;
  nodes = null;
  /** Who looks: the token's name and role. */
  caller = null;
  drains = new Map();
  history = new History();
  nodeHistory = new NodeHistory();
  /** Events since the page was opened, newest first. */
  events = [];
  /** connecting, live, waiting or refused. */
  connection = 'connecting';
  /** Why the last reading failed; null when it did not. */
  failure = null;

  #stream = new EventStream();
  #timer = null;
  #isStarted = false;
  #reading = null;

  constructor() {
    super();
    this.#stream.addEventListener('event', e => this.#apply(e.detail.data));
    this.#stream.addEventListener('gap', () => {
      this.reload();
      this.dispatchEvent(new CustomEvent('missed'));
    });
    this.#stream.addEventListener('state', e => {
      // What happened while we were away may be more than the log kept: the state itself is read again.
      if (e.detail === 'live' && this.#isStarted)
        this.reload();
      this.connection = e.detail;
      this.#changed();
    });
    document.addEventListener('visibilitychange', () => this.#isStarted && !document.hidden && this.refresh());
  }

  /** Loads everything and follows the events; again after a token was given. */
  start() {
    this.#isStarted = true;
    this.caller = null;
    this.#stream.start();
    this.#schedule();
  }

  /** Ends the connection: there is no token. */
  stop() {
    this.#isStarted = false;
    clearTimeout(this.#timer);
    this.#stream.stop();
  }

  /** Reads everything again. */
  async reload() {
    await Promise.all([this.refresh(), this.#read(async () => {
      const [drains, stats] = await Promise.all([api.listDrains(), api.getStats(3600)]);
      this.#keep(drains.items);
      this.history.reset(stats.series);
    })]);
  }

  /** Reads again what events do not tell: each node's load, and the fleet at a glance. */
  refresh() {
    this.#reading ??= this.#read(async () => {
      const [overview, nodes] = await Promise.all([api.getOverview(), api.listNodes()]);
      this.overview = overview;
      this.nodes = nodes;
      this.nodeHistory.push(nodes);
      this.caller ??= await api.getCaller();
      // Events tell of a drain's steps; how many tunnels are left is to be asked for.
      if (overview.drainsRunning > 0)
        this.#keep((await api.listDrains()).items);
    }).finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  /** Takes a drain that an answer gave, ahead of its event. */
  noteDrain(drain) {
    if (drain?.id)
      this.drains.set(drain.id, drain);
    this.refresh();
  }

  /** Whether who looks may change anything; the API says so as well. */
  get mayChange() {
    return this.caller?.role === 'operator';
  }

  /** Whether what is known may be out of date: the last reading failed, or no event comes. */
  get isStale() {
    return this.overview !== null && (this.failure !== null || ['waiting', 'refused'].includes(this.connection));
  }

  /** A node by its name. */
  node(id) {
    return this.nodes?.find(n => n.id === id) ?? null;
  }

  /** Drains, newest first. */
  get drainList() {
    return [...this.drains.values()].sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  }

  #keep(drains) {
    drains.forEach(d => this.drains.set(d.id, d));
  }

  async #read(reading) {
    try {
      await reading();
      this.failure = null;
    } catch (error) {
      this.failure = error;
    }
    this.#changed();
  }

  #schedule() {
    clearTimeout(this.#timer);
    // A large fleet is a large answer: it is asked for less often.
    const wait = POLL + 10 * (this.nodes?.length ?? 0);
    this.#timer = setTimeout(async () => {
      if (!document.hidden)
        await this.refresh();
      if (this.#isStarted)
        this.#schedule();
    }, wait);
  }

  #apply(event) {
    if (event.kind === 'rate') {
      this.history.push(event.rate);
    } else {
      // Of a drain that only goes on, the newest word is enough.
      if (isSameStep(this.events[0], event))
        this.events.shift();
      this.events.unshift(event);
      this.events.length = Math.min(this.events.length, EVENTS_KEPT);
    }
    if (event.kind === 'drain' && event.drain)
      this.#noteStep(event.drain);
    if (event.kind === 'node') {
      const node = this.node(event.node);
      if (node && event.state)
        node.state = event.state;
      this.refresh();
    }
    if (event.kind === 'lease')
      this.dispatchEvent(new CustomEvent('lease', { detail: event }));
    this.#changed();
  }

  // The history has a drain's counts, and not where each node is: what is known of those stays until it is read again.
  #noteStep(drain) {
    const nodes = drain.nodes.length > 0 ? drain.nodes : this.drains.get(drain.id)?.nodes ?? [];
    this.drains.set(drain.id, { ...drain, nodes });
  }

  #changed() {
    this.dispatchEvent(new CustomEvent('change'));
  }
}

function isSameStep(before, event) {
  return event.drain && before?.drain?.id === event.drain.id && before.drain.state === event.drain.state
    && before.drain.nodes.every((n, i) => n.step === event.drain.nodes[i]?.step);
}
