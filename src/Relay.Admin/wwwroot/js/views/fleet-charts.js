// What is carried, tunnels, and of a node connections and how busy it is, over time.

import '../charts/time-chart.js';
import { h } from '../dom/h.js';
import { bitRate, bothRates, compact, count, percent } from '../ui/format.js';

const THROUGHPUT = [{ field: 'down', name: 'to clients' }, { field: 'up', name: 'to targets' }];
const TUNNELS = [{ field: 'tcp', name: 'TCP' }, { field: 'udp', name: 'UDP' }];
const CONNECTIONS = [{ field: 'connections', name: 'of clients' }];
const BUSY = [{ field: 'busy', name: 'mean of all loops' }];

/** Throughput and tunnels of the last so many seconds. */
export function fleetCharts(history, seconds) {
  const points = history.within(seconds);
  return h('div', { class: 'charts' },
    chart('Throughput', points, seconds, THROUGHPUT, bitRate, bothRates),
    chart('Open tunnels', points, seconds, TUNNELS, compact, count));
}

/**
 * Of a node, by the answer of the API: how it went, with a gap where it did not report. Of one that is silent that is of before, and
 * what it carries now is not known.
 */
export function nodeCharts({ windowSeconds, stepSeconds, points: told }, isSilent) {
  const points = told.map(p => ({ t: Date.parse(p.at), up: p.upstreamBytes, down: p.downstreamBytes, tcp: p.tcpTunnels,
    udp: p.udpTunnels, connections: p.connections, busy: p.busy }));
  // One and a half steps: the next is missing.
  const of = (label, lines, format, formatNow, shown = points) => chart(label, shown, windowSeconds, lines, format, formatNow,
    { gap: 1500 * stepSeconds, isOver: isSilent });
  return h('div', { class: 'charts' },
    of('Throughput', THROUGHPUT, bitRate, bothRates),
    of('Open tunnels', TUNNELS, compact, count),
    of('Connections', CONNECTIONS, compact, count),
    told.some(p => p.busy !== undefined)
      && of('Event loops busy', BUSY, percent, percent, points.filter(p => p.busy !== undefined)));
}

function chart(label, points, seconds, lines, format, formatNow, { gap = Infinity, isOver = false } = {}) {
  return h('figure', { class: 'chart', key: label },
    h('figcaption', null, h('span', { class: 'chart-title' }, label), lines.map((line, i) =>
      h('span', { class: 'chart-key', key: line.field }, h('span', { class: `swatch line-${i + 1}`, 'aria-hidden': 'true' }),
        line.name, ' ', h('b', null, points.length > 0 && !isOver ? formatNow(points.at(-1)[line.field]) : '\u2013')))),
    h('time-chart', { 'prop:chart': { label, points, seconds, lines, format, gap, isOver } }),
    points.length === 0 && h('p', { class: 'chart-empty' }, 'Nothing recorded yet.'));
}
