// What every page must be besides what axe-core looks for: returns what is wrong, one sentence each. Run in the page by the tests.
() => {
  const faults = [];
  const fault = (element, text) => faults.push(`${describe(element)}: ${text}`);

  const describe = e => {
    const id = e.id ? `#${e.id}` : '';
    const name = typeof e.className === 'string' && e.className ? `.${e.className.trim().replace(/\s+/g, '.')}` : '';
    return `<${e.tagName.toLowerCase()}${id}${name}> "${(e.textContent || '').trim().slice(0, 40)}"`;
  };
  const isShown = e => e.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    && e.getBoundingClientRect().width > 1 && !e.closest('.hidden');
  const modal = document.querySelector('dialog[open]');
  const scope = modal ?? document.body;
  const all = selector => [...scope.querySelectorAll(selector)].filter(isShown);

  // Names that axe does not ask for, and references that it leaves to be reviewed.
  const byId = id => document.getElementById(id);
  const nameOf = e => {
    const ids = e.getAttribute('aria-labelledby');
    if (ids)
      return ids.split(' ').map(id => byId(id)?.textContent ?? '').join(' ').trim();
    return (e.getAttribute('aria-label') || (e.labels && [...e.labels].map(l => l.textContent).join(' ')) || e.textContent
      || e.getAttribute('title') || '').trim();
  };
  for (const e of all('[tabindex], dialog, section')) {
    if (e.id !== 'main' && !nameOf(e))
      fault(e, 'has no name');
  }
  for (const e of scope.querySelectorAll('[aria-labelledby], [aria-describedby]')) {
    for (const id of `${e.getAttribute('aria-labelledby') ?? ''} ${e.getAttribute('aria-describedby') ?? ''}`.split(' '))
      if (id && !byId(id))
        fault(e, `refers to #${id}, which is not there`);
  }
  for (const e of scope.querySelectorAll('th'))
    if (!e.getAttribute('scope'))
      fault(e, 'is the head of nothing');

  // Structure.
  if (!modal) {
    for (const [selector, what] of [['nav[aria-label]', 'navigation'], ['header', 'header'], ['h1', 'heading'],
      ['[aria-live]', 'live region']])
      if (!document.querySelector(selector))
        faults.push(`the page has no ${what}`);
    if (document.querySelectorAll('h1').length > 1)
      faults.push('the page has several main headings');
  }
  let level = modal ? 1 : 0;
  for (const e of all('h1, h2, h3, h4')) {
    const own = Number(e.tagName[1]);
    if (own > level + 1)
      fault(e, `skips from heading ${level} to ${own}`);
    level = own;
  }

  // Contrast of texts, also in charts and over what axe cannot see through: WCAG 2.2, 1.4.3.
  const parse = text => {
    const m = /^rgba?\(([^)]+)\)$/.exec(text);
    if (m) {
      const p = m[1].split(/[ ,/]+/).filter(Boolean).map(Number);
      return [p[0], p[1], p[2], p[3] ?? 1];
    }
    const c = /^color\(srgb ([^)]+)\)$/.exec(text);
    const p = c ? c[1].split(/[ /]+/).filter(Boolean).map(Number) : [0, 0, 0, 0];
    return [p[0] * 255, p[1] * 255, p[2] * 255, p[3] ?? 1];
  };
  const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const groundOf = e => {
    const layers = [];
    for (let at = e; at; at = at.parentElement)
      layers.push(parse(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((ground, layer) => over(layer, ground), [255, 255, 255, 1]);
  };
  const luminance = c => {
    const [r, g, b] = c.slice(0, 3).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [x, y] = [luminance(a), luminance(b)].sort((m, n) => n - m);
    return (x + 0.05) / (y + 0.05);
  };
  const walker = document.createTreeWalker(scope, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const e = text.parentElement;
    if (!text.data.trim() || !e || !isShown(e) || e.closest('noscript, option'))
      continue;
    const style = getComputedStyle(e);
    const color = parse(e.namespaceURI.endsWith('svg') ? style.fill : style.color);
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const ground = groundOf(e);
    const ratio = contrast(over(color, ground), ground);
    if (ratio < needed)
      fault(e, `has a contrast of ${ratio.toFixed(2)} instead of ${needed}`);
  }

  // Nothing overlaps, and nothing is cut off without a sign of it.
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width)
    faults.push(`the page is ${document.documentElement.scrollWidth} px wide on a screen of ${width}`);
  for (const e of width < 600 ? all('.table-scroll') : [])
    if (e.scrollWidth > e.clientWidth + 1)
      fault(e, `is ${e.scrollWidth} px wide on a phone: what is beside the screen is not seen`);
  const scroller = e => e.parentElement?.closest('.table-scroll, nav, .dialog-body, .ticks');
  const controls = all('a[href], button, input, select').filter(e => !e.closest('.skip') && !e.matches('.skip')
    && getComputedStyle(e).position !== 'sticky' && !e.closest('.action'));
  for (let i = 0; i < controls.length; i++) {
    const a = controls[i].getBoundingClientRect();
    for (let j = i + 1; j < Math.min(controls.length, i + 40); j++) {
      if (scroller(controls[i]) !== scroller(controls[j]) || controls[i].contains(controls[j]))
        continue;
      const b = controls[j].getBoundingClientRect();
      if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1)
        fault(controls[i], `lies over ${describe(controls[j])}`);
    }
  }
  for (const e of all('*')) {
    const style = getComputedStyle(e);
    if (style.overflowX === 'hidden' && style.textOverflow !== 'ellipsis' && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1
      && [...e.childNodes].some(n => n.nodeType === Node.TEXT_NODE && n.data.trim()))
      fault(e, 'is cut off');
  }

  // Nothing is empty without a word.
  for (const e of all('main section, main article, main tbody, main dd, main figure')) {
    if (!e.textContent.trim() && !e.querySelector('svg, [role=img]'))
      fault(e, 'is empty');
  }
  return faults;
}
