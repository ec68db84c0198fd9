// Says things to screen readers, and shows them for a moment to everybody.

import { h } from '../dom/h.js';
import { render } from '../dom/render.js';
import { glyph } from './glyph.js';

const SHOWN = 8000;
let messages = [];
let number = 0;

/** Says something without showing it: progress that can be seen already. */
export function say(text) {
  document.getElementById('live').textContent = text;
}

/** Says and shows that something was done. */
export function toast(text) {
  const message = { id: ++number, text };
  messages = [...messages, message].slice(-3);
  draw();
  setTimeout(() => dismiss(message), SHOWN);
}

function dismiss(message) {
  messages = messages.filter(m => m !== message);
  draw();
}

function draw() {
  render(document.getElementById('toasts'), messages.map(message =>
    h('div', { class: 'toast', key: message.id }, h('span', null, message.text),
      h('button', { type: 'button', class: 'button quiet icon', 'aria-label': 'Dismiss', onClick: () => dismiss(message) },
        glyph('close')))));
}
