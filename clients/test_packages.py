"""Deployment packages that attack: paths and links out of the tree, devices, bombs, damaged zips. Nothing is written, no function is made."""

import io
import pathlib
import stat
import zipfile

import pytest

from cloud import Cloud, refused, unique
from server import Server


def zip_of(*entries):
    """A zip of (name, content, mode) as they are, however bad."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content, mode in entries:
            info = zipfile.ZipInfo("x")
            info.filename, info.external_attr, info.create_system = name, mode << 16, 3
            package.writestr(info, content)
    return buffer.getvalue()


FILE, LINK = stat.S_IFREG | 0o644, stat.S_IFLNK | 0o777
GOOD = ("index.py", "handler = None", FILE)
PACKAGES = {
    "dots": lambda: zip_of(GOOD, ("../escaped-marker", "x", FILE)),
    "many dots": lambda: zip_of(GOOD, ("a/../../../../../../../../tmp/escaped-marker", "x", FILE)),
    "absolute": lambda: zip_of(GOOD, ("/tmp/escaped-marker", "x", FILE)),
    "backslashes": lambda: zip_of(GOOD, ("..\\escaped-marker", "x", FILE)),
    "absolute link": lambda: zip_of(GOOD, ("escaped-marker", "/etc/passwd", LINK)),
    "link out": lambda: zip_of(GOOD, ("a/escaped-marker", "../../../etc/passwd", LINK)),
    "below a link": lambda: zip_of(GOOD, ("out", "/tmp", LINK), ("out/escaped-marker", "x", FILE)),
    "device": lambda: zip_of(GOOD, ("escaped-marker", "", stat.S_IFCHR | 0o666)),
    "nul": lambda: zip_of(GOOD, ("escaped-marker\0.py", "x", FILE)),
    "no zip": lambda: b"this is no zip at all",
    "empty": lambda: zip_of(),
    "cut off": lambda: zip_of(GOOD, ("b.txt", "x" * 5000, FILE))[:-30],
    "damaged": lambda: zip_of(GOOD, ("b.txt", bytes(range(256)) * 20, FILE)).replace(b"\x01\x02\x03", b"\x03\x03\x03"),
}


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A server whose data folder can be looked into."""
    folder = tmp_path_factory.mktemp("zips")
    with Server(folder, data_dir=folder / "data") as server:
        yield Cloud(server), folder
        server.assert_calm()


@pytest.mark.parametrize("kind", PACKAGES)
def test_bad_packages(own, kind):
    """InvalidParameterValueException, nothing written, no function made."""
    cloud, folder = own
    name = unique("bad")
    with refused("InvalidParameterValueException", 400):
        cloud.functions.create_function(
            FunctionName=name, Runtime="python3.11", Handler="index.handler", Role=cloud.role, Code={"ZipFile": PACKAGES[kind]()}
        )
    found = [path for path in folder.rglob("*") if "escaped-marker" in path.name or path.name.startswith(".unpacking-")]
    assert found == []
    assert not pathlib.Path("/tmp/escaped-marker").exists()
    with refused("ResourceNotFoundException", 404):
        cloud.functions.get_function(FunctionName=name)


def test_bomb(own):
    """A small zip of more than 250 MB: refused, quickly, and its neighbours are served meanwhile."""
    cloud, folder = own
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package, package.open("bomb", "w") as entry:
        piece = bytes(1 << 20)
        for _ in range(260):
            entry.write(piece)
    with refused("InvalidParameterValueException", 400) as error:
        cloud.functions.create_function(
            FunctionName=unique("bomb"), Runtime="python3.11", Handler="a.b", Role=cloud.role, Code={"ZipFile": buffer.getvalue()}
        )
    assert error.message == "Unzipped size must be smaller than 262144000 bytes"
    blobs = [path for path in folder.rglob("*") if path.is_file() and path.stat().st_size > 200 << 20]
    assert blobs == []


def test_missing_package(own):
    """Neither zip nor bucket; and a bucket that is not there."""
    cloud, _ = own
    base = {"FunctionName": unique("none"), "Runtime": "python3.11", "Handler": "a.b", "Role": cloud.role}
    with refused("InvalidParameterValueException", 400) as error:
        cloud.functions.create_function(**base, Code={})
    assert error.message == "Please provide a source for function code."
    with refused("InvalidParameterValueException", 400) as error:
        cloud.functions.create_function(**base, Code={"S3Bucket": "nobody-has-it", "S3Key": "a.zip"})
    assert "NoSuchBucket" in error.message
