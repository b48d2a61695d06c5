/**
 * Keep-alive HTTP/1.1 over plain sockets, for answers that give their length: a fraction of what Node's own client costs,
 * which matters where generator and service share two cores.
 */

import { connect } from "node:net";

const HEAD_END = "\r\n\r\n";
const STATUS_AT = "HTTP/1.1 ".length;
/** Read by one connection after the other; each takes what it needs before the next is served. */
const buffer = Buffer.alloc(64 * 1024);
/** @type {Record<string, RegExp>} */
const patterns = {};

/** An answer, of which a header is only looked for when it is asked for. */
export class Answer {
  /**
   * @param {string} head from the status line to the end of the last header
   * @param {string} body
   */
  constructor(head, body) {
    this.head = head;
    this.body = body;
    /** 0 if the connection was lost */
    this.status = Number(head.slice(STATUS_AT, STATUS_AT + 3));
  }

  /**
   * @param {string} name
   * @returns {string | undefined}
   */
  header(name) {
    return valueOf(this.head, name);
  }
}

/**
 * @param {string} head
 * @param {string} name
 * @returns {string | undefined}
 */
function valueOf(head, name) {
  patterns[name] ??= new RegExp(`\\r\\n${name}:[ \\t]*([^\\r]*)`, "i");
  return patterns[name].exec(head)?.[1].trim();
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
    const onread = { buffer, callback: (bytes) => this.#receive(buffer.latin1Slice(0, bytes)) };
    this.socket = connect({ host: hostname, port: Number(port), noDelay: true, onread });
    this.socket.on("error", () => {});
    this.socket.on("close", () => {
      onClosed(this);
      this.#answer(new Answer("", ""));
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

  /**
   * @param {string} text
   * @returns {boolean} true: to read on
   */
  #receive(text) {
    this.text += text;
    const end = this.text.indexOf(HEAD_END);
    if (end < 0) {
      return true;
    }
    const head = this.text.slice(0, end);
    const start = end + HEAD_END.length;
    const length = Number(valueOf(head, "content-length"));
    if (Number.isNaN(length)) {
      this.socket.destroy(new Error("an answer without a length"));
    } else if (this.text.length >= start + length) {
      const body = this.text.slice(start, start + length);
      this.text = "";
      this.onIdle(this);
      this.#answer(new Answer(head, body));
    }
    return true;
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
