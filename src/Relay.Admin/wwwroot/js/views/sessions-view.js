// Sessions: searched by identity, node, or the address that a target saw.

import * as api from '../api/fleet-api.js';
import { h } from '../dom/h.js';
import { go } from '../router.js';
import { field } from '../ui/form.js';
import { plural } from '../ui/format.js';
import { empty, failed, loading } from '../ui/notices.js';
import { say } from '../ui/announcer.js';
import { sessionTable } from './session-table.js';
import { View } from './view.js';

export class SessionsView extends View {
  #sessions = null;
  #next = null;
  #isReading = false;

  get title() {
    return 'Sessions';
  }

  start() {
    this.#search();
  }

  draw() {
    const { identity, node, egress } = this.address.query;
    const isSearch = Boolean(identity || node || egress);
    const nodes = (this.model.nodes ?? []).map(n => n.id);
    if (node && !nodes.includes(node))
      nodes.push(node);
    return [
      h('div', { class: 'head' }, h('h1', null, 'Sessions')),
      h('form', { class: 'search', role: 'search', 'aria-label': 'Sessions', onSubmit: e => this.#submit(e) },
        field({ name: 'identity', label: 'Identity', errors: this.failure?.fields.identity,
          hint: 'Exactly, as the list shows it.',
          input: h('input', { type: 'search', value: identity ?? '', spellcheck: 'false',
            placeholder: 'credential:alice' }) }),
        field({ name: 'node', label: 'Node', errors: this.failure?.fields.node, hint: 'The node that carries it.',
          input: h('select', { value: node ?? '' }, h('option', { key: '', value: '' }, 'Any node'),
            nodes.map(id => h('option', { key: id, value: id }, id))) }),
        field({ name: 'egress', label: 'Egress address', errors: this.failure?.fields.egress,
          hint: 'What a target saw: an address, or with its port ADDR:PORT or [ADDR]:PORT; with a port the nodes are asked, '
            + 'which takes a moment.',
          input: h('input', { type: 'search', value: egress ?? '', spellcheck: 'false', placeholder: '[2001:db8::7]:51820' }) }),
        h('div', { class: 'search-actions' },
          h('button', { type: 'submit', class: 'button primary' }, this.#isReading ? 'Searching\u2026' : 'Search'),
          isSearch && h('button', { type: 'button', class: 'button', onClick: () => go('sessions') }, 'Show all'))),
      this.failure && failed(this.failure, () => this.#search()),
      !this.failure && !this.#sessions && loading('sessions'),
      this.#sessions?.length === 0 && (isSearch
        ? empty('No session fits', 'Sessions are listed while they live. One that has ended is in the nodes\u2019 access logs.')
        : empty('No session', 'No client is connected to any node.')),
      this.#sessions?.length > 0 && [
        h('p', { class: 'quiet', 'aria-live': 'polite' },
          `${plural(this.#sessions.length, 'session')}${this.#next ? ' shown, and there are more' : ''}`),
        sessionTable(this.#sessions, { withNode: true, onDone: () => this.#search() }),
        this.#next && h('button', { type: 'button', class: 'button', onClick: () => this.#more() }, 'Show more')]];
  }

  #submit(event) {
    event.preventDefault();
    const value = name => event.target.elements[name].value.trim();
    const query = { identity: value('identity'), node: value('node'), egress: value('egress') };
    const before = location.hash;
    go('sessions', query);
    if (location.hash === before)
      this.#search();
  }

  #search() {
    this.#isReading = true;
    this.redraw();
    return this.read(async () => {
      try {
        const page = await api.listSessions(this.address.query);
        this.#sessions = page.items;
        this.#next = page.next ?? null;
        say(plural(page.items.length, 'session'));
      } finally {
        this.#isReading = false;
      }
    });
  }

  #more() {
    return this.read(async () => {
      const page = await api.listSessions({ ...this.address.query, cursor: this.#next });
      this.#sessions = [...this.#sessions, ...page.items];
      this.#next = page.next ?? null;
    });
  }
}
