// What there is to read: the documents that are part of the program, and the description of the API.

import { h } from '../dom/h.js';
import { View } from './view.js';

const DOCUMENTS = [
  ['dashboard', 'This page'],
  ['operating', 'Operating a node: addresses, routes, what targets see'],
  ['lifecycle', 'Starting, draining, upgrading'],
  ['fleet', 'Fleets: coordinators, pools, limits, drains'],
  ['users', 'Users and their devices'],
  ['alerts', 'Alerts, and what to do for each'],
  ['metrics', 'Metrics'],
  ['relayctl', 'relayctl, the command line'],
  ['admin', 'The admin API'],
  ['reference', 'Options, routes and files'],
];

export class HelpView extends View {
  get title() {
    return 'Help';
  }

  draw() {
    return [
      h('div', { class: 'head' }, h('h1', null, 'Help')),
      h('section', { class: 'section', 'aria-labelledby': 'documents-title' },
        h('div', { class: 'section-head' }, h('h2', { id: 'documents-title' }, 'Documents'),
          h('span', { class: 'quiet' }, 'of this coordinator\u2019s version, as text')),
        h('ul', { class: 'links' }, DOCUMENTS.map(([name, label]) =>
          h('li', { key: name }, h('a', { href: `/docs/${name}.md` }, label))))),
      h('section', { class: 'section', 'aria-labelledby': 'api-title' },
        h('div', { class: 'section-head' }, h('h2', { id: 'api-title' }, 'API')),
        h('ul', { class: 'links' }, h('li', null, h('a', { href: '/openapi/v1.json' }, 'Its description (OpenAPI 3.1)')))),
    ];
  }
}
