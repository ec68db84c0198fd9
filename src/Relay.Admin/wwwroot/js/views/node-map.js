// The map of the fleet: a tile a node, by state; those that want attention first.

import { h } from '../dom/h.js';
import { isStale, stateOf } from '../model/node-state.js';
import { link } from '../router.js';
import { bitRate, byteRate, count, percent, plural } from '../ui/format.js';
import { nodeLook, nodeStates } from '../ui/states.js';
import { ago } from '../ui/time.js';

/** How busy a node's loops are on average, 0 to 1. */
export const busy = node => node.load.loops?.length > 0
  ? node.load.loops.reduce((sum, l) => sum + l.busy, 0) / node.load.loops.length
  : 0;

/** Open tunnels of a node. */
export const tunnels = node => node.load.tcpTunnels + node.load.udpTunnels;

/** The map. */
export function nodeMap(nodes) {
  return h('div', { class: 'node-map' }, nodeStates.map(state => {
    const group = nodes.filter(n => stateOf(n) === state);
    if (group.length === 0)
      return null;
    const look = nodeLook(state);
    return h('section', { key: state, class: 'node-group', 'aria-labelledby': `group-${state}` },
      h('h3', { id: `group-${state}`, class: `tone-${look.tone}` }, look.mark, look.word,
        h('span', { class: 'group-count' }, count(group.length))),
      h('ul', { class: 'tiles' }, group.map(node => tile(node, look))));
  }));
}

function tile(node, look) {
  const part = busy(node);
  const carried = node.rates.upstreamBytes + node.rates.downstreamBytes;
  const isAway = isStale(node);
  const warnings = node.warnings.length + (node.isOpenRelay ? 1 : 0);
  return h('li', { key: node.id },
    h('a', { class: `tile tone-${look.tone}${isAway ? ' stale' : ''}`, href: link('nodes', node.id) },
      h('span', { class: 'tile-head' }, look.mark, h('span', { class: 'tile-name', title: node.id }, node.id),
        warnings > 0 && h('span', { class: 'tile-warn' }, '!', h('span', { class: 'hidden' }, plural(warnings, 'warning')))),
      h('span', { class: 'hidden' }, `, ${look.word}, `),
      h('span', { class: 'tile-line' }, isAway ? 'last heard of' : plural(tunnels(node), 'tunnel')),
      h('span', { class: 'tile-line' },
        isAway ? ago(node.lastReportAt) : `${bitRate(carried)}, ${byteRate(carried)}`),
      h('span', { class: 'bar thin', title: isAway ? null : `loops ${percent(part)} busy` },
        part > 0 && h('span', { class: `bar-part look-${part > 0.9 ? 'bad' : part > 0.75 ? 'warn' : 'accent'}`,
          style: { width: `${100 * part}%` } })),
      !isAway && h('span', { class: 'hidden' }, `, loops ${percent(part)} busy`)));
}
