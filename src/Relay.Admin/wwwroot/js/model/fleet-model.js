// The fleet as this page knows it: loaded once, kept true by events, and read again now and then for what no event tells.

import * as api from '../api/fleet-api.js';
import { EventStream } from '../api/event-stream.js';
import { Readings } from '../api/readings.js';
import { Drains } from './drains.js';
import { History } from './history.js';

// As many as the fleet keeps.
const EVENTS_KEPT = 1000;
const POLL = 3000;
// So many that run are asked for one by one.
const FEW_DRAINS = 4;

/**
 * Dispatches `change` when anything did, `lease` (detail: the event) for pools and blocks, and `missed` when some events were not told.
 */
export class FleetModel extends EventTarget {
  overview = null;
  nodes = null;
  /** Who looks: the token's name and role. */
  caller = null;
  drains = new Drains();
  history = new History();
  /** Events since the page was opened, newest first; their drains without nodes, which may be thousands. */
  events = [];
  /** connecting, live, waiting or refused. */
  connection = 'connecting';
  /** Why the last reading failed; null when it did not. */
  failure = null;

  #stream = new EventStream();
  /** What the newest event told, whole; see `events`. */
  #newest = null;
  /** States that events have told of nodes since the reading began that is on its way. */
  #told = new Map();
  // What events do not tell: each node's load, and the fleet at a glance. A large fleet is a large answer, asked for less often.
  #glance = new Readings(() => this.#read(() => this.#look()), () => POLL + this.#size);
  // What is read once, and then told by events; how many tunnels are left in a drain is not.
  #past = new Readings(() => this.#read(async () => {
    const [, stats] = await Promise.all([this.drains.read(api.listDrains), api.getStats(3600)]);
    this.history.reset(stats.series);
  }));

  constructor() {
    super();
    this.#stream.addEventListener('event', e => this.#apply(e.detail.data));
    this.#stream.addEventListener('gap', () => {
      this.reload();
      this.dispatchEvent(new CustomEvent('missed'));
    });
    this.#stream.addEventListener('state', e => {
      // What happened while we were away may be more than the log kept: the state itself is read again.
      if (e.detail === 'live')
        this.reload();
      this.connection = e.detail;
      this.#changed();
    });
  }

  /** Loads everything and follows the events; again after a token was given. */
  start() {
    this.caller = null;
    this.#glance.start();
    this.#past.start();
    this.#stream.start();
  }

  /** Ends the connection: there is no token. */
  stop() {
    this.#glance.stop();
    this.#past.stop();
    this.#stream.stop();
  }

  /** Reads everything again. */
  reload() {
    this.#glance.want();
    this.#past.want();
  }

  /** Takes a drain that an answer gave, ahead of its event. */
  noteDrain(drain) {
    if (drain?.id)
      this.drains.put(drain);
    this.#glance.want();
  }

  /** Whether who looks may change anything; the API says so as well. */
  get mayChange() {
    return this.caller?.role === 'operator';
  }

  /** Whether what is known may be out of date: the last reading failed, or no event comes. */
  get isStale() {
    return this.overview !== null && (this.failure !== null || this.connection !== 'live');
  }

  /** A node by its name. */
  node(id) {
    return this.nodes?.find(n => n.id === id) ?? null;
  }

  /** What a fleet's size adds to the time between readings, in milliseconds. */
  get #size() {
    return 10 * (this.nodes?.length ?? 0);
  }

  async #look() {
    this.#told.clear();
    const [overview, nodes] = await Promise.all([api.getOverview(), api.listNodes()]);
    // An event may have overtaken the answer.
    nodes.forEach(n => Object.assign(n, this.#told.get(n.id)));
    this.overview = overview;
    this.nodes = nodes;
    this.caller ??= await api.getCaller();
    // Events tell of a drain's steps; how many tunnels are left is to be asked for, and how one ended that runs no more.
    const running = this.drains.running;
    if (overview.drainsRunning > 0 || running.length > 0)
      await this.#readDrains(running, overview.drainsRunning);
  }

  /** How those that run go on, where they are few and all known: those that have ended have as many nodes, and change no more. */
  async #readDrains(running, count) {
    if (running.length === count && count <= FEW_DRAINS) {
      try {
        (await Promise.all(running.map(d => api.getDrain(d.id)))).forEach(d => this.drains.put(d));
        return;
      } catch (error) {
        if (error.status !== 404)
          throw error;
      }
    }
    await this.drains.read(api.listDrains);
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

  #apply(event) {
    if (event.kind === 'rate') {
      this.history.push(event.rate);
    } else {
      // Of a drain that only goes on, the newest word is enough.
      if (isSameStep(this.#newest, event))
        this.events.shift();
      this.#newest = event;
      this.events.unshift(event.drain ? { ...event, drain: { ...event.drain, nodes: [] } } : event);
      this.events.length = Math.min(this.events.length, EVENTS_KEPT);
    }
    if (event.kind === 'drain' && event.drain)
      this.#noteStep(event.drain);
    if (event.kind === 'node') {
      const told = event.state && { state: event.state };
      this.#told.set(event.node, told);
      Object.assign(this.node(event.node) ?? {}, told);
      this.#glance.want(this.#size);
    }
    if (event.kind === 'lease')
      this.dispatchEvent(new CustomEvent('lease', { detail: event }));
    this.#changed();
  }

  // The history has a drain's counts, and not where each node is: what is known of those stays until it is read again.
  #noteStep(drain) {
    const nodes = drain.nodes.length > 0 ? drain.nodes : this.drains.get(drain.id)?.nodes ?? [];
    this.drains.put({ ...drain, nodes });
  }

  #changed() {
    this.dispatchEvent(new CustomEvent('change'));
  }
}

function isSameStep(before, event) {
  return event.drain && before?.drain?.id === event.drain.id && before.drain.state === event.drain.state
    && before.drain.nodes.every((n, i) => n.step === event.drain.nodes[i]?.step);
}
