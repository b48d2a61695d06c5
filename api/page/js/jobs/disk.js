/** Jobs, files and results in IndexedDB, which all tabs of the service share. */

const STORES = ["jobs", "files", "results"];
const PATIENCE_MS = 10_000;

/** A database that is open. Every method is one transaction. */
export class Disk {
  constructor(database) {
    this.database = database;
  }

  /** Return all jobs. */
  all() {
    return this.#run(["jobs"], "readonly", ({ jobs }) => jobs.getAll());
  }

  /** Return a value, or undefined. */
  get(store, key) {
    return this.#run([store], "readonly", (stores) => stores[store].get(key));
  }

  /** Store values: of each the name of its store, its key, and the value itself. */
  put(...entries) {
    return this.#run(entries.map(([store]) => store), "readwrite", (stores) => {
      entries.forEach(([store, key, value]) => stores[store].put(value, ...(store === "jobs" ? [] : [key])));
    });
  }

  /** Change a job as it is stored; return it, or undefined if there is none. */
  async update(id, change) {
    let job;
    await this.#run(["jobs"], "readwrite", ({ jobs }) => {
      const request = jobs.get(id);
      request.onsuccess = () => {
        job = request.result;
        if (job) {
          change(job);
          jobs.put(job);
        }
      };
    });
    return job;
  }

  /** Remove a job with its file and results. */
  remove(id) {
    return this.#run(STORES, "readwrite", ({ jobs, files, results }) => {
      jobs.delete(id);
      files.delete(id);
      results.delete(IDBKeyRange.bound([id], [id, []]));
    });
  }

  /** Run one transaction; its value is that of the request that `work` returns. */
  #run(names, mode, work) {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction(names, mode);
      const request = work(Object.fromEntries(names.map((name) => [name, transaction.objectStore(name)])));
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error || new DOMException("The transaction was aborted", "AbortError"));
    });
  }
}

/**
 * Open a database; rejected where the browser has no IndexedDB, forbids it, or does not answer.
 *
 * @param {() => void} onLost called when the browser has closed it, because its data was cleared for instance
 */
export function openDisk(name, onLost) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("jobs", { keyPath: "id" });
      request.result.createObjectStore("files");
      request.result.createObjectStore("results");
    };
    request.onsuccess = () => {
      const database = request.result;
      database.onclose = onLost;
      database.onversionchange = () => {
        database.close();
        onLost();
      };
      resolve(new Disk(database));
    };
    request.onerror = () => reject(request.error);
    setTimeout(() => reject(new Error(`IndexedDB did not answer within ${PATIENCE_MS / 1000} s`)), PATIENCE_MS);
  });
}
