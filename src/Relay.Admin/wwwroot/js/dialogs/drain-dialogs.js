// Draining a node, making it serve again, cancelling a drain: each says first what will happen.

import * as api from '../api/fleet-api.js';
import { h } from '../dom/h.js';
import { toast } from '../ui/announcer.js';
import { openDialog } from '../ui/dialog.js';
import { count, plural } from '../ui/format.js';
import { notice } from '../ui/notices.js';
import { tunnels } from '../views/node-map.js';
import { DrainFields } from './drain-fields.js';

/** Asks whether to drain a node; `onStarted` gets the drain. */
export function openDrain(model, given, onStarted) {
  const { id } = given;
  const fields = new DrainFields();
  const key = api.newKey();
  openDialog({
    title: `Drain ${id}`,
    submit: 'Drain',
    isDanger: true,
    model,
    body: dialog => {
      const node = model.node(id) ?? given;
      const others = (model.nodes ?? []).filter(n => n.id !== id && n.state === 'serving').length;
      return [
        others === 0 && notice('bad', h('b', null, 'No other node serves. '), 'Clients will find no relay until this one '
          + 'is back.'),
        h('p', null, 'It carries ', h('b', null, plural(tunnels(node), 'open tunnel')), ' of ',
          plural(node.load.sessions, 'session'), `. ${plural(others, 'other node')} serve${others === 1 ? 's' : ''}.`),
        fields.draw(dialog),
        h('h3', null, 'What will happen'),
        h('ol', { class: 'steps' }, fields.consequences().map((text, i) => h('li', { key: i }, text)),
          h('li', { key: 'after' }, 'The node stays out of service until it is undrained or restarted.'))];
    },
    onSubmit: async () => {
      const drain = await api.drainNode(id, fields.toBody(), key);
      model.noteDrain(drain);
      toast(`${id} drains.`);
      onStarted?.(drain);
    },
  });
}

/** Asks whether to make a node serve again. */
export function openUndrain(model, { id, drainId }) {
  const key = api.newKey();
  openDialog({
    title: `Undrain ${id}`,
    submit: 'Undrain',
    model,
    body: () => {
      const drain = drainId && model.drains.get(drainId);
      const others = drain?.state === 'running' ? drain.nodes.length - 1 : 0;
      return [
        h('p', null, 'It serves again: it says that it is ready, and takes new connections and tunnels. Clients that were '
          + 'told to leave stay away on their old connections and may come back on new ones.'),
        others > 0 && h('p', null, `The drain that it is in goes on for its ${plural(others, 'other node')}.`)];
    },
    onSubmit: async () => {
      model.noteDrain(await api.undrainNode(id, key));
      toast(`${id} is asked to serve again.`);
    },
  });
}

/** Asks whether to cancel a drain. */
export function openCancelDrain(model, given) {
  const { id } = given;
  openDialog({
    title: 'Cancel the drain',
    submit: 'Cancel the drain',
    dismiss: 'Keep draining',
    isDanger: true,
    model,
    body: () => {
      const drain = model.drains.get(id) ?? given;
      return [h('p', null, `${count(drain.draining + drain.drained)} of its ${plural(drain.nodes.length, 'node')} `
        + `${drain.draining + drain.drained === 1 ? 'is' : 'are'} draining or drained and will serve again; `
        + `${count(drain.waiting)} that wait${drain.waiting === 1 ? 's' : ''} will be left alone.`),
      h('p', null, `The ${plural(drain.tunnelsLeft, 'tunnel')} still open on draining nodes run on. What has ended is not `
        + 'brought back.')];
    },
    onSubmit: async () => {
      model.noteDrain(await api.cancelDrain(id));
      toast('The drain is cancelled.');
    },
  });
}
