// Adding, disabling, enabling and deleting a user; until when. Each says first what will happen, and is of the user as shown.

import * as api from '../api/fleet-api.js';
import { ApiError } from '../api/client.js';
import { h } from '../dom/h.js';
import { toast } from '../ui/announcer.js';
import { openDialog } from '../ui/dialog.js';
import { dayOf, field, readDay } from '../ui/form.js';
import { plural } from '../ui/format.js';
import { userBadge } from '../ui/states.js';
import { expiry, stateOf } from '../views/user-parts.js';
import { openSecret } from './device-dialogs.js';
import { expiryField, nameInput, openSessionsOf } from './user-fields.js';

/** Asks for a new user, and a first device if it is to have one already; `onDone` gets the name. */
export function openAddUser(onDone) {
  // Two requests: where the second fails, the first is not sent again.
  let added = null;
  openDialog({
    title: 'Add a user',
    submit: 'Add',
    body: dialog => [
      field({ name: 'name', label: 'Name', errors: dialog.fields.name, wide: true,
        hint: '1 to 64 small letters, digits and . _ - @ +, with a letter or digit at both ends. It cannot be changed later.',
        input: nameInput() }),
      field({ name: 'device', label: 'First device (may be empty)', errors: dialog.fields.device, wide: true,
        hint: 'Its secret is shown once, with the next click. Devices can be added and enrolled later as well.',
        input: nameInput({ placeholder: 'phone' }) }),
      expiryField(dialog),
      h('p', { class: 'quiet' }, 'Every node that was started with --users-file knows the user within two reports, a second or two.')],
    onSubmit: async dialog => {
      const name = dialog.value('name').trim();
      const device = dialog.value('device').trim();
      if (name === '')
        throw new ApiError(0, 'The user has no name.', { name: ['A name is wanted.'] });
      if (added !== name) {
        await add(name, { expiresAt: readDay('expires') });
        added = name;
      }
      const credential = device === '' ? null : await addFirst(name, device);
      toast(`${name} is added.`);
      onDone(name);
      if (credential) {
        dialog.close();
        openSecret(credential);
      }
    },
  });
}

async function addFirst(user, name) {
  try {
    return await api.addDevice(user, { name });
  } catch (error) {
    throw new ApiError(error.status, `${user} is added, but not the device: ${error.message}`, { device: error.fields.name });
  }
}

async function add(name, body) {
  try {
    await api.putUser(name, body, null);
  } catch (error) {
    throw error.status === 412
      ? new ApiError(412, `There is a user ${name} already.`, { name: ['This name is taken.'] }) : error;
  }
}

/** Asks whether to disable a user. */
export const openDisable = (name, onDone) => openOf(name, onDone, {
  title: `Disable ${name}`,
  submit: 'Disable',
  dismiss: 'Cancel',
  isDanger: true,
  done: `${name} is disabled.`,
  body: (user, open) => [h('h3', null, 'What will happen'), h('ol', { class: 'steps' },
    h('li', null, open),
    h('li', null, 'Nodes refuse what comes anew, of all devices, until the user is enabled again. A node that no coordinator '
      + 'reaches learns of it when one does.'),
    h('li', null, 'The devices keep their secrets.'))],
  change: (user, etag) => api.putUser(name, { isDisabled: true, expiresAt: user.expiresAt }, etag),
});

/** Asks whether to enable a user. */
export const openEnable = (name, onDone) => openOf(name, onDone, {
  title: `Enable ${name}`,
  submit: 'Enable',
  done: `${name} is enabled.`,
  body: user => h('p', null, `Nodes let the user in again within two reports, with ${plural(user.devices.length, 'device')} and their `
    + 'secrets as they were.', stateOf({ ...user, isDisabled: false }) === 'expired' && ' But the user has expired, and is refused for that.'),
  change: (user, etag) => api.putUser(name, { isDisabled: false, expiresAt: user.expiresAt }, etag),
});

/** Asks until when a user is let in. */
export const openExpiry = (name, onDone) => {
  let day = null;
  return openOf(name, onDone, {
    title: `When ${name} expires`,
    submit: 'Change',
    done: `${name} is changed.`,
    body: (user, open, dialog) => [
      expiryField(dialog, { value: day ?? dayOf(user.expiresAt), onInput: e => {
        if (e.target.validity.badInput)
          return;
        day = e.target.value;
        dialog.redraw();
      } }),
      h('p', { class: 'preview', role: 'status' }, outcome(user, day, open))],
    change: async (user, etag) => {
      const expiresAt = readDay('expires');
      await api.putUser(name, { isDisabled: user.isDisabled, expiresAt: day === null ? user.expiresAt : expiresAt }, etag);
    },
  });
};

function outcome(user, day, open) {
  if (day === null)
    return 'Nothing is changed yet.';
  if (day === '')
    return 'The user is let in until somebody disables or deletes it.';
  return new Date(`${day}T00:00`) <= Date.now() ? `That is over: the user is refused at once. ${open}`
    : 'From then on nodes refuse the user, by their own clocks, and open sessions end.';
}

/** Asks whether to delete a user. */
export const openDeleteUser = (name, onRead, onDone) => openOf(name, onRead, {
  title: `Delete ${name}`,
  submit: 'Delete',
  dismiss: 'Cancel',
  isDanger: true,
  done: `${name} is deleted.`,
  after: onDone,
  body: (user, open) => [h('h3', null, 'What will happen'), h('ol', { class: 'steps' },
    h('li', null, open),
    h('li', null, `${plural(user.devices.length, 'device')} lose${user.devices.length === 1 ? 's' : ''} what let${
      user.devices.length === 1 ? 's' : ''} them in, for good. A user who is added again under this name has none of them.`),
    h('li', null, 'What was carried stays counted where it was counted; a limit for the user stays.'))],
  change: (user, etag) => api.deleteUser(name, etag),
});

/** A dialog about a user as it is read now. Where somebody else was first, nothing is done, and it shows what there is now. */
async function openOf(name, onRead, { body, change, done, after, ...dialog }) {
  let [{ data: user, etag }, open] = await Promise.all([api.getUser(name), openSessionsOf(name)]);
  openDialog({
    ...dialog,
    body: self => [
      h('p', null, h('b', null, name), ' ', userBadge(stateOf(user)), ` has ${plural(user.devices.length, 'device')}; expires: `,
        expiry(user.expiresAt), '.'),
      body(user, open, self)],
    onSubmit: async () => {
      try {
        await change(user, etag);
      } catch (error) {
        if (error.status !== 412)
          throw error;
        [{ data: user, etag }, open] = await Promise.all([api.getUser(name), openSessionsOf(name)]);
        onRead?.();
        throw new ApiError(412, `Somebody else has changed ${name} since this was opened, and nothing was done. Above is how it is now: `
          + 'go on only if you still want to.');
      }
      toast(done);
      (after ?? onRead)?.();
    },
  });
}
