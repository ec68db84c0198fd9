// <time-chart>: lines over time, drawn in SVG, with a reading that follows the pointer or the arrow keys.

import { h } from '../dom/h.js';
import { render } from '../dom/render.js';
import { clockText, minuteText } from '../ui/time.js';
import { thin, timeTicks, valueTicks } from './scale.js';

const HEIGHT = 190;
const EDGE = { top: 10, right: 8, bottom: 22, left: 66 };

class TimeChart extends HTMLElement {
  #chart = null;
  #width = 600;
  /** The moment that is read, and what was said of it: once, and not again each time that the chart is drawn. */
  #reading = null;
  #observer = new ResizeObserver(([entry]) => {
    this.#width = Math.max(240, Math.floor(entry.contentRect.width));
    this.#draw();
  });

  /**
   * Points that are more than `gap` milliseconds apart are not joined: nothing is known between them. The last is no `now` where it is over.
   * @param {{label: string, points: object[], seconds: number, lines: {field: string, name: string}[], format: function, gap: number, isOver: boolean}} chart
   */
  set chart(chart) {
    this.#chart = chart;
    if (this.isConnected)
      this.#draw();
  }

  connectedCallback() {
    this.#observer.observe(this);
    this.#draw();
  }

  disconnectedCallback() {
    this.#observer.disconnect();
  }

  #draw() {
    if (!this.#chart)
      return;
    const { label, points, seconds, lines, format, gap, isOver } = this.#chart;
    const to = points.at(-1)?.t ?? Date.now();
    const from = to - seconds * 1000;
    const plot = { width: this.#width - EDGE.left - EDGE.right, height: HEIGHT - EDGE.top - EDGE.bottom };
    const buckets = Math.floor(plot.width / 2);
    const shown = thin(points, lines.map(l => l.field), from, to, buckets);
    const ticks = valueTicks(Math.max(0, ...shown.flatMap(p => lines.map(l => p[l.field]))));
    const x = t => EDGE.left + plot.width * (t - from) / (to - from);
    const timeAt = position => from + (to - from) * (position - EDGE.left) / plot.width;
    const y = v => EDGE.top + plot.height * (1 - v / ticks.at(-1));
    this.#layout = { shown, timeAt, lines, format };
    // Points that stand for others are as far apart as those are.
    const runs = runsOf(shown, Math.max(gap, 2 * (to - from) / buckets));
    // What is read may have left the chart.
    if (this.#reading?.t < (shown[0]?.t ?? Infinity))
      this.#reading = null;
    const reading = this.#reading && shown[nearest(shown, this.#reading.t)];
    render(this,
      h('svg', { width: this.#width, height: HEIGHT, viewBox: `0 0 ${this.#width} ${HEIGHT}`, role: 'img', tabindex: 0,
        'aria-label': this.#summary(label, shown, lines, format, isOver),
        onPointerMove: e => this.#point(e), onPointerLeave: () => this.#read(null),
        onKeyDown: e => this.#key(e), onBlur: () => this.#read(null) },
      ticks.map(v => h('g', { key: `v${v}`, class: 'grid' },
        h('line', { x1: EDGE.left, x2: EDGE.left + plot.width, y1: y(v), y2: y(v) }),
        h('text', { x: EDGE.left - 8, y: y(v), 'text-anchor': 'end', 'dominant-baseline': 'middle' }, round(format(v))))),
      timeTicks(from, to, plot.width / 90).map(t => h('text', { key: `t${t}`, class: 'time', x: x(t), y: HEIGHT - 6,
        'text-anchor': x(t) > EDGE.left + plot.width - 20 ? 'end' : 'middle' }, t % 60_000 === 0 ? minuteText(t) : clockText(t))),
      lines.map((line, i) => h('g', { key: line.field, class: `line line-${i + 1}` },
        h('path', { class: 'area', d: runs.map(run => area(run, line.field, x, y, EDGE.top + plot.height)).join('') }),
        h('path', { class: 'stroke', d: runs.map(run => path(run, line.field, x, y)).join('') }))),
      reading && h('g', { key: 'reading', class: 'reading' },
        h('line', { x1: x(reading.t), x2: x(reading.t), y1: EDGE.top, y2: EDGE.top + plot.height }),
        lines.map((line, i) => h('circle', { key: line.field, class: `line-${i + 1}`, cx: x(reading.t),
          cy: y(reading[line.field]), r: 3.5 })))),
      h('div', { class: 'reading-text', 'aria-live': 'polite' }, this.#reading?.text));
  }

  #layout = null;

  #summary(label, shown, lines, format, isOver) {
    if (shown.length === 0)
      return `${label}: nothing recorded yet`;
    const parts = lines.map(({ field, name }) => {
      const values = shown.map(p => p[field]);
      return `${name} ${isOver ? 'last' : 'now'} ${format(values.at(-1))}, lowest ${format(Math.min(...values))}, `
        + `highest ${format(Math.max(...values))}`;
    });
    return `${label}: ${parts.join('; ')}. Arrow keys read single points.`;
  }

  #point(event) {
    const position = event.clientX - this.getBoundingClientRect().left;
    const { shown, timeAt } = this.#layout;
    this.#read(nearest(shown, timeAt(position)));
  }

  #key(event) {
    const { shown } = this.#layout;
    const last = shown.length - 1;
    const at = this.#reading ? nearest(shown, this.#reading.t) : last;
    const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last, Escape: null }[event.key];
    if (next === undefined || last < 0)
      return;
    event.preventDefault();
    this.#read(next === null ? null : Math.min(last, Math.max(0, next)));
  }

  /** Reads one of the points that are shown; null for none. */
  #read(index) {
    const { shown, lines, format } = this.#layout;
    const point = shown[index];
    this.#reading = point ? { t: point.t,
      text: [clockText(point.t), ...lines.map(l => `${l.name} ${format(point[l.field])}`)].join(' \u00b7 ') } : null;
    this.#draw();
  }
}

/** Which of points is nearest to a time; -1 where there is none. */
const nearest = (points, t) => points.reduce((best, p, i) =>
  best < 0 || Math.abs(p.t - t) < Math.abs(points[best].t - t) ? i : best, -1);

/** Points in parts within which each is near enough to the one before. */
function runsOf(points, gap) {
  const runs = [];
  points.forEach((p, i) => {
    if (i === 0 || p.t - points[i - 1].t > gap)
      runs.push([]);
    runs.at(-1).push(p);
  });
  return runs;
}

/** A mark's text: `1.50 k` is `1.5 k` there. */
const round = text => text.replace(/(\.\d*?)0+(?!\d)/, '$1').replace(/\.(?!\d)/, '');

const at = (p, field, x, y) => `${x(p.t).toFixed(1)},${y(p[field]).toFixed(1)}`;

/** One that stands alone is a dot, by the ends that the stroke has. */
function path(points, field, x, y) {
  return points.length === 1 ? `M${at(points[0], field, x, y)}h0` : points.map((p, i) => `${i === 0 ? 'M' : 'L'}${at(p, field, x, y)}`).join('');
}

function area(points, field, x, y, floor) {
  return `${path(points, field, x, y)}L${x(points.at(-1).t).toFixed(1)},${floor}L${x(points[0].t).toFixed(1)},${floor}Z`;
}

customElements.define('time-chart', TimeChart);
