"""CORS as a browser sees it: headless Chromium calls an API from a page of another origin."""

import http.server
import json
import os
import shutil
import subprocess
import threading

import pytest

pytestmark = pytest.mark.usefixtures("alive")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SCRIPT = """<!doctype html><title>page</title><body><script>
const calls = %s;
(async () => {
  const seen = {};
  for (const [name, url, init] of calls) {
    try {
      const answer = await fetch(url, init);
      seen[name] = {status: answer.status, body: await answer.text(), header: answer.headers.get("X-Shown"), hidden: answer.headers.get("X-Hidden")};
    } catch (error) {
      seen[name] = {error: error.name};
    }
  }
  document.body.textContent = "RESULT" + JSON.stringify(seen) + "TLUSER";
})();
</script></body>"""


def browse(tmp_path, calls):
    """What a page of another origin gets for these calls: by name, the answer's parts or the error."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = (SCRIPT % json.dumps(calls)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # Another port is another origin.
    page = f"http://127.0.0.1:{server.server_address[1]}/"
    command = [CHROMIUM, "--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--virtual-time-budget=20000"]
    command += [f"--user-data-dir={tmp_path}", "--dump-dom", page]
    if os.geteuid() == 0:
        command.insert(1, "--no-sandbox")
    try:
        shown = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    finally:
        server.shutdown()
    assert "RESULT" in shown.stdout, f"{shown.stdout[-2000:]} {shown.stderr[-2000:]}"
    return json.loads(shown.stdout.split("RESULT", 1)[1].split("TLUSER", 1)[0])


def preflight(api, path, origin, methods):
    """`OPTIONS` as the console's "Enable CORS" makes it."""
    api.method("OPTIONS", path, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    where = api.at("OPTIONS", path) | {"statusCode": "200"}
    values = {"Headers": "Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token", "Methods": methods, "Origin": origin}
    parameters = {f"method.response.header.Access-Control-Allow-{name}": f"'{value}'" for name, value in values.items()}
    api.gateway.put_method_response(**where, responseParameters=dict.fromkeys(parameters, False))
    api.gateway.put_integration_response(**where, responseParameters=parameters, responseTemplates={"application/json": ""})


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")
def test_pages_of_other_origins(cloud, tmp_path):
    """A page may call what CORS allows, with a preflight too, and nothing else; it sees only the headers that are exposed to it."""
    function = cloud.node(
        """
        exports.handler = async (event) => ({
          statusCode: 200,
          headers: {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "X-Shown", "X-Shown": "yes", "X-Hidden": "no"},
          body: `${event.httpMethod} ${event.headers.authorization || event.headers.Authorization || "nobody"}`,
        });
        """
    )
    silent = cloud.node('exports.handler = async () => ({statusCode: 200, body: "not for you"});')
    api = cloud.api().proxy("ANY", "/open", function).proxy("GET", "/silent", silent).proxy("POST", "/elsewhere", function)
    preflight(api, "/open", "*", "GET,PUT,OPTIONS")
    preflight(api, "/elsewhere", "https://example.com", "POST,OPTIONS")
    api.deploy()
    calls = [
        ("simple", api.url("/open"), {}),
        ("preflighted", api.url("/open"), {"method": "PUT", "headers": {"Authorization": "me", "Content-Type": "application/json"}, "body": "{}"}),
        ("method not allowed", api.url("/open"), {"method": "DELETE"}),
        ("header not allowed", api.url("/open"), {"headers": {"X-Other": "1"}}),
        ("no CORS", api.url("/silent"), {}),
        ("other origin", api.url("/elsewhere"), {"method": "POST", "headers": {"Content-Type": "application/json"}, "body": "{}"}),
    ]
    seen = browse(tmp_path, calls)
    assert seen["simple"] == {"status": 200, "body": "GET nobody", "header": "yes", "hidden": None}
    assert (seen["preflighted"]["status"], seen["preflighted"]["body"]) == (200, "PUT me")
    for name in ["method not allowed", "header not allowed", "no CORS", "other origin"]:
        assert seen[name] == {"error": "TypeError"}, name
