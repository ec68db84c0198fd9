// The drains that the page knows. Events, lists and answers tell of them, and overtake one another.

/** Drains by their id. */
export class Drains {
  #byId = new Map();

  /** A drain; null where none is known by that id. */
  get(id) {
    return this.#byId.get(id) ?? null;
  }

  /** Drains, newest first. */
  get list() {
    return [...this.#byId.values()].sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  }

  /** Those that run. */
  get running() {
    return this.list.filter(isRunning);
  }

  /** Takes what was told of a drain. That it has ended is the last word: what says otherwise is older. */
  put(drain) {
    const known = this.get(drain.id);
    if (!known || isRunning(known) || !isRunning(drain))
      this.#byId.set(drain.id, drain);
  }

  /**
   * Takes the newest drains as a request lists them. One that should be among them and is not has been forgotten, unless it was
   * told of since the request began.
   * @param {function(): Promise<{items: object[], next: string|undefined}>} list
   */
  async read(list) {
    const before = this.list;
    const { items, next } = await list();
    const listed = new Set(items.map(d => d.id));
    for (const drain of before) {
      const isCovered = !next || drain.createdAt > items.at(-1).createdAt;
      if (isCovered && !listed.has(drain.id) && this.get(drain.id) === drain)
        this.#byId.delete(drain.id);
    }
    items.forEach(d => this.put(d));
  }
}

const isRunning = drain => drain.state === 'running';
