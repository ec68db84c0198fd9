// What the views have in common that find something by a form and show it in parts.

import { h } from '../dom/h.js';
import { go } from '../router.js';
import { say } from '../ui/announcer.js';
import { plural } from '../ui/format.js';
import { View } from './view.js';

export class SearchView extends View {
  /** What was found so far; null until the first part is there. */
  items = null;
  isReading = false;
  #next = null;
  /** Which part was asked for last: an answer of another is late. */
  #asked = null;

  /** What one of them is called, as in "user". */
  get noun() {
    return '';
  }

  /** Reads a part: {items, next}. */
  list() {}

  /** Reads what else the view needs with a first part. */
  async prepare() {}

  start() {
    this.search();
  }

  search() {
    return this.#ask(async () => {
      const [page] = await Promise.all([this.list(this.address.query), this.prepare()]);
      return page;
    }, page => {
      this.items = page.items;
      say(plural(page.items.length, this.noun));
    });
  }

  /** Asks for what a form says: by another address, or anew. */
  submit(event, area, names) {
    event.preventDefault();
    const before = location.hash;
    go(area, Object.fromEntries(names.map(name => [name, event.target.elements[name].value.trim()])));
    if (location.hash === before)
      this.search();
  }

  /** The buttons of the form. */
  actions(area, isSearch) {
    return h('div', { class: 'search-actions' },
      h('button', { type: 'submit', class: 'button primary' }, this.isReading ? 'Searching\u2026' : 'Search'),
      isSearch && h('button', { type: 'button', class: 'button', onClick: () => go(area) }, 'Show all'));
  }

  /** How many there are, what shows them, and the way to more. */
  found(shown) {
    return [
      h('p', { class: 'quiet', 'aria-live': 'polite' },
        `${plural(this.items.length, this.noun)}${this.#next ? ' shown, and there are more' : ''}`),
      shown,
      this.#next && h('button', { type: 'button', class: 'button', onClick: () => this.#more() }, 'Show more')];
  }

  #more() {
    if (this.isReading)
      return;
    this.#ask(() => this.list({ ...this.address.query, cursor: this.#next }), page => {
      this.items = [...this.items, ...page.items];
    });
  }

  /** Reads a part, and takes it unless another was asked for meanwhile. */
  #ask(list, take) {
    const asked = this.#asked = Symbol('part');
    this.isReading = true;
    this.redraw();
    return this.read(async () => {
      try {
        const page = await list();
        if (asked === this.#asked) {
          take(page);
          this.#next = page.next ?? null;
        }
      } finally {
        if (asked === this.#asked)
          this.isReading = false;
      }
    });
  }
}
