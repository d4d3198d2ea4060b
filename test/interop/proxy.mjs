// SPDX-License-Identifier: MIT
// Node's HTTPS server as a front end that passes requests to a plain HTTP service.
//   node proxy.mjs PORT BACK VERSION CHAIN KEY      ports on loopback; VERSION: TLSv1.2
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { pipeline } from "node:stream";

const [port, back, version, chain, key] = process.argv.slice(2);
const options = { cert: readFileSync(chain), key: readFileSync(key), minVersion: version, maxVersion: version };

// A side that fails ends the other.
https.createServer(options, (request, response) => {
    const { method, url: path, headers } = request;
    const onward = http.request({ host: "127.0.0.1", port: back, agent: false, method, path, headers }, (answer) => {
        response.writeHead(answer.statusCode, answer.statusMessage, answer.headers);
        pipeline(answer, response, () => {});
    });
    pipeline(request, onward, (error) => { if (error) response.destroy(); });
}).listen(port, "127.0.0.1");
