// Sessions: searched by identity, node, or the address that a target saw.

import * as api from '../api/fleet-api.js';
import { h } from '../dom/h.js';
import { field } from '../ui/form.js';
import { empty, failed, loading } from '../ui/notices.js';
import { SearchView } from './search-view.js';
import { sessionTable } from './session-table.js';

export class SessionsView extends SearchView {
  get title() {
    return 'Sessions';
  }

  get noun() {
    return 'session';
  }

  list(query) {
    return api.listSessions(query);
  }

  draw() {
    const { identity, node, egress } = this.address.query;
    const isSearch = Boolean(identity || node || egress);
    const nodes = (this.model.nodes ?? []).map(n => n.id);
    if (node && !nodes.includes(node))
      nodes.push(node);
    return [
      h('div', { class: 'head' }, h('h1', null, 'Sessions')),
      h('form', { class: 'search', role: 'search', 'aria-label': 'Sessions',
        onSubmit: e => this.submit(e, 'sessions', ['identity', 'node', 'egress']) },
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
        this.actions('sessions', isSearch)),
      this.failure && failed(this.failure, () => this.search()),
      !this.failure && !this.items && loading('sessions'),
      this.items?.length === 0 && (isSearch
        ? empty('No session fits', 'Sessions are listed while they live. One that has ended is in the nodes\u2019 access logs.')
        : empty('No session', 'No client is connected to any node.')),
      this.items?.length > 0 && this.found(
        sessionTable(this.items, { withNode: true, onDone: () => this.search() }))];
  }
}
