// A code for a camera. What comes is read for its shape alone, and drawn anew: no markup of anybody's gets into the page.

import { h } from '../dom/h.js';

const BOX = /^0 0 (\d{1,4}) (\d{1,4})$/;
const PATH = /^[MmHhVvLlZz\d\s.,-]+$/;

/**
 * Draws a QR code, dark on white in every theme, since cameras want it so.
 * @param {string} svg as the API gives it: a path of the dark modules
 * @param {string} label what it is, for who cannot see it
 * @returns {object|false} false where there is none that can be read
 */
export function qr(svg, label) {
  const read = new DOMParser().parseFromString(svg ?? '', 'image/svg+xml').documentElement;
  const box = BOX.exec(read.getAttribute('viewBox') ?? '');
  const d = read.querySelector('path')?.getAttribute('d') ?? '';
  return box !== null && PATH.test(d) && h('svg', { class: 'qr', viewBox: box[0], role: 'img', 'aria-label': label,
    'shape-rendering': 'crispEdges' },
  h('rect', { width: box[1], height: box[2], fill: '#fff' }), h('path', { d, fill: '#000' }));
}
