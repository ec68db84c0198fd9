// Address prefixes as numbers, to find out which block of its pool a lease is.

/** Reads ADDR/LENGTH; null when it is no prefix. */
export function parsePrefix(text) {
  const [address, length, more] = text.trim().split('/');
  if (more !== undefined || !/^\d{1,3}$/.test(length ?? ''))
    return null;
  const value = address.includes(':') ? parseV6(address) : parseV4(address);
  const width = address.includes(':') ? 128 : 32;
  if (value === null || Number(length) > width)
    return null;
  return { value, length: Number(length), width };
}

function parseV4(text) {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every(p => /^\d{1,3}$/.test(p) && Number(p) < 256))
    return null;
  return parts.reduce((sum, p) => sum * 256n + BigInt(p), 0n);
}

function parseV6(text) {
  const halves = text.split('::');
  if (halves.length > 2)
    return null;
  const [left, right] = halves.map(half => half === '' ? [] : half.split(':'));
  const missing = 8 - left.length - (right?.length ?? 0);
  if (halves.length === 1 ? missing !== 0 : missing < 1)
    return null;
  const groups = [...left, ...Array(halves.length === 2 ? missing : 0).fill('0'), ...(right ?? [])];
  if (!groups.every(g => /^[0-9a-f]{1,4}$/i.test(g)))
    return null;
  return groups.reduce((sum, g) => (sum << 16n) + BigInt(`0x${g}`), 0n);
}

/** How many blocks of a length a pool of a prefix has; null when that makes no pool. */
export function blockCount(prefix, blockLength) {
  const bits = blockLength - prefix.length;
  return bits >= 0 && bits <= 20 && blockLength <= prefix.width ? 2 ** bits : null;
}

/** Which block of its pool a lease is, from 0; -1 when it is none of it. */
export function blockIndex(pool, lease) {
  const outer = parsePrefix(pool.prefix);
  const inner = parsePrefix(lease);
  if (!outer || !inner || inner.width !== outer.width)
    return -1;
  const index = Number((inner.value - outer.value) >> BigInt(outer.width - pool.blockLength));
  return index >= 0 && index < 2 ** (pool.blockLength - outer.length) ? index : -1;
}
