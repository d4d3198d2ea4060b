# SPDX-License-Identifier: MIT
"""Closing a request through nginx as the TLS front end: another reader and writer of HTTP in between."""
import os
import socket
import subprocess
import time
import unittest

from harness import PKI, REQUEST, TENANT, Case

CONFIG = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/client_body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{front} ssl;
        ssl_certificate {chain};
        ssl_certificate_key {key};
        ssl_protocols TLSv{version};
        large_client_header_buffers 4 16k;
        location / {{
            proxy_pass http://127.0.0.1:{back};
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Connection $http_connection;
            proxy_set_header Accept-Encoding "gzip, deflate";
        }}
    }}
}}
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class FrontEnd(Case):
    def front_end(self, port: int, back: int, version: str) -> None:
        """nginx at `port` until the test ends."""
        chain, key = PKI.chain("good")
        folder = self.folder / version
        folder.mkdir()
        config = folder / "nginx.conf"
        config.write_text(CONFIG.format(folder=folder, front=port, back=back, chain=chain, key=key, version=version))
        process = subprocess.Popen([os.environ.get("NGINX", "nginx"), "-p", folder, "-c", config,
                                    "-e", folder / "error.log"], stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait, 10)
        self.addCleanup(process.terminate)
        deadline = time.monotonic() + 10
        with socket.socket() as probe:
            while probe.connect_ex(("127.0.0.1", port)):
                self.assertIsNone(process.poll(), "nginx ended")
                self.assertLess(time.monotonic(), deadline, "nginx does not listen")
                time.sleep(0.02)

    # Fault 292: another reader and writer of HTTP in between -> the same outcomes
    def test_a_request_is_closed_through_nginx(self):
        for version in ("1.2", "1.3"):
            with self.subTest(tls=version):
                port = free_port()
                service = self.serve(tls=None, public_port=port)
                self.front_end(port, service.port, version)
                first, again = self.close(service), self.close(service)
                self.assertSays(first, outcome="closed", status=204, tls_version=f"TLSv{version}")
                self.assertSays(again, outcome="already_closed", status=400, code="400")
                self.assertEqual(service.actions(TENANT, REQUEST), "Restarted the device.")
                service.finished(2)
                self.assertEqual(service.problems, [])  # nginx moves Host and Connection to the front, no more


if __name__ == "__main__":
    unittest.main()
