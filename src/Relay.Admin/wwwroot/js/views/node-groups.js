// Many nodes at a glance: so many of each state, version, pool, or use of what they are made for, and what these carry together.

import { gauge } from '../charts/bar.js';
import { h } from '../dom/h.js';
import { isStale, stateOf } from '../model/node-state.js';
import { segments } from '../ui/form.js';
import { count, percent, shortVersion } from '../ui/format.js';
import { nodeLook, nodeStates } from '../ui/states.js';
import { table } from '../ui/table.js';
import { tunnels } from './node-map.js';
import { rates } from './node-table.js';

const NO_POOL = 'no leased block';
const USES = [[0.9, 'over 90\u00a0%'], [0.75, '75 to 90\u00a0%'], [0.5, '50 to 75\u00a0%'], [0, 'under 50\u00a0%']];
const UNKNOWN_USE = 'not told';

/** How much of the tunnels that a node is made for is open, 0 to 1; null where it does not say. */
const use = node => node.capacity.maxTunnels > 0 && !isStale(node) ? tunnels(node) / node.capacity.maxTunnels : null;

const useOf = node => use(node) === null ? UNKNOWN_USE : USES.find(([from]) => use(node) >= from)[1];

const byText = (a, b) => a.localeCompare(b, undefined, { numeric: true });
const inOrder = names => (a, b) => names.indexOf(a) - names.indexOf(b);

// By what nodes are told apart: the names of a node's groups, their order, and how they are shown.
const WAYS = {
  state: { label: 'State', of: n => [stateOf(n)], order: inOrder(nodeStates), show: state => {
    const { mark, word, tone } = nodeLook(state);
    return h('span', { class: `tone-${tone}` }, mark, ' ', word);
  } },
  version: { label: 'Version', of: n => [n.version], order: (a, b) => byText(b, a),
    show: v => h('span', { class: 'mono', title: v || null }, shortVersion(v) || 'not told') },
  pool: { label: 'Pool', of: n => n.leases.length > 0 ? [...new Set(n.leases.map(l => l.pool))] : [NO_POOL], order: byText },
  use: { label: 'Use', of: n => [useOf(n)], order: inOrder([...USES.map(([, name]) => name), UNKNOWN_USE]) },
};

/** Whether a node is of a group that was chosen; of any where none was. */
export const isOf = (node, chosen) => !chosen || WAYS[chosen.way].of(node).includes(chosen.name);

/** What a chosen group is called. */
export const groupText = ({ way, name }) => `${WAYS[way].label}: ${way === 'state' ? nodeLook(name).word
  : way === 'version' ? shortVersion(name) || 'not told' : name}`;

/** The groups of nodes by one of the ways; `onChoose` gets the group whose nodes are to be seen. */
export function nodeGroups(nodes, way, { onWay, onChoose }) {
  const groups = new Map();
  for (const node of nodes) {
    for (const name of WAYS[way].of(node))
      (groups.get(name) ?? groups.set(name, []).get(name)).push(node);
  }
  const rows = [...groups].map(([name, members]) => ({ name, members, heard: members.filter(n => !isStale(n)) })).sort((a, b) => WAYS[way].order(a.name, b.name));
  return h('div', { class: 'groups' },
    segments({ label: 'Nodes by', value: way, onChange: onWay,
      options: Object.entries(WAYS).map(([value, { label }]) => ({ value, label: `By ${label.toLowerCase()}` })) }),
    way === 'pool' && h('p', { class: 'quiet' }, 'A node with blocks of several pools counts in each.'),
    table({ caption: `Nodes by ${WAYS[way].label.toLowerCase()}`, rows, key: g => g.name,
      columns: columns(WAYS[way], name => onChoose({ way, name })) }));
}

const sum = (nodes, of) => nodes.reduce((all, n) => all + of(n), 0);

// What those carry together that still say it.
const now = (of, show) => ({ heard }) => heard.length > 0 ? show(sum(heard, of)) : '\u2013';

const columns = ({ label, show = name => name }, choose) => [
  { name: 'name', label, cell: g => show(g.name) },
  { name: 'nodes', label: 'Nodes', kind: 'number', cell: g => h('b', null, count(g.members.length)) },
  { name: 'sessions', label: 'Sessions', kind: 'number', cell: now(n => n.load.sessions, count) },
  { name: 'tunnels', label: 'Tunnels', kind: 'number', cell: now(tunnels, count) },
  { name: 'down', label: 'To clients', kind: 'number', cell: now(n => n.rates.downstreamBytes, rates) },
  { name: 'up', label: 'To targets', kind: 'number', cell: now(n => n.rates.upstreamBytes, rates) },
  { name: 'use', label: 'Of their limit', cell: useOfAll },
  { name: 'show', label: 'Show', kind: 'action', cell: g => h('button', { type: 'button', class: 'button small',
    'aria-label': `Show the nodes of ${g.name || 'no version'}`, onClick: () => choose(g.name) }, 'Show') },
];

// Of those that say what they are made for.
function useOfAll({ heard }) {
  const known = heard.filter(n => use(n) !== null);
  if (known.length === 0)
    return h('span', { class: 'quiet' }, 'not told');
  const part = sum(known, tunnels) / sum(known, n => n.capacity.maxTunnels);
  return gauge('Tunnels of their limits', part, percent(part));
}
