// What a view says when there is nothing to show, not yet, or not any more.

import { h } from '../dom/h.js';
import { count } from './format.js';
import { glyph } from './glyph.js';

/** Something is on its way. */
export const loading = what => h('p', { class: 'empty', role: 'status' }, `Loading ${what}\u2026`);

/** There is nothing, and that is why, and what can be done. */
export function empty(title, text, action = null) {
  return h('div', { class: 'empty' }, h('p', { class: 'empty-title' }, title), h('p', null, text), action);
}

/** A notice with a tone: `bad`, `warn`, `info`. */
export function notice(tone, ...content) {
  return h('div', { class: `notice tone-${tone}` }, glyph(tone === 'info' ? 'info' : 'warning'),
    h('div', { class: 'notice-text' }, content));
}

/** Of a list that is cut: what is shown of it; false where it is whole. */
export const cut = (items, what) => items.isCut && notice('info', `The first ${count(items.length)} ${what}.`);

/** Something failed; what was known before stays below it. */
export function failed(error, retry = null) {
  return h('div', { class: 'notice tone-bad', role: 'alert' }, glyph('warning'),
    h('div', { class: 'notice-text' }, error.message),
    retry && h('button', { type: 'button', class: 'button', onClick: retry }, 'Try again'));
}
