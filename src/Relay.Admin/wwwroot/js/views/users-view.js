// Users of the fleet: who may use its relays, found by a part of the name.

import * as api from '../api/fleet-api.js';
import { openAddUser } from '../dialogs/user-dialogs.js';
import { h } from '../dom/h.js';
import { go, link } from '../router.js';
import { say } from '../ui/announcer.js';
import { field } from '../ui/form.js';
import { count, plural } from '../ui/format.js';
import { empty, failed, loading, notice } from '../ui/notices.js';
import { userBadge } from '../ui/states.js';
import { table } from '../ui/table.js';
import { expiry, lastSeen, month, stateOf } from './user-parts.js';
import { View } from './view.js';

export class UsersView extends View {
  #users = null;
  #next = null;
  #limits = new Map();
  #isReading = false;

  get title() {
    return 'Users';
  }

  start() {
    this.#search();
  }

  draw() {
    const { search } = this.address.query;
    const unconfirmed = this.model.overview?.warnings.filter(w => w.kind === 'users-unconfirmed') ?? [];
    return [
      h('div', { class: 'head' }, h('h1', null, 'Users'), this.model.mayChange && h('div', { class: 'head-actions' },
        h('button', { type: 'button', class: 'button primary',
          onClick: () => openAddUser(name => go('users', name)) }, 'Add a user\u2026'))),
      unconfirmed.map((w, i) => notice('warn', h('b', { key: i }, w.node ? `${w.node}: ` : ''), w.text)),
      h('form', { class: 'search short', role: 'search', 'aria-label': 'Users', onSubmit: e => this.#submit(e) },
        field({ name: 'search', label: 'Name', errors: this.failure?.fields.search, hint: 'A part of it is enough.',
          input: h('input', { type: 'search', value: search ?? '', spellcheck: 'false', autocapitalize: 'none', maxlength: 64 }) }),
        h('div', { class: 'search-actions' },
          h('button', { type: 'submit', class: 'button primary' }, this.#isReading ? 'Searching\u2026' : 'Search'),
          search && h('button', { type: 'button', class: 'button', onClick: () => go('users') }, 'Show all'))),
      this.failure && failed(this.failure, () => this.#search()),
      !this.failure && !this.#users && loading('users'),
      this.#users?.length === 0 && (search
        ? empty('No user fits', 'Names are of small letters, digits and . _ - @ +.')
        : empty('There is no user', 'Users of the fleet are let in by every node that was started with --users-file, each with a '
          + 'credential for each device. Certificates and files of credentials go on working beside them.')),
      this.#users?.length > 0 && [
        h('p', { class: 'quiet', 'aria-live': 'polite' },
          `${plural(this.#users.length, 'user')}${this.#next ? ' shown, and there are more' : ''}`),
        table({ caption: 'Users', columns: this.#columns, rows: this.#users, key: u => u.name }),
        this.#next && h('button', { type: 'button', class: 'button', onClick: () => this.#more() }, 'Show more')]];
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

  #submit(event) {
    event.preventDefault();
    const before = location.hash;
    go('users', { search: event.target.elements.search.value.trim() });
    if (location.hash === before)
      this.#search();
  }

  #search() {
    this.#isReading = true;
    this.redraw();
    return this.read(async () => {
      try {
        const [page, limits] = await Promise.all([api.listUsers(this.address.query), api.listLimits()]);
        this.#users = page.items;
        this.#next = page.next ?? null;
        this.#limits = new Map(limits.map(l => [l.identity, l.limit]));
        say(plural(page.items.length, 'user'));
      } finally {
        this.#isReading = false;
      }
    });
  }

  #more() {
    return this.read(async () => {
      const page = await api.listUsers({ ...this.address.query, cursor: this.#next });
      this.#users = [...this.#users, ...page.items];
      this.#next = page.next ?? null;
    });
  }
}
