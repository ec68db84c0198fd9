// States in words, marks and colours: one table for nodes, drains, leases, sessions and users.

import { h } from '../dom/h.js';
import { mark } from './glyph.js';

// What each is called, its mark, its colour, and what it means.
const NODE = {
  quarantined: ['Quarantined', 'cross', 'bad', 'By an operator\u2019s word nothing that it says is taken.'],
  silent: ['Silent', 'cross', 'bad', 'It has not reported for a while.'],
  starting: ['Starting', 'ring', 'info', 'Not ready yet.'],
  lame: ['Cordoned', 'half', 'warn', 'Tells load balancers that it is not ready; what comes is still accepted. The drain follows.'],
  draining: ['Draining', 'down', 'warn', 'Refuses new tunnels; open ones run.'],
  drained: ['Drained', 'square', 'quiet', 'No tunnel is left.'],
  serving: ['Serving', 'dot', 'good', 'Takes connections and tunnels.'],
};
const DRAIN = {
  running: ['Running', 'down', 'warn', 'Some node still has to be drained.'],
  completed: ['Completed', 'check', 'good', 'Every node was drained, came back, or is gone.'],
  cancelled: ['Cancelled', 'cross', 'quiet', 'What it had drained serves again.'],
};
const STEP = {
  waiting: ['Waiting', 'ring', 'quiet', 'Its turn has not come.'],
  lame: NODE.lame,
  draining: NODE.draining,
  drained: ['Drained', 'square', 'info', 'No tunnel is left; it waits to be restarted or undrained.'],
  returned: ['Returned', 'check', 'good', 'It was drained, and serves again.'],
  undrained: ['Undrained', 'dot', 'quiet', 'It serves again, and was not drained to the end.'],
  lost: ['Lost', 'cross', 'bad', 'It fell silent or began anew while it drained: its tunnels are lost.'],
};
const LEASE = {
  pending: ['Pending', 'ring', 'info', 'Granted; the node has not yet said that it uses it.'],
  held: ['Held', 'dot', 'good', 'The node uses it.'],
  releasing: ['Releasing', 'half', 'warn', 'Revoked, or no longer wanted: the node is told to stop using it.'],
  quarantined: ['Quarantined', 'square', 'quiet', 'Kept from everybody until the last holder\u2019s tunnels are forgotten.'],
};
const SESSION = {
  active: ['Active', 'dot', 'good', 'It may open tunnels.'],
  draining: ['Draining', 'down', 'warn', 'It was told that no new tunnels are taken.'],
  ending: ['Disconnecting', 'cross', 'bad', 'Its node was told to close the connection.'],
};
const USER = {
  active: ['Active', 'dot', 'good', 'Nodes let the user in.'],
  disabled: ['Disabled', 'cross', 'bad', 'Refused until an operator says otherwise.'],
  expired: ['Expired', 'square', 'quiet', 'Its time is over: refused.'],
};
const DEVICE = {
  active: ['Active', 'dot', 'good', 'Its secret is good.'],
  expired: USER.expired,
};
const EVENT = {
  node: ['Node', 'dot', 'info', ''],
  drain: ['Drain', 'down', 'warn', ''],
  lease: ['Lease', 'square', 'quiet', ''],
  user: ['User', 'ring', 'info', ''],
  action: ['Action', 'check', 'good', 'Somebody has changed something.'],
  refusal: ['Refused', 'cross', 'bad', 'Somebody wanted something, and did not get it.'],
};

/** The states of a node, those that want attention first. */
export const nodeStates = Object.keys(NODE);

const badge = table => state => {
  const [word, shape, tone, meaning] = table[state] ?? [state, 'ring', 'quiet', ''];
  return h('span', { class: `badge tone-${tone}`, title: meaning || null }, mark(shape), h('span', null, word));
};

export const nodeBadge = badge(NODE);
export const drainBadge = badge(DRAIN);
export const stepBadge = badge(STEP);
export const leaseBadge = badge(LEASE);
export const sessionBadge = badge(SESSION);
export const userBadge = badge(USER);
export const deviceBadge = badge(DEVICE);
export const eventBadge = badge(EVENT);

/** The word, mark and colour of a node's state, for where a badge is too much. */
export function nodeLook(state) {
  const [word, shape, tone] = NODE[state] ?? [state, 'ring', 'quiet'];
  return { word, tone, mark: mark(shape) };
}
