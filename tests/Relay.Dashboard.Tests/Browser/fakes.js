// A clock, a coordinator and an onlooker of the test's, for modules that are tried without any.

const turn = window.setTimeout.bind(window);

class Clock {
  #now = 1_000_000;
  #number = 0;
  #timers = new Map();

  constructor() {
    window.setTimeout = (action, wait = 0) => {
      this.#timers.set(++this.#number, { at: this.#now + wait, action });
      return this.#number;
    };
    window.setInterval = (action, wait) => {
      const number = ++this.#number;
      const arm = () => this.#timers.set(number, { at: this.#now + wait, action: () => {
        arm();
        action();
      } });
      arm();
      return number;
    };
    window.clearTimeout = window.clearInterval = number => this.#timers.delete(number);
    performance.now = () => this.#now;
    Date.now = () => this.#now;
  }

  /** Lets what is under way come as far as it can at this time. */
  async settle() {
    await new Promise(done => turn(done));
  }

  /** Lets what is to be drawn be drawn. */
  async draw() {
    await this.settle();
    await new Promise(done => requestAnimationFrame(() => turn(done)));
  }

  /** Lets so many milliseconds pass. */
  async pass(milliseconds) {
    const end = this.#now + milliseconds;
    for (;;) {
      await this.settle();
      const [number, timer] = [...this.#timers].sort(([, a], [, b]) => a.at - b.at)[0] ?? [];
      if (!timer || timer.at > end)
        break;
      this.#timers.delete(number);
      this.#now = Math.max(this.#now, timer.at);
      timer.action();
    }
    this.#now = end;
    await this.settle();
  }
}

/** What is asked for waits for an answer of the test's, but where one is given for all requests of a path, without its query. */
class Server {
  /** How many requests there were, by path. */
  counts = {};
  /** Answers by path, or functions that give one to the whole address. */
  answers = {};
  #waiting = [];

  constructor() {
    window.fetch = (target, { signal, headers }) => new Promise((done, fail) => {
      const path = target.split('?')[0];
      this.counts[path] = (this.counts[path] ?? 0) + 1;
      const answer = this.answers[path];
      if (answer) {
        done(response(typeof answer === 'function' ? answer(target) : answer));
        return;
      }
      const request = { path, signal, headers, done };
      signal.addEventListener('abort', () => {
        this.#waiting = this.#waiting.filter(r => r !== request);
        fail(signal.reason);
      });
      this.#waiting.push(request);
    });
  }

  /** How many wait for an answer of a path. */
  waiting(path) {
    return this.#waiting.filter(r => r.path === path).length;
  }

  /** Answers whoever has waited longest for a path; false where nobody does. */
  async answer(path, data, status = 200) {
    const request = this.#take(path);
    request?.done(response(data, status));
    await clock.settle();
    return Boolean(request);
  }

  /** Answers GET /v1/events, and gives what tells events on. */
  async connect() {
    const { done, signal, headers } = this.#take('/v1/events');
    const chunks = [];
    let wake = null;
    let isLost = false;
    const next = () => {
      if (!wake || (chunks.length === 0 && !isLost && !signal.aborted))
        return;
      const [taken, failed] = wake;
      wake = null;
      if (signal.aborted)
        failed(signal.reason);
      else
        taken(chunks.length > 0 ? { done: false, value: chunks.shift() } : { done: true });
    };
    signal.addEventListener('abort', next);
    const read = () => new Promise((taken, failed) => {
      wake = [taken, failed];
      next();
    });
    done({ ok: true, status: 200, body: { getReader: () => ({ read }) } });
    await clock.settle();
    const send = async text => {
      chunks.push(new TextEncoder().encode(text));
      next();
      await clock.settle();
    };
    return {
      from: headers['Last-Event-ID'] ?? null,
      send,
      tell: event => send(`id: ${event.id ?? ''}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`),
      lose: async () => {
        isLost = true;
        next();
        await clock.settle();
      },
    };
  }

  #take(path) {
    const request = this.#waiting.find(r => r.path === path);
    this.#waiting = this.#waiting.filter(r => r !== request);
    return request;
  }
}

function response(data, status = 200) {
  return { ok: status < 300, status, headers: new Headers(), json: async () => data, text: async () => JSON.stringify(data) };
}

class Sight {
  #isHidden = false;

  constructor() {
    Object.defineProperty(document, 'hidden', { get: () => this.#isHidden });
  }

  /** The page is looked at, or is not any more. */
  async set(isSeen) {
    this.#isHidden = !isSeen;
    document.dispatchEvent(new Event('visibilitychange'));
    await clock.settle();
  }
}

export const clock = new Clock();
export const server = new Server();
export const sight = new Sight();
