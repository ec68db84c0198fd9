// The same nodes as a table.

import { gauge } from '../charts/bar.js';
import { h } from '../dom/h.js';
import { isStale, stateOf } from '../model/node-state.js';
import { link } from '../router.js';
import { bitRate, byteRate, count, latency, percent, shortVersion } from '../ui/format.js';
import { nodeBadge, nodeStates } from '../ui/states.js';
import { table } from '../ui/table.js';
import { ago } from '../ui/time.js';
import { busy, tunnels } from './node-map.js';

/** Bytes a second in a cell: bits first. */
export const rates = n => [bitRate(n), ' ', h('span', { class: 'quiet' }, byteRate(n))];

// What it carries now.
const now = cell => n => isStale(n) ? '\u2013' : cell(n);

const columns = [
  { name: 'id', label: 'Node', by: n => n.id, cell: n => h('a', { href: link('nodes', n.id) }, n.id) },
  { name: 'state', label: 'State', by: n => nodeStates.indexOf(stateOf(n)), cell: n => nodeBadge(stateOf(n)) },
  { name: 'sessions', label: 'Sessions', kind: 'number', by: n => n.load.sessions, cell: now(n => count(n.load.sessions)) },
  { name: 'tunnels', label: 'Tunnels', kind: 'number', by: tunnels, cell: now(n => count(tunnels(n))) },
  { name: 'down', label: 'To clients', kind: 'number', by: n => n.rates.downstreamBytes,
    cell: now(n => rates(n.rates.downstreamBytes)) },
  { name: 'up', label: 'To targets', kind: 'number', by: n => n.rates.upstreamBytes,
    cell: now(n => rates(n.rates.upstreamBytes)) },
  { name: 'rtt', label: 'RTT, median', kind: 'number', by: n => n.rtt.p50, cell: n => latency(n.rtt.p50) },
  { name: 'busy', label: 'Loops', by: busy, cell: now(n => gauge('Loops busy', busy(n), percent(busy(n)))) },
  { name: 'version', label: 'Version', by: n => n.version, cell: n => h('span', { class: 'mono', title: n.version || null }, shortVersion(n.version) || '\u2013') },
  { name: 'report', label: 'Last report', by: n => n.lastReportAt, cell: n => ago(n.lastReportAt) },
];

/** The table of nodes. */
export const nodeTable = (nodes, sorting) =>
  table({ caption: 'Nodes', columns, rows: nodes, key: n => n.id, sorting, isStale });
