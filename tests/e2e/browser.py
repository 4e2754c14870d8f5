"""A headless Chromium, spoken to over a pipe in its DevTools protocol, and a look at the pictures it takes.

Debian's chromium-headless-shell, or the program in IMEDNET_TEST_BROWSER. The sandbox of the browser itself is off: tests may run as root, and only files
that they wrote themselves are opened.
"""
import base64
import collections
import json
import os
import select
import shutil
import struct
import subprocess
import time
import zlib

WAIT_S = 60
PLACES = ("chromium-headless-shell", "/usr/lib/chromium/chromium-headless-shell", "chromium", "google-chrome")


def find_browser():
    for name in (os.environ.get("IMEDNET_TEST_BROWSER"), *PLACES):
        path = shutil.which(name) if name else None
        if path:
            return path
    raise AssertionError("no headless browser: tools/bootstrap test installs chromium-headless-shell")


class Browser:
    def __init__(self, folder):
        ours_in, self._to = os.pipe()
        self._from, ours_out = os.pipe()

        def give_descriptors():  # the browser reads 3 and writes 4
            reader, writer = os.dup(ours_in), os.dup(ours_out)
            os.dup2(reader, 3)
            os.dup2(writer, 4)

        # --host-resolver-rules: nothing outside this machine can be found, whatever a page asks for.
        self._process = subprocess.Popen(
            [find_browser(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--remote-debugging-pipe",
             "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder}", "about:blank"],
            preexec_fn=give_descriptors, close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(ours_in)
        os.close(ours_out)
        self._buffer, self._number, self.events = b"", 0, collections.deque()
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setScrollbarsHidden", hidden=True)

    _session = None

    def close(self):
        os.close(self._to)
        os.close(self._from)
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(timeout=20)

    def _message(self, end):
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._from], [], [], max(0, end - time.monotonic()))
            piece = os.read(self._from, 1 << 20) if ready else b""
            if not piece:
                raise AssertionError("the browser gave no answer")
            self._buffer += piece
        text, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, **params):
        self._number += 1
        request = {"id": self._number, "method": method, "params": params}
        if self._session:
            request["sessionId"] = self._session
        os.write(self._to, json.dumps(request).encode() + b"\0")
        end = time.monotonic() + WAIT_S
        while True:
            message = self._message(end)
            if message.get("id") == self._number:
                if "error" in message:
                    raise AssertionError(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)

    def open(self, path, width=1000, height=1400):
        """Opens a file; returns the addresses that were asked for and what the console said."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.events.clear()
        answer = self.call("Page.navigate", url=path.resolve().as_uri())
        if answer.get("errorText"):
            raise AssertionError(f"{path}: {answer['errorText']}")
        end = time.monotonic() + WAIT_S
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(self._message(end))
        self.value("document.readyState")
        asked = [event["params"]["request"]["url"] for event in self.events if event["method"] == "Network.requestWillBeSent"]
        said = [event["params"] for event in self.events
                if event["method"] in ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")]
        return asked, said

    def value(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise AssertionError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def media(self, scheme, kind="screen"):
        self.call("Emulation.setEmulatedMedia", media=kind, features=[{"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self, whole=False):
        return base64.b64decode(self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"])

    def pdf(self):
        return base64.b64decode(self.call("Page.printToPDF", printBackground=False)["data"])


def pixels(png):
    """(width, height, one bytes a row) of an 8-bit RGB or RGBA picture; the rows as they are, filters taken off."""
    at, packed = 8, b""
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at:at + 8])
        body = png[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", body[:10])
        packed += body if kind == b"IDAT" else b""
        at += 12 + length
    if depth != 8 or colour not in (2, 6):
        raise AssertionError(f"a picture of depth {depth} and colour type {colour}")
    size = 3 if colour == 2 else 4
    raw, rows, before = zlib.decompress(packed), [], bytes(width * size)
    for start in range(0, len(raw), width * size + 1):
        before = unfiltered(raw[start], bytearray(raw[start + 1:start + 1 + width * size]), before, size)
        rows.append(before)
    return width, height, size, rows


def unfiltered(kind, row, above, size):
    if kind == 0:
        return bytes(row)
    if kind == 2:
        return bytes((a + b) & 255 for a, b in zip(row, above))
    for i in range(len(row)):
        left, up, corner = (row[i - size], above[i], above[i - size]) if i >= size else (0, above[i], 0)
        if kind == 1:
            row[i] = (row[i] + left) & 255
        elif kind == 3:
            row[i] = (row[i] + (left + up) // 2) & 255
        else:
            guess = left + up - corner
            row[i] = (row[i] + min((left, up, corner), key=lambda near: abs(guess - near))) & 255
    return bytes(row)


def colours(png):
    """How often each colour is in the picture."""
    _, _, size, rows = pixels(png)
    found = collections.Counter()
    for row in rows:
        found.update(row[i:i + 3] for i in range(0, len(row), size))
    return found
