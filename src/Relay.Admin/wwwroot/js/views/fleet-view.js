// The fleet at a glance: what it carries, how that went, which node is in which state, and what should be looked at.

import { h } from '../dom/h.js';
import { link } from '../router.js';
import { openRollingDrain } from '../dialogs/rolling-drain-dialog.js';
import { stateOf } from '../model/node-state.js';
import { cut, empty, loading, notice } from '../ui/notices.js';
import { segments } from '../ui/form.js';
import { Sorting } from '../ui/table.js';
import { bitRate, byteRate, count, plural, rate } from '../ui/format.js';
import { fleetCharts } from './fleet-charts.js';
import { groupText, isOf, nodeGroups } from './node-groups.js';
import { nodeMap } from './node-map.js';
import { nodeTable } from './node-table.js';
import { View } from './view.js';

/** Beyond so many nodes a tile each is no overview. */
const TILES = 60;

export class FleetView extends View {
  #window = 900;
  /** How nodes are shown; until somebody says otherwise, a large fleet by groups. */
  #form = null;
  #way = 'state';
  #chosen = null;
  #filter = '';
  #sorting = new Sorting('id', () => this.redraw());

  get title() {
    return 'Fleet';
  }

  draw() {
    const { overview, nodes, failure } = this.model;
    if (!overview || !nodes)
      return [h('h1', null, 'Fleet'), !failure && loading('the fleet')];
    return [
      h('div', { class: 'head' }, h('h1', null, 'Fleet'),
        h('div', { class: 'head-actions' },
          h('button', { type: 'button', class: 'button', onClick: () => openRollingDrain(this.model) },
            'Start a rolling drain\u2026'))),
      this.#warnings(overview),
      figures(this.model),
      h('section', { 'aria-label': 'History', class: 'section' },
        h('div', { class: 'section-head' }, h('h2', null, 'Traffic'), segments({
          label: 'Time shown', value: this.#window,
          options: [{ value: 300, label: '5 min' }, { value: 900, label: '15 min' }, { value: 3600, label: '1 hour' }],
          onChange: value => {
            this.#window = value;
            this.redraw();
          },
        })),
        fleetCharts(this.model.history, this.#window)),
      this.#nodes(nodes)];
  }

  #warnings({ warnings }) {
    // An open relay and the want of high availability are said above every page already.
    const more = warnings.filter(w => w.kind !== 'open-relay' && w.kind !== 'no-persistence');
    return more.length > 0 && h('section', { 'aria-label': 'Warnings', class: 'warnings' },
      notice('warn', h('ul', null, more.map((w, i) => h('li', { key: `${w.kind} ${w.node} ${i}` }, w.text,
        w.node && [' \u2013 ', h('a', { href: link('nodes', w.node) }, `open ${w.node}`)])))));
  }

  #nodes(nodes) {
    const wanted = this.#filter.toLowerCase();
    const form = this.#form ?? (nodes.length > TILES ? 'groups' : 'map');
    const shown = nodes.filter(n => isOf(n, this.#chosen) && `${n.id} ${n.version} ${stateOf(n)} ${n.addresses.join(' ')}`.toLowerCase().includes(wanted));
    return h('section', { 'aria-labelledby': 'nodes-title', class: 'section' },
      h('div', { class: 'section-head' }, h('h2', { id: 'nodes-title' }, 'Nodes'),
        nodes.length > 0 && h('div', { class: 'section-tools' },
          h('input', { type: 'search', 'aria-label': 'Filter nodes by name, version, state or address',
            placeholder: 'Filter', onInput: e => {
              this.#filter = e.target.value;
              this.redraw();
            } }),
          segments({
            label: 'Form', value: form,
            options: [{ value: 'groups', label: 'Groups' }, { value: 'map', label: 'Map' }, { value: 'table', label: 'Table' }],
            onChange: value => {
              this.#form = value;
              this.redraw();
            },
          }))),
      cut(nodes, 'nodes by name are shown'),
      this.#chosen && h('p', null, groupText(this.#chosen), ' ', h('button', { type: 'button', class: 'button small', onClick: () => {
        this.#chosen = null;
        this.redraw();
      } }, 'Show all nodes')),
      nodes.length === 0
        ? empty('No node has reported yet', 'Start a node with --fleet and the address of this coordinator, and a token of '
          + 'role node. It appears here within a second.')
        : shown.length === 0 ? empty('No node fits the filter', `${plural(nodes.length, 'node')} without it.`)
          : form === 'groups' ? this.#groups(shown) : form === 'map' ? nodeMap(shown) : nodeTable(shown, this.#sorting));
  }

  #groups(nodes) {
    return nodeGroups(nodes, this.#way, {
      onWay: way => {
        this.#way = way;
        this.redraw();
      },
      onChoose: chosen => {
        this.#chosen = chosen;
        this.#form = nodes.length > TILES ? 'table' : 'map';
        this.redraw();
      },
    });
  }
}

function figures({ overview, history }) {
  const load = history.last ?? { tcp: overview.load.tcpTunnels, udp: overview.load.udpTunnels,
    sessions: overview.load.sessions };
  const rates = overview.rates;
  const nodes = Object.values(overview.nodes).reduce((all, n) => all + n, 0);
  const figure = (label, value, more) => h('div', { class: 'figure', key: label },
    h('dt', null, label), h('dd', null, value, h('span', { class: 'figure-more' }, more)));
  const traffic = (label, bytes, more) => figure(label, bitRate(bytes), `${byteRate(bytes)}, ${more}`);
  return h('dl', { class: 'figures' },
    figure('Nodes serving', `${count(overview.nodes.serving)} of ${count(nodes)}`,
      `${plural(overview.coordinators, 'coordinator')}, ${overview.coordination}`),
    figure('Sessions', count(load.sessions), rate(rates.connections, 'new connections')),
    figure('Tunnels', count(load.tcp + load.udp), `${count(load.tcp)} TCP, ${count(load.udp)} UDP`),
    traffic('To clients', history.last?.down ?? rates.downstreamBytes, rate(rates.datagrams, 'datagrams')),
    traffic('To targets', history.last?.up ?? rates.upstreamBytes, rate(rates.datagramDrops, 'dropped')),
    figure('Drains running', count(overview.drainsRunning),
      overview.drainsRunning > 0 ? h('a', { href: link('drains') }, 'Watch') : 'none'));
}
