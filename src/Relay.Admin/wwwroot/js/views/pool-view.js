// One pool: its blocks in order of address, and who has them.

import * as api from '../api/fleet-api.js';
import { bar, legend } from '../charts/bar.js';
import { blockMap } from '../charts/block-map.js';
import { openDeletePool, openPool } from '../dialogs/pool-dialogs.js';
import { h } from '../dom/h.js';
import { go, link } from '../router.js';
import { plural } from '../ui/format.js';
import { cut, empty, failed, loading } from '../ui/notices.js';
import { leaseTable } from './lease-table.js';
import { poolNotice, poolParts } from './pools-view.js';
import { View } from './view.js';

export class PoolView extends View {
  #info = null;
  #leases = [];

  get title() {
    return `Pool ${this.address.id}`;
  }

  start() {
    const name = this.address.id;
    this.follow(5000, async () => {
      const [pool, leases] = await Promise.all([api.getPool(name), api.listLeases(name)]);
      this.#info = pool.data;
      this.#leases = leases;
    });
    this.listen(this.model, 'lease', this.reload);
  }

  draw() {
    const name = this.address.id;
    const info = this.#info;
    const head = h('div', { class: 'head' },
      h('nav', { class: 'crumbs', 'aria-label': 'Path' }, h('a', { href: link('prefixes') }, 'Prefixes')),
      h('h1', null, name), h('div', { class: 'head-actions' }, info && [
        h('button', { type: 'button', class: 'button', key: 'change',
          onClick: () => this.read(() => openPool(name, this.reload)) }, 'Change\u2026'),
        h('button', { type: 'button', class: 'button danger', key: 'delete',
          onClick: () => this.read(() => openDeletePool(name, () => go('prefixes'))) }, 'Delete\u2026')]));
    if (!info)
      return [head, this.failure ? failed(this.failure, this.reload) : loading('the pool')];
    const parts = poolParts(info);
    return [head,
      this.failure && failed(this.failure, this.reload),
      h('p', { class: 'lead' }, h('span', { class: 'mono' }, info.pool.prefix),
        ` in ${plural(info.blocks, 'block')} of /${info.pool.blockLength}`),
      poolNotice(info),
      h('section', { class: 'section', 'aria-labelledby': 'blocks-title' },
        h('div', { class: 'section-head' }, h('h2', { id: 'blocks-title' }, 'Blocks')),
        bar(`Blocks of ${name}`, parts), legend(parts),
        cut(this.#leases, 'blocks that are not free are in the map and the table'),
        blockMap(info.pool, info.blocks, this.#leases)),
      h('section', { class: 'section', 'aria-labelledby': 'leases-title' },
        h('div', { class: 'section-head' }, h('h2', { id: 'leases-title' }, 'Not free')),
        this.#leases.length > 0 ? leaseTable(this.#leases, { withPool: false, onDone: this.reload })
          : empty('Every block is free', 'No node has leased one. A node does so at its start, with --prefix-pool.'))];
  }
}
