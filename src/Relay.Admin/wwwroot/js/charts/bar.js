// Bars of parts that make a whole.

import { h } from '../dom/h.js';

/**
 * A bar of segments, with its parts in words for who cannot see it.
 * @param {string} label what the whole is
 * @param {{name: string, value: number, text: string, look: string}[]} parts
 * @param {number} [whole] what the bar's length is; the sum of the parts when not given
 */
export function bar(label, parts, whole = parts.reduce((sum, p) => sum + p.value, 0)) {
  const words = parts.filter(p => p.value > 0).map(p => `${p.name} ${p.text}`).join(', ');
  return h('div', { class: 'bar', role: 'img', 'aria-label': `${label}: ${words || 'nothing'}` },
    parts.filter(p => p.value > 0).map(p => h('span', { key: p.name, class: `bar-part look-${p.look}`,
      title: `${p.name}: ${p.text}`, style: { width: `${whole > 0 ? 100 * p.value / whole : 0}%` } })));
}

/** What the colours of a bar mean, with the numbers. */
export function legend(parts) {
  return h('ul', { class: 'legend' }, parts.map(p => h('li', { key: p.name },
    h('span', { class: `swatch look-${p.look}`, 'aria-hidden': 'true' }), `${p.name} `, h('b', null, p.text))));
}

/** How full something is, 0 to 1. */
export function gauge(label, part, text) {
  const value = Math.min(1, Math.max(0, part || 0));
  const look = value > 0.9 ? 'bad' : value > 0.75 ? 'warn' : 'accent';
  return h('span', { class: 'gauge' },
    h('span', { class: 'bar', role: 'meter', 'aria-label': label, 'aria-valuemin': 0, 'aria-valuemax': 100,
      'aria-valuenow': Math.round(value * 100), 'aria-valuetext': text },
    h('span', { class: `bar-part look-${look}`, style: { width: `${100 * value}%` } })),
    h('span', { class: 'gauge-text', 'aria-hidden': 'true' }, text));
}
