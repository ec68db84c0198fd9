// An address that names nothing.

import { h } from '../dom/h.js';
import { link } from '../router.js';
import { empty } from '../ui/notices.js';
import { View } from './view.js';

export class UnknownView extends View {
  get title() {
    return 'Not found';
  }

  draw() {
    return [h('h1', null, 'Not found'),
      empty('There is no such page', 'The address may be mistyped or old.',
        h('a', { class: 'button', href: link('fleet') }, 'To the fleet'))];
  }
}
