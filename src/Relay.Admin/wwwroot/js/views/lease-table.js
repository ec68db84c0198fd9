// Leases as a table.

import { openRevoke } from '../dialogs/pool-dialogs.js';
import { h } from '../dom/h.js';
import { link } from '../router.js';
import { leaseBadge } from '../ui/states.js';
import { table } from '../ui/table.js';
import { until } from '../ui/time.js';

const columns = [
  { name: 'prefix', label: 'Block', cell: l => h('span', { class: 'mono' }, l.prefix) },
  { name: 'pool', label: 'Pool', cell: l => h('a', { href: link('prefixes', l.pool) }, l.pool) },
  { name: 'state', label: 'State', cell: l => leaseBadge(l.state) },
  { name: 'node', label: 'Node', cell: l => h('a', { href: link('nodes', l.node) }, l.node) },
  { name: 'expires', label: 'Expires', cell: l => until(l.expiresAt) },
];

/** The table: of a node, with the pool; of a pool, with the node. */
export function leaseTable(leases, { withPool, onDone }) {
  const revoke = { name: 'revoke', label: 'Revoke', kind: 'action', cell: l => ['held', 'pending'].includes(l.state)
    && h('button', { type: 'button', class: 'button small', 'aria-label': `Revoke ${l.prefix} of ${l.node}`,
      onClick: () => openRevoke(l, onDone) }, 'Revoke\u2026') };
  return table({ caption: 'Blocks that are not free', rows: leases, key: l => `${l.pool} ${l.prefix}`,
    columns: [...columns.filter(c => c.name !== (withPool ? 'node' : 'pool')), revoke] });
}
