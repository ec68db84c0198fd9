// Giving a user a device, by its secret or by a link, and taking one away.

import * as api from '../api/fleet-api.js';
import { ApiError } from '../api/client.js';
import { h } from '../dom/h.js';
import { toast } from '../ui/announcer.js';
import { openDialog } from '../ui/dialog.js';
import { field, readDay } from '../ui/form.js';
import { notice } from '../ui/notices.js';
import { qr } from '../ui/qr.js';
import { until } from '../ui/time.js';
import { expiryField, nameInput, openSessionsOf } from './user-fields.js';

/** Asks for a device, and shows its secret. */
export function openAddDevice(name, onDone) {
  openDialog({
    title: `Add a device of ${name}`,
    submit: 'Add',
    body: dialog => [
      field({ name: 'device', label: 'Name', errors: dialog.fields.name ?? dialog.fields.device, wide: true,
        hint: 'What to call it, other than the user\u2019s other devices.', input: nameInput({ placeholder: 'laptop' }) }),
      expiryField(dialog),
      h('p', null, 'The device gets a secret of its own, which is shown with the next click and never again: have at hand where it is '
        + 'to go. For a phone, a link that enrols it is easier.')],
    onSubmit: async dialog => {
      const device = dialog.value('device').trim();
      if (device === '')
        throw new ApiError(0, 'The device has no name.', { device: ['A name is wanted.'] });
      const credential = await api.addDevice(name, { name: device, expiresAt: readDay('expires') });
      onDone?.();
      dialog.close();
      openSecret(credential);
    },
  });
}

/** Shows a secret, once. */
export function openSecret({ user, name, secret }) {
  const shown = copyable('secret', 'Secret', secret);
  openDialog({
    title: `The secret of ${name}`,
    submit: 'I have it',
    isFixed: true,
    body: dialog => [
      notice('warn', h('b', null, 'It is shown this once. '), 'Nobody can ask for it again: what is kept is its hash. One that is lost '
        + 'is a device to be revoked.'),
      shown(dialog),
      h('p', null, 'As a Bearer token it is shown as it is; with Basic it is the password of ', h('b', { class: 'mono' }, user), '.')],
    onSubmit: async () => {},
  });
}

/** Asks for a link by which somebody enrols a device, and shows it with its code for a camera. */
export function openEnrol(name, onDone) {
  openDialog({
    title: `Enrol a device of ${name}`,
    submit: 'Make a link',
    body: dialog => [
      field({ name: 'device', label: 'Name of the device (may be empty)', errors: dialog.fields.device, wide: true,
        hint: 'What to call it, other than the user\u2019s other devices.', input: nameInput({ placeholder: 'phone' }) }),
      h('h3', null, 'What will happen'),
      h('ol', { class: 'steps' },
        h('li', null, 'You get a link, and its code for a camera, to give to ', h('b', null, name), '. It is good once, for ten minutes.'),
        h('li', null, 'Whoever opens it and presses the button there has a credential of this user: give it to nobody else.'),
        h('li', null, 'Until then nothing is changed. Looking at the link, as messengers do, does not use it up.'))],
    onSubmit: async dialog => {
      const device = dialog.value('device').trim();
      const enrolment = await api.enrol(name, device === '' ? {} : { device });
      dialog.close();
      openLink(name, enrolment, onDone);
    },
  });
}

function openLink(name, { url, expiresAt, qrSvg }, onDone) {
  const shown = copyable('link', 'Link', url);
  openDialog({
    title: `A link for ${name}`,
    submit: 'Done',
    isFixed: true,
    body: dialog => [
      qr(qrSvg, `The link for ${name} as a QR code`),
      shown(dialog),
      h('p', null, 'It is good once, and ends ', until(expiresAt), '. It is shown this once; another one can be made at any time.')],
    onSubmit: async () => onDone?.(),
  });
}

/** Asks whether to take a device away. */
export async function openRevokeDevice(user, device, onDone) {
  const open = await openSessionsOf(user.name);
  openDialog({
    title: `Revoke ${device.name}`,
    submit: 'Revoke',
    dismiss: 'Cancel',
    isDanger: true,
    body: () => [
      h('p', null, 'A device of ', h('b', null, user.name), '.'),
      h('h3', null, 'What will happen'),
      h('ol', { class: 'steps' },
        h('li', null, 'Its secret is refused by every node within two reports, a second or two. A node that no coordinator reaches learns '
          + 'of it when one does.'),
        h('li', null, 'The connections that have shown it end, with their tunnels; those of the user\u2019s other devices go on. ',
          open.startsWith('No') ? open : 'Which of the open sessions are this device\u2019s, nodes alone know.'),
        h('li', null, 'This cannot be undone: the device has to be added or enrolled again.'))],
    onSubmit: async () => {
      try {
        await api.removeDevice(user.name, device.id);
      } catch (error) {
        if (error.status !== 404)
          throw error;
        onDone?.();
        throw new ApiError(404, 'Somebody else has revoked it, or deleted the user, since this was shown. There is nothing left to do.');
      }
      toast(`${device.name} is revoked.`);
      onDone?.();
    },
  });
}

/** Something to be taken elsewhere: it can be selected, and copied with a click where the browser lets the page do so. */
function copyable(name, label, value) {
  let said = '';
  const copy = async dialog => {
    try {
      await navigator.clipboard.writeText(value);
      said = `${label} copied.`;
    } catch {
      const input = document.getElementById(`field-${name}`);
      input.focus();
      input.select();
      said = 'The browser does not let the page copy: it is selected, copy it yourself.';
    }
    dialog.redraw();
  };
  return dialog => h('div', { class: 'copied' },
    field({ name, label, wide: true, input: h('input', { class: 'mono', readonly: true, value, spellcheck: 'false', autocomplete: 'off',
      onFocus: e => e.target.select() }) }),
    h('button', { type: 'button', class: 'button', onClick: () => copy(dialog) }, `Copy the ${label.toLowerCase()}`),
    h('p', { class: 'hint', role: 'status' }, said));
}
