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
    this.isReading = true;
    this.redraw();
    return this.read(async () => {
      try {
        const [page] = await Promise.all([this.list(this.address.query), this.prepare()]);
        this.items = page.items;
        this.#next = page.next ?? null;
        say(plural(page.items.length, this.noun));
      } finally {
        this.isReading = false;
      }
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
    return this.read(async () => {
      const page = await this.list({ ...this.address.query, cursor: this.#next });
      this.items = [...this.items, ...page.items];
      this.#next = page.next ?? null;
    });
  }
}
