// Fleet-wide limits by identity.

import * as api from '../api/fleet-api.js';
import { openDeleteLimit, openLimit } from '../dialogs/limit-dialogs.js';
import { h } from '../dom/h.js';
import { link } from '../router.js';
import { bothRates, bytes, count, shorten } from '../ui/format.js';
import { empty, failed, loading } from '../ui/notices.js';
import { table } from '../ui/table.js';
import { View } from './view.js';

export class LimitsView extends View {
  #limits = null;

  get title() {
    return 'Limits';
  }

  start() {
    this.follow(10_000, async () => {
      this.#limits = await api.listLimits();
    });
  }

  draw() {
    return [
      h('div', { class: 'head' }, h('h1', null, 'Limits'), h('div', { class: 'head-actions' },
        h('button', { type: 'button', class: 'button primary', onClick: () => this.read(() => openLimit(null, this.reload)) },
          'Set a limit\u2026'))),
      this.failure && failed(this.failure, this.reload),
      !this.#limits && !this.failure && loading('limits'),
      this.#limits?.length === 0 && empty('No limit is set', 'Each identity may use as much as the nodes themselves allow. '
        + 'A limit holds over the whole fleet: each node gets a share of it, by need.'),
      this.#limits?.length > 0 && table({ caption: 'Limits by identity', columns: this.#columns, rows: this.#limits,
        key: l => l.identity })];
  }

  #columns = [
    { name: 'identity', label: 'Identity', kind: 'wide', cell: l => l.identity === '*'
      ? [h('b', null, '*'), h('span', { class: 'quiet' }, ' each that has no limit of its own')]
      : h('a', { class: 'mono', href: link('sessions', { identity: l.identity }), title: l.identity },
        shorten(l.identity, 44)) },
    { name: 'sessions', label: 'Sessions', kind: 'number', cell: l => bound(l.limit.sessions, count) },
    { name: 'tunnels', label: 'Tunnels', kind: 'number', cell: l => bound(l.limit.tunnels, count) },
    { name: 'rate', label: 'Rate, both ways', kind: 'number', cell: l => bound(l.limit.bytesPerSecond, bothRates) },
    { name: 'month', label: 'In a month', kind: 'number', cell: l => bound(l.limit.bytesPerMonth, bytes) },
    { name: 'change', label: 'Change', kind: 'action', cell: l => [
      h('button', { type: 'button', class: 'button small', key: 'change', 'aria-label': `Change the limit of ${l.identity}`,
        onClick: () => this.read(() => openLimit(l.identity, this.reload)) }, 'Change\u2026'),
      h('button', { type: 'button', class: 'button small', key: 'remove', 'aria-label': `Remove the limit of ${l.identity}`,
        onClick: () => this.read(() => openDeleteLimit(l.identity, this.reload)) }, 'Remove\u2026')] },
  ];
}

const bound = (value, format) => value === undefined || value === null
  ? h('span', { class: 'quiet' }, 'no limit') : format(value);
