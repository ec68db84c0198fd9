// Sessions as a table.

import { openEndSession } from '../dialogs/session-dialogs.js';
import { h } from '../dom/h.js';
import { link } from '../router.js';
import { bytes, count, shorten } from '../ui/format.js';
import { sessionBadge } from '../ui/states.js';
import { table } from '../ui/table.js';
import { when } from '../ui/time.js';

const columns = [
  { name: 'identity', label: 'Identity', cell: s => h('a', { class: 'mono', href: link('sessions', s.id), title: s.identity },
    shorten(s.identity, 30)) },
  { name: 'node', label: 'Node', cell: s => h('a', { href: link('nodes', s.node) }, s.node) },
  { name: 'state', label: 'State', cell: s => sessionBadge(s.state) },
  { name: 'tunnels', label: 'Tunnels', kind: 'number', cell: s => count(s.tunnelsOpen) },
  { name: 'down', label: 'To client', kind: 'number', cell: s => bytes(s.downstreamBytes) },
  { name: 'up', label: 'To targets', kind: 'number', cell: s => bytes(s.upstreamBytes) },
  { name: 'egress', label: 'Egress', cell: s => egress(s.egressAddresses) },
  { name: 'started', label: 'Started', cell: s => when(s.startedAt) },
];

/** The table; `onDone` after a session was ordered to be disconnected. */
export function sessionTable(sessions, { withNode, onDone }) {
  const end = { name: 'end', label: 'Disconnect', kind: 'action', cell: s => h('button', { type: 'button',
    class: 'button small', 'aria-label': `Disconnect ${s.identity} from ${s.node}`,
    onClick: () => openEndSession(s, onDone) }, 'Disconnect\u2026') };
  return table({ caption: withNode ? 'Sessions' : 'Sessions of this node', rows: sessions, key: s => s.id,
    columns: [...columns.filter(c => withNode || c.name !== 'node'), end] });
}

function egress(addresses) {
  if (addresses.length === 0)
    return h('span', { class: 'quiet' }, 'none yet');
  return h('span', { class: 'mono', title: addresses.join('\n') }, addresses[0],
    addresses.length > 1 && ` +${addresses.length - 1}`);
}
