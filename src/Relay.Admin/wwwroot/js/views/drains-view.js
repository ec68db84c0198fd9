// Drains: those that run, with their progress, and those that have ended.

import * as api from '../api/fleet-api.js';
import { bar, legend } from '../charts/bar.js';
import { h } from '../dom/h.js';
import { openRollingDrain } from '../dialogs/rolling-drain-dialog.js';
import { go, link } from '../router.js';
import { count, plural, shorten } from '../ui/format.js';
import { empty, failed, loading } from '../ui/notices.js';
import { drainBadge } from '../ui/states.js';
import { table } from '../ui/table.js';
import { when } from '../ui/time.js';
import { manner, nodeParts, tunnelParts } from './drain-parts.js';
import { View } from './view.js';

export class DrainsView extends View {
  #older = null;

  get title() {
    return 'Drains';
  }

  draw() {
    const drains = this.model.drains.list;
    const running = drains.filter(d => d.state === 'running');
    const ended = drains.filter(d => d.state !== 'running');
    const start = kind => h('button', { type: 'button', class: kind,
      onClick: () => openRollingDrain(this.model, drain => go('drains', drain.id)) }, 'Start a rolling drain\u2026');
    return [
      h('div', { class: 'head' }, h('h1', null, 'Drains'), h('div', { class: 'head-actions' }, start('button primary'))),
      !this.model.overview && !this.model.failure && loading('drains'),
      this.model.overview && drains.length === 0 && empty('Nothing has been drained',
        'A drain takes nodes out of service without breaking what could have finished: open tunnels run until they end, '
        + 'or until a deadline. Drain one node from its page, or several in turn from here.'),
      h('div', { class: 'cards' }, running.map(d => card(d))),
      ended.length > 0 && h('section', { class: 'section', 'aria-labelledby': 'ended-title' },
        h('div', { class: 'section-head' }, h('h2', { id: 'ended-title' }, 'Ended')),
        table({ caption: 'Drains that have ended', columns, rows: ended, key: d => d.id })),
      this.failure && failed(this.failure),
      drains.length >= 100 && this.#older !== 'none' && h('button', { type: 'button', class: 'button',
        onClick: () => this.#more() }, 'Show older ones')];
  }

  #more() {
    this.read(async () => {
      this.#older ??= (await api.listDrains()).next ?? 'none';
      if (this.#older === 'none')
        return;
      const page = await api.listDrains(100, this.#older);
      page.items.forEach(d => this.model.drains.put(d));
      this.#older = page.next ?? 'none';
    });
  }
}

function card(drain) {
  return h('article', { class: 'card', key: drain.id, 'aria-label': `Drain of ${plural(drain.nodes.length, 'node')}` },
    h('div', { class: 'card-head' }, h('a', { class: 'card-title', href: link('drains', drain.id) },
      drain.reason || names(drain)), drainBadge(drain.state)),
    h('p', { class: 'quiet' }, `${plural(drain.nodes.length, 'node')}, ${manner(drain)}; since `, when(drain.createdAt)),
    bar('Nodes', nodeParts(drain)), legend(nodeParts(drain)),
    bar('Tunnels', tunnelParts(drain)), legend(tunnelParts(drain)),
    drain.holdup && h('p', { class: 'quiet' }, `The next node waits: ${drain.holdup}`));
}

const names = drain => shorten(drain.nodes.map(n => n.node).join(', '), 60);

const columns = [
  { name: 'what', label: 'Drain', kind: 'wide', cell: d => [h('a', { href: link('drains', d.id) }, d.reason || names(d)),
    d.reason && h('div', { class: 'quiet' }, names(d))] },
  { name: 'state', label: 'State', cell: d => drainBadge(d.state) },
  { name: 'nodes', label: 'Drained', kind: 'number', cell: d => `${count(d.drained)} of ${count(d.nodes.length)}` },
  { name: 'finished', label: 'Finished', kind: 'number', cell: d => count(d.finished) },
  { name: 'forced', label: 'Force-closed', kind: 'number', cell: d => loud(d.forceClosed) },
  { name: 'lost', label: 'Lost', kind: 'number', cell: d => loud(d.lost) },
  { name: 'began', label: 'Began', cell: d => when(d.createdAt) },
  { name: 'ended', label: 'Ended', cell: d => when(d.endedAt) },
];

const loud = n => n > 0 ? h('b', { class: 'tone-bad' }, count(n)) : '0';
