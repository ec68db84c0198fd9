// Prefix pools: how much of each is free, held, kept from everybody.

import * as api from '../api/fleet-api.js';
import { bar, legend } from '../charts/bar.js';
import { openDeletePool, openPool } from '../dialogs/pool-dialogs.js';
import { h } from '../dom/h.js';
import { link } from '../router.js';
import { count, plural } from '../ui/format.js';
import { empty, failed, loading, notice } from '../ui/notices.js';
import { until } from '../ui/time.js';
import { View } from './view.js';

/** A pool's blocks as parts of a bar. */
export const poolParts = info => [
  { name: 'held', value: info.held, text: count(info.held), look: 'held' },
  { name: 'quarantined', value: info.quarantined, text: count(info.quarantined), look: 'quarantined' },
  { name: 'excluded', value: info.excluded, text: count(info.excluded), look: 'excluded' },
  { name: 'free', value: info.free, text: count(info.free), look: 'free' }];

/** What an operator should know of a pool; false for nothing. */
export const poolNotice = info => info.isFound
  ? notice('warn', 'Nodes hold blocks of this pool, and it is not defined: they keep them, and nobody gets another until it is.')
  : info.grantsFrom
    ? notice('warn', 'The coordinators may not know all that is held: leases are renewed, and a new one is granted again ',
      until(info.grantsFrom), '.')
    : info.free === 0
      ? notice('warn', 'No block is free: a node that wants one waits, and refuses tunnels.')
      : info.sharedOut?.length > 0 && notice('warn', 'Nodes that want a block were refused: ', info.sharedOut.join('; '), '.');

export class PoolsView extends View {
  #pools = null;

  get title() {
    return 'Prefixes';
  }

  start() {
    this.follow(10_000, async () => {
      this.#pools = await api.listPools();
    });
    this.listen(this.model, 'lease', this.reload);
  }

  draw() {
    const define = kind => h('button', { type: 'button', class: kind,
      onClick: () => this.#open(() => openPool(null, this.reload)) }, 'Define a pool\u2026');
    return [
      h('div', { class: 'head' }, h('h1', null, 'Prefixes'), h('div', { class: 'head-actions' }, define('button primary'))),
      this.failure && failed(this.failure, this.reload),
      !this.#pools && !this.failure && loading('pools'),
      this.#pools?.length === 0 && empty('No pool is defined', 'A pool is a prefix that is cut into blocks; a node with '
        + '--prefix-pool leases one and sends from its addresses. Nodes without it use their own configuration.'),
      h('div', { class: 'cards' }, this.#pools?.map(info => this.#card(info)))];
  }

  #card(info) {
    const { name, prefix, blockLength } = info.pool;
    return h('article', { class: 'card', key: name, 'aria-label': `Pool ${name}` },
      h('div', { class: 'card-head' }, h('a', { class: 'card-title', href: link('prefixes', name) }, name),
        h('span', { class: 'card-actions' },
          h('button', { type: 'button', class: 'button small', 'aria-label': `Change ${name}`,
            onClick: () => this.#open(() => openPool(name, this.reload)) }, 'Change\u2026'),
          h('button', { type: 'button', class: 'button small', 'aria-label': `Delete ${name}`,
            onClick: () => this.#open(() => openDeletePool(name, this.reload)) }, 'Delete\u2026'))),
      h('p', { class: 'quiet' }, h('span', { class: 'mono' }, prefix), `, ${plural(info.blocks, 'block')} of /${blockLength}`),
      bar(`Blocks of ${name}`, poolParts(info)), legend(poolParts(info)),
      poolNotice(info));
  }

  /** A dialog that reads first what it is about: that may fail as well. */
  #open(opening) {
    return this.read(opening);
  }
}
