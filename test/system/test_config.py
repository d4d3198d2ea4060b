# SPDX-License-Identifier: MIT
"""The configuration file: which one is read, who may write it, what counts of it, and what `config` prints."""
import os
import re
import subprocess
import unittest
from pathlib import Path
from typing import Any, Dict, List

from harness import COMMAND, COMMANDS, PKI, REFUSED, REQUEST, TENANT, TOKEN, Case, Result

SECRET = "s3cr3t~of-an-application~that-is-long-enough"
CREDENTIALS = ["client-id = app", "client-secret-file = /f/secret", "certificate = /f/certificate",
               "key-file = /f/key", "sign-command = /f/sign", "token-file = /f/token", "token-command = /f/get"]
EVERY = [*CREDENTIALS, "host = file.test", "port = 444", "connect = 192.0.2.1", "authority = login.test:445",
         "authority-connect = 192.0.2.2", "proxy = http://proxy.test:3128", "proxy-user-file = /f/user"]

# Fault 1052: an option of the command line -> the file's that belong to its other value do not count, the rest does
REPLACED = {
    "token-file": (["/c/token"], "token-command client-id client-secret-file certificate key-file sign-command"),
    "token-command": (["/c/get"], "token-file client-id client-secret-file certificate key-file sign-command"),
    "client-id": (["other"], "token-file token-command"),
    "client-secret-file": (["/c/secret"], "token-file token-command certificate key-file sign-command"),
    "certificate": (["/c/certificate"], "token-file token-command client-secret-file"),
    "key-file": (["/c/key"], "sign-command"),
    "sign-command": (["/c/sign"], "key-file"),
    "host": (["other.test"], "port connect"),
    "authority": (["other.test"], "authority-connect"),
    "proxy": (["http://other.test:80"], "proxy-user-file"),
    "port": (["446"], ""),
    "connect": (["192.0.2.3"], ""),
    "tenant": (["other"], ""),
}

# Fault 1124: a value that an option refuses where it is used -> each command refuses it where it is read, with file,
# line and what the option takes; also one of an option that it does not take (more of them: test_config_file.c)
UNFIT = {
    "tenant": "a,b", "tenants": "a,b", "client-id": "a b", "scope": "a\\b", "token-command": "foo bar",
    "sign-command": "/a 'b", "host": "127.0.0.1", "port": "65536", "connect": "[::1]", "authority": "127.0.0.1",
    "authority-connect": "a b", "proxy": "https://x", "timeout": "soon", "retry": "-1", "retry-max-time": "1d",
    "max-age": "1y", "record-max-age": "0", "queue-max": "1001", "already-closed-ok": "true", "no-token-cache": "on",
    **dict.fromkeys(("token-file", "client-secret-file", "certificate", "key-file", "proxy-user-file", "ca-file",
                     "drop-dir", "state-dir", "runtime-dir"), "./x")}


def in_force(text: str) -> Dict[str, str]:
    """What `config` printed that is no comment."""
    return {name.strip(): value.strip() for name, _, value in
            (line.partition("=") for line in text.splitlines() if line and not line.startswith("#"))}


class ConfigCase(Case):
    def write(self, *lines: str, mode: int = 0o644) -> str:
        self.path = self.file("mmdclose.conf", "".join(line + "\n" for line in lines).encode(), mode)
        return self.path

    def configured(self, *lines: str, words: Any = ("config",)) -> Result:
        """Run a command with a file of these lines."""
        return self.run_command(*words, "--config", self.write(*lines))

    def refused(self, result: Result, *said: str) -> None:
        self.assertEqual((result.status, result.out), (2, b""))
        for words in said:
            self.assertIn(words, result.err)


