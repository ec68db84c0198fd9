// Makes the children of an element what descriptions (h.js) say, and keeps every element that can be kept.
// Text is only ever set as text; there is no way from data to markup.

import { normalize, printable } from './h.js';

const SVG = 'http://www.w3.org/2000/svg';
const DESCRIPTION = Symbol('description');

/** Draws into an element that nothing else draws into. */
export function render(parent, ...children) {
  patchChildren(parent, normalize(children), parent.namespaceURI === SVG);
}

function patchChildren(parent, next, isSvg) {
  const kept = match([...parent.childNodes], next);
  const stays = new Set(kept);
  for (const node of [...parent.childNodes]) {
    if (!stays.has(node))
      node.remove();
  }
  // Who is moved loses the focus: whoever has it stays, and those before it that belong behind it go there.
  let focused = parent.contains(document.activeElement) ? kept.find(node => node?.contains(document.activeElement)) : undefined;
  let cursor = parent.firstChild;
  next.forEach((description, i) => {
    const node = kept[i] ?? create(description, isSvg);
    if (kept[i])
      patch(node, description, isSvg);
    if (node === focused) {
      while (cursor !== focused) {
        const passed = cursor;
        cursor = cursor.nextSibling;
        parent.append(passed);
      }
      focused = undefined;
    }
    if (node === cursor)
      cursor = cursor.nextSibling;
    else
      parent.insertBefore(node, cursor);
  });
}

/** For each description the node that it can keep: of the same key and kind, in order where there is no key. */
function match(nodes, next) {
  const keyed = new Map();
  const plain = [];
  for (const node of nodes) {
    const key = node[DESCRIPTION]?.key;
    if (key === undefined)
      plain.push(node);
    else
      keyed.set(key, node);
  }
  let position = 0;
  return next.map(description => {
    if (description.key !== undefined) {
      const node = keyed.get(description.key);
      return node && isSameKind(node, description) ? node : undefined;
    }
    for (let i = position; i < plain.length; i++) {
      if (isSameKind(plain[i], description)) {
        position = i + 1;
        return plain[i];
      }
    }
    return undefined;
  });
}

const isSameKind = (node, description) => node[DESCRIPTION]?.tag === description.tag;

function create(description, isSvg) {
  if (description.tag === undefined) {
    const node = document.createTextNode(description.text);
    node[DESCRIPTION] = description;
    return node;
  }
  const inSvg = isSvg || description.tag === 'svg';
  const element = inSvg
    ? document.createElementNS(SVG, description.tag)
    : document.createElement(description.tag);
  element[DESCRIPTION] = { tag: description.tag, key: description.key, props: {} };
  patch(element, description, isSvg);
  return element;
}

function patch(node, description, isSvg) {
  if (description.tag === undefined) {
    if (node.data !== description.text)
      node.data = description.text;
  } else {
    // Children first: a select takes its value only when its options are there.
    if (!description.tag.includes('-'))
      patchChildren(node, description.children, isSvg || description.tag === 'svg');
    patchProps(node, node[DESCRIPTION].props, description.props);
  }
  node[DESCRIPTION] = description;
}

function patchProps(element, old, next) {
  for (const name of Object.keys(old)) {
    if (!(name in next))
      setProp(element, name, undefined, old[name]);
  }
  for (const [name, value] of Object.entries(next)) {
    if (old[name] !== value)
      setProp(element, name, value, old[name]);
  }
}

function setProp(element, name, value, old) {
  if (name === 'key')
    return;
  if (name === 'ref') {
    value?.(element);
  } else if (name.startsWith('on')) {
    element[name.toLowerCase()] = value ?? null;
  } else if (name.startsWith('prop:')) {
    element[name.slice(5)] = value;
  } else if (name === 'value' || name === 'checked') {
    element[name] = value ?? (name === 'checked' ? false : '');
  } else if (name === 'style') {
    for (const key of new Set([...Object.keys(old ?? {}), ...Object.keys(value ?? {})]))
      element.style.setProperty(key, value?.[key] ?? '');
  } else if (value === undefined || value === null || value === false) {
    element.removeAttribute(name);
  } else {
    // Titles and labels are texts as well.
    element.setAttribute(name, value === true ? '' : printable(String(value)));
  }
}
