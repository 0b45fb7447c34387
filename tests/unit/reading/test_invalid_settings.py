from __future__ import annotations

from pathlib import Path

import pytest

from pytest_infragate.errors import SettingsError
from pytest_infragate.limits import METRICS
from pytest_infragate.reading import RawOptions, Said, read_settings
from pytest_infragate.suggest import listed

CHECKS = ("IG201", "IG305", "IG402", "IG911")
FIXED = ("IG911",)
SCALE_METRICS_TOLD = (
    "Known here are scale.up, scale.down, scale.share, scale.failed, scale.rate, scale.gain and scale.latency"
)
VALUES_TOLD = "expected min, max, avg, med or last"
FIXED_TOLD = (
    "this check looks at the run itself, and its severity cannot be changed; to accept a failure of it for a while, "
    "write it under waivers with reason and day"
)

TOP = "compose, timeout, services, health, connectivity, performance, logs, commands, checks, environments, scaling"
OWN = 'and what services tell themselves: prometheus.http_requests_total{code="500"}'
KNOWN = f"Known are {listed(METRICS, 'and')}, each alone or behind a phase (startup., idle. or suite.), {OWN}"
URL = "expected a URL such as http://:8000/healthz"
SCHEMES = (
    "beginning with http://, https://, tcp://, redis://, postgres://, mysql://, amqp://, mongodb://, memcached://, nats://, "
    "mqtt://, smtp://, kafka://, elasticsearch://, minio://, grpc://, grpcs:// or smtps://"
)
PROTOCOLS = "expected http, https, tcp, redis, postgres, mysql, amqp, mongodb, memcached, nats, mqtt, smtp, kafka, elasticsearch, minio, grpc, grpcs or smtps"
EDGE = "expected 'caller -> target', 'caller -> target:port' or 'caller -> target:port/path'"
LIMIT = "expected 'metric: aggregation operator bound', such as 'http.latency: p(95) < 200ms'"
DURATION = "expected a duration such as 500ms, 10s or 1m30s"
NO_CHECK = "no check has this id"
SILENT = 'switches a check off without a reason: write {severity: "off", reason: "…"}'
ALL_CHECKS = "(pytest --infragate-list shows all)"
WAIVER = "{check: IG402, subject: db, reason: known, expires: 2027-03-31}"

