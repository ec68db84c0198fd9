// What has happened since the page was opened.

import { h } from '../dom/h.js';
import { link } from '../router.js';
import { plural } from '../ui/format.js';
import { empty } from '../ui/notices.js';
import { eventBadge } from '../ui/states.js';
import { table } from '../ui/table.js';
import { timeText, when } from '../ui/time.js';
import { View } from './view.js';

const KINDS = [['node', 'Nodes'], ['drain', 'Drains'], ['lease', 'Leases'], ['user', 'Users']];

export class EventsView extends View {
  #kinds = new Set(KINDS.map(([kind]) => kind));
  #filter = '';
  #held = null;

  get title() {
    return 'Events';
  }

  draw() {
    const all = this.#held ?? this.model.events;
    const wanted = this.#filter.toLowerCase();
    const shown = all.filter(e => this.#kinds.has(e.kind) && `${e.text} ${e.node ?? e.user ?? ''}`.toLowerCase().includes(wanted));
    return [
      h('div', { class: 'head' }, h('h1', null, 'Events'), h('div', { class: 'head-actions' },
        h('button', { type: 'button', class: 'button', 'aria-pressed': String(this.#held !== null), onClick: () => {
          this.#held = this.#held ? null : [...this.model.events];
          this.redraw();
        } }, this.#held ? 'Resume' : 'Pause'))),
      h('div', { class: 'filters' },
        h('fieldset', { class: 'ticks inline' }, h('legend', { class: 'hidden' }, 'Kinds'), KINDS.map(([kind, label]) =>
          h('label', { key: kind }, h('input', { type: 'checkbox', checked: this.#kinds.has(kind), onChange: e => {
            if (e.target.checked)
              this.#kinds.add(kind);
            else
              this.#kinds.delete(kind);
            this.redraw();
          } }), h('span', null, label)))),
        h('input', { type: 'search', 'aria-label': 'Filter events by text or node', placeholder: 'Filter', onInput: e => {
          this.#filter = e.target.value;
          this.redraw();
        } }),
        h('span', { class: 'quiet' }, this.#held ? `Paused; ${plural(this.#missed(), 'newer event')} wait`
          : `Since ${timeText(this.model.since)}`)),
      shown.length > 0 ? table({ caption: 'Events, newest first', columns, rows: shown, key: e => e.id })
        : all.length > 0 ? empty('No event fits the filter', `${plural(all.length, 'event')} without it.`)
          : empty('Nothing has happened yet', 'Nodes that come and go, drains and leases appear here as they happen. The '
            + 'list begins when this page is opened.')];
  }

  #missed() {
    const newest = this.#held[0];
    const at = this.model.events.findIndex(e => e.id === newest?.id);
    return at < 0 ? this.model.events.length : at;
  }
}

const columns = [
  { name: 'at', label: 'Time', cell: e => when(e.at) },
  { name: 'kind', label: 'Kind', cell: e => eventBadge(e.kind) },
  { name: 'text', label: 'What happened', kind: 'wide', cell: e => e.text },
  { name: 'node', label: 'About', cell: e => about(e) },
];

function about(event) {
  if (event.drain)
    return h('a', { href: link('drains', event.drain.id) }, 'The drain');
  if (event.lease)
    return h('a', { href: link('prefixes', event.lease.pool) }, event.lease.pool);
  if (event.user)
    return event.user;
  return event.node ? h('a', { href: link('nodes', event.node) }, event.node) : '\u2013';
}
