/** Jobs, files and results in memory, where the browser has no IndexedDB: they last as long as the page is open. */

const copy = (job) => job && JSON.parse(JSON.stringify(job)); // as IndexedDB does: a caller's object stays its own

/** The same methods as `Disk` has. */
export class Memory {
  constructor() {
    this.jobs = new Map();
    this.files = new Map();
    this.results = new Map();
  }

  async all() {
    return [...this.jobs.values()].map(copy);
  }

  async get(store, key) {
    const value = this[store].get(String(key));
    return store === "jobs" ? copy(value) : value;
  }

  async put(...entries) {
    for (const [store, key, value] of entries) {
      this[store].set(String(key), store === "jobs" ? copy(value) : value);
    }
  }

  async update(id, change) {
    const job = this.jobs.get(id);
    if (job) {
      change(job);
    }
    return copy(job);
  }

  async remove(id) {
    this.jobs.delete(id);
    this.files.delete(id);
    for (const key of this.results.keys()) {
      if (key.startsWith(`${id},`)) {
        this.results.delete(key);
      }
    }
  }
}
