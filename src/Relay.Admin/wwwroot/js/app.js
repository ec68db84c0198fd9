// Begins the dashboard: the model, the shell around the views, and which view is open.

import { onUnauthorized } from './api/client.js';
import { printable } from './dom/h.js';
import { FleetModel } from './model/fleet-model.js';
import { parse } from './router.js';
import { drawBanners, drawSide } from './shell.js';
import { askForToken } from './dialogs/token-dialog.js';
import { DrainView } from './views/drain-view.js';
import { DrainsView } from './views/drains-view.js';
import { EventsView } from './views/events-view.js';
import { FleetView } from './views/fleet-view.js';
import { HelpView } from './views/help-view.js';
import { LimitsView } from './views/limits-view.js';
import { NodeView } from './views/node-view.js';
import { PoolView } from './views/pool-view.js';
import { PoolsView } from './views/pools-view.js';
import { SessionView } from './views/session-view.js';
import { SessionsView } from './views/sessions-view.js';
import { UnknownView } from './views/unknown-view.js';
import { UserView } from './views/user-view.js';
import { UsersView } from './views/users-view.js';

const areas = {
  // Addresses are anybody's: none is to find what every object has.
  __proto__: null,
  fleet: [FleetView, UnknownView],
  nodes: [FleetView, NodeView],
  drains: [DrainsView, DrainView],
  sessions: [SessionsView, SessionView],
  prefixes: [PoolsView, PoolView],
  users: [UsersView, UserView],
  limits: [LimitsView, UnknownView],
  events: [EventsView, UnknownView],
  help: [HelpView, UnknownView],
};

const model = new FleetModel();
const main = document.getElementById('main');
let view = null;

function open() {
  const address = parse(location.hash);
  const [list, one] = areas[address.area] ?? [UnknownView, UnknownView];
  view?.close();
  main.replaceChildren();
  view = new (address.id === null ? list : one)(model, address);
  view.open(main);
  document.title = printable(`${view.title} \u2013 RelayFleet`);
  frame();
}

function frame() {
  drawSide(model, parse(location.hash).area);
  drawBanners(model);
  // What is shown is what was known when the coordinator still answered.
  main.classList.toggle('stale', model.isStale);
}

onUnauthorized.handler = () => {
  model.stop();
  askForToken(() => {
    model.start();
    open();
  });
};

model.addEventListener('change', frame);
addEventListener('hashchange', () => {
  if (location.hash === '#main') {
    main.focus();
    return;
  }
  open();
  // Who follows a link with the keyboard or a screen reader goes on where the new page begins.
  main.focus({ preventScroll: true });
  scrollTo(0, 0);
});
model.start();
open();
