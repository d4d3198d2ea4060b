// SPDX-License-Identifier: MIT
// A TLS front end in Node.js: node proxy.mjs PORT BACKEND-PORT CHAIN KEY TLS-VERSION
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:https'

const [port, back, chain, key, version] = process.argv.slice(2)
const tls = { cert: readFileSync(chain), key: readFileSync(key), minVersion: version, maxVersion: version }

createServer(tls, (from, to) => {
  const { method, url: path, headers } = from
  from.pipe(request({ host: '127.0.0.1', port: back, method, path, headers }, (answer) => {
    to.writeHead(answer.statusCode, answer.headers)
    answer.pipe(to)
  }))
}).listen(port, '127.0.0.1')