class Files(ConfigCase):
    # Fault 1048
    def test_others_may_not_write_it(self):
        for mode in (0o600, 0o640, 0o644, 0o444):
            self.write("retry = 2", mode=mode)
            self.assertEqual(self.run_command("config", "--config", self.path).status, 0)
        for mode in (0o664, 0o646, 0o620, 0o602, 0o666, 0o777):
            with self.subTest(oct(mode)):
                self.write("retry = 2", mode=mode)
                for words in (["config"], ["trust"], ["queue", "list"], ["queue", "add"], ["queue", "check"]):
                    self.refused(self.run_command(*words, "--config", self.path), self.path, "chmod go-w")

    # Fault 1050: the file belongs to another user than root and oneself -> refused
    def test_whose_it_is(self):
        path = self.write("retry = 2")
        unshare = ["unshare", "--user", "--map-user=12345", "--map-group=12345"]
        self.assertEqual(self.run_command("config", "--config", path, before=unshare).status, 0, "one's own")
        if os.geteuid() == 0:  # else it is one's own, of this user in the name space, too
            os.chown(path, 4711, 0)
            self.refused(self.run_command("config", "--config", path), path, "belongs to another user", "chown root")

    # Fault 1047
    def test_what_it_may_be(self):
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)
        for path in ("/", "/dev/null", fifo):
            self.refused(self.run_command("config", "--config", str(path)), str(path), "is not a regular file")
        link = self.folder / "link"
        link.symlink_to(self.write("retry = 2"))
        self.assertIn("retry", in_force(self.run_command("config", "--config", str(link)).out.decode()))
        self.refused(self.configured("#" * 65536), "has more than 65536 bytes")

    # Fault 1049
    def test_a_file_that_is_named_must_be_there(self):
        missing = str(self.folder / "missing")
        for command in COMMANDS:
            with self.subTest(command):
                result = self.run_unchecked(*command.split(), "--config", missing)
                self.assertEqual(result.status, 2)
                self.assertIn(f"{missing}: No such file or directory", result.err + result.out.decode())

    # Fault 1051: --config with --no-config -> refused, both named; a file's name that may be a token -> not shown
    def test_the_two_options(self):
        self.refused(self.configured(words=["config", "--no-config"]), "--config and --no-config")
        self.refused(self.run_command("config", "--config", TOKEN[:200]), "--config: No such file")

    def test_the_default(self):
        """Where /etc is another: /etc/mmdclose.conf is read, unless there is --no-config."""
        script = 'mount -t tmpfs none /etc && cp "$0" /etc/mmdclose.conf && exec "$@"'
        other_etc = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, self.write("retry = 9")]
        read = subprocess.run([*other_etc, *COMMAND, "config"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertIn(b"# from /etc/mmdclose.conf:1\n", read.stdout, read.stderr)
        self.assertEqual(in_force(self.run_command("config", before=other_etc).out.decode()), {})


class Lines(ConfigCase):
    # Fault 1053: a wrong line, also one that the command line replaces or the command does not use -> each command
    # ends with 2, and says file, line and what to do
    def test_a_wrong_line_stops_each_command(self):
        for line, said in {"retries = 3": "'retries' is not a known name; the nearest is retry",
                           "timeout = soon": "timeout takes seconds", "timeout": "it has no '='",
                           "request = a": "request is an option of the command line only",
                           "[main]": "there are no sections"}.items():
            for command in COMMANDS:
                with self.subTest(line=line, command=command):
                    path = self.write("", line)
                    result = self.run_unchecked(*command.split(), "--config", path)
                    self.assertEqual(result.status, 2)
                    self.assertIn(f"{path}:2: {said}", result.err + result.out.decode())
        self.refused(self.configured("timeout = soon", words=["config", "--timeout", "5"]), ":1: timeout takes")
        self.refused(self.configured("retry = 1", "", "retry = 2"), ":3: retry is in line 1 already")

    # Fault 1124
    def test_a_value_that_no_option_takes(self):
        names = re.findall(r"(?m)^#?([a-z-]+) *=", self.run_command("config").out.decode())
        self.assertEqual(sorted(names), sorted(UNFIT))
        for name, value in UNFIT.items():
            with self.subTest(name):
                self.refused(self.configured("", f"{name} = {value}", words=["trust"]), f"{self.path}:2: {name} takes ")

    # Fault 1125: values that do not go together, or files that cannot be used -> the lines that name them
    def test_what_is_found_later(self):
        closing = ["close", "--request", REQUEST, "--actions", "x", "--tenant", "t"]
        two = ["token-file = /nowhere/token", "token-command = /nowhere/get"]
        for lines, words, said in (
                (two, closing, "--token-file ({0}:1), --token-command ({0}:2) and --client-id cannot be used together"),
                (["tenants = a b", two[0]], ["queue", "flush"], "--tenants ({0}:1) has several, and a token is for"),
                (["drop-dir = /dev/null"], ["queue", "add", *closing[1:]], "/dev/null (--drop-dir, {0}:1): Not a dir"),
                (["state-dir = /dev/null"], ["queue", "check"], "/dev/null (--state-dir, {0}:1): Not a directory"),
                (["ca-file = /nowhere/ca"], ["trust"], "the file '/nowhere/ca' of --ca-file ({0}:1): No such file"),
                ([two[0]], closing, "the file '/nowhere/token' of --token-file ({0}:1) does not exist"),
                (["client-id = a"], closing, "is missing for --client-id ({0}:1)")):
            with self.subTest(lines):
                result = self.run_command(*words, "--config", self.write(*lines))
                self.assertIn(result.status, (1, 2, 10))
                self.assertIn(said.format(self.path), result.err)
        result = self.run_unchecked("doctor", "--config", self.write("tenants = a b", two[0]))
        self.assertIn(f"options: --tenants ({self.path}:1) has several", result.out.decode())

    def test_how_it_is_said_in_a_line_of_json(self):
        result = self.run_command(*self.arguments(self.serve())[:-1], "--json", "--config", self.write("tenat = x"))
        self.assertSays(result, outcome="usage", error="input", delivery="not_sent", exit=2)
        self.assertIn(f"{self.path}:1: 'tenat' is not a known name; the nearest is tenant", result.json["sentence"])

    # Fault 1056: a secret in a place for something else -> no message shows it
    def test_a_secret_is_not_shown(self):
        self.also_secret.append(SECRET.encode())
        for line in (SECRET, f"{SECRET} = 1", f"client-secret = {SECRET}", f"client-secret-file = {SECRET}",
                     f"port = {SECRET}", f"connect = {SECRET}", f"no-token-cache = {SECRET}", f"actions = {SECRET}",
                     f"proxy = http://user:{SECRET}@proxy.test:3128", f"authority = a:{SECRET}", f"[{SECRET}]",
                     f"token-file = {TOKEN}", f"\x01{SECRET}"):
            with self.subTest(line[:20]):
                self.refused(self.configured(line))


class Precedence(ConfigCase):
    # Fault 1057: a value in the file -> it counts; the command line has one, too -> that counts
    def test_a_closing_by_the_file(self):
        service = self.serve()
        token = self.file("token", TOKEN.encode())
        path = self.write(f"tenant = {TENANT}", f"host = {service.name}", f"port = {service.public_port}",
                          f"connect = {service.address}", f"ca-file = {PKI.ca_file()}", f"token-file = {token}",
                          "already-closed-ok = yes", "queue-max = 3")
        words = ["close", "--request", REQUEST, "--actions", "x", "--json", "--config", path]
        self.assertSays(self.run_command(*words), outcome="closed", tenant=TENANT)
        self.assertEqual(self.run_unchecked(*words).status, 0, "already-closed-ok")
        self.assertSays(self.run_command(*words, "--tenant", "other"), outcome="no_such_request", tenant="other")

    def test_the_anchors_of_the_file(self):
        by_file = self.configured(f"ca-file = {PKI.ca_file()}", words=["trust"])
        self.assertEqual(by_file.out, self.run_command("trust", "--ca-file", PKI.ca_file()).out)
        missing = str(self.folder / "missing")
        by_line = self.configured(f"ca-file = {PKI.ca_file()}", words=["trust", "--ca-file", missing])
        self.refused(by_line, missing)

    # Fault 1052
    def test_what_an_option_replaces(self):
        path = self.write("tenant = t", *EVERY)
        everything = in_force(self.run_command("config", "--config", path).out.decode())
        self.assertEqual(len(everything), len(EVERY) + 1)
        for name, ([value], replaced) in REPLACED.items():
            with self.subTest(name):
                done = self.run_command("config", "--config", path, f"--{name}", value)
                expected = {**everything, name: value}
                for gone in replaced.split():
                    del expected[gone]
                self.assertEqual(in_force(done.out.decode()), expected)

    # Fault 1052
    def test_what_a_login_replaces(self):
        """`config` has no --login: a run shows it, which reads none of the files that the file names."""
        path = self.write(*CREDENTIALS, f"ca-file = {PKI.ca_file()}", "timeout = 2", "authority-connect = 192.0.2.1")
        result = self.run_command("token", "--login", "--tenant", "t", "--config", path,
                                  "--authority", "login.test:1", "--authority-connect", "127.0.0.1")
        self.assertEqual(result.status, 7, result.err)
        self.assertIn(f"the host cannot be reached: {REFUSED}", result.err)

    # Fault 1054: an option in the file that the command does not take -> checked, and does not count
    def test_what_a_command_does_not_take(self):
        lines = [f"token-file = {self.folder}/token", "queue-max = 1", "host = a.test"]
        self.refused(self.configured(*lines, words=["token", "--tenant", "t"]),
                     f"--token-command or --client-id is missing; token-file ({self.path}:1) does not count: 'token' "
                     "does not take it; see 'mmdclose token --help'.")
        self.assertEqual(self.configured(*lines, f"ca-file = {PKI.ca_file()}", words=["trust"]).status, 0)

    # Fault 1128: what is missing is in the file under another name, or replaced -> said, with the line, and why
    def test_what_does_not_count(self):
        tenants = "--tenant is missing; tenants ({0}:2) does not count: '{1}' does not take it"
        closing = ["--request", REQUEST, "--actions", "x"]
        fetch = ["client-id = a", "client-secret-file = /f/secret"]
        for lines, words, said in (
                (["", "tenants = a b", *fetch], ["close", *closing], tenants),
                (["", "tenants = a b", *fetch], ["token"], tenants),
                (["", "tenants = a"], ["queue add", *closing], tenants),
                (fetch, ["close", *closing, "--tenant", "t", "--client-id", "b", "--token-file", "/t"],
                 "--token-file, --token-command and --client-id cannot be used together"),
                (fetch, ["close", *closing, "--tenant", "t", "--token-file", "/t", "--client-secret-file", "/s"],
                 "--client-id is missing; client-id ({0}:1) does not count: the command line replaces it; see"),
                (["client-id = a", "certificate = /c", "key-file = /k"],
                 ["close", *closing, "--tenant", "t", "--client-secret-file", "/s", "--key-file", "/k"],
                 "go together; certificate ({0}:2) does not count: the command line replaces it; see")):
            with self.subTest(lines, words=words):
                result = self.run_command(*words[0].split(), *words[1:], "--config", self.write(*lines))
                self.refused(result, said.format(self.path, words[0]))


class Printed(ConfigCase):
    # Fault 1055: what `config` prints -> a file that says the same
    def test_the_output_is_a_file(self):
        path = self.write("tenant = t", "# a comment", *EVERY, "max-age = 2h", "no-token-cache = no")
        first = self.run_command("config", "--config", path, "--retry", "3", "--already-closed-ok", "--drop-dir", "/d")
        self.assertEqual(first.status, 0)
        again = self.run_command("config", "--config", self.file("again", first.out, 0o644))
        self.assertEqual(in_force(again.out.decode()), in_force(first.out.decode()))
        self.assertEqual(in_force(first.out.decode())["already-closed-ok"], "yes")
        uncommented = re.sub(rb"(?m)^#(?=[a-z-]+ += \S)", b"", self.run_command("config").out)
        defaults = self.run_command("config", "--config", self.file("defaults", uncommented, 0o644))
        self.assertEqual(in_force(defaults.out.decode())["host"], "mmdls.microsoft.com")
        self.assertGreater(len(in_force(defaults.out.decode())), 10)

    def test_where_each_value_comes_from(self):
        lines = self.configured("", "tenant = t", words=["config", "--retry", "3"]).out.decode().splitlines()
        origins = self.origins(lines)
        self.assertEqual((origins["tenant"], origins["retry"], origins["host"], origins["scope"]),
                         (f"# from {self.path}:2", "# from the command line", "# default",
                          "# default, but with --login: https://mwaas-services-customerapi-prod.azurewebsites.net/"
                          "MWaaSDevice.Read"))
        table = [line for line in lines if re.match(r"#?[a-z-]+ *=", line)]
        self.assertEqual(len({line.index("=") for line in table}), 1, "in columns")

    def test_every_default_is_shown(self):
        text = self.run_command("config").out.decode()
        for name, value in {"retry-max-time": "86400", "timeout": "30", "port": "443", "max-age": "1d",
                            "scope": "https://mwaas-services-customerapi-prod.azurewebsites.net/.default"}.items():
            self.assertRegex(text, rf"(?m)^#{name} += {value}$")
        with_none = {"tenant", "token-file", "token-command", "client-id", "client-secret-file", "certificate",
                     "key-file", "sign-command", "authority-connect", "connect", "proxy", "proxy-user-file", "ca-file",
                     "tenants"}
        self.assertEqual(set(re.findall(r"(?m)^#([a-z-]+) +=$", text)), with_none)

    def origins(self, lines: List[str]) -> Dict[str, str]:
        found, origin = {}, ""
        for line in lines:
            if line.startswith("# "):
                origin = line
            elif line:
                found[line.lstrip("#").partition("=")[0].strip()] = origin
        return found

    def test_the_manual_and_the_example_name_each_option(self):
        root = Path(__file__).resolve().parents[2]
        manual = (root / "man/mmdclose.conf.5").read_text()
        example = (root / "examples/mmdclose.conf").read_text()
        names = re.findall(r"(?m)^#?([a-z-]+) *=", self.run_command("config").out.decode())
        self.assertEqual(sorted(names), sorted(re.findall(r"(?m)^\.It Li ([a-z-]+)$", manual)))
        for name in set(names) - {"port", "connect", "host", "authority", "authority-connect", "scope"}:
            self.assertRegex(example, f"(?m)^#{name} = ")
        copy = self.file("example", example.encode(), 0o644)
        self.assertEqual(in_force(self.run_command("config", "--config", copy).out.decode()), {})
        for line in re.findall("(?m)^#([a-z-]+ = .*)$", example):
            self.assertEqual(self.configured(line).status, 0, "each line can be used")

    # Fault 1058: a proxy in the environment only -> its variable is named, its value, which may have a password, not
    def test_a_proxy_of_the_environment(self):
        self.also_secret.append(SECRET.encode())
        environment = dict(os.environ, HTTPS_PROXY=f"http://user:{SECRET}@proxy.test:3128")
        environment.pop("https_proxy", None)
        lines = self.run_command("config", env=environment).out.decode().splitlines()
        self.assertEqual(self.origins(lines)["proxy"], "# not set here; HTTPS_PROXY of the environment is")
        lines = self.run_command("config", "--proxy", "", env=environment).out.decode().splitlines()
        self.assertEqual(self.origins(lines)["proxy"], "# from the command line")
        self.assertIn("proxy", in_force("\n".join(lines)))

    # Fault 1060: an option of the command line that could not stand in a file -> `config` refuses it
    def test_what_cannot_be_printed(self):
        self.also_secret.append(SECRET.encode())
        for words in (["--token-file", "token"], ["--client-secret-file", SECRET], ["--tenant", "a\nport = 1"],
                      ["--proxy", f"http://user:{SECRET}@proxy.test"], ["--tenant", ""], ["--tenant", " a"]):
            self.refused(self.run_command("config", *words), words[0])


if __name__ == "__main__":
    unittest.main()