INVALID = [
    # the file as a whole
    ("[a, b]", f"1:1: the file is a list: expected a mapping with the keys {TOP} and waivers"),
    ("text", f"1:1: the file is 'text': expected a mapping with the keys {TOP} and waivers"),
    ("comands: []", f"1:1: unknown key 'comands': expected {TOP} or waivers; did you mean 'commands'?"),
    ("zzz: 1", f"1:1: unknown key 'zzz': expected {TOP} or waivers"),
    ("5: 1", f"1:1: unknown key '5': expected {TOP} or waivers"),
    ("timeout: 1s\ntimeout: 2s", "2:1: the key 'timeout' is already given at infragate.yaml:1:1"),
    ("health:\n\tstable_for: 1s", "2:1: a tab indents this line: use spaces, as YAML demands"),
    ("timeout: 1s\n---\ntimeout: 2s", "3:1: a second document begins here: expected one, without '---' between"),
    # timeout and other durations
    ("timeout: 0", "1:10: timeout is 0: expected more than 0: a deadline of nothing is always missed"),
    ("timeout: 0s", "1:10: timeout is '0s': expected more than 0: a deadline of nothing is always missed"),
    ("timeout: -5s", f"1:10: timeout is '-5s': {DURATION}"),
    ("timeout: -5", f"1:10: timeout is -5: {DURATION}"),
    ("timeout: soon", f"1:10: timeout is 'soon': {DURATION}"),
    ("timeout: true", f"1:10: timeout is true: {DURATION}"),
    ("timeout: [1s]", f"1:10: timeout is a list: {DURATION}"),
    ("health: {stable_for: 10x}", f"1:22: health.stable_for is '10x': {DURATION}"),
    (
        "performance: {window: soon}",
        "1:23: performance.window is 'soon': expected a duration such as 500ms, 10s or 1m30s",
    ),
    ("performance: {warm_up: long}", f"1:24: performance.warm_up is 'long': {DURATION}"),
    ("performance: {measure_on: [1s]}", f"1:27: performance.measure_on is a list: {DURATION}"),
    # compose
    (
        "compose: [a.yaml]",
        "1:10: compose is a list: expected a mapping with the keys files, profiles, env_files, project and isolate",
    ),
    (
        "compose:\n  file: [a.yaml]",
        "2:3: unknown key 'file' in compose: expected files, profiles, env_files, project or isolate; did you mean 'files'?",
    ),
    ("compose: {files: compose.yaml}", "1:18: compose.files is 'compose.yaml': expected a list of file names"),
    ("compose: {files: [gone.yaml]}", "1:19: compose.files[0] is 'gone.yaml': ROOT/gone.yaml does not exist"),
    ("compose: {files: [sub]}", "1:19: compose.files[0] is 'sub': ROOT/sub is a folder: name a file in it"),
    ("compose: {env_files: [gone.env]}", "1:23: compose.env_files[0] is 'gone.env': ROOT/gone.env does not exist"),
    ("compose: {profiles: [5]}", "1:22: compose.profiles[0] is 5: expected a text"),
    ("compose: {profiles: [null]}", "1:22: compose.profiles[0] is nothing: expected a text"),
    (
        "compose: {project: My App}",
        (
            "1:20: compose.project is 'My App': expected lower-case letters, digits, '-' and '_', beginning with a letter or "
            "digit, as Compose does"
        ),
    ),
    ("compose: {isolate: yes}", "1:20: compose.isolate is 'yes': expected true or false; did you mean 'true'?"),
    # services and probes
    ("services: [api]", "1:11: services is a list: expected a mapping of services"),
    (
        "services: {api: one-shot}",
        "1:17: services.api is 'one-shot': expected a mapping with the keys kind, probe, restarts and checks",
    ),
    (
        "services: {api: {kind: oneshot}}",
        "1:24: services.api.kind is 'oneshot': expected one-shot or long-running; did you mean 'one-shot'?",
    ),
    (
        "services: {api: {restart: 1}}",
        "1:18: unknown key 'restart' in services.api: expected kind, probe, restarts or checks; did you mean 'restarts'?",
    ),
    ("services: {api: {restarts: -1}}", "1:28: services.api.restarts is -1: expected a whole number, 0 or more"),
    ("services: {api: {restarts: true}}", "1:28: services.api.restarts is true: expected a whole number, 0 or more"),
    ("services: {api: {restarts: 1.5}}", "1:28: services.api.restarts is 1.5: expected a whole number, 0 or more"),
    ('services: {"*": {restarts: x}}', "1:28: services.*.restarts is 'x': expected a whole number, 0 or more"),
    ("services: {api: {probe: /healthz}}", f"1:25: services.api.probe is '/healthz': {URL}, {SCHEMES}"),
    (
        "services: {api: {probe: 'htp://:80/'}}",
        f"1:25: services.api.probe is 'htp://:80/': {URL}, {SCHEMES}; did you mean 'http://'?",
    ),
    (
        "services: {api: {probe: 'http://api:8000/healthz'}}",
        (
            "1:25: services.api.probe is 'http://api:8000/healthz': a probe asks its own service, so its URL has no host: "
            "expected http://:8000/healthz"
        ),
    ),
    (
        "services: {api: {probe: 'tcp://'}}",
        "1:25: services.api.probe is 'tcp://': expected a port, such as tcp://:5432",
    ),
    (
        "services: {api: {probe: 'tcp://:0'}}",
        "1:25: services.api.probe is 'tcp://:0': expected a port between 1 and 65535",
    ),
    (
        "services: {api: {probe: 'tcp://:99999'}}",
        f"1:25: services.api.probe is 'tcp://:99999': {URL}, but Port out of range 0-65535",
    ),
    (
        "services: {api: {probe: 8000}}",
        f"1:25: services.api.probe is 8000: {URL}, or a mapping with http, url, udp or exec",
    ),
    (
        "services: {api: {probe: [a]}}",
        f"1:25: services.api.probe is a list: {URL}, or a mapping with http, url, udp or exec",
    ),
    (
        "services: {api: {probe: {}}}",
        "1:25: services.api.probe: a probe has either http, url, udp or exec: expected one of them",
    ),
    (
        "services: {api: {probe: {http: 'http://:1/', exec: [a]}}}",
        "1:25: services.api.probe: a probe has either http, url, udp or exec: expected one of them",
    ),
    (
        "services: {api: {probe: {exec: [a], status: 200}}}",
        "1:25: services.api.probe: status: expected only beside HTTP: a URL with http:// or https://, or an edge with a path",
    ),
    (
        "services: {api: {probe: {exec: pg_isready}}}",
        "1:32: services.api.probe.exec is 'pg_isready': expected a list of arguments",
    ),
    (
        "services: {api: {probe: {exec: []}}}",
        "1:32: services.api.probe.exec is a list: expected at least the program to run",
    ),
    (
        "services: {api: {probe: {http: 'tcp://:1'}}}",
        (
            "1:32: services.api.probe.http is 'tcp://:1': expected a URL such as http://:8000/items, beginning with http:// or "
            "https://"
        ),
    ),
    (
        "services: {api: {probe: {http: 'http://:1/', status: [99]}}}",
        "1:55: services.api.probe.status[0] is 99: expected 100 to 599",
    ),
    # health
    (
        "health: {require_healthcheck: yes}",
        "1:31: health.require_healthcheck is 'yes': expected true or false; did you mean 'true'?",
    ),
    ("health: {require_healthcheck: 1}", "1:31: health.require_healthcheck is 1: expected true or false"),
    (
        "services: {api: {probe: {url: 'redis://', body: x}}}",
        "1:25: services.api.probe: body: expected only beside HTTP: a URL with http:// or https://, or an edge with a path",
    ),
    (
        "services: {api: {probe: {http: 'http://:1/', json: {status: ok}}}}",
        "1:52: services.api.probe.json is a mapping: expected JSON pointers, which begin with '/', and 'status' does not: write '/status'",
    ),
    (
        "services: {api: {probe: {http: 'http://:1/', body: 'a['}}}",
        "1:52: services.api.probe.body is 'a[': expected a regular expression, but unterminated character set at position 1",
    ),
    (
        "services: {api: {probe: {udp: ':dns', send: x}}}",
        "1:31: services.api.probe.udp is ':dns': expected a port such as ':53'",
    ),
    (
        "services: {api: {probe: {udp: ':53'}}}",
        "1:25: services.api.probe: UDP answers nothing unasked: expected send, and expect with a pattern of the reply",
    ),
    (
        "services: {api: {probe: {udp: ':53', send: 'hex:1'}}}",
        "1:44: services.api.probe.send is 'hex:1': expected pairs of hexadecimal digits after 'hex:', such as 'hex:12 34 01 00'",
    ),
    ("services: {api: {probe: {exec: [a], send: x}}}", "1:25: services.api.probe: send: expected only beside UDP"),
    (
        "services: {api: {probe: {exec: [a], tls: true}}}",
        "1:25: services.api.probe: tls: expected only for what is asked over TCP",
    ),
    (
        "services: {api: {probe: {url: 'tcp://:1', timeout: 3s}}}",
        "1:25: services.api.probe: timeout: expected only beside exec",
    ),
    (
        "services: {api: {probe: {http: 'https://:1', ca: infragate.yaml}}}",
        "1:50: services.api.probe.ca is 'infragate.yaml': ROOT/infragate.yaml holds no certificate: expected one or more in PEM",
    ),
    (
        "services: {api: {probe: {http: 'https://:1', server_name: x}}}",
        "1:25: services.api.probe: server_name: expected only beside verify: true, which has the certificate checked",
    ),
    (
        "services: {api: {probe: {http: 'https://:1', tls: false}}}",
        "1:25: services.api.probe: https is spoken over TLS: leave out tls: false",
    ),
    (
        "services: {api: {probe: {http: 'http://:1', tls: false, verify: true}}}",
        "1:25: services.api.probe: without TLS there is no certificate: expected verify without tls: false",
    ),
    # connectivity
    (
        "connectivity: {expect: ['api -> dns:53/udp']}",
        '1:25: connectivity.expect[0] is \'api -> dns:53/udp\': an edge over UDP is proven by an exchange alone: expected a mapping such as {edge: "api -> dns:53/udp", send: "…", expect: "…"}',
    ),
    (
        "connectivity: {expect: [{exec: [a]}]}",
        "1:25: connectivity.expect[0] has no 'edge': expected caller and target, such as 'api -> db:5432'",
    ),
    (
        "connectivity: {expect: [{edge: 'api -> db', tls: true}]}",
        "1:25: connectivity.expect[0]: nobody can be asked without a port: expected an edge such as 'api -> db:5432'",
    ),
    (
        "connectivity: {expect: [{edge: 'api -> db:1', body: x}]}",
        "1:25: connectivity.expect[0]: body: expected only beside HTTP: a URL with http:// or https://, or an edge with a path",
    ),
    (
        "connectivity: {expect: [{edge: 'api -> db:1', exec: [a], protocol: redis}]}",
        "1:25: connectivity.expect[0]: a program asks in its own way: expected exec without protocol and without a path",
    ),
    (
        "connectivity: {expect: [{edge: 'api -> dns:53/udp', expect: x}]}",
        "1:25: connectivity.expect[0]: UDP answers nothing unasked: expected send, and expect with a pattern of the reply",
    ),
    (
        "connectivity: {expect: [{edge: 'api -> dns:53/udp', protocol: redis}]}",
        "1:25: connectivity.expect[0]: an edge over UDP has no further protocol: expected send and expect",
    ),
    (
        "connectivity: {forbid: [{edge: 'api -> db:1'}]}",
        "1:25: connectivity.forbid[0]: only an edge over UDP needs an exchange to be forbidden: expected one such as 'api -> dns:53/udp'",
    ),
    (
        "connectivity: {expect: [{edge: 'api -> db:1', protocol: postgre}]}",
        f"1:57: connectivity.expect[0].protocol is 'postgre': {PROTOCOLS}; did you mean 'postgres'?",
    ),
    ("connectivity: {expect: [api db]}", f"1:25: connectivity.expect[0] is 'api db': {EDGE}"),
    ("connectivity: {expect: ['api -> ']}", f"1:25: connectivity.expect[0] is 'api -> ': {EDGE}"),
    ("connectivity: {expect: ['api -> db:http']}", f"1:25: connectivity.expect[0] is 'api -> db:http': {EDGE}"),
    ("connectivity: {expect: ['api -> web/healthz']}", f"1:25: connectivity.expect[0] is 'api -> web/healthz': {EDGE}"),
    (
        "connectivity: {forbid: ['api -> db:70000']}",
        "1:25: connectivity.forbid[0] is 'api -> db:70000': expected a port between 1 and 65535",
    ),
    (
        "connectivity: {expect: api -> db}",
        "1:24: connectivity.expect is 'api -> db': expected a list of edges such as 'api -> db:5432'",
    ),
    (
        "connectivity: {policy: close}",
        "1:24: connectivity.policy is 'close': expected inferred, declared or closed; did you mean 'closed'?",
    ),
    # performance
    (
        "performance: {limits: [a]}",
        "1:23: performance.limits is a list: expected a mapping of services, each with a list of limits",
    ),
    (
        "performance: {limits: {api: 'pids: max < 5'}}",
        "1:29: performance.limits.api is 'pids: max < 5': expected a list of limits such as 'memory.ratio: max < 0.9'",
    ),
    ("performance: {limits: {api: [pids < 5]}}", f"1:30: performance.limits.api[0] is 'pids < 5': {LIMIT}"),
    (
        "performance: {limits: {api: [pids: max < 5]}}",
        "1:30: performance.limits.api[0] is a mapping: expected a text; put quotes around one that holds a colon",
    ),
    (
        "performance: {limits: {api: ['http.latancy: max < 1s']}}",
        (
            f"1:30: performance.limits.api[0] is 'http.latancy: max < 1s': unknown metric 'http.latancy'; did you mean "
            f"'http.latency'? {KNOWN}"
        ),
    ),
    (
        "performance: {limits: {api: ['http.latency: mean < 1s']}}",
        (
            "1:30: performance.limits.api[0] is 'http.latency: mean < 1s': http.latency has no aggregation 'mean': expected min, "
            "max, avg, med, p(N) or last"
        ),
    ),
    (
        "performance: {limits: {api: ['http.latency: max < 200']}}",
        (
            "1:30: performance.limits.api[0] is 'http.latency: max < 200': the bound '200' does not fit: expected a duration with "
            "its unit, such as 200ms or 200s"
        ),
    ),
    (
        "performance: {probes: {db: {exec: [pg_isready]}}}",
        (
            "1:28: performance.probes.db: a program's own start would be timed: expected a URL such as "
            "http://:8000/items"
        ),
    ),
    (
        "performance: {metrics: {db: 'tcp://:5432'}}",
        (
            "1:29: performance.metrics.db is 'tcp://:5432': expected a URL such as http://:8000/items, beginning with http:// "
            "or https://"
        ),
    ),
    (
        "performance: {probes: {db: {url: 'redis://', rate: 21}}}",
        "1:52: performance.probes.db.rate is 21: expected how often to ask per second, a number from 0.1 to 20",
    ),
    (
        "performance: {probes: {db: {url: 'redis://', rate: fast}}}",
        "1:52: performance.probes.db.rate is 'fast': expected how often to ask per second, a number from 0.1 to 20",
    ),
    (
        "services: {db: {probe: {url: 'redis://', rate: 5}}}",
        (
            "1:42: unknown key 'rate' in services.db.probe: expected http, url, udp, status, body, json, send, expect, exec, "
            "timeout, tls, verify, ca or server_name"
        ),
    ),
    (
        "performance: {probes: {db: 'redis://'}, limits: {db: ['http.latency: max < 1s']}}",
        (
            "1:14: performance: the limit 'http.latency: max < 1s' on db needs a probe that speaks HTTP, and "
            "performance.probes has it asked by redis: write 'probe.latency: max < 1s'"
        ),
    ),
    # logs
    (
        "logs: {forbid: ['(']}",
        "1:17: logs.forbid[0] is '(': expected a regular expression, but missing ), unterminated subpattern at position 0",
    ),
    ("logs: {allow: FATAL}", "1:15: logs.allow is 'FATAL': expected a list of regular expressions"),
    # commands
    ("commands: {name: x}", "1:11: commands is a mapping: expected a list of commands, each with name and run"),
    ("commands: [{run: make}]", "1:12: commands[0] has no 'name': expected a name, which the reports show"),
    ("commands: [{name: x}]", "1:12: commands[0] has no 'run': expected a line for the shell, or a list of arguments"),
    (
        "commands: [{name: x, run: ''}]",
        "1:27: commands[0].run is '': expected a line for the shell, or a list of arguments",
    ),
    ("commands: [{name: x, run: []}]", "1:27: commands[0].run is a list: expected at least the program to run"),
    ("commands: [{name: x, run: [a, [b]]}]", "1:31: commands[0].run[1] is a list: expected a text or a number"),
    (
        "commands: [{name: x, run: a, when: after}]",
        "1:36: commands[0].when is 'after': expected before-up, after-up or after-tests; did you mean 'after-up'?",
    ),
    (
        "commands: [{name: x, run: a, timeout: 0}]",
        "1:39: commands[0].timeout is 0: expected more than 0: a deadline of nothing is always missed",
    ),
    ("commands: [{name: x, run: a, exit_code: 256}]", "1:41: commands[0].exit_code is 256: expected 0 to 255"),
    ("commands: [{name: x, run: a, cwd: gone}]", "1:35: commands[0].cwd is 'gone': ROOT/gone is no folder"),
    (
        "commands: [{name: x, run: a, env: [A]}]",
        "1:35: commands[0].env is a list: expected a mapping of names and values",
    ),
    ("commands: [{name: x, run: a, env: {A: }}]", "1:39: commands[0].env.A is nothing: expected a text or a number"),
    (
        "commands: [{name: x, run: a}, {name: y, run: b}, {name: x, run: c}]",
        "1:50: a second command is named 'x': expected a name of its own for each",
    ),
    (
        "commands: [{name: x, run: a, service: db, when: before-up}]",
        "1:12: commands[0]: before-up no service runs that a command could run in: expected after-up or after-tests",
    ),
    # checks
    (
        "checks: {level: strickt}",
        "1:17: checks.level is 'strickt': expected dev, default or strict; did you mean 'strict'?",
    ),
    ("checks: {level: }", None),
    ("checks: {severity: {IG210: warning}}", f"1:21: checks.severity names 'IG210': {NO_CHECK}; did you mean 'IG201'?"),
    (
        "checks: {severity: {IG201: warn}}",
        "1:28: checks.severity.IG201 is 'warn': expected error, warning, info or off; did you mean 'warning'?",
    ),
    (
        "checks: {budget: {memory: much}}",
        "1:27: checks.budget.memory is 'much': expected a size such as 65536, 512m or 1.5GiB",
    ),
    ("checks: {budget: {memory: 0}}", "1:27: checks.budget.memory is 0: expected more than 0"),
    (
        "checks: {budget: {cpus: 0}}",
        "1:25: checks.budget.cpus is 0: expected a number of processors, more than 0, such as 4 or 1.5",
    ),
    (
        "checks: {budget: {mem: 1g}}",
        "1:19: unknown key 'mem' in checks.budget: expected memory or cpus; did you mean 'memory'?",
    ),
    ("checks: {severity: {IG201: off}}", f"1:28: checks.severity.IG201: {SILENT}"),
    ("checks: {severity: {IG201: {severity: off}}}", f"1:28: checks.severity.IG201: {SILENT}"),
    (
        "checks: {severity: {IG201: false}}",
        "1:28: checks.severity.IG201 is false: expected error, warning, info or off",
    ),
    (
        "checks: {severity: {IG201: {reason: known}}}",
        "1:28: checks.severity.IG201 has no 'severity': expected error, warning, info or off",
    ),
    (
        "checks: {severity: {IG201: {severity: off, reson: x}}}",
        "1:44: unknown key 'reson' in checks.severity.IG201: expected severity or reason; did you mean 'reason'?",
    ),
    (
        "checks: {severity: {IG305: info}, disable: [IG305]}",
        "1:9: checks: IG305 in severity and in disable: expected one of them; remove the other",
    ),
    (
        "services: {db: {checks: {IG4002: info}}}",
        f"1:26: services.db.checks names 'IG4002': {NO_CHECK}; did you mean 'IG402'?",
    ),
    ('services: {"w-*": {checks: {IG402: off}}}', f"1:36: services.w-*.checks.IG402: {SILENT}"),
    ("services: {db: {checks: {IG911: info}}}", f"1:26: services.db.checks names 'IG911': {FIXED_TOLD}"),
    (
        "services: {db: {checks: [IG402]}}",
        "1:25: services.db.checks is a list: expected a mapping of check ids and severities",
    ),
    (
        "checks: {disable: [IG999]}",
        f"1:20: checks.disable[0] is 'IG999': {NO_CHECK}; did you mean 'IG911'? {ALL_CHECKS}",
    ),
    (
        "checks: {disable: [ig305]}",
        f"1:20: checks.disable[0] is 'ig305': {NO_CHECK}; did you mean 'IG305'? {ALL_CHECKS}",
    ),
    (
        "checks: {options: {IG211: {}}}",
        "1:20: unknown key 'IG211' in checks.options: expected IG201, IG224, IG310, IG338, IG522 or IG610; did you mean 'IG201'?",
    ),
    (
        "checks: {options: {IG201: {moving_tag: [x]}}}",
        "1:28: unknown key 'moving_tag' in checks.options.IG201: expected moving_tags or floating_images; did you mean 'moving_tags'?",
    ),
    (
        "checks: {options: {IG201: {moving_tags: latest}}}",
        "1:41: checks.options.IG201.moving_tags is 'latest': expected a list of tags",
    ),
    (
        "checks: {options: {IG201: [latest]}}",
        "1:27: checks.options.IG201 is a list: expected a mapping with the keys moving_tags and floating_images",
    ),
    (
        "checks: {options: {IG310: {known_hosts: [5]}}}",
        "1:42: checks.options.IG310.known_hosts[0] is 5: expected a text",
    ),
    (
        "checks: {options: {IG338: {public_ports: [http]}}}",
        "1:43: checks.options.IG338.public_ports[0] is 'http': expected a whole number, 1 or more",
    ),
    (
        "checks: {options: {IG338: {public_ports: [70000]}}}",
        "1:43: checks.options.IG338.public_ports[0] is 70000: expected a port between 1 and 65535",
    ),
    (
        "checks: {options: {IG522: {slow_start: soon}}}",
        f"1:40: checks.options.IG522.slow_start is 'soon': {DURATION}",
    ),
    ("checks: {options: {IG201: }}", None),
    # environments and scaling
    (
        "environments: {production: [a.yaml]}",
        "1:28: environments.production is a list: expected a mapping with the keys files and env_files",
    ),
    (
        "environments: {prod: {files: [gone.yaml]}}",
        "1:31: environments.prod.files[0] is 'gone.yaml': ROOT/gone.yaml does not exist",
    ),
    (
        "scaling: {api: 3}",
        "1:16: scaling.api is 3: expected a mapping with the keys replicas, within, load, probe, via and limits",
    ),
    ("scaling: {api: {replicas: 0}}", "1:27: scaling.api.replicas is 0: expected 1 to 50"),
    ("scaling: {api: {replicas: 51}}", "1:27: scaling.api.replicas is 51: expected 1 to 50"),
    (
        "scaling: {api: {replicas: 2, whithin: 5s}}",
        "1:30: unknown key 'whithin' in scaling.api: expected replicas, within, load, probe, via or limits; did you mean 'within'?",
    ),
    (
        "scaling: {api: {replicas: 2, within: 0s}}",
        "1:38: scaling.api.within is '0s': expected more than 0: a deadline of nothing is always missed",
    ),
    ("scaling: {api: {replicas: 2, load: 31s}}", "1:36: scaling.api.load is '31s': expected at most 30s"),
    (
        "scaling: {api: {replicas: 2, via: edge}}",
        "1:35: scaling.api.via is 'edge': expected a service with port, 'edge:8080' or 'edge:8080/path'",
    ),
    (
        "scaling: {api: {replicas: 2, via: 'edge:70000'}}",
        "1:35: scaling.api.via is 'edge:70000': expected a port between 1 and 65535",
    ),
    (
        "scaling: {api: {replicas: 2, probe: {exec: [true]}}}",
        "1:37: scaling.api.probe is a mapping: requests come from other containers: expected a URL such as http://:8000/items",
    ),
    (
        "scaling: {api: {replicas: 2, limits: ['startup: max < 3s']}}",
        f"1:39: scaling.api.limits[0] is 'startup: max < 3s': unknown metric 'startup'. {SCALE_METRICS_TOLD}",
    ),
    (
        "scaling: {api: {replicas: 2, limits: ['scale.up: rate < 3s']}}",
        f"1:39: scaling.api.limits[0] is 'scale.up: rate < 3s': scale.up has no aggregation 'rate': {VALUES_TOLD}",
    ),
    (
        "scaling: {api: {replicas: 2, limits: ['scale.up: max < 3s', 'scale.up: max < 3s']}}",
        "1:16: scaling.api: limit 'scale.up: max < 3s' is there twice; remove one of them",
    ),
    ("scaling: {api: {}}", "1:16: scaling.api has no 'replicas': expected how many containers the service gets"),
    # waivers
    (
        "waivers: {IG402: x}",
        "1:10: waivers is a mapping: expected a list of waivers, each with check, subject, reason and expires",
    ),
    (
        "waivers: [{check: IG402, subject: db, expires: 2027-03-31}]",
        "1:11: waivers[0] has no 'reason': expected why the finding is accepted",
    ),
    (
        "waivers: [{check: IG402, subject: db, reason: '', expires: 2027-03-31}]",
        "1:47: waivers[0].reason is '': expected a text",
    ),
    (
        "waivers: [{check: IG402, subject: db, reason: known}]",
        "1:11: waivers[0] has no 'expires': expected the last day on which it holds, such as 2027-03-31",
    ),
    (
        "waivers: [{check: IG402, reason: known, expires: 2027-03-31}]",
        "1:11: waivers[0] has no 'subject': expected the service or other subject of the finding",
    ),
    (
        "waivers: [{subject: db, reason: known, expires: 2027-03-31}]",
        "1:11: waivers[0] has no 'check': expected the id of the check that is waived",
    ),
    (
        f"waivers: [{WAIVER.replace('IG402', 'IG403')}]",
        f"1:19: waivers[0].check is 'IG403': {NO_CHECK}; did you mean 'IG402'? {ALL_CHECKS}",
    ),
    (
        f"waivers: [{WAIVER.replace('2027-03-31', 'never')}]",
        "1:63: waivers[0].expires is 'never': expected a day such as 2027-03-31",
    ),
    (
        f"waivers: [{WAIVER.replace('2027-03-31', '2027-02-30')}]",
        "1:63: waivers[0].expires is '2027-02-30': expected a day such as 2027-03-31, but day is out of range for month",
    ),
    (
        f"waivers: [{WAIVER.replace('2027-03-31', '31.03.2027')}]",
        "1:63: waivers[0].expires is '31.03.2027': expected a day such as 2027-03-31",
    ),
    # checks that no setting turns off
    ("checks: {disable: [IG911]}", f"1:20: checks.disable[0] is 'IG911': {FIXED_TOLD}"),
    ("checks: {severity: {IG911: info}}", f"1:21: checks.severity names 'IG911': {FIXED_TOLD}"),
]


