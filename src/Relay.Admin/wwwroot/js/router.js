// Which view an address names. Addresses are fragments: every page is one file, wherever it is served from.

/** Makes an address: `link('nodes', 'a/b')`, `link('sessions', {node: 'x'})`. */
export function link(...parts) {
  const query = typeof parts.at(-1) === 'object' ? parts.pop() : {};
  const given = Object.entries(query).filter(([, value]) => value);
  const search = new URLSearchParams(given).toString();
  return `#/${parts.map(encodeURIComponent).join('/')}${search ? `?${search}` : ''}`;
}

/** Reads an address. */
export function parse(hash) {
  const [path, search = ''] = hash.replace(/^#\/?/, '').split('?');
  const parts = path.split('/').filter(Boolean).map(decode);
  return { area: parts[0] ?? 'fleet', id: parts[1] ?? null, query: Object.fromEntries(new URLSearchParams(search)) };
}

/** Goes to an address. */
export const go = (...parts) => {
  location.hash = link(...parts);
};

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
