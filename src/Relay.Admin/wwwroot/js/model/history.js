// What the fleet has carried within the last hour: the statistics' series, continued by the rate events.

const HOUR = 3_600_000;

/** Points in order of time, oldest first. */
export class History {
  points = [];

  /** Begins anew with the series of GET /v1/stats. */
  reset(series) {
    this.points = series.map(toPoint);
  }

  /** Adds a rate event's point. */
  push(point) {
    const next = toPoint(point);
    if (this.points.length > 0 && next.t <= this.points.at(-1).t)
      return;
    this.points.push(next);
    const first = this.points.findIndex(p => p.t >= next.t - HOUR);
    if (first > 0)
      this.points.splice(0, first);
  }

  /** The newest point, if any. */
  get last() {
    return this.points.at(-1) ?? null;
  }

  /** Points of the last so many seconds. */
  within(seconds) {
    const from = (this.last?.t ?? 0) - seconds * 1000;
    return this.points.filter(p => p.t >= from);
  }
}

function toPoint({ at, rates, load }) {
  return {
    t: Date.parse(at),
    up: rates.upstreamBytes ?? 0,
    down: rates.downstreamBytes ?? 0,
    datagrams: rates.datagrams ?? 0,
    drops: rates.datagramDrops ?? 0,
    tunnels: rates.tunnels ?? 0,
    tcp: load.tcpTunnels ?? 0,
    udp: load.udpTunnels ?? 0,
    sessions: load.sessions ?? 0,
  };
}