def problems(root: Path, text: str) -> list[str]:
    """Return what is wrong with a settings file."""
    (root / "infragate.yaml").write_text(text, encoding="utf-8")
    (root / "sub").mkdir(exist_ok=True)
    try:
        read_settings(root, RawOptions(), known_checks=CHECKS, fixed_checks=FIXED)
    except SettingsError as error:
        return list(error.problems)
    return []


@pytest.mark.parametrize(("text", "message"), INVALID, ids=[text.replace("\n", "|") for text, _ in INVALID])
def test_each_mistake_is_one_sentence_with_its_place(tmp_path: Path, text: str, message: str | None) -> None:
    expected = [] if message is None else [f"infragate.yaml:{message.replace('ROOT', str(tmp_path))}"]
    assert problems(tmp_path, text) == expected


def test_all_mistakes_are_told_at_once_down_the_file(tmp_path: Path) -> None:
    text = "checks:\n  level: strickt\ntimeout: 0\nlogs: {forbid: ['(', ')']}\nservices:\n  api: {kind: x, restarts: -1, zzz: 1}\nextra: 1\n"
    places = [problem.partition(": ")[0] for problem in problems(tmp_path, text)]
    assert places == [
        f"infragate.yaml:{place}" for place in ("2:10", "3:10", "4:17", "4:22", "6:15", "6:28", "6:32", "7:1")
    ]


