// When something is read: one reading at a time, at most one to follow it, a rest between them, and none while nobody looks.

const REST = 1000;

/** The readings of one thing, which may be wanted however often. */
export class Readings {
  #read;
  #interval;
  /** How long after the last one who wants the next would have it; null where nobody does. */
  #rest = null;
  #isStarted = false;
  #isReading = false;
  #endedAt = -Infinity;
  #polledAt;
  #timer = null;

  /**
   * @param {function(): Promise<void>} read reads, and does not fail
   * @param {number|function(): number} interval after how many milliseconds it is read again unasked
   */
  constructor(read, interval = Infinity) {
    this.#read = read;
    this.#interval = typeof interval === 'function' ? interval : () => interval;
  }

  /** Reads from now on: when it is wanted, and unasked after the interval. */
  start() {
    this.#isStarted = true;
    this.#polledAt = performance.now();
    document.addEventListener('visibilitychange', this.#go);
    this.#go();
  }

  /** Reads no more. */
  stop() {
    this.#isStarted = false;
    this.#rest = null;
    clearTimeout(this.#timer);
    document.removeEventListener('visibilitychange', this.#go);
  }

  /**
   * Wants a reading that begins from now on: one that is on its way may be older than what it is wanted for.
   * @param {number} rest how many milliseconds after the last one, at the earliest; a second at least
   */
  want(rest = REST) {
    this.#rest = Math.min(this.#rest ?? Infinity, Math.max(REST, rest));
    this.#go();
  }

  #go = () => {
    clearTimeout(this.#timer);
    if (!this.#isStarted || this.#isReading || document.hidden)
      return;
    const due = Math.min(this.#polledAt + this.#interval(), this.#rest === null ? Infinity : this.#endedAt + this.#rest);
    const wait = due - performance.now();
    if (wait <= 0)
      this.#begin();
    else if (wait < Infinity)
      this.#timer = setTimeout(this.#go, wait);
  };

  async #begin() {
    this.#rest = null;
    this.#isReading = true;
    try {
      await this.#read();
    } finally {
      this.#isReading = false;
      this.#endedAt = this.#polledAt = performance.now();
      this.#go();
    }
  }
}
