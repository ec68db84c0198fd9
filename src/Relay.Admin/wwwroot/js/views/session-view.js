// One session, whole.

import * as api from '../api/fleet-api.js';
import { openEndSession } from '../dialogs/session-dialogs.js';
import { h } from '../dom/h.js';
import { link } from '../router.js';
import { bytes, count, duration } from '../ui/format.js';
import { failed, loading, notice } from '../ui/notices.js';
import { sessionBadge } from '../ui/states.js';
import { when } from '../ui/time.js';
import { View } from './view.js';

export class SessionView extends View {
  #session = null;

  get title() {
    return 'Session';
  }

  start() {
    this.follow(() => this.failure?.status === 404 ? Infinity : 3000, async () => {
      this.#session = await api.getSession(this.address.id);
    });
  }

  draw() {
    const s = this.#session;
    const isOver = this.failure?.status === 404;
    const head = h('div', { class: 'head' },
      h('nav', { class: 'crumbs', 'aria-label': 'Path' }, h('a', { href: link('sessions') }, 'Sessions')),
      h('h1', null, 'Session', s && !isOver && sessionBadge(s.state)),
      h('div', { class: 'head-actions' }, s && !isOver && s.state !== 'ending' && h('button', { type: 'button',
        class: 'button danger', onClick: () => openEndSession(s, this.reload) }, 'Disconnect\u2026')));
    if (!s)
      return [head, this.failure ? failed(this.failure, this.reload) : loading('the session')];
    return [head,
      isOver && notice('info', h('b', null, 'It has ended. '), 'What is shown is what was known last.'),
      this.failure && !isOver && failed(this.failure, this.reload),
      h('section', { class: 'section', 'aria-label': 'About this session' }, h('dl', { class: 'facts' },
        fact('Identity', [h('span', { class: 'mono' }, s.identity), ' \u2013 ',
          h('a', { href: link('sessions', { identity: s.identity }) }, 'all of its sessions')]),
        fact('Node', h('a', { href: link('nodes', s.node) }, s.node)),
        s.httpVersion && fact('HTTP', s.httpVersion),
        fact('Started', [when(s.startedAt), ` (${duration((Date.now() - new Date(s.startedAt)) / 1000)})`]),
        fact('Tunnels', `${count(s.tunnelsOpen)} open, ${count(s.tunnelsTotal)} in all`),
        fact('Relayed', `${bytes(s.downstreamBytes)} to the client, ${bytes(s.upstreamBytes)} to targets`),
        fact('Egress addresses', s.egressAddresses.length === 0 ? 'none yet'
          : h('ul', { class: 'plain mono' }, s.egressAddresses.map((a, i) => h('li', { key: i }, a)))),
        fact('Id', h('span', { class: 'mono' }, s.id))))];
  }
}

const fact = (label, value) => h('div', { class: 'fact', key: label }, h('dt', null, label), h('dd', null, value));
