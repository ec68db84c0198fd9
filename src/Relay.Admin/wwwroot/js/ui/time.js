// Times: local to read, UTC in the title.

import { h } from '../dom/h.js';
import { duration } from './format.js';

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const minutes = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const minute = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit',
  hourCycle: 'h23' });
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });

const utc = date => `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** The time of day. */
export const clockText = date => clock.format(date);

/** The time of day without seconds. */
export const minuteText = date => minutes.format(date);

/** A time in words: the longer ago, the coarser. */
export function timeText(date) {
  const now = new Date();
  if (date.toDateString() === now.toDateString())
    return clock.format(date);
  return date.getFullYear() === now.getFullYear() ? minute.format(date) : day.format(date);
}

/** An element for a time. */
export function when(iso) {
  const date = new Date(iso);
  if (!iso || Number.isNaN(date.valueOf()))
    return '\u2013';
  return h('time', { datetime: date.toISOString(), title: utc(date) }, timeText(date));
}

/** An element that says how long ago a time was. */
export function ago(iso) {
  const date = new Date(iso);
  if (!iso || Number.isNaN(date.valueOf()))
    return '\u2013';
  const seconds = (Date.now() - date) / 1000;
  return h('time', { datetime: date.toISOString(), title: utc(date) },
    seconds < 2 ? 'just now' : `${duration(seconds)} ago`);
}

/** An element that says in how long a time comes. */
export function until(iso) {
  const date = new Date(iso);
  if (!iso || Number.isNaN(date.valueOf()))
    return '\u2013';
  const seconds = (date - Date.now()) / 1000;
  return h('time', { datetime: date.toISOString(), title: utc(date) },
    seconds < 1 ? 'now' : `in ${duration(seconds)}`);
}
