// Fields of forms: label, hint and error belong to their input, for the eye and for a screen reader.

import { ApiError } from '../api/client.js';
import { h } from '../dom/h.js';

/**
 * A field. `input` is a description of the control, which gets its id and what describes it.
 * @param {{name: string, label: string, hint?: any, errors?: string[], input: object, wide?: boolean}} field
 */
export function field({ name, label, hint, errors, input, wide }) {
  const id = `field-${name}`;
  const about = [hint && `${id}-hint`, errors?.length && `${id}-error`].filter(Boolean).join(' ');
  input.props = {
    ...input.props, id, name, 'aria-describedby': about || null, 'aria-invalid': errors?.length ? 'true' : null,
  };
  return h('div', { class: wide ? 'field wide' : 'field' },
    h('label', { for: id }, label),
    input,
    hint && h('p', { class: 'hint', id: `${id}-hint` }, hint),
    errors?.length && h('p', { class: 'field-error', id: `${id}-error` }, errors.join(' ')));
}

/** A choice among a few, as radio buttons, each with what it means. */
export function choice({ name, label, value, options, onChange }) {
  return h('fieldset', { class: 'choice' }, h('legend', null, label), options.map(option =>
    h('label', { key: option.value, class: 'choice-option' },
      h('input', { type: 'radio', name, value: option.value, checked: option.value === value,
        onChange: () => onChange(option.value) }),
      h('span', null, h('span', { class: 'choice-word' }, option.label), h('span', { class: 'hint' }, option.hint)))));
}

/** A row of buttons of which one is pressed. */
export function segments({ label, value, options, onChange }) {
  return h('div', { class: 'segments', role: 'group', 'aria-label': label }, options.map(option =>
    h('button', { key: option.value, type: 'button', 'aria-pressed': String(option.value === value),
      onClick: () => onChange(option.value) }, option.label)));
}

/** A time as somebody types it, in seconds; null when it is none. `90`, `90s`, `5m`, `1h30m`. */
export function parseDuration(text) {
  const match = /^\s*(?:(\d+)\s*h)?\s*(?:(\d+)\s*m(?:in)?)?\s*(?:(\d+)\s*s?)?\s*$/i.exec(text);
  if (!match || !match.slice(1).some(Boolean))
    return null;
  const [hours, minutes, seconds] = match.slice(1).map(n => Number(n ?? 0));
  return hours * 3600 + minutes * 60 + seconds;
}

/**
 * The day in a field, as the time at which it begins here; undefined where there is none. One that is not written to its end is
 * no day, and not none: a browser gives no value for it.
 */
export function readDay(name) {
  const input = document.getElementById(`field-${name}`);
  if (input.value === '' && !input.validity.badInput)
    return undefined;
  const date = new Date(`${input.value}T00:00`);
  if (Number.isNaN(date.valueOf()))
    throw new ApiError(0, 'The day is not a whole date.', { [name]: ['Write day, month and year, or nothing at all.'] });
  return date.toISOString();
}

/** The day of a time here, as its field takes it. */
export function dayOf(iso) {
  if (!iso)
    return '';
  const date = new Date(iso);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(n => String(n).padStart(2, '0')).join('-');
}
