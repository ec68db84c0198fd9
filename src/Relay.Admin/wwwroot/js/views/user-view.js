// One user: the devices, what was carried, and what can be done about it.

import * as api from '../api/fleet-api.js';
import { openAddDevice, openEnrol, openRevokeDevice } from '../dialogs/device-dialogs.js';
import { openDeleteUser, openDisable, openEnable, openExpiry } from '../dialogs/user-dialogs.js';
import { h } from '../dom/h.js';
import { go, link } from '../router.js';
import { bytes, count } from '../ui/format.js';
import { empty, failed, loading, notice } from '../ui/notices.js';
import { deviceBadge, userBadge } from '../ui/states.js';
import { table } from '../ui/table.js';
import { when } from '../ui/time.js';
import { deviceStateOf, expiry, isKnown, lastSeen, month, stateOf } from './user-parts.js';
import { View } from './view.js';

export class UserView extends View {
  #user = null;
  #usage = null;

  get title() {
    return `User ${this.address.id}`;
  }

  start() {
    const name = this.address.id;
    this.follow(() => this.failure?.status === 404 ? Infinity : 10_000, async () => {
      this.#user = (await api.getUser(name)).data;
      // What was used may not be known at the moment.
      this.#usage = isKnown(this.#user.bytesThisMonth) ? await api.getUsage(name) : null;
    });
  }

  draw() {
    const user = this.#user;
    const isGone = this.failure?.status === 404;
    const mayChange = user && !isGone && this.model.mayChange;
    const head = h('div', { class: 'head' },
      h('nav', { class: 'crumbs', 'aria-label': 'Path' }, h('a', { href: link('users') }, 'Users')),
      h('h1', null, this.address.id, user && !isGone && userBadge(stateOf(user))),
      mayChange && h('div', { class: 'head-actions' },
        this.#button(user.isDisabled ? 'Enable\u2026' : 'Disable\u2026', user.isDisabled ? openEnable : openDisable),
        this.#button('Expiry\u2026', openExpiry),
        h('button', { type: 'button', class: 'button danger', key: 'delete',
          onClick: () => this.read(() => openDeleteUser(user.name, this.reload, () => go('users'))) }, 'Delete\u2026')));
    if (!user)
      return [head, this.failure ? failed(this.failure, this.reload) : loading('the user')];
    const identity = `user:${user.name}`;
    return [head,
      isGone && notice('info', h('b', null, 'The user is gone. '), 'What is shown is what was known last.'),
      this.failure && !isGone && failed(this.failure, this.reload),
      h('section', { class: 'section', 'aria-label': 'About this user' }, h('dl', { class: 'facts' },
        fact('Expires', expiry(user.expiresAt)),
        fact('Last seen', lastSeen(user)),
        fact('This month', month(user, this.#usage?.bytesPerMonth)),
        fact('Sessions', h('a', { href: link('sessions', { identity }) }, 'those that are open')),
        fact('Limit', h('a', { href: link('limits') }, 'limits are by identity'), ': ', h('span', { class: 'mono' }, identity)))),
      h('section', { class: 'section', 'aria-labelledby': 'devices-title' },
        h('div', { class: 'section-head' }, h('h2', { id: 'devices-title' }, 'Devices'), mayChange && h('div', { class: 'section-tools' },
          h('button', { type: 'button', class: 'button', onClick: () => openAddDevice(user.name, this.reload) }, 'Add a device\u2026'),
          h('button', { type: 'button', class: 'button primary', onClick: () => openEnrol(user.name, this.reload) },
            'Enrol a device\u2026'))),
        user.devices.length > 0
          ? table({ caption: `Devices of ${user.name}`, rows: user.devices, key: d => d.id,
            columns: mayChange ? [...columns, this.#revoke] : columns })
          : empty('There is no device', 'Each device of the user has a credential of its own, so that one can be taken away alone. '
            + 'Without any the user cannot get in.')),
      this.#usage?.months.length > 0 && h('section', { class: 'section', 'aria-labelledby': 'usage-title' },
        h('div', { class: 'section-head' }, h('h2', { id: 'usage-title' }, 'Use by month')),
        table({ caption: `Use of ${user.name} by month`, rows: this.#usage.months, key: m => m.month, columns: months }))];
  }

  #button(label, open) {
    return h('button', { type: 'button', class: 'button', key: label,
      onClick: () => this.read(() => open(this.#user.name, this.reload)) }, label);
  }

  #revoke = { name: 'revoke', label: 'Revoke', kind: 'action', cell: d => h('button', { type: 'button', class: 'button small',
    'aria-label': `Revoke ${d.name}`, onClick: () => this.read(() => openRevokeDevice(this.#user, d, this.reload)) }, 'Revoke\u2026') };
}

const columns = [
  { name: 'name', label: 'Device', kind: 'wide', cell: d => d.name },
  { name: 'state', label: 'State', cell: d => deviceBadge(deviceStateOf(d)) },
  { name: 'since', label: 'Since', cell: d => when(d.createdAt) },
  { name: 'expires', label: 'Expires', cell: d => expiry(d.expiresAt) },
];

const months = [
  { name: 'month', label: 'Month (UTC)', cell: m => m.month },
  { name: 'down', label: 'To the user', kind: 'number', cell: m => bytes(m.bytesDown) },
  { name: 'up', label: 'To targets', kind: 'number', cell: m => bytes(m.bytesUp) },
  { name: 'tunnels', label: 'Tunnels', kind: 'number', cell: m => count(m.tunnels) },
];

const fact = (label, ...value) => h('div', { class: 'fact', key: label }, h('dt', null, label), h('dd', null, value));
