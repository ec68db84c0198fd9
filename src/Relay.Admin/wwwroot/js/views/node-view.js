// One node: what it is, what it carries, what it holds, who is connected; and draining it.

import { ApiError } from '../api/client.js';
import * as api from '../api/fleet-api.js';
import { openDrain, openUndrain } from '../dialogs/drain-dialogs.js';
import { h } from '../dom/h.js';
import { isStale, stateOf } from '../model/node-state.js';
import { go, link } from '../router.js';
import { segments } from '../ui/form.js';
import { plural } from '../ui/format.js';
import { empty, failed, loading, notice } from '../ui/notices.js';
import { nodeBadge } from '../ui/states.js';
import { ago } from '../ui/time.js';
import { nodeCharts } from './fleet-charts.js';
import { drainBars } from './drain-parts.js';
import { nodeFacts, nodeLoad, nodeLoops } from './node-parts.js';
import { leaseTable } from './lease-table.js';
import { sessionTable } from './session-table.js';
import { View } from './view.js';

const SESSIONS_SHOWN = 20;
/** How often the history is read, in milliseconds: its finest points are as long. */
const HISTORY_POLL = 10_000;

export class NodeView extends View {
  #sessions = null;
  #node = null;
  #window = 3600;
  #history = null;
  #historyDue = -Infinity;
  /** Why the fleet does not tell how it went; the rest of the page is there all the same. */
  #untold = null;

  get title() {
    return `Node ${this.address.id}`;
  }

  start() {
    const id = this.address.id;
    this.follow(3000, async () => {
      this.#readHistory(id);
      [this.#node, this.#sessions] = await Promise.all([api.getNode(id), api.listSessions({ node: id }, SESSIONS_SHOWN)]);
    });
  }

  /** Nothing waits for it: the coordinator that has it may be away, and the rest of the page is not. */
  async #readHistory(id) {
    const window = this.#window;
    if (performance.now() < this.#historyDue)
      return;
    this.#historyDue = Infinity;
    let [history, untold] = [this.#history, null];
    try {
      history = await api.getNodeHistory(id, window);
    } catch (error) {
      if (!(error instanceof ApiError))
        throw error;
      untold = error;
    }
    // Another window was asked for meanwhile.
    if (window !== this.#window)
      return;
    [this.#history, this.#untold, this.#historyDue] = [history, untold, performance.now() + HISTORY_POLL];
    this.redraw();
  }

  draw() {
    // What the model has is as new, and knows of events first.
    const listed = this.model.node(this.address.id);
    const node = this.#node && { ...this.#node, state: listed?.state ?? this.#node.state };
    const head = actions => h('div', { class: 'head' },
      h('nav', { class: 'crumbs', 'aria-label': 'Path' }, h('a', { href: link('fleet') }, 'Fleet')),
      h('h1', null, this.address.id, node && nodeBadge(stateOf(node))), h('div', { class: 'head-actions' }, actions));
    if (!node)
      return [head(), this.failure ? failed(this.failure, this.reload) : loading('the node')];
    const isOut = node.desiredState !== 'serving' || ['lame', 'draining', 'drained'].includes(node.state);
    return [
      head([
        isOut && h('button', { type: 'button', class: 'button', key: 'undrain',
          onClick: () => openUndrain(this.model, node) }, 'Undrain\u2026'),
        !isOut && h('button', { type: 'button', class: 'button danger', key: 'drain', onClick: () => this.#drain(node) },
          'Drain\u2026')]),
      this.failure && failed(this.failure, this.reload),
      node.quarantine && notice('bad', h('b', null, 'Quarantined. '), 'By an operator\u2019s word, ', ago(node.quarantine.since),
        ': its reports are refused, its leases run out, and it is in no sum. What it carries is not known; the rest is what it said before.'),
      node.state === 'silent' && !node.quarantine && notice('bad', h('b', null, 'Silent. '), 'Last heard of ', ago(node.lastReportAt),
        '. What it carries is not known any more, and its sessions have left the directory; the rest is what it said then.'),
      node.notReady.length > 0 && notice('warn', h('b', null, 'Not ready. '), node.notReady.join(' ')),
      node.isOpenRelay && notice('bad', h('b', null, 'Open relay. '), 'It asks clients for no credential: anybody who reaches '
        + 'it can send traffic through it.'),
      node.warnings.length > 0 && notice('warn', h('ul', null, node.warnings.map((w, i) => h('li', { key: i }, w)))),
      this.#drainPart(node),
      nodeLoad(node),
      this.#traffic(node),
      h('div', { class: 'columns' }, nodeFacts(node), nodeLoops(node)),
      h('section', { class: 'section', 'aria-labelledby': 'leases-title' },
        h('div', { class: 'section-head' }, h('h2', { id: 'leases-title' }, 'Leased blocks')),
        node.leases.length > 0 ? leaseTable(node.leases, { withPool: true, onDone: this.reload })
          : empty('No leased block', 'It uses its own configuration\u2019s source addresses, or none yet.')),
      this.#sessionPart(node)];
  }

  #traffic(node) {
    return h('section', { class: 'section', 'aria-labelledby': 'traffic-title' },
      h('div', { class: 'section-head' }, h('h2', { id: 'traffic-title' }, 'Traffic'), segments({
        label: 'Time shown', value: this.#window,
        options: [{ value: 900, label: '15 min' }, { value: 3600, label: '1 hour' }, { value: 7200, label: '2 hours' }],
        onChange: value => {
          this.#window = value;
          this.#historyDue = -Infinity;
          this.reload();
          this.redraw();
        },
      })),
      this.#untold && notice('info', 'The fleet does not tell how it went: ', this.#untold.message),
      this.#history && nodeCharts(this.#history, isStale(node) || this.#untold !== null));
  }

  #drain(node) {
    openDrain(this.model, node, drain => go('drains', drain.id));
  }

  #drainPart(node) {
    const drain = node.drainId && this.model.drains.get(node.drainId);
    const mine = drain?.nodes.find(n => n.node === node.id);
    return mine && h('section', { class: 'section', 'aria-labelledby': 'drain-title' },
      h('div', { class: 'section-head' }, h('h2', { id: 'drain-title' }, 'Drain'),
        h('a', { href: link('drains', drain.id) }, 'The whole drain')),
      drainBars(drain, mine));
  }

  #sessionPart(node) {
    const { items, next } = this.#sessions;
    return h('section', { class: 'section', 'aria-labelledby': 'sessions-title' },
      h('div', { class: 'section-head' }, h('h2', { id: 'sessions-title' }, 'Sessions'),
        h('a', { href: link('sessions', { node: node.id }) },
          next ? `All ${plural(node.load.sessions, 'session')}` : 'Search among them')),
      items.length > 0 ? sessionTable(items, { withNode: false, onDone: this.reload })
        : empty('No session', 'No client is connected to this node.'));
  }
}
