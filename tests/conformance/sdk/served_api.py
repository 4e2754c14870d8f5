"""The sample API with the studies of the comparison, and three ways to read it: its answers as they are, this library, the older SDK."""
import json
import os
import pathlib
import subprocess
import sys
import urllib.parse
import urllib.request

import odd_study

PATHS = {"record_revisions": "recordRevisions"}
DECODER = json.JSONDecoder()


def texts_of(body):
    """The elements of an answer's `data`, each as its JSON text."""
    at, found = body.index('"data":[') + len('"data":['), []
    while body[at] != "]":
        end = DECODER.raw_decode(body, at)[1]
        found.append(body[at:end])
        at = end + 1 if body[end] == "," else end
    return found


class Api:
    def __init__(self, bin_dir, source, folder):
        self.bin, self.source = pathlib.Path(bin_dir).resolve(), pathlib.Path(source).resolve()
        odd_study.write(folder / "odd")
        studies = [self.source / "sandbox/data/cdiscpilot01", folder / "odd", *odd_study.write_refused(folder)]
        command = [self.bin / "imednet-sandbox", "edc", "--allow-faults", *(word for study in studies for word in ("--studies", study))]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.where = json.loads(self.process.stdout.readline())["edc"]
        self.root = self.where["base_url"].removesuffix("/api")
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("IMEDNET_")}
        self.env |= {"IMEDNET_API_KEY": self.where["api_key"], "IMEDNET_SECURITY_KEY": self.where["security_key"],
                     "IMEDNET_BASE_URL": self.where["base_url"], "NO_PROXY": "127.0.0.1,localhost"}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=30)
        self.process.stdout.close()

    def request(self, path, method="GET", body=None, **query):
        keys = {"x-api-key": self.where["api_key"], "x-imn-security-key": self.where["security_key"], "Accept": "application/json",
                "Content-Type": "application/json"}
        url = f"{self.root}{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(urllib.request.Request(url, headers=keys, method=method, data=body), timeout=60) as answer:
            return answer.read().decode()

    def sent(self, resource, study, by_key=False):
        """Every element as it was sent, in the API's own order. `by_key`: asked with a filter by the study's key, as the older SDK asks for some."""
        path = "/api/v1/edc/studies" + ("" if resource == "studies" else f"/{study}/{PATHS.get(resource, resource)}")
        query = {"size": 500} | ({"includeInactive": "true"} if resource == "users" else {}) | ({"filter": f"studyKey=={study}"} if by_key else {})
        found = []
        while True:
            page = texts_of(self.request(path, page=len(found) // 500, **query))
            found += page
            if len(page) < 500:
                return found

    def order_job(self, batch, body):
        """From here on that is the answer about this batch."""
        order = {"match": {"path_contains": f"/jobs/{batch}", "times": 1000}, "do": {"status": 200, "body": body}}
        self.request("/sandbox/orders", "POST", json.dumps(order).encode())

    def output(self, *words, stdin=None):
        done = subprocess.run([str(self.bin / words[0]), *words[1:]], env=self.env, input=stdin, capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            sys.exit(f"FAIL {' '.join(words)} ended with {done.returncode}: {done.stderr[-2000:]}")
        return done.stdout

    def by_library(self, *words, stdin=None):
        return [json.loads(line) for line in self.output("imednet-sdk-fields", *words, stdin=stdin).splitlines()]

    def by_python(self, question):
        python = self.source / ".deps/python-sdk/bin/python"
        if not python.exists():
            sys.exit("FAIL the older SDK is not installed: run tools/bootstrap python-sdk")
        reader = pathlib.Path(__file__).parent / "python_sdk.py"
        done = subprocess.run([str(python), str(reader)], env=self.env, input=json.dumps(question), capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            sys.exit("FAIL the older SDK did not run:\n" + done.stderr[-3000:])
        return json.loads(done.stdout)
