// Users of the fleet: who may use its relays, found by a part of the name.

import * as api from '../api/fleet-api.js';
import { openAddUser } from '../dialogs/user-dialogs.js';
import { h } from '../dom/h.js';
import { go, link } from '../router.js';
import { field } from '../ui/form.js';
import { count } from '../ui/format.js';
import { empty, failed, loading, notice } from '../ui/notices.js';
import { userBadge } from '../ui/states.js';
import { table } from '../ui/table.js';
import { SearchView } from './search-view.js';
import { expiry, lastSeen, month, stateOf } from './user-parts.js';

export class UsersView extends SearchView {
  #limits = new Map();

  get title() {
    return 'Users';
  }

  get noun() {
    return 'user';
  }

  list(query) {
    return api.listUsers(query);
  }

  async prepare() {
    this.#limits = new Map((await api.listLimits()).map(l => [l.identity, l.limit]));
  }

  draw() {
    const { search } = this.address.query;
    const unconfirmed = this.model.overview?.warnings.filter(w => w.kind === 'users-unconfirmed') ?? [];
    return [
      h('div', { class: 'head' }, h('h1', null, 'Users'), this.model.mayChange && h('div', { class: 'head-actions' },
        h('button', { type: 'button', class: 'button primary',
          onClick: () => openAddUser(name => go('users', name)) }, 'Add a user\u2026'))),
      unconfirmed.map((w, i) => notice('warn', h('b', { key: i }, w.node ? `${w.node}: ` : ''), w.text)),
      h('form', { class: 'search short', role: 'search', 'aria-label': 'Users', onSubmit: e => this.submit(e, 'users', ['search']) },
        field({ name: 'search', label: 'Name', errors: this.failure?.fields.search, hint: 'A part of it is enough.',
          input: h('input', { type: 'search', value: search ?? '', spellcheck: 'false', autocapitalize: 'none', maxlength: 64 }) }),
        this.actions('users', search)),
      this.failure && failed(this.failure, () => this.search()),
      !this.failure && !this.items && loading('users'),
      this.items?.length === 0 && (search
        ? empty('No user fits', 'Names are of small letters, digits and . _ - @ +.')
        : empty('There is no user', 'Users of the fleet are let in by every node that was started with --users-file, each with a '
          + 'credential for each device. Certificates and files of credentials go on working beside them.')),
      this.items?.length > 0 && this.found(
        table({ caption: 'Users', columns: this.#columns, rows: this.items, key: u => u.name }))];
  }

  #columns = [
    { name: 'name', label: 'Name', kind: 'wide', cell: u => h('a', { href: link('users', u.name) }, u.name) },
    { name: 'state', label: 'State', cell: u => userBadge(stateOf(u)) },
    { name: 'devices', label: 'Devices', kind: 'number', cell: u => count(u.devices?.length) },
    { name: 'seen', label: 'Last seen', cell: lastSeen },
    { name: 'month', label: 'This month',
      // A limit of the user's own takes the place of everybody else's, whatever it says.
      cell: u => month(u, (this.#limits.get(`user:${u.name}`) ?? this.#limits.get('*'))?.bytesPerMonth) },
    { name: 'expires', label: 'Expires', cell: u => expiry(u.expiresAt) },
  ];
}
