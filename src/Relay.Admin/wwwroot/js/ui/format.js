// Numbers with their units, as a person reads them.

const counts = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });

/** A whole number with its digits in groups. */
export const count = n => counts.format(n ?? 0);

/** `1 tunnel`, `1,204 tunnels`. */
export const plural = (n, one, many = `${one}s`) => `${count(n)}\u00a0${n === 1 ? one : many}`;

/** Three digits that matter. */
function digits(x) {
  return x >= 100 || Number.isInteger(x) ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x.toFixed(2);
}

/** A number with the decimal prefix that leaves three digits before the point. */
function scaled(n, units) {
  let x = Math.max(0, n ?? 0);
  let i = 0;
  while (x >= 999.5 && i < units.length - 1) {
    x /= 1000;
    i++;
  }
  return `${i === 0 ? Math.round(x) : digits(x)}\u00a0${units[i]}`;
}

/** A number of bytes in decimal units, as networks count them. */
export const bytes = n => scaled(n, ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB']);

/** Bytes a second. */
export const byteRate = n => `${bytes(n)}/s`;

/** Bytes a second as bits a second, in which links are sold and measured. */
export const bitRate = n => scaled(8 * (n ?? 0), ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s', 'Pbit/s']);

/** Bytes a second in both units. */
export const bothRates = n => `${bitRate(n)} (${byteRate(n)})`;

/** A version with as much of its build as tells two apart; the whole belongs in a title. */
export const shortVersion = text => text.replace(/^([^+]+\+[0-9a-f]{7})[0-9a-f]+$/, '$1');

/** So many of something a second. */
export function rate(n, things) {
  const x = n ?? 0;
  return `${x >= 1000 ? compact(x) : x >= 10 || x === 0 ? Math.round(x) : x.toFixed(1)} ${things}/s`;
}

/** A count in few characters: 1.2 k, 34 M. */
export function compact(n) {
  const units = ['', 'k', 'M', 'G', 'T'];
  let x = Math.max(0, n ?? 0);
  let i = 0;
  while (x >= 999.5 && i < units.length - 1) {
    x /= 1000;
    i++;
  }
  return i === 0 ? String(Math.round(x * 10) / 10) : `${digits(x)}\u00a0${units[i]}`;
}

/** A part of one as a percentage. */
export const percent = part => `${Math.round((part ?? 0) * 100)}\u00a0%`;

/** A short duration, given in seconds: a round trip. */
export function latency(seconds) {
  if (!seconds)
    return '\u2013';
  if (seconds < 0.001)
    return `${Math.round(seconds * 1e6)}\u00a0\u00b5s`;
  return seconds < 1 ? `${digits(seconds * 1000)}\u00a0ms` : `${digits(seconds)}\u00a0s`;
}

/** A longer duration, given in seconds, in its two largest units. */
export function duration(seconds) {
  const s = Math.max(0, Math.round(seconds));
  const parts = [[Math.floor(s / 86400), 'd'], [Math.floor(s / 3600) % 24, 'h'], [Math.floor(s / 60) % 60, 'min'],
    [s % 60, 's']];
  const first = parts.findIndex(([n]) => n > 0);
  if (first < 0)
    return '0\u00a0s';
  return parts.slice(first, first + 2).filter(([n]) => n > 0).map(([n, unit]) => `${n}\u00a0${unit}`).join(' ');
}

/** A long name shortened in its middle; the whole belongs in a title. */
export function shorten(text, length = 28) {
  if (text.length <= length)
    return text;
  const tail = Math.floor(length / 3);
  return `${text.slice(0, length - tail - 1)}\u2026${text.slice(-tail)}`;
}
