// Disconnecting a session.

import * as api from '../api/fleet-api.js';
import { h } from '../dom/h.js';
import { toast } from '../ui/announcer.js';
import { openDialog } from '../ui/dialog.js';
import { plural } from '../ui/format.js';

/** Asks whether to disconnect a session. */
export function openEndSession(session, onDone) {
  openDialog({
    title: 'Disconnect the session',
    submit: 'Disconnect',
    dismiss: 'Cancel',
    isDanger: true,
    body: () => [
      h('dl', { class: 'facts' },
        h('div', { class: 'fact' }, h('dt', null, 'Identity'), h('dd', { class: 'mono' }, session.identity)),
        h('div', { class: 'fact' }, h('dt', null, 'Node'), h('dd', null, session.node)),
        h('div', { class: 'fact' }, h('dt', null, 'Tunnels'), h('dd', null, plural(session.tunnelsOpen, 'open tunnel')))),
      h('p', null, 'Its node closes the client\u2019s connection with its next report, about a second from now; the client '
        + 'sees its tunnels break off. It may connect again: to keep it away, revoke its certificate or credential.')],
    onSubmit: async () => {
      await api.endSession(session.id);
      toast('The session will be disconnected.');
      onDone?.();
    },
  });
}
