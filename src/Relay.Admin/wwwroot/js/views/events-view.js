// What has happened and was done: the fleet's history, with what happens now on top.

import * as api from '../api/fleet-api.js';
import { h } from '../dom/h.js';
import { link } from '../router.js';
import { plural } from '../ui/format.js';
import { empty, failed, loading, notice } from '../ui/notices.js';
import { eventBadge } from '../ui/states.js';
import { table } from '../ui/table.js';
import { when } from '../ui/time.js';
import { View } from './view.js';

const KINDS = [['action', 'Actions'], ['refusal', 'Refused'], ['node', 'Nodes'], ['drain', 'Drains'], ['lease', 'Leases'], ['user', 'Users']];
const AT_ONCE = 100;

export class EventsView extends View {
  #kinds = new Set(KINDS.map(([kind]) => kind));
  #filter = '';
  #held = null;
  #history = null;
  #shown = AT_ONCE;

  get title() {
    return 'Events';
  }

  start() {
    // Some that happened were not told: the history may have them.
    this.listen(this.model, 'missed', () => this.#readHistory());
    this.#readHistory();
  }

  draw() {
    const all = this.#held ?? this.#merged();
    const wanted = this.#filter.toLowerCase();
    const fit = all.filter(e => this.#kinds.has(e.kind) && searched(e).includes(wanted));
    const shown = fit.slice(0, this.#shown);
    return [
      h('div', { class: 'head' }, h('h1', null, 'Events'), h('div', { class: 'head-actions' },
        h('button', { type: 'button', class: 'button', 'aria-pressed': String(this.#held !== null), onClick: () => {
          this.#held = this.#held ? null : this.#merged();
          this.redraw();
        } }, this.#held ? 'Resume' : 'Pause'))),
      h('div', { class: 'filters' },
        h('fieldset', { class: 'ticks inline' }, h('legend', { class: 'hidden' }, 'Kinds'),
          KINDS.filter(([kind]) => kind !== 'refusal' || this.model.mayChange).map(([kind, label]) =>
            h('label', { key: kind }, h('input', { type: 'checkbox', checked: this.#kinds.has(kind), onChange: e => {
              if (e.target.checked)
                this.#kinds.add(kind);
              else
                this.#kinds.delete(kind);
              this.redraw();
            } }), h('span', null, label)))),
        h('input', { type: 'search', 'aria-label': 'Filter events by text, name or who did it', placeholder: 'Filter', onInput: e => {
          this.#filter = e.target.value;
          this.redraw();
        } }),
        h('span', { class: 'quiet' }, this.#held ? `Paused; ${plural(this.#missed(), 'newer event')} wait` : plural(fit.length, 'event'))),
      this.failure && failed(this.failure, () => this.#readHistory()),
      this.#history && this.#doubts(),
      shown.length > 0 ? table({ caption: 'Events, newest first', columns, rows: shown, key: e => e.id })
        : all.length > 0 ? empty('No event fits the filter', `${plural(all.length, 'event')} without it.`)
          : !this.#history && !this.failure ? loading('events')
            : empty('Nothing has happened yet', 'What operators do, nodes that come and go, drains and leases appear here as they '
              + 'happen. The fleet keeps the last thousand.'),
      fit.length > shown.length && h('button', { type: 'button', class: 'button', onClick: () => {
        this.#shown += AT_ONCE;
        this.redraw();
      } }, 'Show older')];
  }

  #readHistory() {
    return this.read(async () => {
      this.#history = await api.getHistory();
    });
  }

  /** The history and what came since, each once, newest first. */
  #merged() {
    const live = this.model.events;
    const ids = new Set(live.map(e => e.id));
    // Of a drain that only goes on, the newest word is enough.
    return [...live, ...(this.#history?.items ?? []).filter(e => !ids.has(e.id))].sort((a, b) => b.number - a.number)
      .filter((e, i, all) => e.kind !== 'drain' || all[i - 1]?.text !== e.text);
  }

  #missed() {
    const newest = this.#held[0]?.number ?? 0;
    return this.#merged().filter(e => e.number > newest).length;
  }

  /** What operators have to know of the history before they rely on it. */
  #doubts() {
    const { unwritten, lost } = this.#history;
    return [
      unwritten > 0 && notice('warn', `The fleet\u2019s storage has not taken the newest ${plural(unwritten, 'event')}: a restart would lose them.`),
      lost > 0 && notice('info', `${plural(lost, 'event')} never came into this history: the fleet was away for too long.`)];
  }
}

const columns = [
  { name: 'at', label: 'Time', cell: e => when(e.at) },
  { name: 'kind', label: 'Kind', cell: e => eventBadge(e.kind) },
  { name: 'who', label: 'Who', cell: e => e.actor ?? (e.kind === 'refusal' ? 'Unknown' : 'The fleet') },
  { name: 'text', label: 'What happened', kind: 'wide', cell: e => [e.text, more(e)] },
  { name: 'about', label: 'About', cell: e => about(e) },
];

const searched = e => [e.text, e.actor, e.node, e.user, e.subject?.name, e.source].filter(Boolean).join(' ').toLowerCase();

/** From where and with what, for who may know. */
function more(event) {
  const parts = [event.source && `from ${event.source}`, event.detail].filter(Boolean);
  return parts.length > 0 && h('div', { class: 'quiet' }, parts.join('; '));
}

// Which view has what an action is about.
const AREA = { node: 'nodes', drain: 'drains', pool: 'prefixes', user: 'users', session: 'sessions' };

function about(event) {
  if (event.drain)
    return h('a', { href: link('drains', event.drain.id) }, 'The drain');
  if (event.lease)
    return h('a', { href: link('prefixes', event.lease.pool) }, event.lease.pool);
  const { type, name } = event.subject ?? (event.user ? { type: 'user', name: event.user } : { type: 'node', name: event.node });
  if (!name || name === type)
    return '\u2013';
  return AREA[type] ? h('a', { href: link(AREA[type], name) }, type === 'drain' ? 'The drain' : name) : name;
}
