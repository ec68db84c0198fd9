// What the dialogs about users and their devices have in common.

import * as api from '../api/fleet-api.js';
import { h } from '../dom/h.js';
import { field } from '../ui/form.js';
import { plural } from '../ui/format.js';

/** An input for a name. */
export const nameInput = props =>
  h('input', { autocomplete: 'off', spellcheck: 'false', autocapitalize: 'none', maxlength: 64, ...props });

/** A field for when something expires, which may be never; see parseDay. */
export const expiryField = (dialog, props = {}) => field({ name: 'expires', label: 'Expires (may be empty)', wide: true,
  errors: dialog.fields.expires ?? dialog.fields.expiresAt,
  hint: 'Refused from the beginning of that day on, where you are. Empty: never.', input: h('input', { type: 'date', ...props }) });

/** What a refusal of a user ends, in words. */
export async function openSessionsOf(name) {
  const { items, next } = await api.listSessions({ identity: `user:${name}` }, 1000);
  if (items.length === 0)
    return 'No session of the user is open.';
  const tunnels = items.reduce((sum, s) => sum + s.tunnelsOpen, 0);
  return `Within two reports, a second or two, ${next ? 'more than ' : ''}${plural(items.length, 'session')} with `
    + `${plural(tunnels, 'open tunnel')} end${items.length === 1 ? 's' : ''}: connections break off.`;
}
