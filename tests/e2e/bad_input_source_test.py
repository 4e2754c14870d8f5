#!/usr/bin/env python3
"""Bad input: an iMednet API that refuses, fails or lies."""
import datetime
import http.server
import ipaddress
import socket
import ssl
import threading

import harness
from bad_input import ALWAYS, PAGE, BadInputTest, Row
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

MANY = 1200  # three pages
API = "^cannot read from iMednet"


def setting(**variables):
    def arrange(case):
        case.variables.update(variables)
    return arrange


def options(*more):
    def arrange(case):
        case.options += more
    return arrange


def unknown_study(case):
    case.study = "NO_SUCH_STUDY"


def wrong_key(name):
    def arrange(case):
        case.variables[name] = case.secret("key")
    return arrange


def nobody_listens(case):
    nobody = socket.socket()
    nobody.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
    case.closers.append(nobody.close)
    case.variables["IMEDNET_BASE_URL"] = f"http://127.0.0.1:{nobody.getsockname()[1]}"


def nobody_answers(case):
    silent = socket.socket()
    silent.bind(("127.0.0.1", 0))
    silent.listen(8)
    case.closers.append(silent.close)
    case.variables.update(IMEDNET_BASE_URL=f"http://127.0.0.1:{silent.getsockname()[1]}", IMEDNET_TIMEOUT=1)


def tls_to_a_plain_server(case):
    case.variables["IMEDNET_BASE_URL"] = case.sandbox.edc["base_url"].replace("http:", "https:")


