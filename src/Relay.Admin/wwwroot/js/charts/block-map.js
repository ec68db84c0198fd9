// A pool as its blocks, in order of address. A pool has up to a million of them: a cell then stands for many.

import { legend } from './bar.js';
import { h } from '../dom/h.js';
import { blockIndex } from '../model/prefix.js';
import { count, plural } from '../ui/format.js';

const MOST_CELLS = 256;
// Of several blocks in a cell the one that wants attention most gives it its look.
const RANK = ['held', 'pending', 'quarantined', 'releasing'];

/**
 * The map of a pool.
 * @param {{prefix: string, blockLength: number}} pool
 * @param {number} blocks how many it has
 * @param {object[]} leases those that are not free
 */
export function blockMap(pool, blocks, leases) {
  const size = Math.max(1, Math.ceil(blocks / MOST_CELLS));
  const cells = Array.from({ length: Math.ceil(blocks / size) }, () => []);
  for (const lease of leases) {
    const index = blockIndex(pool, lease.prefix);
    if (index >= 0)
      cells[Math.floor(index / size)].push(lease);
  }
  return h('div', { class: 'block-map-box' },
    h('div', { class: 'block-map', role: 'img', 'aria-label':
      `${plural(blocks, 'block')} in order of address, ${count(leases.length)} not free; the table below lists them` },
    cells.map((taken, i) => h('span', { key: i, class: `block look-${look(taken)}`, title: title(taken, size) }))),
    legend(parts(leases)),
    size > 1 && h('p', { class: 'hint' }, `Each cell stands for ${plural(size, 'block')}.`));
}

const parts = leases => RANK.map(state => ({ name: state, look: state,
  text: count(leases.filter(l => l.state === state).length) })).filter(p => p.text !== '0');

function look(taken) {
  return taken.reduce((best, l) => RANK.indexOf(l.state) > RANK.indexOf(best) ? l.state : best, 'free');
}

function title(taken, size) {
  if (taken.length === 0)
    return size === 1 ? 'Free' : `${count(size)} blocks, all free`;
  const lines = taken.slice(0, 8).map(l => `${l.prefix} \u2013 ${l.state}, ${l.node}`);
  if (taken.length > 8)
    lines.push(`and ${count(taken.length - 8)} more`);
  return lines.join('\n');
}
