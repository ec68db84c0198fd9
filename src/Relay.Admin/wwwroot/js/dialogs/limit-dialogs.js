// Setting and removing a fleet-wide limit.

import * as api from '../api/fleet-api.js';
import { ApiError } from '../api/client.js';
import { h } from '../dom/h.js';
import { toast } from '../ui/announcer.js';
import { openDialog } from '../ui/dialog.js';
import { field } from '../ui/form.js';
import { bothRates } from '../ui/format.js';

const FIELDS = [
  ['sessions', 'Sessions at a time'],
  ['tunnels', 'Tunnels at a time'],
  ['bytesPerSecond', 'Bytes a second, both ways together'],
  ['bytesPerMonth', 'Bytes in a calendar month (UTC), both ways together; of user:\u2026 and *'],
];

/** Asks for a limit: a new one, or a change of one that there is. */
export async function openLimit(existing, onDone) {
  const { data, etag } = existing ? await api.getLimit(existing) : { data: null, etag: null };
  const values = { identity: existing ?? '' };
  for (const [name] of FIELDS)
    values[name] = data?.limit[name] === undefined || data.limit[name] === null ? '' : String(data.limit[name]);
  const input = (dialog, name, more) => h('input', { value: values[name], autocomplete: 'off', spellcheck: 'false', ...more,
    onInput: e => {
      values[name] = e.target.value;
      dialog.redraw();
    } });
  openDialog({
    title: existing ? `Change the limit of ${existing === '*' ? 'everybody else' : existing}` : 'Set a limit',
    submit: existing ? 'Change' : 'Set',
    body: dialog => [
      !existing && field({ name: 'identity', label: 'Identity', errors: dialog.fields.identity, wide: true,
        hint: 'user:\u2026, certificate:\u2026, cert:\u2026, credential:\u2026, jwt:\u2026 or anonymous, as the sessions show it; * for each that has no limit of '
          + 'its own.', input: input(dialog, 'identity') }),
      FIELDS.map(([name, label]) => field({
        name, label, errors: dialog.fields[name],
        hint: name === 'bytesPerSecond' && /^\s*\d+\s*$/.test(values[name]) ? `That is ${bothRates(Number(values[name]))}.`
          : 'Empty: no limit.',
        input: input(dialog, name, { inputmode: 'numeric' }) })),
      h('p', { class: 'quiet' }, 'Nodes tell one another what is in use once a second. Until then each gives what somebody begins with '
        + 'by itself: 16 sessions and tunnels, or the whole limit if that is less, or its part of half the limit if that is more. '
        + 'By so much for each further node a limit can be exceeded, of 100 on 1000 nodes to 16084, by who begins on all within a second; '
        + 'of * also by who goes from node to node. What is open beyond it stays until it ends.')],
    onSubmit: async () => {
      const identity = values.identity.trim();
      if (identity === '')
        throw new ApiError(0, 'The limit is for nobody.', { identity: ['An identity is wanted.'] });
      await api.putLimit(identity, toBody(values), etag);
      toast('The limit is set.');
      onDone?.();
    },
  });
}

function toBody(values) {
  const body = {};
  for (const [name, label] of FIELDS) {
    const text = values[name].trim();
    if (text === '')
      continue;
    if (!/^\d{1,15}$/.test(text))
      throw new ApiError(0, `${label}: not a number.`, { [name]: ['Write a whole number, or nothing.'] });
    body[name] = Number(text);
  }
  return body;
}

/** Asks whether to remove a limit. */
export async function openDeleteLimit(identity, onDone) {
  const { etag } = await api.getLimit(identity);
  openDialog({
    title: 'Remove the limit',
    submit: 'Remove',
    dismiss: 'Cancel',
    isDanger: true,
    body: () => h('p', null, identity === '*'
      ? 'Identities without a limit of their own may then use as much as the nodes allow.'
      : [h('b', { class: 'mono' }, identity), ' then has the limit of everybody else (*), if there is one.']),
    onSubmit: async () => {
      await api.deleteLimit(identity, etag);
      toast('The limit is removed.');
      onDone?.();
    },
  });
}
