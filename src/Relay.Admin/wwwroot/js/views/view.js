// What all views have in common: they draw from the model and their own state, at most once a frame.

import { render } from '../dom/render.js';
import { ApiError } from '../api/client.js';
import { Readings } from '../api/readings.js';

/** A view. Lives from when its address is opened until another is. */
export class View {
  /** Why the last own reading failed. */
  failure = null;
  #cleanups = [];
  #frame = 0;
  #place;

  /** @param {FleetModel} model @param {{area: string, id: string|null, query: object}} address */
  constructor(model, address) {
    this.model = model;
    this.address = address;
  }

  /** What the page is called. */
  get title() {
    return '';
  }

  /** Begins: reads what the view needs beyond the model. */
  start() {}

  /** What there is to see, as descriptions. */
  draw() {
    return [];
  }

  /** Puts the view into the page. */
  open(place) {
    this.#place = place;
    this.listen(this.model, 'change', () => this.redraw());
    this.start();
    render(place, this.draw());
  }

  /** Takes it out again. */
  close() {
    cancelAnimationFrame(this.#frame);
    this.#place = null;
    this.#cleanups.forEach(cleanup => cleanup());
  }

  /** Draws with the next frame. */
  redraw() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#place && render(this.#place, this.draw()));
  }

  /** Listens for as long as the view is open. */
  listen(target, type, handler) {
    target.addEventListener(type, handler);
    this.#cleanups.push(() => target.removeEventListener(type, handler));
  }

  /**
   * Reads something now, again whenever `reload` is called, and unasked after an interval; see Readings.
   * @param {number|function(): number} interval in milliseconds
   * @param {function(): Promise<void>} reading
   */
  follow(interval, reading) {
    const readings = new Readings(() => this.read(reading), interval);
    this.reload = () => readings.want();
    this.#cleanups.push(() => readings.stop());
    readings.start();
    this.reload();
  }

  /** Reads something, keeps why it failed, and draws. */
  async read(reading) {
    try {
      await reading();
      this.failure = null;
    } catch (error) {
      if (!(error instanceof ApiError))
        throw error;
      this.failure = error;
    }
    this.redraw();
  }
}