def certificate(folder, name):
    """A certificate nobody vouches for but itself, made for this run."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    names = [x509.DNSName(name)] if name != "127.0.0.1" else [x509.IPAddress(ipaddress.ip_address(name))]
    made = (x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(key, hashes.SHA256()))
    path = folder / "made-up.pem"
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()) +
                     made.public_bytes(serialization.Encoding.PEM))
    return path


def tls(name, trusted):
    """An https server on loopback; it counts requests, so that a key sent to it would be seen."""
    def arrange(case):
        path = certificate(case.folder, name)
        case.seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                case.seen.append(self.path)
                self.send_error(403)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        case.closers += [server.shutdown, server.server_close]
        case.variables["IMEDNET_BASE_URL"] = f"https://127.0.0.1:{server.server_address[1]}"
        if trusted:
            case.variables["SSL_CERT_FILE"] = path
    return arrange


def no_request_got_through(case):
    case.test.assertEqual(case.seen, [])


def study(change):
    return lambda case: {"change": {"study": case.key, **change}}


def stale_ids(case):
    with case.test.lock:
        found = case.sandbox.rows(f"SELECT COUNT(DISTINCT record_id) FROM {case.table} WHERE study_key = '{case.key}'")
    case.test.assertEqual(found, [(case.row.rows,)])


ABOVE = "size=1&sort=recordId,asc&filter=recordId>2199"
ROWS = (
    Row("a study nobody knows", 12, f"{API}.*NO_SUCH_STUDY|{API}", "study key|STUDY|key", arrange=unknown_study),
    Row("403 for the study", 12, f"{API}.*403", ".", orders=(({"status": 403}, ALWAYS),)),
    Row("404 for the study", 12, f"{API}.*404", ".", orders=(({"status": 404}, ALWAYS),)),
    Row("400", 12, f"{API}.*400", ".", orders=(({"status": 400}, ALWAYS),)),
    Row("429 without end", 12, f"{API}.*429", ".", orders=(({"status": 429}, ALWAYS),)),
    Row("503 without end", 12, f"{API}.*503", ".", orders=(({"status": 503}, ALWAYS),)),
    Row("503 on the second page", 12, f"{API}.*503", ".", records=MANY, orders=(({"status": 503}, {"nth": 2, **ALWAYS, **PAGE}),)),
    Row("a wrong API key", 12, f"{API}.*401", "IMEDNET_API_KEY", arrange=wrong_key("IMEDNET_API_KEY")),
    Row("a wrong security key", 12, f"{API}.*401", "IMEDNET_SECURITY_KEY", arrange=wrong_key("IMEDNET_SECURITY_KEY")),
    Row("an API that nobody serves", 12, f"{API}.*connect", ".", arrange=nobody_listens),
    Row("an API that accepts and never answers", 12, API, ".", arrange=nobody_answers),
    Row("TLS to a plain server", 12, API, ".", arrange=tls_to_a_plain_server),
    Row("a certificate that nobody vouches for", 12, f"{API}.*certificate", "SSL_CERT_FILE", arrange=tls("127.0.0.1", False),
        check=no_request_got_through),
    Row("a certificate for another host", 12, f"{API}.*certificate", "SSL_CERT_FILE", arrange=tls("elsewhere.example", True),
        check=no_request_got_through),
    Row("an answer that never comes", 12, f"{API}.*(time|slow|answer)", ".", arrange=setting(IMEDNET_TIMEOUT=1),
        orders=(({"hang": True}, {"nth": 3, **ALWAYS}),)),
    Row("a page that stops in the middle", 12, API, ".", records=MANY, arrange=setting(IMEDNET_TIMEOUT=1),
        orders=(({"hang_body_after": 1000}, {"nth": 2, **ALWAYS, **PAGE}),)),
    Row("a byte a second", 12, API, ".", arrange=setting(IMEDNET_TIMEOUT=1), orders=(({"trickle": 1000}, {**ALWAYS, **PAGE}),)),
    Row("a cut page", 12, API, ".", records=MANY, orders=(({"cut_body_after": 1000}, {"nth": 3, **ALWAYS, **PAGE}),)),
    Row("a dropped connection", 12, API, ".", orders=(({"drop": True}, {"nth": 3, **ALWAYS}),)),
    Row("HTML with 200", 12, f"{API}.*not JSON", "proxy", orders=(({"html_200": True}, ALWAYS),)),
    Row("half an answer", 12, f"{API}.*not JSON", "proxy", orders=(({"not_json": True}, {"nth": 3, **ALWAYS}),)),
    Row("an empty object", 12, f"{API}.*no data", ".", orders=(({"empty_object_200": True}, ALWAYS),)),
    Row("an empty object as the last page", 12, f"{API}.*no data", ".", records=MANY,
        orders=(({"empty_object_200": True}, {"nth": 3, **ALWAYS, **PAGE}),)),
    Row("an error inside a 200", 12, f"{API}.*carries an error", ".", orders=(({"error_in_200": True}, {"nth": 2, **ALWAYS}),)),
    Row("a redirect", 12, f"{API}.*redirect", ".", orders=(({"redirect": {"to": "http://127.0.0.1:1/"}}, ALWAYS),)),
    Row("a repeated page", 12, f"{API}.*do not rise", "support", records=MANY, orders=(({"repeat_page": True}, {"nth": 2, **ALWAYS, **PAGE}),)),
    Row("one repeated page", 12, f"{API}.*do not rise", "support", records=MANY, orders=(({"repeat_page": True}, {"nth": 2, **PAGE}),)),
    Row("endless pages", 12, f"{API}.*does not end", "support", records=MANY, orders=(({"endless_pages": True}, ALWAYS),)),
    Row("endless pages, each of them full", 12, f"{API}.*does not end", "support", records=1000, orders=(({"endless_pages": True}, ALWAYS),)),
    Row("an ignored sort", 12, API, "support", records=MANY, orders=(({"ignore_sort": True}, ALWAYS),)),
    Row("an ignored filter and sort", 12, API, "support", records=MANY, orders=(({"ignore_filter": True, "ignore_sort": True}, ALWAYS),)),
    Row("an ignored filter", 0, hint="ignored a filter", loaded=MANY, records=MANY, orders=(({"ignore_filter": True}, ALWAYS),),
        check=stale_ids),
    Row("a record made while reading", 0, loaded=MANY, records=MANY,
        orders=((study({"kind": "add", "count": 3}), {"nth": 2, **PAGE}),), check=stale_ids),
    Row("a record that vanishes while reading", 0, loaded=MANY - 1, records=MANY,
        orders=((study({"kind": "vanish", "record_id": 1100}), {"nth": 3, **PAGE}),), check=stale_ids),
    Row("a record updated while reading", 0, loaded=MANY, records=MANY,
        orders=((study({"kind": "update", "record_id": 1001, "data": {"n": 0}}), {"nth": 2, **PAGE}),), check=stale_ids),
    Row("a study that never rests", 15, "changed meanwhile", "at rest", records=MANY,
        orders=tuple((study({"kind": "vanish", "record_id": 1100 + n}), {"nth": 3 * (n + 1), **PAGE}) for n in range(3))),
    # The first question of each of the three readings is answered well, those that check it are not.
    Row("totals that do not agree", 15, "1193", "at rest", records=MANY,
        orders=tuple(({"wrong_total": 7}, {"nth": nth, "times": 3, "query_contains": ABOVE}) for nth in (2, 6, 10))),
    Row("a study without records", 0, hint="no records", loaded=0, records=0),
)


class BadSource(BadInputTest):
    group, table_of_rows = "source", ROWS


del BadInputTest

if __name__ == "__main__":
    harness.main()
