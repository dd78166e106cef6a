// The server's time on a PC whose own clock may be wrong by hours.

/** Counts on from a moment that the server told. Never behind that moment, so that no step is dated before
 *  what its page already showed. */
export class Clock {
  #told;
  #wall;
  #steady;

  constructor(told) {
    this.set(told);
  }

  /** The server just told its time (ISO 8601, or as in a Date header). */
  set(told) {
    this.#told = new Date(told).getTime();
    this.#wall = Date.now();
    this.#steady = performance.now();
  }

  /** Milliseconds since 1970. The steady clock stops while a PC sleeps, and the wall clock may be put back:
   *  the one that saw more time pass is right. */
  now() {
    const passed = Math.max(performance.now() - this.#steady, Date.now() - this.#wall);
    return this.#told + Math.round(passed);
  }
}
