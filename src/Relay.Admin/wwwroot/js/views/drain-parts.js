// How a drain goes, as bars and words.

import { bar, legend } from '../charts/bar.js';
import { h } from '../dom/h.js';
import { count, duration, plural } from '../ui/format.js';
import { stepBadge } from '../ui/states.js';
import { until } from '../ui/time.js';

/** What became of tunnels, as parts of a bar. */
export const tunnelParts = ({ finished, forceClosed, lost, tunnelsLeft }) => [
  { name: 'finished', value: finished, text: count(finished), look: 'good' },
  { name: 'force-closed', value: forceClosed, text: count(forceClosed), look: 'bad' },
  { name: 'lost', value: lost ?? 0, text: count(lost ?? 0), look: 'lost' },
  { name: 'left', value: tunnelsLeft, text: count(tunnelsLeft), look: 'left' }];

/** Where the nodes are, as parts of a bar. */
export const nodeParts = drain => {
  const other = drain.nodes.length - drain.waiting - drain.draining - drain.drained;
  return [
    { name: 'drained', value: drain.drained, text: count(drain.drained), look: 'good' },
    { name: 'draining', value: drain.draining, text: count(drain.draining), look: 'warn' },
    { name: 'waiting', value: drain.waiting, text: count(drain.waiting), look: 'left' },
    { name: 'undrained or lost', value: other, text: count(other), look: 'lost' }];
};

/** One node's part of a drain. */
export function drainBars(drain, node) {
  const parts = node.progress ? tunnelParts(node.progress).filter(p => p.name !== 'lost') : null;
  return h('div', { class: 'drain-node' },
    h('p', null, stepBadge(node.step), ' ', stepText(drain, node)),
    parts && bar(`Tunnels of ${node.node}`, parts), parts && legend(parts));
}

/** What a node's step means at this moment. */
export function stepText(drain, node) {
  const left = node.progress?.tunnelsLeft ?? 0;
  switch (node.step) {
    case 'waiting':
      return 'waits for its turn';
    case 'lame':
      return 'cordoned: tells load balancers that it is not ready, and still accepts';
    case 'draining':
      return [`${plural(left, 'tunnel')} left`, node.deadlineAt && drain.state === 'running'
        ? [', force-closed ', until(node.deadlineAt)] : null];
    case 'drained':
      return 'no tunnel is left; it waits to be restarted or undrained';
    case 'returned':
      return 'was drained, and serves again';
    case 'undrained':
      return 'serves again, not drained to the end';
    case 'lost':
      return 'fell silent or began anew before it was drained: its tunnels are lost';
    default:
      return '';
  }
}

/** How nodes are drained, in words. */
export const manner = drain =>
  `${drain.mode === 'immediate' ? 'immediate' : 'gradual'}, deadline ${duration(drain.deadlineSeconds)}, at most `
  + `${typeof drain.maxConcurrent === 'string' ? `${drain.maxConcurrent} of the nodes` : plural(drain.maxConcurrent, 'node')} `
  + `out of service${drain.onLostNode === 'wait' ? ', waits for nodes that are lost' : ''}`;
