// A rolling drain: which nodes, how many at a time, and what that amounts to.

import * as api from '../api/fleet-api.js';
import { ApiError } from '../api/client.js';
import { h } from '../dom/h.js';
import { go } from '../router.js';
import { toast } from '../ui/announcer.js';
import { openDialog } from '../ui/dialog.js';
import { choice, field } from '../ui/form.js';
import { plural, shorten, shortVersion } from '../ui/format.js';
import { cut, notice } from '../ui/notices.js';
import { tunnels } from '../views/node-map.js';
import { DrainFields } from './drain-fields.js';

/** Asks for a rolling drain, and goes to it. */
export function openRollingDrain(model) {
  const which = new Which();
  const fields = new DrainFields();
  const key = api.newKey();
  let budget = '1';
  let onLostNode = 'continue';
  openDialog({
    title: 'Start a rolling drain',
    submit: 'Start',
    isDanger: true,
    model,
    body: dialog => [
      which.draw(dialog, model.nodes ?? []),
      field({
        name: 'budget', label: 'Out of service at a time', errors: dialog.fields.maxConcurrent,
        hint: 'A number of nodes, or a percentage of those that serve, such as 25%. It counts every drain of the fleet.',
        input: h('input', { value: budget, autocomplete: 'off', onInput: e => {
          budget = e.target.value;
          dialog.redraw();
        } }),
      }),
      choice({
        name: 'lost', label: 'If a node is lost in its turn', value: onLostNode,
        options: [
          { value: 'continue', label: 'Continue', hint: 'The next one\u2019s turn comes once it is silent.' },
          { value: 'wait', label: 'Wait', hint: 'Its place is kept for some minutes: a new version may be what kills it.' }],
        onChange: value => {
          onLostNode = value;
          dialog.redraw();
        },
      }),
      fields.draw(dialog),
      h('h3', null, 'What will happen'),
      cut(model.nodes ?? [], 'nodes by name are counted here; the drain takes the others as well'),
      preview(which.chosen(model.nodes ?? []), model.nodes ?? [], budget),
      h('ol', { class: 'steps' }, fields.consequences().map((text, i) => h('li', { key: i }, text)),
        h('li', { key: 'next' }, 'When a drained node is back, restarted or undrained, the next one\u2019s turn comes.'))],
    onSubmit: async () => {
      const drain = await api.startDrain(
        { ...which.toBody(), maxConcurrent: parseBudget(budget), onLostNode, ...fields.toBody() }, key);
      model.noteDrain(drain);
      toast('The rolling drain has begun.');
      go('drains', drain.id);
    },
  });
}

function preview(chosen, nodes, budget) {
  if (chosen.length === 0)
    return notice('warn', 'No node is chosen.');
  const all = chosen.length === nodes.length && !/^\s*\d+\s*%?\s*$/.test(budget);
  const carried = chosen.reduce((sum, n) => sum + tunnels(n), 0);
  return h('p', null, h('b', null, plural(chosen.length, 'node')), ` with ${plural(carried, 'open tunnel')} will be drained`,
    all ? '' : `, at most ${budget.trim()} at a time`, `: ${shorten(chosen.map(n => n.id).join(', '), 160)}.`);
}

function parseBudget(text) {
  const match = /^\s*(\d+)\s*(%?)\s*$/.exec(text);
  if (!match || Number(match[1]) < 1 || (match[2] && Number(match[1]) > 100))
    throw new ApiError(0, 'How many nodes at a time is not clear.',
      { maxConcurrent: ['Write a number from 1, or a percentage from 1% to 100%.'] });
  return match[2] ? `${match[1]}%` : Number(match[1]);
}

/** Which nodes: all, those of a version, those whose names begin alike, or named ones. */
class Which {
  #way = 'all';
  #version = '';
  #prefix = '';
  #named = new Set();

  chosen(nodes) {
    if (this.#way === 'named')
      return nodes.filter(n => this.#named.has(n.id));
    // The fleet leaves out who is silent, and who is in a drain already.
    return nodes.filter(n => n.state !== 'silent' && !n.drainId && (this.#way === 'all'
      || (this.#way === 'version' && n.version === this.#version) || (this.#way === 'prefix' && n.id.startsWith(this.#prefix))));
  }

  toBody() {
    switch (this.#way) {
      case 'version':
        return { selector: { version: this.#version } };
      case 'prefix':
        return { selector: { namePrefix: this.#prefix } };
      case 'named':
        if (this.#named.size === 0)
          throw new ApiError(0, 'No node is chosen.');
        return { nodes: [...this.#named] };
      default:
        return { selector: {} };
    }
  }

  draw(dialog, nodes) {
    const versions = [...new Set(nodes.map(n => n.version))].sort();
    if (!versions.includes(this.#version))
      this.#version = versions[0] ?? '';
    const set = change => e => {
      change(e.target);
      dialog.redraw();
    };
    return [
      choice({
        name: 'which', label: 'Which nodes', value: this.#way,
        options: [
          { value: 'all', label: 'All', hint: 'All that report and are in no drain.' },
          { value: 'version', label: 'By version', hint: 'Those that run one version.' },
          { value: 'prefix', label: 'By name', hint: 'Those whose names begin alike.' },
          { value: 'named', label: 'Chosen', hint: 'Those that you tick.' }],
        onChange: value => {
          this.#way = value;
          dialog.redraw();
        },
      }),
      this.#way === 'version' && field({ name: 'version', label: 'Version', errors: dialog.fields['selector.version'],
        input: h('select', { value: this.#version, onChange: set(t => { this.#version = t.value; }) },
          versions.map(v => h('option', { key: v, value: v }, shortVersion(v) || 'not told'))) }),
      this.#way === 'prefix' && field({ name: 'prefix', label: 'Name begins with',
        errors: dialog.fields['selector.namePrefix'],
        input: h('input', { value: this.#prefix, autocomplete: 'off', spellcheck: 'false',
          onInput: set(t => { this.#prefix = t.value; }) }) }),
      this.#way === 'named' && h('fieldset', { class: 'ticks' }, h('legend', null, 'Nodes'), nodes.map(n =>
        h('label', { key: n.id }, h('input', { type: 'checkbox', checked: this.#named.has(n.id), onChange: set(t =>
          t.checked ? this.#named.add(n.id) : this.#named.delete(n.id)) }), h('span', null, n.id))))];
  }
}
