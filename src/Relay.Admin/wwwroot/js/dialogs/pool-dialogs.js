// Defining, changing and deleting a pool; taking a block back.

import * as api from '../api/fleet-api.js';
import { ApiError } from '../api/client.js';
import { h } from '../dom/h.js';
import { blockCount, parsePrefix } from '../model/prefix.js';
import { toast } from '../ui/announcer.js';
import { openDialog } from '../ui/dialog.js';
import { field } from '../ui/form.js';
import { plural } from '../ui/format.js';

/** Asks for a pool: a new one, or a change of one that there is. */
export async function openPool(existing, onDone) {
  const { data, etag } = existing ? await api.getPool(existing) : { data: null, etag: null };
  const values = { name: existing ?? '', prefix: data?.pool.prefix ?? '', blockLength: String(data?.pool.blockLength ?? '') };
  const input = (dialog, name, more) => h('input', { value: values[name], autocomplete: 'off', spellcheck: 'false', ...more,
    onInput: e => {
      values[name] = e.target.value;
      dialog.redraw();
    } });
  openDialog({
    title: existing ? `Change ${existing}` : 'Define a pool',
    submit: existing ? 'Change' : 'Define',
    body: dialog => [
      !existing && field({ name: 'name', label: 'Name', errors: dialog.fields.name,
        hint: 'Small letters, digits and hyphens. Nodes name it with --prefix-pool.', input: input(dialog, 'name') }),
      field({ name: 'prefix', label: 'Prefix', errors: dialog.fields.prefix,
        hint: 'The addresses of the pool, such as 2001:db8:40::/56 or 198.51.100.0/24.', input: input(dialog, 'prefix') }),
      field({ name: 'blockLength', label: 'Block length', errors: dialog.fields.blockLength,
        hint: 'The prefix length of what one node gets: often 64 for IPv6, 28 for IPv4.',
        input: input(dialog, 'blockLength', { inputmode: 'numeric' }) }),
      h('p', { class: 'preview', role: 'status' }, outcome(values)),
      data?.held > 0 && h('p', { class: 'quiet' }, `${plural(data.held, 'block')} of it ${data.held === 1 ? 'is' : 'are'} `
        + 'leased: a change that they do not fit is refused.')],
    onSubmit: async () => {
      const name = values.name.trim();
      if (name === '')
        throw new ApiError(0, 'The pool has no name.', { name: ['A name is wanted.'] });
      if (!/^\s*\/?\d{1,3}\s*$/.test(values.blockLength))
        throw new ApiError(0, 'The block length is not a number.', { blockLength: ['Write a number such as 64.'] });
      await api.putPool(name, { prefix: values.prefix.trim(), blockLength: Number(values.blockLength.replace('/', '')) }, etag);
      toast(existing ? `${name} is changed.` : `${name} is defined.`);
      onDone?.();
    },
  });
}

function outcome({ prefix, blockLength }) {
  const parsed = parsePrefix(prefix);
  if (!parsed || !/^\s*\/?\d{1,3}\s*$/.test(blockLength))
    return 'Prefix and block length say how many blocks there are.';
  const length = Number(blockLength.replace('/', ''));
  const blocks = blockCount(parsed, length);
  return blocks === null
    ? `A block is at least as long as the pool\u2019s prefix, and at most 20 bits longer: ${parsed.length} to `
      + `${Math.min(parsed.length + 20, parsed.width)} here.`
    : `${plural(blocks, 'block')} of /${length}: as many nodes can lease one.`;
}

/** Asks whether to delete a pool. */
export async function openDeletePool(name, onDone) {
  const { data, etag } = await api.getPool(name);
  openDialog({
    title: `Delete ${name}`,
    submit: 'Delete',
    dismiss: 'Cancel',
    isDanger: true,
    body: () => h('p', null, data.held > 0
      ? `${plural(data.held, 'block')} of it ${data.held === 1 ? 'is' : 'are'} held: as long as that is so, deleting it `
        + 'is refused. Take them back first.'
      : `The pool ${data.pool.prefix} has no live lease. Nodes that are configured to use it will be told that there is `
        + 'none, and refuse tunnels.'),
    onSubmit: async () => {
      await api.deletePool(name, etag);
      toast(`${name} is deleted.`);
      onDone?.();
    },
  });
}

/** Asks whether to revoke a block. */
export function openRevoke(lease, onDone) {
  openDialog({
    title: 'Revoke the block',
    submit: 'Revoke',
    dismiss: 'Cancel',
    isDanger: true,
    body: () => [
      h('p', null, h('b', { class: 'mono' }, lease.prefix), ` of ${lease.pool}, held by `, h('b', null, lease.node), '.'),
      h('ol', { class: 'steps' },
        h('li', null, 'The node is told to stop using it. Tunnels that use it are ended; new ones take another block as soon '
          + 'as the node has one.'),
        h('li', null, 'Then, or when the lease expires, the block is quarantined, so that no target still answers its last '
          + 'holder\u2019s tunnels.'))],
    onSubmit: async () => {
      await api.revokeLease(lease.pool, lease.prefix);
      toast(`${lease.prefix} is being revoked of ${lease.node}.`);
      onDone?.();
    },
  });
}
