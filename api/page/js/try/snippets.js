/** The same request, for a shell and for Python. */

import { apiUrl, facts } from "../facts.js";

/** Write a request as a command for a shell. */
export function asCurl(texts) {
  const key = facts.keys ? ` \\\n  -H "Authorization: Bearer $SENTIMENT_KEY"` : "";
  return `curl -s ${path(texts)} \\\n  -H 'Content-Type: application/json'${key} \\\n  -d ${quoted(JSON.stringify(body(texts)))}\n`;
}

/** Write a request as a program that needs nothing but Python. */
export function asPython(texts) {
  const key = facts.keys ? `\n        "Authorization": f"Bearer {os.environ['SENTIMENT_KEY']}",` : "";
  return `import json
${facts.keys ? "import os\n" : ""}from urllib.request import Request, urlopen

request = Request(
    "${path(texts)}",
    data=json.dumps(${literal(body(texts))}).encode(),
    headers={
        "Content-Type": "application/json",${key}
    },
)
print(json.load(urlopen(request)))
`;
}

const path = (texts) => apiUrl(texts.length === 1 ? "predict" : "bulk-predict");
const body = (texts) => ({ text: texts.length === 1 ? texts[0] : texts });

/** Quote for a POSIX shell. */
const quoted = (value) => `'${value.replaceAll("'", "'\\''")}'`;

/** Strings and lists of them look the same in JSON and in Python. */
function literal({ text }) {
  const value = Array.isArray(text) ? `[\n${text.map((one) => `        ${JSON.stringify(one)},\n`).join("")}    ]` : JSON.stringify(text);
  return `{"text": ${value}}`;
}
