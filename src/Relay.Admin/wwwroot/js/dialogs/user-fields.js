// What the dialogs about users and their devices have in common.

import * as api from '../api/fleet-api.js';
import { ApiError } from '../api/client.js';
import { h } from '../dom/h.js';
import { field } from '../ui/form.js';
import { plural } from '../ui/format.js';

/** An input for a name. */
export const nameInput = props =>
  h('input', { autocomplete: 'off', spellcheck: 'false', autocapitalize: 'none', maxlength: 64, ...props });

/** A field for when something expires, which may be never; see readDay. */
export const expiryField = (dialog, props = {}) => field({ name: 'expires', label: 'Expires (may be empty)', wide: true,
  errors: dialog.fields.expires ?? dialog.fields.expiresAt,
  hint: 'Refused from the beginning of that day on, where you are. Empty: never.', input: h('input', { type: 'date', max: '9999-12-31', ...props }) });

/** What a refusal of a user ends, in words. */
export async function openSessionsOf(name) {
  let items, next;
  try {
    ({ items, next } = await api.listSessions({ identity: `user:${name}` }, 1000));
  } catch (error) {
    if (!(error instanceof ApiError))
      throw error;
    // To take access away does not wait for that.
    return 'How many sessions of the user are open is not known; they end within two reports, a second or two.';
  }
  if (items.length === 0)
    return 'No session of the user is open.';
  const tunnels = items.reduce((sum, s) => sum + s.tunnelsOpen, 0);
  return `Within two reports, a second or two, ${next ? 'more than ' : ''}${plural(items.length, 'session')} with `
    + `${plural(tunnels, 'open tunnel')} end${items.length === 1 ? 's' : ''}: connections break off.`;
}
