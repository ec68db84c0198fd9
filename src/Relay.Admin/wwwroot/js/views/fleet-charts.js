// The two charts of the fleet, and of a node: what is carried, and tunnels, over time.

import '../charts/time-chart.js';
import { h } from '../dom/h.js';
import { bitRate, bothRates, compact, count } from '../ui/format.js';

const THROUGHPUT = [{ field: 'down', name: 'to clients' }, { field: 'up', name: 'to targets' }];
const TUNNELS = [{ field: 'tcp', name: 'TCP' }, { field: 'udp', name: 'UDP' }];

/** Throughput and tunnels of the last so many seconds. */
export function fleetCharts(history, seconds) {
  return charts(history.within(seconds), seconds);
}

/** The same of points that are at hand. */
export function charts(points, seconds) {
  return h('div', { class: 'charts' },
    chart('Throughput', points, seconds, THROUGHPUT, bitRate, bothRates),
    chart('Open tunnels', points, seconds, TUNNELS, compact, count));
}

function chart(label, points, seconds, lines, format, formatNow) {
  return h('figure', { class: 'chart', key: label },
    h('figcaption', null, h('span', { class: 'chart-title' }, label), lines.map((line, i) =>
      h('span', { class: 'chart-key', key: line.field }, h('span', { class: `swatch line-${i + 1}`, 'aria-hidden': 'true' }),
        line.name, ' ', h('b', null, points.length > 0 ? formatNow(points.at(-1)[line.field]) : '\u2013')))),
    h('time-chart', { 'prop:chart': { label, points, seconds, lines, format } }),
    points.length === 0 && h('p', { class: 'chart-empty' }, 'Nothing recorded yet.'));
}
