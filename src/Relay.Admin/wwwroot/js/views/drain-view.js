// One drain while it goes, and afterwards.

import * as api from '../api/fleet-api.js';
import { bar, legend } from '../charts/bar.js';
import { openCancelDrain } from '../dialogs/drain-dialogs.js';
import { h } from '../dom/h.js';
import { link } from '../router.js';
import { say } from '../ui/announcer.js';
import { count, duration, plural } from '../ui/format.js';
import { failed, loading, notice } from '../ui/notices.js';
import { drainBadge, stepBadge } from '../ui/states.js';
import { table } from '../ui/table.js';
import { when } from '../ui/time.js';
import { manner, nodeParts, stepText, tunnelParts } from './drain-parts.js';
import { View } from './view.js';

const SAID_EVERY = 10_000;

export class DrainView extends View {
  #saidAt = 0;
  #said = '';

  get title() {
    return 'Drain';
  }

  start() {
    // Events tell of every step; how many tunnels are left is to be asked for.
    this.follow(() => this.#isOver ? Infinity : 1000, async () => {
      const { id } = this.address;
      this.model.drains.put({ ...await api.getDrain(id), id });
    });
  }

  get #drain() {
    return this.model.drains.get(this.address.id);
  }

  get #isOver() {
    return this.#drain ? this.#drain.state !== 'running' : this.failure?.status === 404;
  }

  draw() {
    const drain = this.#drain;
    const head = h('div', { class: 'head' },
      h('nav', { class: 'crumbs', 'aria-label': 'Path' }, h('a', { href: link('drains') }, 'Drains')),
      h('h1', null, drain ? drain.reason || `Drain of ${plural(drain.nodes.length, 'node')}` : 'Drain',
        drain && drainBadge(drain.state)),
      h('div', { class: 'head-actions' }, drain?.state === 'running' && h('button', { type: 'button', class: 'button danger',
        onClick: () => openCancelDrain(this.model, drain) }, 'Cancel the drain\u2026')));
    if (!drain)
      return [head, this.failure ? failed(this.failure, this.reload) : loading('the drain')];
    this.#announce(drain);
    const tunnels = tunnelParts(drain);
    const nodes = nodeParts(drain);
    return [head,
      this.failure && failed(this.failure, this.reload),
      h('p', { class: 'lead' }, summary(drain)),
      drain.holdup && drain.state === 'running' && notice('info', h('b', null, 'The next node waits: '), drain.holdup),
      h('div', { class: 'columns' },
        h('section', { class: 'section', 'aria-labelledby': 'progress-nodes' },
          h('div', { class: 'section-head' }, h('h2', { id: 'progress-nodes' }, 'Nodes')), bar('Nodes', nodes), legend(nodes)),
        h('section', { class: 'section', 'aria-labelledby': 'progress-tunnels' },
          h('div', { class: 'section-head' }, h('h2', { id: 'progress-tunnels' }, 'Tunnels')),
          bar('Tunnels', tunnels), legend(tunnels))),
      h('section', { class: 'section', 'aria-labelledby': 'each-title' },
        h('div', { class: 'section-head' }, h('h2', { id: 'each-title' }, 'Each node')),
        table({ caption: 'Nodes of the drain', columns: columns(drain), rows: drain.nodes, key: n => n.node })),
      h('section', { class: 'section', 'aria-labelledby': 'facts-title' },
        h('div', { class: 'section-head' }, h('h2', { id: 'facts-title' }, 'About this drain')),
        h('dl', { class: 'facts' },
          fact('Asked for', when(drain.createdAt)),
          fact('Ended', drain.endedAt ? [when(drain.endedAt), ` (after ${lasted(drain)})`] : 'not yet'),
          fact('How', manner(drain)),
          fact('Reason', drain.reason || 'none given'),
          fact('Id', h('span', { class: 'mono' }, drain.id))))];
  }

  /** Progress for who listens: what changed in kind at once, numbers now and then. */
  #announce(drain) {
    const kind = `${drain.state} ${drain.nodes.map(n => n.step).join(' ')}`;
    const isDue = drain.state === 'running' && Date.now() - this.#saidAt > SAID_EVERY;
    if (kind !== this.#said || isDue) {
      this.#said = kind;
      this.#saidAt = Date.now();
      say(summary(drain));
    }
  }
}

function summary(drain) {
  const done = `${count(drain.drained)} of ${plural(drain.nodes.length, 'node')} drained`;
  const tunnels = `${plural(drain.finished, 'tunnel')} finished, ${count(drain.forceClosed)} force-closed`
    + (drain.lost > 0 ? `, ${count(drain.lost)} lost` : '');
  if (drain.state === 'running')
    return `${done}, ${plural(drain.tunnelsLeft, 'tunnel')} left. ${tunnels}.`;
  return `${drain.state === 'cancelled' ? 'Cancelled' : 'Completed'}: ${done}. ${tunnels}.`;
}

const lasted = drain => duration((Date.parse(drain.endedAt) - Date.parse(drain.createdAt)) / 1000);
const fact = (label, value) => h('div', { class: 'fact', key: label }, h('dt', null, label), h('dd', null, value));

const columns = drain => [
  { name: 'node', label: 'Node', cell: n => h('a', { href: link('nodes', n.node) }, n.node) },
  { name: 'step', label: 'Step', cell: n => stepBadge(n.step) },
  { name: 'now', label: 'Now', kind: 'wide', cell: n => stepText(drain, n) },
  { name: 'progress', label: 'Tunnels', kind: 'wide', cell: n => n.progress
    ? bar(`Tunnels of ${n.node}`, tunnelParts(n.progress)) : h('span', { class: 'quiet' }, 'not begun') },
  { name: 'left', label: 'Left', kind: 'number', cell: n => n.progress ? count(n.progress.tunnelsLeft) : '\u2013' },
  { name: 'finished', label: 'Finished', kind: 'number', cell: n => n.progress ? count(n.progress.finished) : '\u2013' },
  { name: 'forced', label: 'Force-closed', kind: 'number', cell: n => n.progress ? count(n.progress.forceClosed) : '\u2013' },
  { name: 'began', label: 'Began', cell: n => when(n.startedAt) },
  { name: 'ended', label: 'Ended', cell: n => when(n.endedAt) },
];
