// A dialog that asks, does, and says why it could not. The browser's own <dialog> keeps the focus within, and gives it
// back to where it was.

import { h } from '../dom/h.js';
import { render } from '../dom/render.js';
import { ApiError } from '../api/client.js';
import { glyph } from './glyph.js';

let current = null;
/** What is to be opened once a dialog is gone that cannot be dismissed: it may show what is shown once. */
let next = null;

/**
 * Opens a dialog; only one is open at a time. One that cannot be dismissed is waited for.
 * @param {object} dialog
 * @param {string} dialog.title
 * @param {string} dialog.submit what the button that does it says
 * @param {string} [dialog.dismiss] what the button that does nothing says; given for a mere question, and has the focus then
 * @param {boolean} [dialog.isDanger]
 * @param {boolean} [dialog.isFixed] it cannot be dismissed
 * @param {function(Dialog): any} dialog.body
 * @param {function(Dialog): Promise<void>} dialog.onSubmit throws an ApiError when it was not done
 * @param {EventTarget} [dialog.model] draws the dialog anew when this changes
 */
export function openDialog(dialog) {
  if (current?.isFixed) {
    next = dialog;
    return;
  }
  current?.close();
  current = new Dialog(dialog);
}

class Dialog {
  /** What is wrong with which field. */
  fields = {};
  #error = null;
  #isBusy = false;
  #element;
  #options;
  #draw = () => this.redraw();

  constructor(options) {
    this.#options = options;
    this.#element = document.createElement('dialog');
    this.#element.setAttribute('aria-labelledby', 'dialog-title');
    this.#element.addEventListener('close', () => this.#closed());
    // Of two Escapes in a row a browser lets the page prevent the first alone.
    if (options.isFixed)
      this.#element.setAttribute('closedby', 'none');
    for (const type of ['cancel', 'keydown'])
      this.#element.addEventListener(type, e => options.isFixed && (type === 'cancel' || e.key === 'Escape') && e.preventDefault());
    document.body.append(this.#element);
    this.redraw();
    this.#element.showModal();
    options.model?.addEventListener('change', this.#draw);
  }

  get isFixed() {
    return Boolean(this.#options.isFixed);
  }

  close() {
    this.#element.close();
  }

  /** The value of a field. */
  value(name) {
    return this.#element.querySelector('form').elements[name]?.value ?? '';
  }

  redraw() {
    const { title, submit, dismiss, isDanger, isFixed, body } = this.#options;
    render(this.#element, h('form', { method: 'dialog', novalidate: true, onSubmit: e => this.#submit(e) },
      h('div', { class: 'dialog-head' }, h('h2', { id: 'dialog-title' }, title)),
      h('div', { class: 'dialog-body' }, body(this),
        h('div', { role: 'alert', class: 'dialog-error' }, this.#error &&
          h('div', { class: 'notice tone-bad' }, glyph('warning'), h('div', { class: 'notice-text' }, this.#error)))),
      h('div', { class: 'dialog-foot' },
        !isFixed && h('button', { type: 'button', class: 'button', autofocus: dismiss ? true : null,
          onClick: () => this.close() }, dismiss ?? 'Cancel'),
        h('button', { type: 'submit', class: isDanger ? 'button danger' : 'button primary',
          'aria-disabled': this.#isBusy ? 'true' : null }, this.#isBusy ? 'Working\u2026' : submit))));
  }

  async #submit(event) {
    event.preventDefault();
    if (this.#isBusy)
      return;
    this.#isBusy = true;
    this.#error = null;
    this.fields = {};
    this.redraw();
    try {
      await this.#options.onSubmit(this);
      this.close();
    } catch (error) {
      if (!(error instanceof ApiError))
        throw error;
      this.#error = error.message;
      this.fields = error.fields;
    } finally {
      this.#isBusy = false;
      if (current === this)
        this.redraw();
    }
    this.#element.querySelector('[aria-invalid]')?.focus();
  }

  #closed() {
    this.#options.model?.removeEventListener('change', this.#draw);
    this.#element.remove();
    if (current === this)
      current = null;
    if (next && !current) {
      const dialog = next;
      next = null;
      openDialog(dialog);
    }
  }
}
