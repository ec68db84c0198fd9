// What each node has carried since the page was opened, as its reports told: the coordinator keeps no history of single nodes.

import { isStale } from './node-state.js';

const KEPT = 900_000;
const APART = 4500;

/** Points by node, oldest first: at most one in about five seconds, of a quarter of an hour. */
export class NodeHistory {
  #points = new Map();

  /** Takes what the nodes said last; who is gone is forgotten. */
  push(nodes) {
    const next = new Map();
    for (const node of nodes) {
      const points = this.#points.get(node.id) ?? [];
      next.set(node.id, points);
      if (isStale(node))
        continue;
      const t = Date.parse(node.lastReportAt);
      // The newest stands whatever it is; those before it keep their distance.
      if (t < (points.at(-2)?.t ?? 0) + APART || t === points.at(-1)?.t)
        points.pop();
      points.push({ t, up: node.rates.upstreamBytes, down: node.rates.downstreamBytes, tcp: node.load.tcpTunnels,
        udp: node.load.udpTunnels });
      while (points[0].t < t - KEPT)
        points.shift();
    }
    this.#points = next;
  }

  /** The points of a node. */
  of(id) {
    return this.#points.get(id) ?? [];
  }
}
