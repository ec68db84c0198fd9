// Parts of a node's page: what it carries, what it is, how busy its loops are.

import { bar, gauge, legend } from '../charts/bar.js';
import { h } from '../dom/h.js';
import { isStale } from '../model/node-state.js';
import { bitRate, byteRate, bytes, count, duration, latency, percent, plural, rate, shortVersion } from '../ui/format.js';
import { empty } from '../ui/notices.js';
import { ago, when } from '../ui/time.js';

/** What it carries now, as figures. */
export function nodeLoad(node) {
  const { load, rates, rtt, capacity } = node;
  const figure = (label, value, more) => h('div', { class: 'figure', key: label },
    h('dt', null, label), h('dd', null, value, h('span', { class: 'figure-more' }, more)));
  const now = (label, value, more) => isStale(node) ? figure(label, '\u2013', 'not known') : figure(label, value, more);
  const traffic = (label, n, more) => now(label, bitRate(n), `${byteRate(n)}, ${more}`);
  const tunnels = load.tcpTunnels + load.udpTunnels;
  return h('dl', { class: isStale(node) ? 'figures stale' : 'figures' },
    now('Sessions', count(load.sessions), `${plural(load.connections, 'connection')}`),
    now('Tunnels', count(tunnels), `${count(load.tcpTunnels)} TCP, ${count(load.udpTunnels)} UDP`),
    traffic('To clients', rates.downstreamBytes, rate(rates.datagrams, 'datagrams')),
    traffic('To targets', rates.upstreamBytes, rate(rates.datagramDrops, 'dropped')),
    figure('Round trip, median', latency(rtt.p50), `90\u00a0% ${latency(rtt.p90)}, 99\u00a0% ${latency(rtt.p99)}`),
    now('Headroom', capacity.maxTunnels > 0 ? percent(1 - tunnels / capacity.maxTunnels) : '\u2013',
      capacity.maxTunnels > 0 ? `of ${plural(capacity.maxTunnels, 'tunnel')}` : 'capacity not told'));
}

/** What it is, and what it has carried in this run. */
export function nodeFacts(node) {
  const { totals } = node;
  const ended = [
    { name: 'completed', value: totals.tunnelsCompleted, text: count(totals.tunnelsCompleted), look: 'good' },
    { name: 'force-closed', value: totals.tunnelsForceClosed, text: count(totals.tunnelsForceClosed), look: 'bad' },
    { name: 'failed', value: totals.tunnelsFailed, text: count(totals.tunnelsFailed), look: 'warn' }];
  return h('section', { class: 'section', 'aria-labelledby': 'facts-title' },
    h('div', { class: 'section-head' }, h('h2', { id: 'facts-title' }, 'About this node')),
    h('dl', { class: 'facts' },
      fact('Addresses', list(node.addresses)),
      fact('Egress', list(node.egress)),
      fact('Version', h('span', { class: 'mono', title: node.version || null }, shortVersion(node.version) || '\u2013')),
      fact('Started', [when(node.startedAt), ` (${duration((Date.now() - new Date(node.startedAt)) / 1000)})`]),
      fact('Last report', ago(node.lastReportAt)),
      fact('Relayed', `${bytes(totals.downstreamBytes)} to clients, ${bytes(totals.upstreamBytes)} to targets`),
      fact('Refused', `${plural(totals.requestsRefused, 'request')}, ${plural(totals.connectionsRefused, 'connection')}, `
        + plural(totals.authFailures, 'credential')),
      fact('Packets lost', totals.packetsSent > 0
        ? `${(100 * totals.packetsLost / totals.packetsSent).toFixed(2)}\u00a0% of ${count(totals.packetsSent)}` : '\u2013'),
      fact('Tunnels ended', [bar('Tunnels ended', ended), legend(ended)])));
}

const fact = (label, value) => h('div', { class: 'fact', key: label }, h('dt', null, label), h('dd', null, value));

const list = texts => texts.length === 0 ? '\u2013'
  : h('ul', { class: 'plain mono' }, texts.map((text, i) => h('li', { key: i }, text)));

/** How busy each event loop is. */
export function nodeLoops({ load }) {
  const loops = load.loops ?? [];
  return h('section', { class: 'section', 'aria-labelledby': 'loops-title' },
    h('div', { class: 'section-head' }, h('h2', { id: 'loops-title' }, 'Event loops')),
    loops.length === 0 ? empty('No loops told', 'The node has not said how busy its event loops are.')
      : h('ul', { class: 'loops' }, loops.map(loop => h('li', { key: loop.loop },
        h('span', { class: 'loop-name' }, `Loop ${loop.loop}`),
        gauge(`Loop ${loop.loop} busy`, loop.busy, percent(loop.busy)),
        h('span', { class: 'loop-more' }, `${plural(loop.connections, 'connection')}, ${plural(loop.tunnels, 'tunnel')}`)))));
}
