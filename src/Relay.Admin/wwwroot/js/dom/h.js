// What an element shall be. A plain description, which render.js turns into the document with the fewest changes, so that
// focus, selection and scrolling survive a page that is drawn anew each second.

/**
 * Describes an element.
 * @param {string} tag the element's name; with a hyphen, a custom element, whose inside is its own
 * @param {object|null} props attributes; `onX` handlers; `style` an object; `prop:x` a property; `key` for lists
 * @param {...any} children descriptions, texts, arrays of them; null and false are nothing
 */
export function h(tag, props, ...children) {
  return { tag, props: props ?? {}, key: props?.key, children: normalize(children) };
}

/** Flattens children, drops what is nothing, and makes texts of the rest. */
export function normalize(children) {
  const list = [];
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === '')
      continue;
    list.push(typeof child === 'object' ? child : { text: printable(String(child)) });
  }
  return list;
}

// Control characters, and those that turn the direction of writing: what a node or a client calls itself may hold
// them, and could then look like something else.
// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** A text as it may be shown. */
export function printable(text) {
  return text.replace(UNPRINTABLE, '\ufffd');
}
