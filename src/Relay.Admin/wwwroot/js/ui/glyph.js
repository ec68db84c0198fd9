// Small pictures. Each is hidden from screen readers: a word always stands beside it.

import { h } from '../dom/h.js';

const line = d => h('path', { d });

const shapes = {
  fleet: [h('rect', { x: 3, y: 3, width: 7, height: 7, rx: 1.5 }), h('rect', { x: 14, y: 3, width: 7, height: 7, rx: 1.5 }),
    h('rect', { x: 3, y: 14, width: 7, height: 7, rx: 1.5 }), h('rect', { x: 14, y: 14, width: 7, height: 7, rx: 1.5 })],
  drains: [line('M4 4h16l-6 8v6l-4 2v-8z')],
  sessions: [h('circle', { cx: 12, cy: 8, r: 4 }), line('M4 21c0-4 3.6-7 8-7s8 3 8 7')],
  users: [h('circle', { cx: 9, cy: 8, r: 3.5 }), line('M2.5 20c0-3.6 2.9-6 6.5-6s6.5 2.4 6.5 6M15.5 4.8a3.5 3.5 0 0 1 0 6.4M18 14.5c2.2 1 3.5 2.9 3.5 5.5')],
  prefixes: [h('rect', { x: 3, y: 6, width: 18, height: 12, rx: 2 }), line('M9 6v12M15 6v12')],
  limits: [line('M4 18a9 9 0 1 1 16 0'), line('M12 15l4-5')],
  events: [line('M4 6h16M4 12h16M4 18h10')],
  theme: [h('circle', { cx: 12, cy: 12, r: 8 }), h('path', { d: 'M12 4a8 8 0 0 1 0 16z', class: 'fill' })],
  key: [h('circle', { cx: 8, cy: 15, r: 4 }), line('M11 12l9-9M16 7l3 3')],
  warning: [line('M12 4L2.5 20h19zM12 10v4'), h('circle', { cx: 12, cy: 17, r: 0.6, class: 'fill' })],
  info: [h('circle', { cx: 12, cy: 12, r: 9 }), line('M12 11v5'), h('circle', { cx: 12, cy: 8, r: 0.6, class: 'fill' })],
  plus: [line('M12 5v14M5 12h14')],
  close: [line('M6 6l12 12M18 6L6 18')],
};

/** A picture for a place or an action. */
export function glyph(name) {
  return h('svg', { class: 'glyph', viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' }, shapes[name]);
}

// States differ by shape and not by colour alone.
const marks = {
  dot: [h('circle', { cx: 6, cy: 6, r: 4.5, class: 'fill' })],
  ring: [h('circle', { cx: 6, cy: 6, r: 4 })],
  half: [h('circle', { cx: 6, cy: 6, r: 4 }), h('path', { d: 'M6 2a4 4 0 0 0 0 8z', class: 'fill' })],
  down: [h('path', { d: 'M1.5 3h9L6 10.5z', class: 'fill' })],
  square: [h('rect', { x: 2, y: 2, width: 8, height: 8, rx: 1 })],
  cross: [h('path', { d: 'M2.5 2.5l7 7M9.5 2.5l-7 7' })],
  check: [h('path', { d: 'M2 6.5l3 3 5-7' })],
};

/** The mark of a state. */
export function mark(name) {
  return h('svg', { class: 'mark', viewBox: '0 0 12 12', 'aria-hidden': 'true', focusable: 'false' }, marks[name]);
}
