/**
 * Keep-alive HTTP/1.1 over plain sockets, for answers that give their length: a third of what Node's own client costs,
 * which matters where generator and service share two cores.
 */

import { connect } from "node:net";

const HEAD_END = "\r\n\r\n";

/**
 * @typedef {object} Answer
 * @property {number} status 0 if the connection was lost
 * @property {Record<string, string>} headers by lower-case name
 * @property {string} body
 */

/**
 * @param {string} head
 * @returns {{status: number, headers: Record<string, string>}}
 */
function parseHead(head) {
  const [first, ...lines] = head.split("\r\n");
  const headers = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { status: Number(first.split(" ")[1]), headers };
}

/** One connection, one request at a time. */
class Connection {
  /**
   * @param {{hostname: string, port: string}} address
   * @param {(connection: Connection) => void} onIdle
   * @param {(connection: Connection) => void} onClosed
   */
  constructor({ hostname, port }, onIdle, onClosed) {
    this.onIdle = onIdle;
    this.onAnswer = null;
    this.text = "";
    this.socket = connect({ host: hostname, port: Number(port), noDelay: true });
    this.socket.setEncoding("latin1");
    this.socket.on("data", (text) => this.#receive(text));
    this.socket.on("error", () => {});
    this.socket.on("close", () => {
      onClosed(this);
      this.#answer({ status: 0, headers: {}, body: "" });
    });
  }

  /**
   * @param {Uint8Array | string} request as it goes over the wire
   * @param {(answer: Answer) => void} onAnswer
   */
  send(request, onAnswer) {
    this.onAnswer = onAnswer;
    this.socket.write(request);
  }

  /** @param {string} text */
  #receive(text) {
    this.text += text;
    const end = this.text.indexOf(HEAD_END);
    if (end < 0) {
      return;
    }
    const head = parseHead(this.text.slice(0, end));
    const start = end + HEAD_END.length;
    const length = Number(head.headers["content-length"]);
    if (Number.isNaN(length)) {
      this.socket.destroy(new Error("an answer without a length"));
    } else if (this.text.length >= start + length) {
      const body = this.text.slice(start, start + length);
      this.text = "";
      this.onIdle(this);
      this.#answer({ ...head, body });
    }
  }

  /** @param {Answer} answer */
  #answer(answer) {
    const tell = this.onAnswer;
    this.onAnswer = null;
    tell?.(answer);
  }
}

/** As many connections as are needed at once; the last one that became idle is used first. */
export class Pool {
  /** @param {URL} url */
  constructor(url) {
    this.address = { hostname: url.hostname, port: url.port || "80" };
    this.idle = [];
    this.opened = 0;
  }

  /**
   * @param {Uint8Array | string} request
   * @param {(answer: Answer) => void} onAnswer
   */
  send(request, onAnswer) {
    (this.idle.pop() ?? this.#open()).send(request, onAnswer);
  }

  /** Close what is idle. */
  close() {
    for (const connection of this.idle) {
      connection.socket.destroy();
    }
  }

  #open() {
    this.opened += 1;
    return new Connection(
      this.address,
      (connection) => this.idle.push(connection),
      (connection) => {
        this.idle = this.idle.filter((other) => other !== connection);
      },
    );
  }
}
