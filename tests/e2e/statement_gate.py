"""A gate in front of the sandbox's Snowflake server: passes every request on, and can hold the answer to a statement back.

So a test can end the exporting program at a chosen moment: when a statement was carried out and its answer has not arrived.
"""
import gzip
import http.client
import http.server
import json
import re
import threading


class StatementGate:
    def __init__(self, host, port):
        self._behind = (host, int(port))
        self._hold = self._fail = None
        self.held = threading.Event()     # a statement was carried out and its answer is held back
        self.dropped = threading.Event()  # a statement was carried out and the connection cut
        self._release = threading.Event()
        self._gives_held = self._is_hole = False
        gate = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                gate.pass_on(self)

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._release.set()
        self._server.shutdown()
        self._server.server_close()

    def hold_answer_to(self, start):
        """From now on: the next statement that starts so (a pattern) is carried out, and its answer is not given."""
        self._hold = start

    def drop_answer_to(self, start):
        """From now on: the next statement that starts so is carried out, and the connection is cut instead of an answer."""
        self._fail = start

    def hold_all_after(self, start):
        """As hold_answer_to, and whatever is asked afterwards is neither passed on nor answered: the network is gone."""
        self._hold = start
        self._is_hole = True

    def let_go(self):
        """The answer that is held back is given after all."""
        self._gives_held = True
        self._release.set()

    def pass_on(self, handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        statement = self._statement(handler, body)
        if self._is_hole and self.held.is_set():
            self._release.wait(60)
            handler.close_connection = True
            return
        connection = http.client.HTTPConnection(*self._behind, timeout=60)
        headers = {name: value for name, value in handler.headers.items() if name.lower() not in ("host", "connection", "accept-encoding")}
        connection.request(handler.command, handler.path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if self._hold and re.match(self._hold, statement):
            self._hold = None
            self.held.set()
            self._release.wait(60)
            if not self._gives_held:
                handler.close_connection = True
                return
        if self._fail and statement.startswith(self._fail):
            self._fail = None
            self.dropped.set()
            handler.close_connection = True
            return
        try:
            handler.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("connection", "content-length", "transfer-encoding", "keep-alive", "server", "date"):
                    handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(content)))
            handler.end_headers()
            handler.wfile.write(content)
        except OSError:
            handler.close_connection = True  # the program has gone

    @staticmethod
    def _statement(handler, body):
        if handler.path.startswith("/session/v1/login-request"):
            return "LOGIN"
        if not handler.path.startswith("/queries/v1/query-request"):
            return ""
        if handler.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        return json.loads(body).get("sqlText", "")
