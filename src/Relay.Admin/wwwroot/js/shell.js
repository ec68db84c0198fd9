// What surrounds every view: where one can go, whether the page is live, and what must never be overlooked.

import { clearToken, getToken } from './api/token.js';
import { h } from './dom/h.js';
import { render } from './dom/render.js';
import { link } from './router.js';
import { failed, notice } from './ui/notices.js';
import { glyph } from './ui/glyph.js';
import { nextTheme, theme } from './ui/theme.js';

const AREAS = [
  ['fleet', 'Fleet'], ['drains', 'Drains'], ['sessions', 'Sessions'], ['users', 'Users'], ['prefixes', 'Prefixes'],
  ['limits', 'Limits'], ['events', 'Events'],
];

const CONNECTION = {
  live: ['good', 'Live'],
  connecting: ['warn', 'Connecting\u2026'],
  waiting: ['bad', 'Not live: reconnecting'],
  refused: ['bad', 'Not signed in'],
};

/** Draws the navigation. */
export function drawSide(model, area) {
  const running = model.overview?.drainsRunning ?? 0;
  const [tone, word] = CONNECTION[model.connection];
  render(document.getElementById('side'),
    h('a', { class: 'brand', href: link('fleet') }, h('img', { src: '/icon.svg', alt: '', width: 26, height: 26 }),
      h('span', null, h('b', null, 'RelayFleet'), h('span', { class: 'cluster' }, model.overview?.clusterId || '\u00a0'))),
    h('nav', { 'aria-label': 'Main' }, h('ul', null, AREAS.map(([name, label]) => h('li', { key: name },
      h('a', { href: link(name), 'aria-current': isCurrent(name, area) ? 'page' : null }, glyph(name), h('span', null, label),
        name === 'drains' && running > 0 && h('span', { class: 'count', 'aria-label': `${running} running` }, running)))))),
    h('div', { class: 'side-foot' },
      h('span', { class: `connection tone-${tone}`, role: 'status' }, h('span', { class: 'pulse', 'aria-hidden': 'true' }), word),
      h('a', { class: 'button quiet', href: link('help'), 'aria-current': area === 'help' ? 'page' : null }, glyph('info'), 'Help'),
      h('button', { type: 'button', class: 'button quiet', title: 'Light, dark, or as the system says',
        onClick: () => {
          nextTheme();
          drawSide(model, area);
        } }, glyph('theme'), `Theme: ${theme()}`),
      getToken() && h('button', { type: 'button', class: 'button quiet', onClick: () => {
        clearToken();
        location.reload();
      } }, glyph('key'), 'Sign out')));
}

const isCurrent = (name, area) => name === area || (name === 'fleet' && area === 'nodes');

/** Draws what holds on every page: no answers, no high availability, an open relay. */
export function drawBanners(model) {
  const warnings = model.overview?.warnings ?? [];
  const open = warnings.filter(w => w.kind === 'open-relay');
  render(document.getElementById('banners'),
    model.failure && model.failure.status !== 401 && failed(model.failure, () => model.reload()),
    open.length > 0 && notice('bad', h('b', null, 'Open relay. '),
      'Anybody who reaches it can send traffic through ',
      open.map((w, i) => [i > 0 && ', ', w.node ? h('a', { key: w.node, href: link('nodes', w.node) }, w.node) : w.text]),
      '. Give clients certificates or credentials, or listen on loopback only.'),
    warnings.some(w => w.kind === 'no-persistence') && notice('info', h('b', null, 'Local coordination. '),
      'One process coordinates this fleet, in memory: there is no high availability, and a restart of it forgets '
      + 'pools, limits and drains.'));
}
