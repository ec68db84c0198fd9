// A code for a camera. What comes is read for its shape alone, and drawn anew: no markup of anybody's gets into the page, nor
// into a parser, which would look at handlers within it.

import { h } from '../dom/h.js';

const BOX = /^<svg [^>]*\bviewBox="(0 0 (\d{1,4}) (\d{1,4}))"/;
const PATH = /<path [^>]*\bd="([MmHhVvLlZz\d\s.,-]+)"/;

/**
 * Draws a QR code, dark on white in every theme, since cameras want it so.
 * @param {string} svg as the API gives it: a path of the dark modules
 * @param {string} label what it is, for who cannot see it
 * @returns {object|false} false where there is none that can be read
 */
export function qr(svg, label) {
  const box = BOX.exec(svg ?? '');
  const path = PATH.exec(svg ?? '');
  return box !== null && path !== null && h('svg', { class: 'qr', viewBox: box[1], role: 'img', 'aria-label': label,
    'shape-rendering': 'crispEdges' },
  h('rect', { width: box[2], height: box[3], fill: '#fff' }), h('path', { d: path[1], fill: '#000' }));
}
