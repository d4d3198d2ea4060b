# SPDX-License-Identifier: MIT
"""--login: a person signs in with another device, while the command polls the token server. The stand-in finds a poll
that comes too early, and reports it as a problem; a test without a script ends with none."""
import json
import os
import re
import subprocess
from typing import Any, List

from device_login import PAGE
from harness import COMMAND, LONGEST_RUN, REQUEST, TENANT, Case, Result, after_request, http
from scripted_proxy import ScriptedProxy
from token_server import DEVICE_PATH, DEVICE_SCOPE, TokenServer

CLIENT = "0e6f1f4c-35b0-4c05-8fd6-6a1d0a3a2f11"
LINE = re.compile(r"^To sign in, open (\S+) on another device and enter the code ([ -~]+) within \d+ minutes?\.\n", re.M)
ANSWER = [["handshake"], ["read-request"], ["answer"], ["close"]]
PENDING = "authorization_pending"
ENDS = {  # the exit status, the word in the JSON, and what the sentence says
    # Fault 917: the person declines, or may not accept -> exit status 6, with a sentence of its own (RFC 8628, 3.5)
    "authorization_declined": (6, "token_refused", "the sign-in was declined"),
    "access_denied": (6, "token_refused", "the sign-in was declined"),
    # Fault 918: the token server says that the code has expired, or does not know it -> exit status 10
    "expired_token": (10, "token", "was not used to sign in within 900 s"),
    "bad_verification_code": (10, "token", "does not know the code any more"),
}


def code_answer(**changes: Any) -> str:
    """A response with a code, as text for a script."""
    members = {"device_code": "D" * 40, "user_code": "BCDF-GHJK", "verification_uri": PAGE, "expires_in": 900,
               "interval": 1, **changes}
    return http("200 OK", "Content-Type: application/json", body=json.dumps(members))


class LoginCase(Case):
    def setUp(self) -> None:
        super().setUp()
        self.service = self.serve()
        self.shown: List[tuple] = []

    def check_manners(self, result: Result, words: Any, token: str) -> None:
        """What asks to sign in is shown besides."""
        self.shown = LINE.findall(result.err)
        result.err = LINE.sub("", result.err)
        super().check_manners(result, words, token)

    def authority(self, *scripts: list, **options: Any) -> TokenServer:
        server = self.serve_tokens(self.service, *scripts, **options)
        server.add_client(TENANT, CLIENT)
        server.logins.interval = 1
        return server

    def words(self, server: TokenServer) -> dict:
        return {"token_file": None, "client_id": CLIENT, "authority": f"{server.name}:{server.public_port}",
                "authority_connect": server.address}

    def log_in(self, server: TokenServer, *more: str, **changes: Any) -> Result:
        """Close with --login, and check that no secret was shown."""
        result = self.close(self.service, "--login", *more, **{**self.words(server), **changes})
        for secret in [*server.issued, *server.logins.user_codes]:
            self.assertNoToken(result.out + result.err.encode(), secret)
        return result

    def expect_code_shown(self, server: TokenServer) -> None:
        self.assertEqual(self.shown, [(PAGE, code) for code in server.logins.user_codes.values()])
        self.assertEqual(len(self.shown), 1)

    def codes(self, server: TokenServer) -> int:
        """How often a code was asked for."""
        return server.counts[DEVICE_PATH.format(tenant=TENANT)]

    def polls(self, server: TokenServer) -> int:
        return server.counts[server.path(TENANT)]