def test_the_error_holds_every_sentence(tmp_path: Path) -> None:
    (tmp_path / "infragate.yaml").write_text("timeout: 0\nzzz: 1\n", encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        read_settings(tmp_path, RawOptions(), known_checks=CHECKS)
    assert str(caught.value).splitlines() == list(caught.value.problems)
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize("option", ["keep", "attach"])
def test_a_stack_that_outlives_the_run_cannot_be_isolated(tmp_path: Path, option: str) -> None:
    (tmp_path / "infragate.yaml").write_text("compose:\n  isolate: true\n", encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        read_settings(tmp_path, RawOptions(**{option: Said(True)}), known_checks=CHECKS)
    [problem] = caught.value.problems
    assert problem.startswith(f"infragate.yaml:2:12: compose.isolate contradicts --infragate-{option}: ")


def test_who_does_not_isolate_may_keep(tmp_path: Path) -> None:
    (tmp_path / "infragate.yaml").write_text("compose: {isolate: false}\n", encoding="utf-8")
    assert read_settings(tmp_path, RawOptions(keep=Said(True)), known_checks=CHECKS).keep


def test_two_settings_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "infragate.yml").touch()
    assert problems(tmp_path, "") == [
        f"{tmp_path} holds both infragate.yaml and infragate.yml: expected one of them; remove the other"
    ]


def test_a_folder_in_place_of_the_settings_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "infragate.yaml").mkdir()
    with pytest.raises(SettingsError, match=r"^infragate\.yaml: the file cannot be read: Is a directory$"):
        read_settings(tmp_path, RawOptions(), known_checks=CHECKS)
