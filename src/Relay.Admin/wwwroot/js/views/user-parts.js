// What a user and a device are, as it is shown in lists and on pages.

import { gauge } from '../charts/bar.js';
import { h } from '../dom/h.js';
import { bytes } from '../ui/format.js';
import { ago, when } from '../ui/time.js';

/** Whether an answer has a field: what is null is left out, or the coordinator does not know it. */
export const isKnown = value => value !== undefined && value !== null;

/** Whether a time is over. */
const isOver = iso => Boolean(iso) && new Date(iso) <= Date.now();

/** What a user is: active, disabled or expired. */
export const stateOf = user => user.isDisabled ? 'disabled' : isOver(user.expiresAt) ? 'expired' : 'active';

/** What a device is: active or expired. */
export const deviceStateOf = device => isOver(device.expiresAt) ? 'expired' : 'active';

/** From when on somebody or something is refused. */
export const expiry = iso => iso ? when(iso) : h('span', { class: 'quiet' }, 'never');

/** When a user was last there. */
export const lastSeen = user => user.lastSeen ? ago(user.lastSeen) : h('span', { class: 'quiet' }, 'not known');

/** What a user has carried this month, of what may be carried where there is a bound; nothing where that is not known. */
export function month(user, quota) {
  if (!isKnown(user.bytesThisMonth))
    return h('span', { class: 'quiet' }, 'not known');
  if (!isKnown(quota))
    return bytes(user.bytesThisMonth);
  return gauge(`This month\u2019s bytes of ${user.name}`, quota > 0 ? user.bytesThisMonth / quota : 1,
    `${bytes(user.bytesThisMonth)} of ${bytes(quota)}`);
}