class Login(LoginCase):
    # ---- a token ----
    def test_a_person_signs_in(self):
        """Fault 919: `authorization_pending` twice, then a token -> the address and the code are shown, the request
        is closed with the token (RFC 8628, 3.3)"""
        server = self.authority()
        server.logins.then(PENDING, PENDING)
        result = self.log_in(server)
        self.assertSays(result, exit=0, outcome="closed", stage="service", attempts=1)
        self.expect_code_shown(server)
        self.assertEqual((self.codes(server), self.polls(server)), (1, 3))
        self.assertEqual(set(server.issued), {auth.decode() for auth in
                                              re.findall(rb"Authorization: Bearer (\S+)", self.service.received)})

    def test_slow_down(self):
        """Fault 920: `slow_down` -> the interval is five seconds longer from then on (RFC 8628, 3.5)"""
        server = self.authority()
        server.logins.expires_in = 12
        server.logins.then("slow_down", PENDING)
        self.assertSays(self.log_in(server), exit=10)
        self.assertEqual(self.polls(server), 2)  # after 1 s and 7 s; the next one would be after 13 s

    def test_the_delegated_permission_is_asked_for(self):
        server = self.authority(scopes=[DEVICE_SCOPE])
        self.assertSays(self.log_in(server), exit=0)

    def test_only_a_token(self):
        server = self.authority()
        words = self.arguments(self.service, **self.words(server), request=None, actions=None, host=None, port=None,
                               connect=None)
        result = self.run_command("token", *words[1:], "--login")
        self.assertEqual(result.status, 0)
        self.assertIn(f"for the application {CLIENT}", result.out.decode())
        self.assertIn(f"scope {DEVICE_SCOPE}, expires in 3599 s", result.out.decode())
        self.expect_code_shown(server)
        result = self.run_command("token", *words[1:], "--login", "--print")
        self.assertEqual(result.out.decode(), server.issued[1] + "\n")

    def test_a_token_for_a_script(self):
        """As a line of JSON, which has other members than a closing's."""
        server = self.authority()
        words = self.arguments(self.service, **self.words(server), request=None, actions=None, host=None, port=None,
                               connect=None)
        run = subprocess.run([*COMMAND, "token", *words[1:], "--login", "--json"], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, timeout=LONGEST_RUN)
        self.assertRegex(run.stderr.decode(), LINE)
        said = json.loads(run.stdout)
        self.assertEqual((said["outcome"], said["stage"], said["status"], said["scope"], said["expires_in_s"]),
                         ("got_token", "token_server", 200, DEVICE_SCOPE, 3599))
        self.assertNoToken(run.stdout + run.stderr, server.issued[0])

    def test_through_a_proxy(self):
        server = self.authority()
        proxy = ScriptedProxy(names={server.name: server.address})
        proxy.__enter__()
        self.addCleanup(self.end, proxy, False)
        server.logins.then(PENDING)
        environment = {**os.environ, "https_proxy": f"http://{proxy.address}:{proxy.port}",
                       "no_proxy": self.service.name}
        words = self.arguments(self.service, **{**self.words(server), "authority_connect": None})
        result = self.run_command(*words, "--login", "--json", env=environment)
        self.assertSays(result, exit=0)
        self.assertEqual(len(proxy.connections), 3)

    def test_verbose(self):
        server = self.authority()
        server.logins.then(PENDING)
        result = self.log_in(server, "--verbose")
        self.assertSays(result, exit=0)
        self.assertEqual(result.err.count("no token yet; asking in 1000 ms"), 2)

    # ---- no token ----

    def test_ends(self):
        for word, (status, error, words) in ENDS.items():
            with self.subTest(word):
                server = self.authority()
                server.logins.then(word)
                result = self.log_in(server, retry=3)
                self.assertSays(result, exit=status, error=error, code=word, status=400, stage="token_server",
                                delivery="not_sent", again_ms=0)
                self.assertIn(words, result.json["sentence"])
                self.assertEqual((self.codes(server), self.polls(server)), (1, 1))
        self.assertEqual(self.service.connections, [])

    def test_it_expires_by_our_clock(self):
        """Fault 921: the code's life ends while the token server still says `authorization_pending` -> exit status
        10, at the code's end, whatever --timeout is"""
        server = self.authority()
        server.logins.expires_in = 3
        server.logins.then(*[PENDING] * 9)
        result = self.log_in(server, timeout=2)
        self.assertSays(result, exit=10, error="token", outcome="no_token", code="")
        self.assertIn("was not used to sign in within 3 s; run", result.json["sentence"])
        self.assertIn(self.polls(server), (1, 2))

    def test_an_interval_beyond_the_end(self):
        """Fault 922: an interval longer than the code's life -> no poll"""
        server = self.authority()
        server.logins.interval, server.logins.expires_in = 60, 1
        self.assertSays(self.log_in(server), exit=10)
        self.assertEqual(self.polls(server), 0)

    def test_the_request_for_a_code_is_refused(self):
        """Fault 923: no code is given: an unknown application, a wrong scope -> exit status 6, with the token
        server's words; nothing is shown to sign in with"""
        server = self.authority()
        result = self.log_in(server, client_id=REQUEST)
        self.assertSays(result, exit=6, error="token_refused", code="unauthorized_client", stage="token_server")
        self.assertIn("whether the application allows public client flows", result.json["sentence"])
        result = self.log_in(server, scope="https://other.example/.default")
        self.assertSays(result, exit=6, code="invalid_scope")
        self.assertEqual((self.shown, self.polls(server)), ([], 0))

    def test_the_application_is_no_public_client(self):
        body = json.dumps({"error": "invalid_client", "error_codes": [7000218], "error_description":
                           "AADSTS7000218: The request body must contain: 'client_assertion' or 'client_secret'."})
        server = self.authority(ANSWER, after_request(http("401 Unauthorized", body=body)))
        result = self.log_in(server)
        self.assertSays(result, exit=6, error="token_refused", code="invalid_client")
        self.assertRegex(result.json["sentence"], r"AADSTS7000218.*; check --client-id and --tenant, and whether the "
                         r"application allows public client flows, then sign in again\.\Z")
        self.assertEqual(server.problems, [])

    def test_what_is_no_code(self):
        """Fault 924: HTML in place of a code, a user code or an address with control characters, an address that is
        not https -> exit status 7; none of it is shown"""
        hostile = {"html": http("200 OK", "Content-Type: text/html", body="<html>Sign in to the WLAN</html>"),
                   "escape": code_answer(user_code="AB\x1b[2JCD"), "c1": code_answer(user_code="AB\u009b2JCD"),
                   "line": code_answer(user_code="ABCD.\nTo win, call 555"),
                   "direction": code_answer(user_code="AB\u202eCD"),
                   "address": code_answer(verification_uri=PAGE + "\r\x1b[A"),
                   "http": code_answer(verification_uri="http://microsoft.com/devicelogin")}
        for name, sent in hostile.items():
            with self.subTest(name):
                result = self.log_in(self.authority(after_request(sent)))
                self.assertSays(result, exit=7, error="gateway", stage="token_server")
                self.assertEqual((self.shown, result.err), ([], ""))

    def test_where_to_sign_in_cannot_be_shown(self):
        server = self.authority()
        words = self.arguments(self.service, **self.words(server))
        with open("/dev/full", "wb") as full:
            run = subprocess.run([*COMMAND, *words, "--login", "--json"], stdout=subprocess.PIPE, stderr=full,
                                 timeout=LONGEST_RUN)
        self.assertEqual((run.returncode, json.loads(run.stdout)["error"]), (1, "system"))
        self.assertEqual(self.polls(server), 0)

    def test_nothing_listens(self):
        server = self.authority()
        server.__exit__()
        self._cleanups = [entry for entry in self._cleanups if entry[1][:1] != (server,)]
        self.assertSays(self.log_in(server), exit=7, error="connect", stage="token_server")
        self.assertEqual(self.shown, [])

    # ---- polls that fail ----

    def test_the_network_fails_while_it_polls(self):
        """Fault 925: polls that end in a reset, with and without the server's having read them, a login page, 503
        -> polled again, no earlier than else"""
        server = self.authority(ANSWER, [["handshake"], ["read-request"], ["carry-out"], ["reset"]],
                                [["read-raw", 20], ["reset"]], after_request(http("200 OK", body="<html>")),
                                after_request(http("503 Service Unavailable")), ANSWER)
        server.logins.then(*[PENDING] * 4)
        self.assertSays(self.log_in(server), exit=0)
        self.expect_code_shown(server)
        self.assertEqual(self.polls(server), 5)
        self.assertEqual([problem for problem in server.problems if "slow_down" in problem], [])

    def test_a_poll_times_out(self):
        """Fault 926: a poll that is not answered within --timeout -> the next one five seconds later than else (RFC
        8628, 3.5)"""
        server = self.authority(ANSWER, [["handshake"], ["read-request"], ["hold", 20]])
        server.logins.expires_in = 6  # a poll after 1 s, its timeout, then no other one
        result = self.log_in(server, timeout=2)
        self.assertSays(result, exit=10)
        self.assertIn("and the token server was not reached at the end: the time allowed is over; run",
                      result.json["sentence"])
        self.assertEqual(self.polls(server), 1)

    def test_retry_after(self):
        """Fault 927: a poll is answered by 429 with Retry-After -> no other one before that"""
        server = self.authority(ANSWER, after_request(http("429 Too Many Requests", "Retry-After: 100")))
        server.logins.expires_in = 4
        self.assertSays(self.log_in(server), exit=10)
        self.assertEqual(self.polls(server), 1)

    def test_what_answers_a_poll_does_not_speak_tls(self):
        """Not verified: for good, as else."""
        server = self.authority(ANSWER, [["read-raw", 20], ["send-raw", "HTTP/1.1 400 Bad Request\r\n\r\n"], ["cut"]])
        self.assertSays(self.log_in(server, retry=3), exit=8, error="tls", stage="token_server")
        self.assertEqual(len(server.connections), 2)

    # ---- with the rest ----

    def test_no_other_login_after_a_401(self):
        server = self.authority()
        self.service.script(after_request(http("401 Unauthorized", "WWW-Authenticate: Bearer")))
        result = self.log_in(server, retry=2)
        self.assertSays(result, exit=6, stage="service", status=401)
        self.assertIn("with the permission MWaaSDevice.Read for this tenant", result.json["sentence"])
        self.assertEqual((self.codes(server), self.polls(server)), (1, 1))

    def test_retries_of_the_closing_need_no_other_login(self):
        """Fault 928: the service cannot take the request now, with --retry -> closed by the next try, with the same
        login"""
        self.service.script(after_request(http("503 Service Unavailable", "Retry-After: 1")))
        server = self.authority()
        self.assertSays(self.log_in(server, retry=1), exit=0, attempts=2)
        self.assertEqual((self.codes(server), self.polls(server)), (1, 1))

    def test_the_time_for_the_closing_begins_after_the_login(self):
        server = self.authority()
        server.logins.then(PENDING, PENDING)
        self.assertSays(self.log_in(server, timeout=2), exit=0)

    def test_what_cannot_be_used_is_found_first(self):
        server = self.authority()
        for changes in ({"request": "a/b"}, {"client_id": ".."}, {"scope": 'a"b'}, {"tenant": "a b"},
                        {"client_secret_file": self.file("secret", b"s")}):
            with self.subTest(changes):
                self.assertSays(self.log_in(server, **changes), exit=2)
        self.assertEqual((self.shown, server.connections), ([], []))

    def test_a_dry_run_asks_nobody(self):
        server = self.authority()
        words = self.arguments(self.service, **self.words(server))
        result = self.run_command(*words, "--login", "--dry-run")
        self.assertIn(b"Authorization: Bearer <token>\r\n", result.out)
        self.assertEqual((result.status, server.connections), (0, []))

    def test_a_device_code_that_is_said_back_is_covered(self):
        echo = json.dumps({"error": "invalid_grant", "error_description": "No such code: " + "D" * 40})
        server = self.authority(after_request(code_answer()), after_request(http("400 Bad Request", body=echo)))
        result = self.log_in(server)
        self.assertSays(result, exit=6, message="No such code: " + "*" * 40)
        self.assertNotIn("D" * 16, result.err + result.out.decode())
