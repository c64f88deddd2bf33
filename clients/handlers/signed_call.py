"""AWS calls with nothing but the standard library. Packed into functions, and used by the tests themselves."""

import hashlib
import hmac
import os
import time
import urllib.error
import urllib.parse
import urllib.request


def sign(method, url, headers, body, service, region, credentials, when=None):
    """The headers of a request signed with Signature Version 4, the given ones among them (names in lower case)."""
    key, secret, token = credentials
    parts = urllib.parse.urlsplit(url)
    at = time.strftime("%Y%m%dT%H%M%SZ", when or time.gmtime())
    headers = {name.lower(): value for name, value in headers.items()}
    headers.update({"host": parts.netloc, "x-amz-date": at})
    if token:
        headers["x-amz-security-token"] = token
    names = ";".join(sorted(headers))
    query = "&".join(sorted(parts.query.split("&"))) if parts.query else ""
    canonical = "\n".join(
        [method, urllib.parse.quote(parts.path or "/", safe="/~"), query]
        + ["%s:%s" % (name, headers[name].strip()) for name in sorted(headers)]
        + ["", names, hashlib.sha256(body).hexdigest()]
    )
    scope = "%s/%s/%s/aws4_request" % (at[:8], region, service)
    to_sign = "\n".join(["AWS4-HMAC-SHA256", at, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    derived = ("AWS4" + secret).encode()
    for part in scope.split("/"):
        derived = hmac.new(derived, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(derived, to_sign.encode(), hashlib.sha256).hexdigest()
    headers["authorization"] = "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s" % (key, scope, names, signature)
    return headers


def own_credentials():
    """What Lambda gives a function."""
    return os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"], os.environ.get("AWS_SESSION_TOKEN")


def call(service, method, path, body=b"", headers=None):
    """A call with the function's own credentials to the endpoint it was told: (status, headers, body)."""
    url = os.environ["AWS_ENDPOINT_URL"] + path
    headers = sign(method, url, headers or {}, body, service, os.environ["AWS_REGION"], own_credentials())
    request = urllib.request.Request(url, data=body or None, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()
